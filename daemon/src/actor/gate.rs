//! What a locked account answers. Every request is decided upon here, so that none walks around the
//! lock: a new one does not compile without a decision.

use redtag_protocol::ipc::{Failure, FromClient, Request};

use super::{Actor, lock};
use crate::ipc::ConnId;

/// What a request needs of an account that has a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need<'a> {
    /// Nothing: it shows nothing of an account, or its answer is cut down to what chooses one.
    Nothing,
    /// The account that it is about is open for this connection.
    Open,
    /// The PIN was shown, whatever the lease says: it shows nothing of the copy, or asks the API.
    Shown,
    /// That account is, instead of the one that it is about.
    OpenOther(&'a str),
}

/// What a request needs.
pub(super) fn need(request: &Request) -> Need<'_> {
    match request {
        // Cut down where the account is locked: who it is, and how much waits.
        Request::Status
        | Request::Subscribe
        | Request::Accounts
        // Shows everything that is asked for, and more than a PIN.
        | Request::SignIn(_)
        | Request::Pair(_)
        | Request::Paired
        | Request::SecondFactor { .. }
        // Ends what is shown.
        | Request::Lock
        | Request::Unwatch
        // Decides for itself.
        | Request::Unlock { .. }
        // About this machine; names no shop and nobody.
        | Request::Settings
        | Request::Examine
        | Request::Stop
        | Request::Active => Need::Nothing,
        Request::Use { account } => Need::OpenOther(account),
        Request::SetPin { .. }
        // Edits alone, and perhaps the only way out that they have.
        | Request::Export { .. }
        | Request::ExportRest { .. }
        | Request::SignOut { .. }
        | Request::Sync { .. }
        | Request::Standing
        | Request::Sessions
        | Request::Revoke { .. }
        | Request::Tokens
        | Request::NewToken(_)
        | Request::EndToken { .. }
        | Request::Password(_) => Need::Shown,
        Request::Board(_)
        | Request::Find { .. }
        | Request::Inspection { .. }
        | Request::Watch { .. }
        | Request::Timeline { .. }
        | Request::Vehicles { .. }
        | Request::Customers { .. }
        | Request::Templates
        | Request::TemplatePage { .. }
        | Request::Members
        | Request::Provisional
        | Request::Edit { .. }
        | Request::Quarantine
        | Request::Retry { .. }
        | Request::Discard { .. }
        | Request::Outbox { .. }
        | Request::AdoptPart { .. }
        | Request::Adopt { .. }
        | Request::Conflicts { .. }
        | Request::Settle { .. }
        | Request::Undo { .. }
        | Request::Redo { .. }
        | Request::Draft { .. }
        | Request::Canned
        | Request::History { .. }
        | Request::Facets { .. }
        | Request::Found { .. }
        | Request::Vehicle { .. }
        | Request::Customer { .. }
        | Request::Alike(_)
        | Request::Jump { .. }
        | Request::Remember { .. }
        | Request::Recall => Need::Open,
    }
}

impl Actor {
    /// Refuses what a locked account does not answer. An account that is not there is somebody else's
    /// to name.
    pub(super) fn admit(&self, conn: ConnId, asked: &FromClient) -> Result<(), Failure> {
        let need = need(&asked.request);
        let at = match need {
            Need::Nothing => return Ok(()),
            Need::Open | Need::Shown => self.resolve(asked.account.as_deref()),
            Need::OpenOther(named) => self.resolve(Some(named)),
        };
        let Ok(at) = at else { return Ok(()) };
        let Some(account) = self.accounts.get(&at) else {
            return Ok(());
        };
        if self.is_open(conn, &at) || (need == Need::Shown && self.is_shown(conn, &at)) {
            return Ok(());
        }
        Err(lock::refusal(account))
    }
}
