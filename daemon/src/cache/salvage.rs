//! What can still be read of a damaged cache: the outbox, what was refused, and who it belonged
//! to. The file itself stays where it was set aside.

mod put_back;

use std::ops::Range;

use rusqlite::{Connection, OptionalExtension as _, Row, types::Value};

pub(super) use self::put_back::has_holes;
use super::{CacheError, Meta};
use redtag_protocol::{event::Happening, ids::DeviceId, op::Operation};

/// The text of a query for one place, and for all places from one on.
struct Query {
    at: &'static str,
    from: &'static str,
    /// The last place there is.
    last: &'static str,
}

macro_rules! query {
    ($table:literal, $columns:literal, $which:literal) => {
        Query {
            at: concat!(
                "SELECT place, ",
                $columns,
                " FROM ",
                $table,
                " WHERE ",
                $which,
                " place = ?1"
            ),
            from: concat!(
                "SELECT place, ",
                $columns,
                " FROM ",
                $table,
                " WHERE ",
                $which,
                " place >= ?1 ORDER BY place"
            ),
            last: concat!("SELECT max(place) FROM ", $table),
        }
    };
}

const OUTBOX: Query = query!(
    "outbox",
    "device, number, grp, kind, id, bytes, happening",
    "acked_at IS NULL AND"
);
/// What the API has acknowledged, which is kept for a while for an API that is put back to before.
const ACKED: Query = query!(
    "outbox",
    "device, number, grp, kind, id, bytes, happening, seq, verdict, acked_at",
    "acked_at IS NOT NULL AND"
);
const QUARANTINE: Query = query!(
    "quarantine",
    "device, number, grp, kind, id, bytes, happening, refusal, at",
    ""
);
/// As many places one after the other cannot be read where a page is damaged that leads to others.
const IN_VAIN: u32 = 2_000;
/// Opens the damaged file anew.
type Open<'a> = dyn Fn() -> Result<Connection, CacheError> + 'a;
/// What was taken over from exports, so that it is done once.
const ADOPTED: &str = "SELECT device, number, stamp FROM adopted";
/// Where it cannot be told which place is the last: so many are tried after the last that was read.
const BLIND: i64 = 20_000;

/// An operation without an outcome.
#[derive(Debug)]
struct Unsent {
    device: DeviceId,
    operation: Operation,
    happening: Happening,
    /// Its row, byte for byte: the API knows an operation by the digest of its bytes.
    row: Vec<Value>,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Salvaged {
    acked: Vec<Vec<Value>>,
    adopted: Vec<Vec<Value>>,
    unsent: Vec<Unsent>,
    quarantine: Vec<Vec<Value>>,
    meta: Option<Meta>,
    complete: bool,
}

impl Salvaged {
    /// Reads as far as the file goes.
    pub(super) fn read(open: &Open<'_>) -> Self {
        let mut it = Self::default();
        let Ok(conn) = open() else { return it };
        it.meta = Meta::load(&conn).ok().flatten();
        drop(conn);
        // Nothing unsent is missing where these are; they only guard against what may yet happen.
        (it.acked, _) = rows(open, &ACKED, |row| values(row, 1..11));
        it.adopted = adopted(open);
        let (unsent, whole) = rows(open, &OUTBOX, |row| {
            let values = values(row, 1..8)?;
            let device: String = row.get("device")?;
            let (bytes, happening): (Vec<u8>, Vec<u8>) = (row.get("bytes")?, row.get("happening")?);
            Ok((|| {
                Some(Unsent {
                    device: device.parse().ok()?,
                    operation: serde_json::from_slice(&bytes).ok()?,
                    happening: serde_json::from_slice(&happening).ok()?,
                    row: values,
                })
            })())
        });
        it.complete = whole && unsent.iter().all(Option::is_some);
        it.unsent = unsent.into_iter().flatten().collect();
        let (quarantine, whole) = rows(open, &QUARANTINE, |row| values(row, 1..10));
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
}

/// Columns of a row as they are.
fn values(row: &Row<'_>, columns: Range<usize>) -> rusqlite::Result<Vec<Value>> {
    columns.map(|at| row.get(at)).collect()
}

fn adopted(open: &Open<'_>) -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    let whole = (|| {
        let conn = open()?;
        let mut statement = conn.prepare(ADOPTED)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            all.push(values(row, 0..3)?);
        }
        Ok::<_, CacheError>(())
    })();
    if let Err(error) = whole {
        tracing::warn!(%error, "what was taken over from exports is not all known any more");
    }
    all
}

/// All rows that can be read, in order of place, and whether that is all there were. Behind a row that
/// cannot be read, each place is tried by itself: damage seldom reaches further than a page. A
/// connection that has met damage reads nothing any more, so each error takes a new one.
fn rows<T>(
    open: &Open<'_>,
    query: &Query,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> (Vec<T>, bool) {
    let mut all = Vec::new();
    let mut reached = 0_i64;
    let whole = (|| {
        let conn = open()?;
        let mut statement = conn.prepare(query.from)?;
        let mut rows = statement.query([0])?;
        while let Some(row) = rows.next()? {
            all.push(read(row)?);
            reached = row.get(0)?;
        }
        Ok::<_, CacheError>(())
    })();
    let Err(error) = whole else {
        return (all, true);
    };
    tracing::warn!(%error, reached, "a damaged cache cannot be read in order");
    let last = open().ok().and_then(|conn| {
        conn.query_row(query.last, [], |row| row.get::<_, Option<i64>>(0))
            .ok()
    });
    let last = last.flatten().unwrap_or(reached.saturating_add(BLIND));
    let mut conn = open();
    let mut in_vain = 0;
    for place in reached.saturating_add(1)..=last {
        let found = conn.as_ref().map_err(drop).and_then(|conn| {
            let mut one = conn.prepare_cached(query.at).map_err(drop)?;
            let found = one.query_row([place], |row| read(row)).optional();
            found.map_err(drop)
        });
        match found {
            Ok(found) => {
                in_vain = if found.is_some() { 0 } else { in_vain };
                all.extend(found);
            }
            Err(()) if in_vain < IN_VAIN => {
                in_vain += 1;
                conn = open();
            }
            Err(()) => break,
        }
    }
    (all, false)
}
