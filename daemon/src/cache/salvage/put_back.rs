//! Puts what was salvaged into a new cache.

use redtag_protocol::{
    event::Actor,
    ids::DeviceId,
    op::{Edit, Operation},
};
use rusqlite::{Connection, params, params_from_iter, types::Value};

use super::{Salvaged, Unsent};
use crate::cache::{CacheError, Meta, documents::int, meta, outbox};

/// The value that names the device of whose numbers some may be missing; see [`has_holes`].
const HOLES: &str = "holes";

impl Salvaged {
    /// Puts it into a new cache.
    ///
    /// What is unsent keeps the device id and the numbers that it had: the API may have taken it
    /// and only its answer was lost, and by no other numbers does it know that again. Whatever was
    /// numbered and cannot be read any more shows as a gap, or as another operation under a
    /// number that is used twice; either begins a new numbering of what the API does not hold.
    ///
    /// Where nothing is unsent the new cache has a new device id, and what was acknowledged stays
    /// under its former one: where the API does not know that any more, it is sent again.
    pub(in crate::cache) fn put_back(
        self,
        conn: &Connection,
        meta: &mut Meta,
    ) -> Result<(), CacheError> {
        // First, while no number is taken: one that was taken over may have the number of another.
        for row in &self.quarantine {
            quarantine(conn, row)?;
        }
        if let Some(device) = self.device() {
            self.go_on(device, meta);
            if self.meta.is_none() || !self.complete {
                meta::write(conn, HOLES, &device)?;
            }
        }
        for row in self.acked {
            conn.prepare_cached(
                "INSERT OR IGNORE INTO outbox (device, number, grp, kind, id, bytes, happening, seq,
                                               verdict, acked_at, covered)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)",
            )?
            .execute(params_from_iter(row))?;
        }
        for row in self.adopted {
            conn.prepare_cached(
                "INSERT OR IGNORE INTO adopted (device, number, stamp) VALUES (?1, ?2, ?3)",
            )?
            .execute(params_from_iter(row))?;
        }
        let mut others = Vec::new();
        for it in self.unsent {
            meta.stamp = meta.stamp.max(it.operation.stamp);
            if it.device != meta.device || !insert(conn, &it)? {
                others.push(it);
            }
        }
        number_anew(conn, meta, others)
    }

    /// Whose numbers go on: those of the cache, as far as it could tell; else of what was read.
    fn device(&self) -> Option<DeviceId> {
        let of = |it: &Unsent| it.device;
        let own = self.meta.as_ref().map(|meta| meta.device);
        let own = own.filter(|own| self.unsent.iter().any(|it| it.device == *own));
        own.or_else(|| self.unsent.first().map(of))
    }

    /// Goes on counting where the damaged cache was, and never below what was read of it.
    fn go_on(&self, device: DeviceId, meta: &mut Meta) {
        meta.device = device;
        // The API is asked first what it holds.
        meta.registered = false;
        let own = Value::Text(device.to_string());
        let rows = self.acked.iter().chain(&self.quarantine);
        let rows = rows.chain(self.unsent.iter().map(|it| &it.row));
        let mut last = 0;
        for row in rows.filter(|row| row[0] == own) {
            if let (Value::Integer(number), Value::Blob(bytes)) = (&row[1], &row[5]) {
                last = last.max(number.unsigned_abs());
                let labels = label(device, bytes).map_or(0, |last| last + 1);
                meta.provisional = meta.provisional.max(labels);
            }
        }
        meta.next = last + 1;
        match self.meta.as_ref().filter(|it| it.device == device) {
            Some(old) => {
                meta.next = meta.next.max(old.next);
                meta.provisional = meta.provisional.max(old.provisional);
            }
            // Each label that was given out went into an operation with a number of its own.
            None => meta.provisional = meta.provisional.max(meta.next),
        }
    }
}

/// Whether a device's operations that are not here may never have been sent: they were lost to
/// damage.
pub(in crate::cache) fn has_holes(conn: &Connection, device: DeviceId) -> Result<bool, CacheError> {
    Ok(meta::read(conn, HOLES)? == Some(device))
}

/// The count in the provisional label of the inspection that an operation creates.
fn label(device: DeviceId, bytes: &[u8]) -> Option<u64> {
    let operation: Operation = serde_json::from_slice(bytes).ok()?;
    let Edit::CreateInspection { provisional, .. } = operation.edit else {
        return None;
    };
    let count = provisional.strip_prefix(&format!("~{}-", device.code()))?;
    count.parse().ok()
}

/// Puts a refused operation back.
fn quarantine(conn: &Connection, row: &[Value]) -> Result<(), CacheError> {
    // Through the outbox, which never gives the same place twice: one that is refused later must
    // not meet another's place.
    conn.execute(
        "INSERT INTO outbox (device, number, grp, kind, id, bytes, happening)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![row[0], row[1], row[2], row[3], row[4], row[5], row[6]],
    )?;
    let place = conn.last_insert_rowid();
    conn.execute(
        "INSERT INTO quarantine
                (place, device, number, grp, kind, id, bytes, happening, refusal, at)
         SELECT place, device, number, grp, kind, id, bytes, happening, ?2, ?3
         FROM outbox WHERE place = ?1",
        params![place, row[7], row[8]],
    )?;
    conn.execute("DELETE FROM outbox WHERE place = ?1", [place])?;
    Ok(())
}

/// Puts an operation back as it was; false where another one has its number.
fn insert(conn: &Connection, it: &Unsent) -> Result<bool, CacheError> {
    let done = conn
        .prepare_cached(
            "INSERT OR IGNORE INTO outbox (device, number, grp, kind, id, bytes, happening)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params_from_iter(&it.row))?;
    if done > 0 {
        return Ok(true);
    }
    // The same one may have been read of two files.
    let there: Vec<u8> = conn
        .prepare_cached("SELECT bytes FROM outbox WHERE device = ?1 AND number = ?2")?
        .query_row(
            params![it.device.to_string(), int(it.operation.number)],
            |row| row.get(0),
        )?;
    Ok(it.row[5] == Value::Blob(there))
}

/// Numbers what was read of yet another cache behind the rest.
fn number_anew(conn: &Connection, meta: &mut Meta, others: Vec<Unsent>) -> Result<(), CacheError> {
    let mut group = None;
    for mut it in others {
        let former = (it.device, it.operation.group);
        it.operation.number = meta.next;
        it.operation.group = match group {
            Some((old, new)) if old == former => new,
            _ => meta.next,
        };
        group = Some((former, it.operation.group));
        meta.next += 1;
        if let Actor::Person { device, number, .. } = &mut it.happening.actor {
            *device = meta.device;
            *number = it.operation.number;
        }
        outbox::insert(conn, meta.device, &it.operation, &it.happening)?;
    }
    Ok(())
}
