//! What the API has not taken: listed, exported, taken over.

use redtag_protocol::ipc::{Failure, FailureCode, Passphrase, Reply};

use super::Actor;
use crate::{cache::Store, ipc::ConnId};

/// A part of what waits, is on its way or was refused.
pub(super) fn outbox(_: &Store, _: u32, _: u32) -> Result<Reply, Failure> {
    Err(not_yet("listing the outbox"))
}

impl Actor {
    /// Answers with a text that holds what is unsent.
    pub(super) fn export(
        &mut self,
        conn: ConnId,
        id: u64,
        _: &str,
        _: Option<u64>,
        _: Option<Passphrase>,
    ) {
        self.reply(conn, id, Err(not_yet("exporting")));
    }

    /// Takes an export over.
    pub(super) fn adopt(
        &mut self,
        conn: ConnId,
        id: u64,
        _: &str,
        _: String,
        _: Option<Passphrase>,
    ) {
        self.reply(conn, id, Err(not_yet("taking an export over")));
    }
}

/// What is asked for is known and not there.
pub(super) fn not_yet(what: &str) -> Failure {
    Failure::new(
        FailureCode::Invalid,
        format!("{what} is not there in this version; nothing was changed"),
    )
}
