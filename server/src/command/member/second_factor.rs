//! `redtag-server member reset-second-factor`: for who has lost what makes the codes, and the
//! recovery codes as well.

use clap::Args;
use redtag_protocol::{
    event::{Access, Actor},
    ids::ShopId,
};

use super::{
    super::{Store, operator::runtime, output},
    address, known, of_shop,
};
use crate::{
    app::Clock,
    core::{access, second_factor},
};

/// Take the second factor from somebody who has lost it; make sure that it is them who ask
///
/// The password alone is asked for then, and nothing else changes; where the shop demands a second
/// factor they make a new one at the next sign-in.
#[derive(Debug, Args)]
pub(in crate::command) struct Reset {
    /// The id of a shop that the person is a member of
    #[arg(long)]
    shop: ShopId,
    /// The address that the person signs in with
    #[arg(long)]
    email: String,
    #[command(flatten)]
    store: Store,
}

impl Reset {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let email = address(&self.email)?;
        runtime()?.block_on(self.reset(&email))?;
        let line = format!("{email} has no second factor any more; the password is as before");
        Ok(output::line(&line)?)
    }

    async fn reset(&self, email: &str) -> anyhow::Result<()> {
        let opened = self.store.open().await?;
        known(&opened, self.shop).await?;
        let storage = &*opened.storage;
        let person = of_shop(&opened, self.shop, email).await?;
        second_factor::remove(storage, person.id).await?;
        let (by, deed) = (Actor::Operator, Access::SecondFactor { on: false });
        let now = Clock::system().now();
        for (shop, _) in access::tell_everywhere(storage, person.id, by, deed, now).await {
            opened.changed(shop).await;
        }
        Ok(())
    }
}
