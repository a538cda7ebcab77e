//! What a document has to tell: its row on the board and the words in it.

use redtag_protocol::{entity::EntityRef, ids::InspectionId, packed};
use rusqlite::{Connection, OptionalExtension as _};

use crate::{
    cache::{CacheError, documents::Generation, key::Key},
    view::{Forms, Lean, texts},
};

/// How many documents are read before it is asked whether somebody waits.
pub(super) const BITE: usize = 8;

/// What is to be written of a document.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) place: i64,
    pub(super) generation: Generation,
    /// The inspection, where it is one of the copy that is shown.
    pub(super) shown: Option<InspectionId>,
    pub(super) row: Option<Vec<u8>>,
    pub(super) said: String,
}

/// Places up to this one that have changed since they were looked through, at most `most`.
pub(super) fn changed(
    conn: &Connection,
    through: i64,
    most: usize,
) -> Result<Vec<i64>, CacheError> {
    let mut rows =
        conn.prepare_cached("SELECT place FROM changed WHERE place <= ?1 ORDER BY place LIMIT ?2")?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let places: Result<Vec<i64>, _> = rows.query_map([through, most], |row| row.get(0))?.collect();
    Ok(places?)
}

/// A document that has changed; nothing is to be written of one that is gone.
pub(super) fn read_again(
    conn: &Connection,
    place: i64,
    shown: Generation,
    forms: &Forms,
) -> Result<Read, CacheError> {
    let found = conn
        .prepare_cached("SELECT generation, key, body FROM documents WHERE place = ?1")?
        .query_row([place], |row| {
            let key = row.get::<_, Key>(1)?.entity();
            Ok(read(
                place,
                row.get(0)?,
                key,
                row.get_ref(2)?.as_blob().ok(),
                (shown, forms),
                false,
            ))
        })
        .optional()?;
    Ok(found.flatten().unwrap_or(Read {
        place,
        generation: 0,
        shown: None,
        row: None,
        said: String::new(),
    }))
}

/// The next few documents in order, into `into`, and the last one's place; none where none are left.
pub(super) fn read_next(
    conn: &Connection,
    after: i64,
    shown: Generation,
    forms: &Forms,
    into: &mut Vec<Read>,
) -> Result<Option<i64>, CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT d.place, d.generation, d.key, d.body, r.place IS NOT NULL
         FROM documents AS d LEFT JOIN rows AS r ON r.place = d.place
         WHERE d.place > ?1 ORDER BY d.place LIMIT ?2",
    )?;
    let few = i64::try_from(BITE).unwrap_or(i64::MAX);
    let mut rows = rows.query([after, few])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (place, generation) = (row.get(0)?, row.get(1)?);
        let (key, stored) = (row.get::<_, Key>(2)?.entity(), row.get(4)?);
        let packed = row.get_ref(3)?.as_blob().ok();
        into.extend(read(place, generation, key, packed, (shown, forms), stored));
        last = Some(place);
    }
    Ok(last)
}

/// What a document has to tell; none where that is nothing. `stored` says that its row is there.
/// What is of an old copy is about to go.
fn read(
    place: i64,
    generation: Generation,
    key: Option<EntityRef>,
    packed: Option<&[u8]>,
    (shown, forms): (Generation, &Forms),
    stored: bool,
) -> Option<Read> {
    let key = key.filter(|_| generation >= shown)?;
    let inspection = match key {
        EntityRef::Inspection(id) => Some(id),
        // Only inspections have more to tell than their row.
        _ if stored => return None,
        _ => None,
    };
    let text = packed::unpack(packed?)?;
    let lean = if stored {
        None
    } else {
        Lean::read(key.kind(), &text, forms).filter(|lean| lean.key() == key && lean.complete())
    };
    let mut said = String::new();
    if inspection.is_some() && !texts(&text, &mut said) {
        said.clear();
    }
    Some(Read {
        place,
        generation,
        shown: inspection.filter(|_| generation == shown),
        row: lean.and_then(|lean| lean.to_row()),
        said,
    })
}
