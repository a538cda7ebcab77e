//! The inspection that a client has on its screen.

use redtag_protocol::{ids::InspectionId, ipc::Reply};

use super::{Actor, clock};
use crate::{ipc::ConnId, view};

impl Actor {
    /// Answers with the whole inspection, and tells this connection what becomes of it.
    pub(super) fn watch(&mut self, conn: ConnId, id: u64, at: &str, of: InspectionId) {
        let before = self
            .conns
            .get_mut(&conn)
            .and_then(|it| it.watches.replace(at.to_owned()));
        if let Some(before) = before.filter(|before| before != at) {
            self.forget_watched(conn, &before);
        }
        let now = clock::wall();
        self.read(conn, id, at, move |store| {
            Ok(Reply::Inspection(Box::new(view::watch(
                store, conn, of, now,
            )?)))
        });
    }

    /// Answers whoever has no inspection on the screen any more.
    pub(super) fn watch_no_more(&mut self, conn: ConnId, id: u64) {
        self.unwatch(conn);
        self.reply(conn, id, Ok(Reply::Done));
    }

    /// A connection watches nothing any more.
    pub(super) fn unwatch(&mut self, conn: ConnId) {
        let watched = self.conns.get_mut(&conn).and_then(|it| it.watches.take());
        if let Some(at) = watched {
            self.forget_watched(conn, &at);
        }
    }

    fn forget_watched(&self, conn: ConnId, at: &str) {
        if let Some(account) = self.accounts.get(at) {
            // Done in its turn whether anybody waits for it or not.
            drop(account.cache.call(move |store| store.watches.forget(conn)));
        }
    }
}
