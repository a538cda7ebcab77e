//! `redtag-server shop unseal`

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use redtag_protocol::ids::ShopId;

use super::super::{
    Store,
    operator::{Opened, runtime},
    output,
};
use crate::sealing::{self, UnsealError};

/// No sealed file that a bench makes is larger: it holds one bench's unsent edits.
const MOST: u64 = 256 << 20;

/// Open what a bench sealed to the shop when its membership ended: the edits that it could not send,
/// as `redtag outbox adopt` takes them
#[derive(Debug, Args)]
pub(in crate::command) struct Unseal {
    /// The sealed file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The shop that the bench belonged to [default: tries all shops]
    #[arg(long, value_name = "ID")]
    shop: Option<ShopId>,
    /// Write there, readable by you alone, instead of standard output; never over a file that is
    /// there
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    store: Store,
}

impl Unseal {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let plain = runtime()?.block_on(self.open())?;
        let text = std::str::from_utf8(&plain)
            .context("what was sealed is no text; it was not made by redtag")?;
        let Some(out) = &self.out else {
            return Ok(output::line(text)?);
        };
        write(out, text)?;
        Ok(output::line(&format!(
            "written to {}; an owner of the shop takes it over with “redtag outbox adopt FILE”",
            out.display()
        ))?)
    }

    async fn open(&self) -> anyhow::Result<zeroize::Zeroizing<Vec<u8>>> {
        let sealed = read(&self.file)?;
        let opened = self.store.open().await?;
        let shops = if let Some(shop) = self.shop {
            super::super::member::known(&opened, shop).await?;
            vec![shop]
        } else {
            let shops = opened.storage.shops().await?;
            shops.into_iter().map(|it| it.id).collect()
        };
        for shop in shops {
            let plain = unseal(&opened, shop, &sealed).await;
            let other = matches!(plain, Err(UnsealError::Other | UnsealError::NoKey));
            if self.shop.is_some() || !other {
                return Ok(plain?);
            }
        }
        anyhow::bail!(
            "{} was not sealed to any shop of {}; nothing was changed. Was it another server's?",
            self.file.display(),
            opened.place
        )
    }
}

async fn unseal(
    opened: &Opened,
    shop: ShopId,
    sealed: &[u8],
) -> Result<zeroize::Zeroizing<Vec<u8>>, UnsealError> {
    sealing::open(&*opened.storage, &opened.keys.wrapping, shop, sealed).await
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let unreadable = || format!("{} cannot be read", file.display());
    let size = fs::metadata(file).with_context(unreadable)?.len();
    anyhow::ensure!(
        size <= MOST,
        "{} is too large to be a bench's sealed edits",
        file.display()
    );
    fs::read(file).with_context(unreadable)
}

fn write(out: &Path, text: &str) -> anyhow::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out);
    let mut file = match file {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            anyhow::bail!("{} is there already; name another file", out.display())
        }
        other => other.with_context(|| format!("{} cannot be made", out.display()))?,
    };
    file.write_all(text.as_bytes())
        .and_then(|()| file.write_all(b"\n"))
        .and_then(|()| file.sync_all())
        .with_context(|| format!("{} cannot be written", out.display()))
}
