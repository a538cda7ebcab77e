//! `redtag-server member reset-openid`: for who has another account at the provider now.

use clap::Args;
use redtag_protocol::{
    event::{Access, Actor},
    ids::ShopId,
};

use super::{
    super::{Store, operator::runtime, output},
    address, known, of_shop,
};
use crate::{app::Clock, core::access};

/// Forget which account at the OpenID provider is somebody's; make sure that it is them who ask
///
/// The next one that signs in with their address, verified by the provider, is theirs then. Whoever is
/// signed in stays so.
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
        let count = runtime()?.block_on(self.reset(&email))?;
        let line = match count {
            0 => format!("{email} was linked with no account at a provider"),
            _ => format!("{email} is linked with no account at a provider any more"),
        };
        Ok(output::line(&line)?)
    }

    async fn reset(&self, email: &str) -> anyhow::Result<u64> {
        let opened = self.store.open().await?;
        known(&opened, self.shop).await?;
        let storage = &*opened.storage;
        let person = of_shop(&opened, self.shop, email).await?;
        let count = storage.identities_unlink(person.id).await?;
        if count > 0 {
            let (by, deed) = (Actor::Operator, Access::Provider { on: false });
            let now = Clock::system().now();
            for (shop, _) in access::tell_everywhere(storage, person.id, by, deed, now).await {
                opened.changed(shop).await;
            }
        }
        Ok(count)
    }
}
