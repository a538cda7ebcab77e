//! `redtag-server shop settings`: what is chosen for a whole shop.

use clap::{Args, ValueEnum};
use redtag_protocol::{ids::ShopId, shop};
use serde_json::json;

use super::super::{Store, member, operator::runtime};
use crate::{app::Clock, core::settings};

/// Show what is chosen for a whole shop, and change what is named
#[derive(Debug, Args)]
pub(in crate::command) struct Settings {
    /// The shop's id
    #[arg(long)]
    shop: ShopId,
    /// Whether the photos that templates ask for must be there before an inspection is handed in. Not
    /// before photos can be taken: until then nothing that asks for one can be handed in
    #[arg(long)]
    demand_photos: Option<Switch>,
    /// Print a JSON object, such as `{"demand_photos":false}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Settings {
    /// What holds now.
    pub(super) fn run(&self) -> anyhow::Result<String> {
        let holds = runtime()?.block_on(self.settle())?;
        if self.json {
            return Ok(json!({"demand_photos": holds.demand_photos}).to_string());
        }
        let words = if holds.demand_photos {
            "on: what a template asks for must be there before an inspection is handed in"
        } else {
            "off: an inspection is handed in without them"
        };
        Ok(format!("demand-photos  {words}"))
    }

    async fn settle(&self) -> anyhow::Result<shop::Settings> {
        let opened = self.store.open().await?;
        member::known(&opened, self.shop).await?;
        let mut wanted = settings::read(&*opened.storage, self.shop).await?;
        // Who only looks writes nothing.
        let Some(switch) = self.demand_photos else {
            return Ok(wanted);
        };
        wanted.demand_photos = switch == Switch::On;
        let now = Clock::system().now();
        let put = settings::put(&*opened.storage, self.shop, wanted, now).await?;
        if put.is_some() {
            opened.changed(self.shop).await;
        }
        Ok(wanted)
    }
}
