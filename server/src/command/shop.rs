//! `redtag-server shop …`

use clap::Subcommand;

use super::{Store, operator::runtime, output};
use crate::{
    app::Clock,
    core::shops::{self, Templates},
};

/// Shops.
#[derive(Debug, Subcommand)]
pub(super) enum Shop {
    /// Make a shop, with the three templates that ship, published
    Create {
        /// What people call it
        name: String,
        /// Print {"shop":"…"}
        #[arg(long)]
        json: bool,
        /// Begin without templates
        #[arg(long)]
        no_templates: bool,
        #[command(flatten)]
        store: Store,
    },
}

impl Shop {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Create {
            name,
            json,
            no_templates,
            store,
        } = self;
        let with = if no_templates {
            Templates::None
        } else {
            Templates::Shipped
        };
        let shop = runtime()?.block_on(async {
            let opened = store.open().await?;
            let now = Clock::system().now();
            anyhow::Ok(shops::create(&*opened.storage, &name, with, now).await?)
        })?;
        let line = if json {
            serde_json::json!({ "shop": shop }).to_string()
        } else {
            format!("{shop}\nAdd its owner: redtag-server member add --shop {shop} --role owner …")
        };
        Ok(output::line(&line)?)
    }
}
