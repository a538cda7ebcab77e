//! `redtag-server template …`

use std::{fs, path::PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use redtag_protocol::{
    ids::{ShopId, TemplateKey},
    template::{Template as Document, TemplateFile},
};

use super::{Store, member::known, operator::runtime, output};
use crate::{
    app::Clock,
    core::templates::{self, Imported},
};

/// Templates of a shop.
#[derive(Debug, Subcommand)]
pub(super) enum Template {
    /// Import files as drafts; all of them or, where one has an error, none
    Import {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// Template files in TOML
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        store: Store,
    },
    /// Offer a version for new inspections, in place of the one before
    Publish {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The template's key, such as vehicle-multipoint
        key: TemplateKey,
        /// Which version [default: the newest]
        #[arg(long, value_name = "N")]
        version: Option<u32>,
        #[command(flatten)]
        store: Store,
    },
}

impl Template {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Import { shop, files, store } => {
                // Every file is read before anything is opened.
                let files = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
                runtime()?.block_on(import(&store, shop, files))
            }
            Self::Publish {
                shop,
                key,
                version,
                store,
            } => runtime()?.block_on(publish(&store, shop, &key, version)),
        }
    }
}

fn read(path: &PathBuf) -> anyhow::Result<TemplateFile> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("the template file {} cannot be read", path.display()))?;
    Ok(Document::parse_toml(&text, &path.to_string_lossy())?)
}

async fn import(store: &Store, shop: ShopId, files: Vec<TemplateFile>) -> anyhow::Result<()> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let mut moved = false;
    for file in files {
        let now = Clock::system().now();
        let done = templates::import(&*opened.storage, shop, file, now).await?;
        moved |= done.seq.is_some();
        output::line(&match done.what {
            Imported::Draft(it) => format!(
                "{} version {} is a draft now; offer it with: redtag-server template publish \
                 --shop {shop} {}",
                it.key, it.version, it.key
            ),
            Imported::Unchanged(it) => {
                format!("{} says the same as version {} already", it.key, it.version)
            }
        })?;
    }
    if moved {
        opened.changed(shop).await;
    }
    Ok(())
}

async fn publish(
    store: &Store,
    shop: ShopId,
    key: &TemplateKey,
    version: Option<u32>,
) -> anyhow::Result<()> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let now = Clock::system().now();
    let done = templates::publish(&*opened.storage, shop, key, version, now).await?;
    if done.seq.is_some() {
        opened.changed(shop).await;
    }
    Ok(output::line(&format!(
        "{} version {} is offered for new inspections",
        done.what.key, done.what.version
    ))?)
}
