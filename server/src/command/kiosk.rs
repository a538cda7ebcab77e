//! `redtag-server kiosk …`

use anyhow::ensure;
use clap::Subcommand;
use redtag_protocol::{ids::ShopId, role::Role, text};

use super::{Store, member::known, operator::runtime, output};
use crate::{app::Clock, core::kiosks};

/// Benches that nobody in particular signs in on.
#[derive(Debug, Subcommand)]
pub(super) enum Kiosk {
    /// Print a token that signs one kiosk in: `redtag login URL --enroll -` there. It is good once
    Token {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// dispatcher, technician or viewer
        #[arg(long)]
        role: Role,
        /// What colleagues call the kiosk, such as its bay
        #[arg(long)]
        name: String,
        /// For how many hours it is good, 24 at most
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=kiosks::HOURS))]
        hours: u64,
        #[command(flatten)]
        store: Store,
    },
}

impl Kiosk {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let Self::Token {
            shop,
            role,
            name,
            hours,
            store,
        } = self;
        let name = text::bounded(&name, "the name", 80)?;
        ensure!(
            role != Role::Owner,
            "a kiosk is no owner: whoever stands before it would own the shop"
        );
        let text = runtime()?.block_on(async {
            let opened = store.open().await?;
            known(&opened, shop).await?;
            let now = Clock::system().now();
            let token = kiosks::token(&*opened.storage, shop, role, &name, hours, now).await?;
            anyhow::Ok(token)
        })?;
        Ok(output::line(&text)?)
    }
}
