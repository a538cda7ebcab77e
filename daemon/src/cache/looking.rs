//! The words of notes, concerns and answers, and the board's stored rows: worked out behind the
//! documents while nobody asks for anything else.
//!
//! Documents are read and taken apart in bites, written in one stroke (a transaction over several
//! hundred of them, for the index writes a whole segment at each commit), and segments are merged in
//! bites again. Who comes in between waits for one bite. Who only looks is answered while a stroke is
//! open; who writes turns it back, which costs nothing but what was written of it, for what was read
//! is kept. A stroke that follows one that was turned back is committed as far as it came, so that
//! it goes on however many come.
//!
//! The database itself notes what changed (see `schema/003.sql`), so nothing that writes documents
//! needs to know of this.

mod read;

use rusqlite::{Connection, params};

use self::read::{BITE, Read, read_again, read_next};
use super::{CacheError, Store, search::keep_row};

/// The most documents in one stroke.
const MOST: usize = 400;
/// How many leaves of the index are merged before that.
const LEAVES: u32 = 16;

/// How far the words are.
#[derive(Debug, Default)]
pub(super) struct Looking {
    /// The last place that was looked through; none until it was read from the database.
    through: Option<i64>,
    far: Far,
    hope: Hope,
    ahead: Ahead,
    /// How many of those ahead are written in the transaction that is open; none where none is.
    stroke: Option<usize>,
    /// Whether the stroke before was turned back.
    turned_back: bool,
    /// Whether there may be segments to merge.
    merging: bool,
}

/// How much is looked through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Far {
    /// Not all of it yet since the start.
    #[default]
    Part,
    /// All, but for what may have changed since.
    Once,
    /// All.
    All,
}

/// What became of the index since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Hope {
    #[default]
    Whole,
    /// It was begun anew; that is not tried again and again.
    Mended,
    /// Looking was given up until the next start, because the disk is full, say.
    Lost,
}

/// Documents that are read and not written yet.
#[derive(Debug, Default)]
struct Ahead {
    read: Vec<Read>,
    /// The place of the last one that was read, of any kind.
    last: Option<i64>,
    /// Places that were looked through before and have changed since, in the place of what follows.
    again: Vec<i64>,
    /// Whether that is enough for a stroke.
    enough: bool,
}

impl Looking {
    /// Something may have been written.
    pub(super) fn wake(&mut self) {
        if self.far == Far::All {
            self.far = Far::Once;
        }
    }

    /// Whether a stroke is open.
    #[cfg(test)]
    pub(super) fn strikes(&self) -> bool {
        self.stroke.is_some()
    }
}

impl Store {
    /// Whether there is something to look through. Not while a first copy is on its way, which
    /// needs the disk for itself.
    pub fn unlooked(&self) -> bool {
        self.looking.far != Far::All && self.looking.hope != Hope::Lost && !self.meta.copies.filling
    }

    /// Whether all was looked through once: what is left has changed since.
    pub fn looked_once(&self) -> bool {
        self.looking.far != Far::Part
    }

    /// Looks through documents until nothing is left, or `waits` says that somebody waits; it is
    /// not asked again then.
    pub fn look(&mut self, waits: &mut dyn FnMut() -> bool) {
        while self.unlooked() {
            match self.bite() {
                Ok(true) => {}
                Ok(false) => self.looking.far = Far::All,
                Err(error) => self.look_in_vain(&error),
            }
            if waits() {
                return;
            }
        }
    }

    /// Looks no further until the next start.
    pub(super) fn halt_look(&mut self) {
        self.turn_back();
        self.looking.hope = Hope::Lost;
    }

    fn look_in_vain(&mut self, error: &CacheError) {
        self.turn_back();
        self.looking.ahead = Ahead::default();
        if matches!(error, CacheError::Sql(error) if broken(error))
            && self.looking.hope == Hope::Whole
        {
            tracing::warn!(%error, "the search in notes is damaged; it is made anew");
            if let Err(error) = self.look_anew() {
                tracing::warn!(%error, "the search in notes stays incomplete");
                self.looking.hope = Hope::Lost;
            }
        } else {
            tracing::warn!(%error, "the search in notes stays incomplete until the next start");
            self.looking.hope = Hope::Lost;
        }
    }

    /// A little of the work; whether there is more.
    fn bite(&mut self) -> Result<bool, CacheError> {
        if let Some(written) = self.looking.stroke {
            self.write_next(written)?;
            return Ok(true);
        }
        if self.looking.merging {
            self.looking.merging = self.merge()?;
            return Ok(true);
        }
        if !self.looking.ahead.enough && !self.read_on()? {
            return Ok(false);
        }
        if self.looking.ahead.enough {
            self.begin_stroke()?;
        }
        Ok(true)
    }

    /// How far the documents were looked through.
    fn through(&mut self) -> Result<i64, CacheError> {
        let through = match self.looking.through {
            Some(through) => through,
            None => through(&self.conn)?,
        };
        self.looking.through = Some(through);
        Ok(through)
    }

    /// Reads a few documents; false where none are left.
    fn read_on(&mut self) -> Result<bool, CacheError> {
        let through = self.through()?;
        let shown = self.meta.copies.shown;
        let forms = self.board.forms();
        let ahead = &mut self.looking.ahead;
        if ahead.last.is_none() && ahead.again.is_empty() {
            ahead.again = read::changed(&self.conn, through, MOST)?;
        }
        if !ahead.again.is_empty() {
            let from = ahead.read.len();
            let few = ahead.again.iter().skip(from).take(BITE);
            for place in few {
                ahead
                    .read
                    .push(read_again(&self.conn, *place, shown, forms)?);
            }
            ahead.enough = ahead.read.len() == ahead.again.len();
            return Ok(true);
        }
        let from = ahead.last.unwrap_or(through);
        let found = read_next(&self.conn, from, shown, forms, &mut ahead.read)?;
        ahead.last = found.or(ahead.last);
        ahead.enough = ahead.last.is_some() && (found.is_none() || ahead.read.len() >= MOST);
        if ahead.last.is_some() {
            return Ok(true);
        }
        // Places that are not looked through, and whose documents are gone.
        if self
            .conn
            .prepare_cached("SELECT 1 FROM changed")?
            .exists([])?
        {
            self.lazily(|store| store.transact(|tx| forget_ahead(tx, through)))?;
        }
        Ok(false)
    }

    fn begin_stroke(&mut self) -> Result<(), CacheError> {
        let through = self.through()?;
        self.lazily(Self::tell_lazy)?;
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        self.looking.stroke = Some(0);
        let again = !self.looking.ahead.again.is_empty();
        if !again && any_ahead(&self.conn, through)? {
            // Something changed after it was read here: it is read again.
            forget_ahead(&self.conn, through)?;
            self.looking.ahead = Ahead::default();
            return self.end_stroke(0);
        }
        Ok(())
    }

    /// Writes the next document, or commits where none is left.
    fn write_next(&mut self, written: usize) -> Result<(), CacheError> {
        let ahead = &self.looking.ahead;
        let Some(it) = ahead.read.get(written) else {
            return self.end_stroke(written);
        };
        let conn = &self.conn;
        if !ahead.again.is_empty() {
            conn.prepare_cached("DELETE FROM words WHERE rowid = ?1")?
                .execute([it.place])?;
            conn.prepare_cached("DELETE FROM changed WHERE place = ?1")?
                .execute([it.place])?;
        }
        if let Some(row) = &it.row {
            keep_row(conn, it.generation, it.place, row)?;
        }
        if !it.said.is_empty() {
            conn.prepare_cached("INSERT INTO words (rowid, said) VALUES (?1, ?2)")?
                .execute(params![it.place, it.said])?;
        }
        self.looking.stroke = Some(written + 1);
        Ok(())
    }

    /// Commits the stroke with as much as was written of it.
    fn end_stroke(&mut self, written: usize) -> Result<(), CacheError> {
        let ahead = &self.looking.ahead;
        let all = written == ahead.read.len();
        let reached = match ahead.read.get(..written).and_then(<[_]>::last) {
            _ if all => ahead.last,
            last => last.map(|it| it.place),
        };
        let reached = reached.filter(|_| ahead.again.is_empty());
        if let Some(reached) = reached {
            self.conn
                .prepare_cached("UPDATE looked SET through = ?1")?
                .execute([reached])?;
        }
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        let looking = &mut self.looking;
        looking.stroke = None;
        looking.turned_back = false;
        looking.merging = true;
        looking.through = reached.or(looking.through);
        for it in looking.ahead.read.drain(..written) {
            if let Some(id) = it.shown {
                self.board.note_place(id, it.place);
            }
        }
        if all || !looking.ahead.again.is_empty() {
            looking.ahead = Ahead::default();
        }
        Ok(())
    }

    /// Before anything else is written: ends the stroke that is open.
    pub(super) fn make_way(&mut self) {
        if let Some(written) = self.looking.stroke {
            let turned_back = self.looking.turned_back && written > 0;
            if !turned_back {
                self.turn_back();
            } else if let Err(error) = self.end_stroke(written) {
                // Whoever comes is not to fail for that.
                tracing::warn!(%error, "words of notes could not be written");
                self.turn_back();
            }
        }
        // What has changed may change once more.
        if !self.looking.ahead.again.is_empty() {
            self.looking.ahead = Ahead::default();
        }
    }

    /// Takes the stroke back.
    fn turn_back(&mut self) {
        if self.looking.stroke.take().is_none() {
            return;
        }
        self.looking.turned_back = true;
        // Some errors have ended it already.
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "words of notes could not be taken back");
            self.looking.hope = Hope::Lost;
        }
    }

    /// Merges a few leaves of the index; whether there may be more. The index would do so at a
    /// commit, and not in bites.
    fn merge(&mut self) -> Result<bool, CacheError> {
        self.lazily(|store| {
            store.transact(|tx| {
                let before = tx.total_changes();
                tx.prepare_cached("INSERT INTO words (words, rank) VALUES ('merge', ?1)")?
                    .execute([LEAVES])?;
                // One is the command itself.
                Ok(tx.total_changes() > before + 1)
            })
        })
    }

    fn look_anew(&mut self) -> Result<(), CacheError> {
        self.looking = Looking {
            through: Some(0),
            hope: Hope::Mended,
            ..Looking::default()
        };
        self.transact(|tx| {
            tx.execute("INSERT INTO words (words) VALUES ('delete-all')", [])?;
            tx.execute("DELETE FROM changed", [])?;
            tx.execute("UPDATE looked SET through = 0", [])?;
            Ok(())
        })
    }

    /// How many documents were looked through, and of how many, while some are left. What has come
    /// since all of them were is no news until it is more than a stroke: it is done in a moment.
    pub fn indexed(&self) -> Option<(u64, u64)> {
        if self.looking.far == Far::All || self.looking.hope == Hope::Lost {
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
        let moment = if self.looked_once() { MOST } else { 0 };
        let moment = i64::try_from(moment).unwrap_or(i64::MAX);
        (through.saturating_add(moment) < last)
            .then(|| (through.unsigned_abs(), last.unsigned_abs()))
    }
}

fn through(conn: &Connection) -> Result<i64, CacheError> {
    Ok(conn.query_row("SELECT through FROM looked", [], |row| row.get(0))?)
}

/// Whether anything changed that was not looked through.
fn any_ahead(conn: &Connection, through: i64) -> Result<bool, CacheError> {
    Ok(conn
        .prepare_cached("SELECT 1 FROM changed WHERE place > ?1")?
        .exists([through])?)
}

/// What changed before it was looked through is nothing special.
fn forget_ahead(conn: &Connection, through: i64) -> Result<(), CacheError> {
    conn.prepare_cached("DELETE FROM changed WHERE place > ?1")?
        .execute([through])?;
    Ok(())
}

/// Whether the index is not what was written: it says so, or holds what was taken out.
fn broken(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CORRUPT_VTAB};
    matches!(error, rusqlite::Error::SqliteFailure(error, _)
        if matches!(error.extended_code, SQLITE_CORRUPT_VTAB | SQLITE_CONSTRAINT_PRIMARYKEY))
}
