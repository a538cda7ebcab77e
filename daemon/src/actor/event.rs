//! Everything that happens.

use std::sync::Weak;

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Difference, Exported, Failure, Finding, Status},
    stamp::Stamp,
};

use super::{
    lock::Handled,
    pairing::Offer,
    requests::Answer,
    sign_in::{Arrived, Guest},
};
use crate::{
    core::Input,
    ipc::{ConnId, Inbound},
    remote::AccessToken,
};

/// What happened.
pub(super) enum Event {
    /// From the socket.
    Inbound(Inbound),
    /// In an account.
    Account(String, News),
    /// An export was made.
    Exported {
        /// Who asked.
        conn: ConnId,
        /// Of which account it is.
        account: String,
        /// The answer that is owed.
        answer: Answer,
        /// The export, or why not.
        result: Result<Exported, Failure>,
    },
    /// What an examination found; none where it failed.
    Examined(Option<Vec<Finding>>),
    /// A PIN was tried or set.
    Pin {
        /// On which connection.
        conn: ConnId,
        /// Of which account.
        account: String,
        /// Under which number.
        request: u64,
        /// The answer that is owed.
        answer: Answer,
        /// How that went.
        handled: Handled,
    },
    /// It is to be looked whether somebody is still there.
    Glance,
    /// The configuration changed.
    Settings,
    /// This machine's network is another, or it woke up.
    Network {
        /// Whether it slept.
        slept: bool,
    },
    /// The API has a code for a bench that asked to be let in.
    Offered {
        /// Who asked.
        conn: ConnId,
        /// Under which number.
        request: u64,
        /// What to show, or why there is none.
        result: Result<Box<Offer>, Failure>,
    },
    /// A person has let this bench in, or nobody will.
    LetIn {
        /// Who asked.
        conn: ConnId,
        /// Under which number.
        request: u64,
        /// As whom, or why not.
        result: Result<Box<Guest>, Failure>,
    },
    /// A sign-in came to its end.
    SignIn {
        /// Who asked.
        conn: ConnId,
        /// Under which number.
        request: u64,
        /// The account, or why not.
        result: Result<Box<Arrived>, Failure>,
    },
}

/// What happened in an account.
pub(super) enum News {
    /// Something for the machine.
    Input(Input),
    /// A new access token, for so many seconds.
    Token(AccessToken, u64),
    /// Documents look different; none named: too many to name. With what those hear who watch one.
    Changed(Vec<EntityRef>, Vec<(ConnId, Box<Difference>)>),
    /// The API answered whoever is signed in, at this time of its own.
    Heard(Stamp),
    /// The membership has ended.
    Left,
    /// The cache is damaged. Nobody else holds what this points to once that cache is closed: work
    /// that it finished while it was closing tells the same again, and the next one is whole.
    Damaged(Weak<()>),
    /// A batch is on its way.
    Sent,
    /// It is time to work out how things stand.
    StatusDue,
    /// How things stand could not be found out; it is asked again with the next change.
    NoStatus,
    /// How things stand now.
    Status(Box<Status>),
}
