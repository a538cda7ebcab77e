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
    /// Whether a device may be let in by a code that its person types on this server's page; without
    /// it people sign in with e-mail and password in the terminal
    #[arg(long)]
    device_codes: Option<Switch>,
    /// Print a JSON object, such as `{"demand_photos":false,"device_codes":true}`
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
            let holds = json!({
                "demand_photos": holds.demand_photos, "device_codes": holds.device_codes,
            });
            return Ok(holds.to_string());
        }
        let photos = if holds.demand_photos {
            "on: what a template asks for must be there before an inspection is handed in"
        } else {
            "off: an inspection is handed in without them"
        };
        let codes = if holds.device_codes {
            "on: a device may be let in by a code that its person types on a page"
        } else {
            "off: a device signs in with e-mail and password"
        };
        Ok(format!("demand-photos  {photos}\ndevice-codes   {codes}"))
    }

    async fn settle(&self) -> anyhow::Result<shop::Settings> {
        let opened = self.store.open().await?;
        member::known(&opened, self.shop).await?;
        let mut wanted = settings::read(&*opened.storage, self.shop).await?;
        // Who only looks writes nothing.
        if self.demand_photos.is_none() && self.device_codes.is_none() {
            return Ok(wanted);
        }
        let set = |place: &mut bool, switch: Option<Switch>| {
            *place = switch.map_or(*place, |it| it == Switch::On);
        };
        set(&mut wanted.demand_photos, self.demand_photos);
        set(&mut wanted.device_codes, self.device_codes);
        let now = Clock::system().now();
        let put = settings::put(&*opened.storage, self.shop, wanted, now).await?;
        if put.is_some() {
            opened.changed(self.shop).await;
        }
        Ok(wanted)
    }
}
