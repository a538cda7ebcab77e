//! Ends an account on this machine: only when nothing unsent would go with it, or a person said so.

use std::io;

use redtag_protocol::ipc::{Failure, FailureCode, FromDaemon, Push, Reply};

use super::{Actor, Listens, named::not_signed_in};
use crate::{cache::CacheError, ipc::ConnId};

impl Actor {
    pub(super) async fn sign_out(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        discard: bool,
        exported: Option<String>,
    ) {
        let result = self.try_sign_out(at, discard, exported).await;
        self.reply(conn, id, result.map(|()| Reply::Done));
    }

    async fn try_sign_out(
        &mut self,
        at: &str,
        discard: bool,
        exported: Option<String>,
    ) -> Result<(), Failure> {
        if self.signing_in.is_some() {
            return Err(Failure::new(
                FailureCode::Invalid,
                "a sign-in is on its way; nothing was removed. Try again when it has ended",
            ));
        }
        let account = self.accounts.get(at).ok_or_else(not_signed_in)?;
        if account.adopts() {
            return Err(Failure::new(
                FailureCode::Invalid,
                "an export is being taken over; nothing was removed. Try again when that has ended",
            ));
        }
        let (unsent, receipt) = account
            .cache
            .call(|store| {
                let (waiting, sent) = store.pending().unsettled();
                let unsent = waiting + sent + store.refusals();
                Ok::<_, CacheError>((unsent, store.receipt()?))
            })
            .await??;
        let damaged = self.home.has_damaged(at);
        if let Some(exported) = &exported
            && unsent > 0
            && *exported != receipt
        {
            return Err(Failure::new(
                FailureCode::Unsent,
                "something was saved or decided since that export, so nothing was removed; export \
                 once more and sign out with that",
            ));
        }
        let unsent = if exported.is_some() { 0 } else { unsent };
        if !discard && (unsent > 0 || damaged) {
            let what = if unsent > 0 {
                let (edits, are) = if unsent == 1 {
                    ("edit", "is")
                } else {
                    ("edits", "are")
                };
                format!("{unsent} {edits} {are} not acknowledged by the API")
            } else {
                "a damaged cache was set aside and may hold unsent edits".to_owned()
            };
            return Err(Failure::new(
                FailureCode::Unsent,
                format!(
                    "{what}, so nothing was removed. Synchronise first (`redtag sync --wait`), take \
                     them along (`redtag logout --export FILE`), or sign out with --discard to \
                     lose them"
                ),
            ));
        }
        let copied = account.hands.copied.clone();
        let over = (account.hands.remote.clone(), account.access_token());
        let shop = account.file.shop;
        self.remove(at).await?;
        if let (Some(copied), (remote, Some(access))) = (copied, over) {
            copied.forget(remote, access, shop);
        }
        Ok(())
    }

    /// Removes an account with everything of it from this machine, and tells who listened to it.
    pub(super) async fn remove(&mut self, at: &str) -> Result<(), Failure> {
        let listened: Vec<ConnId> = self
            .conns
            .iter()
            .filter(|(_, conn)| match &conn.listens {
                Listens::No => false,
                Listens::To(named) => self.resolve(named.as_deref()).as_deref() == Ok(at),
            })
            .map(|(id, _)| *id)
            .collect();
        let why = Failure::new(
            FailureCode::NotSignedIn,
            "the account was signed out on this machine meanwhile, so there is nothing to \
             synchronise any more; `redtag login URL` signs in again",
        );
        self.wait_no_more(at, &why);
        if let Some(account) = self.accounts.remove(at) {
            account.close().await;
        }
        // The disk may take its time: elsewhere, for the runtime has one thread. It is waited for, and
        // nothing else is asked of the actor until then, so nobody finds the account half gone.
        let (home, secrets, id) = (self.home.clone(), self.secrets.clone(), at.to_owned());
        let removed = on_disk(move || {
            home.remove(&id)?;
            match secrets {
                Some(secrets) => secrets.forget(&id).map_err(io::Error::other),
                None => Ok(()),
            }
        })
        .await;
        if self.default.as_deref() == Some(at) {
            self.default = self.accounts.keys().next().cloned();
            if let Some(next) = self.default.clone() {
                let home = self.home.clone();
                on_disk(move || home.set_default(&next)).await?;
            }
        }
        // Those who listened to it; those of other accounts have nothing to do with it.
        let status = Box::new(self.standing(None).alone());
        for conn in listened.iter().filter_map(|conn| self.conns.get(conn)) {
            conn.outbox
                .send(FromDaemon::Push(Push::Status(status.clone())));
        }
        // Who named none listens to the new default one, and hears how that stands.
        if let Ok(next) = self.resolve(None)
            && let Some(account) = self.accounts.get_mut(&next)
        {
            account.told = None;
            account.want_status = true;
        }
        // What is left of it on the disk is said, but nobody works with it any more.
        removed?;
        Ok(())
    }
}

/// Does the last of it on a thread that may wait for the disk.
async fn on_disk(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other).flatten().map_err(|error| {
        Failure::new(
            FailureCode::Internal,
            format!("the account was closed, but its files could not be removed: {error}"),
        )
    })
}
