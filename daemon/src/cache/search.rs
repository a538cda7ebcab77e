//! Looking for something: the board's columns in memory, and the words of notes in the index that
//! [`super::looking`] fills. The board's stored rows.

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    ids::InspectionId,
    ipc::{BoardQuery, TicketPage},
    packed,
};
use rusqlite::{Connection, params};

use super::{
    CacheError, Store,
    key::{self, Key},
};
use crate::view::{Board, Lean, Notes, texts};

/// The shortest word that is looked up in notes, in characters.
const SHORTEST: usize = 3;

impl Store {
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
        let Some(text) = row.get_ref(2)?.as_blob().ok().and_then(packed::unpack) else {
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
