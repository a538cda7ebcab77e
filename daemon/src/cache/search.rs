//! The words of notes, concerns and answers, and the board's stored rows: worked out behind the
//! documents while nobody asks for anything else. Who comes waits until one document is done and the
//! transaction is committed.
//!
//! The database itself notes what changed (see `schema/003.sql`), so nothing that writes documents
//! needs to know of this.

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    ids::InspectionId,
    ipc::{BoardQuery, TicketPage},
};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{
    CacheError, Store, body,
    key::{self, Key},
};
use crate::view::{Board, Forms, Lean, Notes, texts};

/// The most documents in one transaction.
const MOST: i64 = 600;
/// The shortest word that is looked up in notes, in characters.
const SHORTEST: usize = 3;

/// How far the words are.
#[derive(Debug)]
pub(super) struct Looking {
    /// The last place that was looked through; none until it was read from the database.
    through: Option<i64>,
    /// Whether there may be something left to look through.
    rest: bool,
    /// Whether looking was given up until the next start, because the disk is full, say.
    halted: bool,
    /// Whether it was begun anew since the start; it is not tried again and again.
    mended: bool,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            through: None,
            rest: true,
            halted: false,
            mended: false,
        }
    }
}

impl Looking {
    /// Looks no further until the next start.
    pub(super) fn halt(&mut self) {
        self.halted = true;
    }

    /// Something may have been written.
    pub(super) fn wake(&mut self) {
        self.rest = true;
    }
}

/// A document that is to be looked through.
struct Found {
    place: i64,
    generation: i64,
    key: Option<EntityRef>,
    packed: Vec<u8>,
    /// Whether its row is stored.
    row: bool,
}

impl Found {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let key = row.get::<_, Key>(2)?.entity();
        let stored: bool = row.get(4)?;
        Ok(Self {
            place: row.get(0)?,
            generation: row.get(1)?,
            // Only inspections have more to tell than their row.
            packed: match key {
                Some(EntityRef::Inspection(_)) => row.get(3)?,
                _ if stored => Vec::new(),
                _ => row.get(3)?,
            },
            key,
            row: stored,
        })
    }
}

impl Store {
    /// Whether there is something to look through. Not while a first copy is on its way, which
    /// needs the disk for itself.
    pub fn unlooked(&self) -> bool {
        self.looking.rest && !self.looking.halted && !self.meta.copies.filling
    }

    /// Looks through documents for a while, or until `waits` says that somebody waits; it is not
    /// asked again then. What was looked through is committed.
    pub fn look(&mut self, waits: &mut dyn FnMut() -> bool) {
        match self.lazily(|store| store.stretch(waits)) {
            Ok(found) => self.looking.rest = found,
            Err(CacheError::Sql(error)) if broken(&error) && !self.looking.mended => {
                tracing::warn!(%error, "the search in notes is damaged; it is made anew");
                if let Err(error) = self.look_anew() {
                    tracing::warn!(%error, "the search in notes stays incomplete");
                    self.looking.halted = true;
                }
            }
            Err(error) => {
                tracing::warn!(%error, "the search in notes stays incomplete until the next start");
                self.looking.halted = true;
            }
        }
    }

    /// One transaction; whether it found anything.
    fn stretch(&mut self, waits: &mut dyn FnMut() -> bool) -> Result<bool, CacheError> {
        let before = match self.looking.through {
            Some(through) => through,
            None => through(&self.conn)?,
        };
        let forms = self.board.forms().clone();
        let shown = self.meta.copies.shown;
        let mut places = Vec::new();
        let (found, now) = self.transact(|tx| {
            let mut said = String::new();
            let mut now = before;
            let mut each = |it: &Found| {
                write(tx, it, shown, &forms, &mut said)?;
                if let Some(EntityRef::Inspection(id)) = it.key.filter(|_| it.generation == shown) {
                    places.push((id, it.place));
                }
                Ok(waits())
            };
            // Most documents come in order; only then the words are written without searching.
            let mut found = changed(tx, &mut each)?;
            if !found {
                (found, now) = next(tx, before, &mut each)?;
            }
            if now > before {
                tx.prepare_cached("UPDATE looked SET through = ?1")?
                    .execute([now])?;
            }
            Ok((found, now))
        })?;
        self.looking.through = Some(now);
        for (id, place) in places {
            self.board.note_place(id, place);
        }
        Ok(found)
    }

    fn look_anew(&mut self) -> Result<(), CacheError> {
        self.looking = Looking {
            through: Some(0),
            mended: true,
            ..Looking::default()
        };
        self.transact(|tx| {
            tx.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
            tx.execute("DELETE FROM changed", [])?;
            tx.execute("UPDATE looked SET through = 0", [])?;
            Ok(())
        })
    }

    /// How many documents were looked through, and of how many, while some are left.
    pub fn indexed(&self) -> Option<(u64, u64)> {
        if !self.looking.rest || self.looking.halted {
            return None;
        }
        let last: i64 = self
            .conn
            .prepare_cached("SELECT coalesce(max(place), 0) FROM documents")
            .and_then(|mut rows| rows.query_row([], |row| row.get(0)))
            .ok()?;
        let through = match self.looking.through {
            Some(through) => through,
            None => through(&self.conn).ok()?,
        };
        (through < last).then(|| (through.unsigned_abs(), last.unsigned_abs()))
    }

    /// A page of the board; words of three letters and more are looked for in notes too, the last
    /// one of the query as the beginning of a word.
    pub fn board_page(&self, query: &BoardQuery) -> TicketPage {
        let words = Board::words(&query.text);
        let notes = self.notes(&words).unwrap_or_else(|error| {
            tracing::warn!(%error, "notes could not be searched");
            Notes::default()
        });
        let sync = |id| self.sync(&EntityRef::Inspection(id));
        self.board.page_with(query, self.meta.person, &sync, &notes)
    }

    fn notes(&self, words: &[String]) -> Result<Notes, CacheError> {
        let mut found = Vec::new();
        for (at, word) in words.iter().enumerate() {
            let begins = at + 1 == words.len();
            let Some(asked) = question(word, begins) else {
                continue;
            };
            let mut rows = self
                .conn
                .prepare_cached("SELECT rowid FROM words WHERE words MATCH ?1")?;
            let places: Result<Vec<i64>, _> = rows.query_map([asked], |row| row.get(0))?.collect();
            found.push((word.clone(), places?));
        }
        let mut notes = self.board.notes(found);
        if notes.any() {
            let own = self.overlay.iter().filter_map(|(key, local)| match key {
                EntityRef::Inspection(id) => Some((*id, local.as_deref())),
                _ => None,
            });
            for (id, local) in own {
                self.note_own(&mut notes, words, id, local);
            }
        }
        Ok(notes)
    }

    /// What is not sent yet is not among the words of the confirmed documents.
    fn note_own(
        &self,
        notes: &mut Notes,
        words: &[String],
        id: InspectionId,
        local: Option<&Entity>,
    ) {
        let mut said = String::new();
        if let Some(body) = local.and_then(|it| it.to_body().ok()) {
            texts(&body, &mut said);
        }
        let said = Board::words(&said);
        for (at, word) in words.iter().enumerate() {
            let begins = at + 1 == words.len();
            let holds = parts(word).all(|part| {
                let mut said = said.iter().flat_map(|it| parts(it));
                said.any(|it| it == part || (begins && it.starts_with(part)))
            });
            self.board.note(notes, word, id, holds);
        }
    }
}

/// Reads the board's rows: what is stored, and the rest from the documents themselves.
pub(super) fn fill_board(
    conn: &Connection,
    generation: i64,
    board: &mut Board,
) -> Result<(), CacheError> {
    let mut rows = conn.prepare_cached("SELECT place, row FROM rows WHERE generation = ?1")?;
    let mut rows = rows.query([generation])?;
    let mut there: i64 = 0;
    while let Some(row) = rows.next()? {
        let place: i64 = row.get(0)?;
        let Some(lean) = row.get_ref(1)?.as_blob().ok().and_then(Lean::from_row) else {
            continue;
        };
        there += 1;
        board.put_lean(&lean);
        if let EntityRef::Inspection(id) = lean.key() {
            board.note_place(id, place);
        }
    }
    // The keys of customers, vehicles and inspections come last.
    let (from, _) = key::range(Kind::Customer);
    let all: i64 = conn
        .prepare_cached("SELECT count(*) FROM documents WHERE generation = ?1 AND key >= ?2")?
        .query_row(params![generation, from], |row| row.get(0))?;
    if there == all {
        return Ok(());
    }
    let mut rest = conn.prepare_cached(
        "SELECT place, key, body FROM documents WHERE place IN (
             SELECT d.place FROM documents AS d WHERE d.generation = ?1 AND d.key >= ?2
             AND NOT EXISTS (SELECT 1 FROM rows WHERE rows.place = d.place))
         ORDER BY place",
    )?;
    let forms = board.forms().clone();
    let mut rest = rest.query(params![generation, from])?;
    while let Some(row) = rest.next()? {
        let Some(key) = row.get::<_, Key>(1)?.entity() else {
            continue;
        };
        let Some(text) = row.get_ref(2)?.as_blob().ok().and_then(body::unpack) else {
            tracing::warn!(%key, "a document's stored bytes cannot be unpacked");
            continue;
        };
        let lean = Lean::read(key.kind(), &text, &forms);
        if let Some(lean) = lean.filter(|lean| lean.key() == key) {
            board.put_lean(&lean);
            if let EntityRef::Inspection(id) = key {
                board.note_place(id, row.get(0)?);
            }
        }
    }
    Ok(())
}

fn through(conn: &Connection) -> Result<i64, CacheError> {
    Ok(conn.query_row("SELECT through FROM looked", [], |row| row.get(0))?)
}

/// Hands over the documents that have changed since they were looked through, until `each` says
/// that it is enough; whether there were any. One that is gone has no body.
fn changed(
    conn: &Connection,
    each: &mut dyn FnMut(&Found) -> Result<bool, CacheError>,
) -> Result<bool, CacheError> {
    let mut rows = conn.prepare_cached("SELECT place FROM changed ORDER BY place LIMIT ?1")?;
    let places: Result<Vec<i64>, _> = rows.query_map([MOST], |row| row.get(0))?.collect();
    let places = places?;
    for place in &places {
        conn.prepare_cached("DELETE FROM words WHERE rowid = ?1")?
            .execute([place])?;
        conn.prepare_cached("DELETE FROM changed WHERE place = ?1")?
            .execute([place])?;
        let found = conn
            .prepare_cached(
                "SELECT place, generation, key, body, 0 FROM documents WHERE place = ?1",
            )?
            .query_row([place], Found::read)
            .optional()?;
        let gone = Found {
            place: *place,
            generation: 0,
            key: None,
            packed: Vec::new(),
            row: false,
        };
        if each(&found.unwrap_or(gone))? {
            break;
        }
    }
    Ok(!places.is_empty())
}

/// Hands over the next documents in order, until `each` says that it is enough; whether there were
/// any, and the last one's place.
fn next(
    conn: &Connection,
    through: i64,
    each: &mut dyn FnMut(&Found) -> Result<bool, CacheError>,
) -> Result<(bool, i64), CacheError> {
    let mut rows = conn.prepare_cached(
        "SELECT d.place, d.generation, d.key, d.body, r.place IS NOT NULL
         FROM documents AS d LEFT JOIN rows AS r ON r.place = d.place
         WHERE d.place > ?1 ORDER BY d.place LIMIT ?2",
    )?;
    let mut rows = rows.query([through, MOST])?;
    let mut last = through;
    while let Some(row) = rows.next()? {
        let found = Found::read(row)?;
        last = found.place;
        if each(&found)? {
            break;
        }
    }
    Ok((last > through, last))
}

/// Writes a document's row and words. Those of an old copy are about to go.
fn write(
    conn: &Connection,
    it: &Found,
    shown: i64,
    forms: &Forms,
    said: &mut String,
) -> Result<(), CacheError> {
    let Some(key) = it.key.filter(|_| it.generation >= shown) else {
        return Ok(());
    };
    if it.packed.is_empty() {
        return Ok(());
    }
    let Some(text) = body::unpack(&it.packed) else {
        return Ok(());
    };
    let read = || Lean::read(key.kind(), &text, forms).filter(|lean| lean.key() == key);
    let lean = if it.row { None } else { read() };
    let complete = lean.filter(Lean::complete);
    if let Some(row) = complete.and_then(|lean| lean.to_row()) {
        keep_row(conn, it.generation, it.place, &row)?;
    }
    if let EntityRef::Inspection(_) = key {
        said.clear();
        if texts(&text, said) && !said.is_empty() {
            conn.prepare_cached("INSERT INTO words (rowid, said) VALUES (?1, ?2)")?
                .execute(params![it.place, *said])?;
        }
    }
    Ok(())
}

/// Stores the board's row of a document.
pub(super) fn keep_row(
    conn: &Connection,
    generation: i64,
    place: i64,
    row: &[u8],
) -> Result<(), CacheError> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO rows (place, generation, row) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![place, generation, row])?;
    Ok(())
}

/// The parts of a word that are words to the index.
fn parts(word: &str) -> impl Iterator<Item = &str> {
    word.split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
}

/// A word as the index is asked for it, quoted so that nothing in it is taken for a command; none
/// where it is too short to be looked for.
fn question(word: &str, begins: bool) -> Option<String> {
    let parts: Vec<&str> = parts(word).collect();
    let letters: usize = parts.iter().map(|part| part.chars().count()).sum();
    if letters < SHORTEST {
        return None;
    }
    let quoted: Vec<String> = parts.iter().map(|part| format!("\"{part}\"")).collect();
    let star = if begins { "*" } else { "" };
    Some(format!("{}{star}", quoted.join(" AND ")))
}

/// Whether the index is not what was written: it says so, or holds what was taken out.
fn broken(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CORRUPT_VTAB};
    matches!(error, rusqlite::Error::SqliteFailure(error, _)
        if matches!(error.extended_code, SQLITE_CORRUPT_VTAB | SQLITE_CONSTRAINT_PRIMARYKEY))
}
