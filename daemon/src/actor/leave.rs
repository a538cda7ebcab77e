//! The end of a membership, or of the shop: what is unsent stays, whatever else there is goes.

use redtag_protocol::text;

use super::Actor;

impl Actor {
    /// Purges an account whose membership has ended. What is unsent is never purged with it.
    pub(super) async fn leave(&mut self, at: &str) {
        let Some(account) = self.accounts.get(at) else {
            return;
        };
        let shop = text::clean_line(&account.file.shop_name).into_owned();
        let unsent = account
            .cache
            .call(|store| {
                let (waiting, sent) = store.pending().unsettled();
                waiting + sent + store.refusals()
            })
            .await;
        match unsent {
            Ok(0) if !self.home.has_damaged(at) => {}
            Ok(unsent) => {
                tracing::warn!(account = %at, unsent, "the membership has ended; nothing is purged");
                return;
            }
            Err(error) => {
                tracing::error!(account = %at, %error, "the membership has ended; nothing is purged");
                return;
            }
        }
        match self.remove(at).await {
            Ok(()) => {
                tracing::warn!(account = %at, "the membership has ended; the account was purged");
                self.left.push(format!(
                    "You are no member of {shop} any more. Nothing was unsent; this machine's copy \
                     of the shop was removed."
                ));
            }
            Err(failure) => tracing::error!(account = %at, "{failure}"),
        }
    }
}
