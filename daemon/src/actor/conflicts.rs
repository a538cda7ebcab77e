//! What two people said of the same thing: listed, settled; and what a person takes back.

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Choice, Failure, Reply},
};

use super::{Actor, unsent::not_yet};
use crate::{cache::Store, ipc::ConnId};

/// What there is to settle.
pub(super) fn conflicts(_: &Store, _: Option<&EntityRef>) -> Result<Reply, Failure> {
    Err(not_yet("listing conflicts"))
}

impl Actor {
    /// Settles something, and answers once that is durable.
    pub(super) fn settle(
        &mut self,
        conn: ConnId,
        id: u64,
        _: &str,
        _: EntityRef,
        _: String,
        _: Choice,
    ) {
        self.reply(conn, id, Err(not_yet("settling a conflict")));
    }

    /// Takes a stroke back, and answers once that is durable.
    pub(super) fn undo(&mut self, conn: ConnId, id: u64, _: &str, _: InspectionId, _: Option<u64>) {
        self.reply(conn, id, Err(not_yet("undoing")));
    }
}
