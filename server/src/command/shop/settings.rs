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
    /// Whether owners and dispatchers sign in with a second factor only. Whoever has none may then
    /// only make one; who is signed in stays so
    #[arg(long)]
    demand_second_factor: Option<Switch>,
    /// Print a JSON object, such as
    /// `{"demand_photos":false,"demand_second_factor":false,"device_codes":true}`
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
                "demand_photos": holds.demand_photos,
                "demand_second_factor": holds.demand_second_factor,
                "device_codes": holds.device_codes,
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
        let second_factor = if holds.demand_second_factor {
            "on: no owner or dispatcher signs in without one"
        } else {
            "off: whoever has none signs in with the password alone"
        };
        Ok(format!(
            "demand-photos         {photos}\ndemand-second-factor  {second_factor}\n\
             device-codes          {codes}"
        ))
    }

    async fn settle(&self) -> anyhow::Result<shop::Settings> {
        let opened = self.store.open().await?;
        member::known(&opened, self.shop).await?;
        let mut wanted = settings::read(&*opened.storage, self.shop).await?;
        let holds = wanted;
        if let Some(switch) = self.demand_photos {
            wanted.demand_photos = switch == Switch::On;
        }
        if let Some(switch) = self.demand_second_factor {
            wanted.demand_second_factor = switch == Switch::On;
        }
        if let Some(switch) = self.device_codes {
            wanted.device_codes = switch == Switch::On;
        }
        // Who only looks writes nothing.
        if wanted == holds {
            return Ok(holds);
        }
        let now = Clock::system().now();
        let put = settings::put(&*opened.storage, self.shop, wanted, now).await?;
        if put.is_some() {
            opened.changed(self.shop).await;
        }
        Ok(wanted)
    }
}
