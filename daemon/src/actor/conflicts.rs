//! What two people said of the same thing: listed, settled; and what a person takes back.

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Choice, Failure, Reply},
};

use super::{Actor, clock, requests::tell_saved};
use crate::{
    cache::{Clock, Store},
    ipc::ConnId,
    view,
};

/// What there is to settle.
pub(super) fn conflicts(store: &Store, of: Option<&EntityRef>) -> Result<Reply, Failure> {
    Ok(Reply::Conflicts(view::conflicts(store, of)?))
}

impl Actor {
    /// Settles something, and answers once that is durable.
    pub(super) fn settle(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        (entity, field): (EntityRef, String),
        choice: Choice,
    ) {
        let clock = Clock(clock::wall());
        self.change(conn, id, at, move |store, hands| {
            let saved = store.settle(&entity, &field, choice, clock)?;
            Ok(tell_saved(store, hands, saved))
        });
    }

    /// Takes a stroke back, and answers once that is durable.
    pub(super) fn undo(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        inspection: InspectionId,
        number: Option<u64>,
    ) {
        let clock = Clock(clock::wall());
        self.change(conn, id, at, move |store, hands| {
            let saved = store.undo(inspection, number, clock)?;
            Ok(tell_saved(store, hands, saved))
        });
    }

    /// Does again what was taken back last, and answers once that is durable.
    pub(super) fn redo(&mut self, conn: ConnId, id: u64, at: &str, inspection: InspectionId) {
        let clock = Clock(clock::wall());
        self.change(conn, id, at, move |store, hands| {
            let saved = store.redo(inspection, clock)?;
            Ok(tell_saved(store, hands, saved))
        });
    }
}
