//! What can still be read of a damaged cache: the outbox, what was refused, and who it belonged
//! to. The file itself stays where it was set aside.

use rusqlite::{Connection, Row, params, params_from_iter, types::Value};

use super::{CacheError, Meta, outbox};
use redtag_protocol::{event::Happening, op::Operation};

const OUTBOX: &str = "SELECT device, number, grp, kind, id, bytes, happening FROM outbox
                      WHERE acked_at IS NULL ORDER BY place";
/// What the API has acknowledged, which is kept for a while for an API that is put back to before.
const ACKED: &str = "SELECT device, number, grp, kind, id, bytes, happening, seq, verdict, acked_at
                     FROM outbox WHERE acked_at IS NOT NULL ORDER BY place";
/// What was taken over from exports, so that it is done once.
const ADOPTED: &str = "SELECT device, number, stamp FROM adopted";
const QUARANTINE: &str = "SELECT device, number, grp, kind, id, bytes, happening, refusal, at
                          FROM quarantine ORDER BY place";

/// What was read.
#[derive(Debug, Default)]
pub struct Salvaged {
    acked: Vec<Vec<Value>>,
    adopted: Vec<Vec<Value>>,
    unsent: Vec<(Operation, Happening)>,
    quarantine: Vec<Vec<Value>>,
    meta: Option<Meta>,
    complete: bool,
}

impl Salvaged {
    /// Reads as far as the file goes.
    pub(super) fn read(conn: Result<Connection, CacheError>) -> Self {
        let mut it = Self::default();
        let Ok(conn) = conn else { return it };
        it.meta = Meta::load(&conn).ok().flatten();
        // Nothing unsent is missing where these are; they only guard against what may yet happen.
        (it.acked, _) = rows(&conn, ACKED, |row| values(row, 10));
        (it.adopted, _) = rows(&conn, ADOPTED, |row| values(row, 3));
        let (unsent, whole) = rows(&conn, OUTBOX, |row| {
            let bytes: Vec<u8> = row.get("bytes")?;
            let happening: Vec<u8> = row.get("happening")?;
            Ok(serde_json::from_slice(&bytes)
                .ok()
                .zip(serde_json::from_slice(&happening).ok()))
        });
        it.complete = whole && unsent.iter().all(Option::is_some);
        it.unsent = unsent.into_iter().flatten().collect();
        let (quarantine, whole) = rows(&conn, QUARANTINE, |row| values(row, 9));
        it.complete &= whole;
        it.quarantine = quarantine;
        it
    }

    /// This, and what was read of another file.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.acked.extend(other.acked);
        self.adopted.extend(other.adopted);
        self.unsent.extend(other.unsent);
        self.quarantine.extend(other.quarantine);
        self.meta = self.meta.or(other.meta);
        self.complete &= other.complete;
        self
    }

    /// How many unsent operations were read.
    pub fn unsent(&self) -> usize {
        self.unsent.len()
    }

    /// Whether everything unsent was read, as far as can be told.
    pub fn complete(&self) -> bool {
        self.complete
    }

    /// The tokens and the key of the old cache, where they could be read.
    pub fn meta(&self) -> Option<&Meta> {
        self.meta.as_ref()
    }

    /// Puts it into a new cache, what is unsent numbered anew under the new device id. What was
    /// acknowledged stays under its former one: where the API does not know that any more, it is
    /// sent again. The copy that is fetched holds it otherwise.
    pub(super) fn put_back(self, conn: &Connection, meta: &mut Meta) -> Result<(), CacheError> {
        // A new cache has a new device id; under the same one the numbers would be used twice.
        let own = Value::Text(meta.device.to_string());
        for row in self.acked.into_iter().filter(|row| row[0] != own) {
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
        for row in self.quarantine {
            // Through the outbox, which never gives the same place twice: one that is refused later
            // must not meet another's place.
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
        }
        let mut group = None;
        for (mut operation, mut happening) in self.unsent {
            let former = operation.group;
            operation.number = meta.next;
            operation.group = match group {
                Some((old, new)) if old == former => new,
                _ => meta.next,
            };
            group = Some((former, operation.group));
            meta.next += 1;
            meta.stamp = meta.stamp.max(operation.stamp);
            if let redtag_protocol::event::Actor::Person { device, number, .. } =
                &mut happening.actor
            {
                *device = meta.device;
                *number = operation.number;
            }
            outbox::insert(conn, meta.device, &operation, &happening)?;
        }
        Ok(())
    }
}

/// The first columns of a row as they are.
fn values(row: &Row<'_>, columns: usize) -> rusqlite::Result<Vec<Value>> {
    (0..columns).map(|at| row.get(at)).collect()
}

/// All rows up to the first that cannot be read, and whether that was the end.
fn rows<T>(
    conn: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> (Vec<T>, bool) {
    let mut all = Vec::new();
    let whole = (|| {
        let mut statement = conn.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
        }
        Ok::<_, rusqlite::Error>(())
    })();
    (all, whole.is_ok())
}
