//! One bench: the daemon's machine and cache, and what befalls the process that they live in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use redtag_protocol::stamp::{Seq, Stamp};
use redtagd::{
    cache::{Meta, Store},
    core::{Session, State},
};
use rusqlite::Connection;

use super::{api::Access, pull::Place};

/// `PRAGMA synchronous`: a commit waits until it is on the disk.
const FULL: i64 = 2;

/// More than the cache has, so that none is read twice.
const STATEMENTS: usize = 256;

/// Kind and id to version and body.
pub(crate) type Copies = BTreeMap<(String, String), (u64, Vec<u8>)>;

/// The process's memory, or the disk alone while it is down.
pub(crate) enum Ground {
    Up(Store),
    Down(Connection),
    /// Between the two.
    Nowhere,
}

/// Makes one commit to come fail, as if the power had gone before it.
#[derive(Default)]
pub(crate) struct Fuse {
    left: AtomicI64,
    burnt: AtomicBool,
    commits: AtomicI64,
}

impl Fuse {
    /// The commit after so many more fails; nought disarms.
    pub(crate) fn arm(&self, commits: i64) {
        self.left.store(commits, Ordering::Relaxed);
        self.burnt.store(false, Ordering::Relaxed);
    }

    pub(crate) fn burnt(&self) -> bool {
        self.burnt.load(Ordering::Relaxed)
    }

    /// A commit is about to be: whether it is to be taken back.
    fn commit(&self) -> bool {
        if self.burnt() {
            return true;
        }
        let left = self.left.load(Ordering::Relaxed);
        if left > 0 {
            self.left.store(left - 1, Ordering::Relaxed);
        }
        if left == 1 {
            self.burnt.store(true, Ordering::Relaxed);
        } else {
            self.commits.fetch_add(1, Ordering::Relaxed);
        }
        left == 1
    }

    /// How many commits there were since this was asked last.
    fn commits(&self) -> i64 {
        self.commits.swap(0, Ordering::Relaxed)
    }
}

/// What a page changes: it must change all at once or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) cursor: Option<String>,
    pub(crate) copies: Copies,
}

pub(crate) struct Bench {
    pub(crate) name: String,
    /// Which of the world's shops.
    pub(crate) shop: usize,
    /// Which of the world's people.
    pub(crate) person: usize,
    pub(crate) ground: Ground,
    /// The values of a cache that was never filled.
    pub(crate) fresh: Meta,
    pub(crate) machine: State,
    /// Counts the process's lives; what was sent in one is not heard in the next.
    pub(crate) life: u64,
    /// When this life began.
    pub(crate) begun: u64,
    /// What its clock is ahead by, in milliseconds.
    pub(crate) ahead: i64,
    pub(crate) access: Option<Access>,
    pub(crate) live: Option<u64>,
    pub(crate) wake: u64,
    pub(crate) offline: bool,
    pub(crate) fuse: Arc<Fuse>,
    /// Places of operations whose bytes the API will refuse.
    pub(crate) poison: BTreeSet<i64>,
    /// What the cache held before the call that the process died of.
    pub(crate) before: Option<Mark>,
    /// The disk as a power cut may leave it: without some of the last commits, none of which waited
    /// for the disk.
    pub(crate) unsynced: Option<Connection>,
    /// Where the last pull ended, in this life.
    pub(crate) place: Option<Place>,
    /// Counts the pulls; what comes for an older one is not looked at.
    pub(crate) pulls: u64,
    /// The place whose loss the API was asked about last, in this life.
    pub(crate) doubted: Seq,
    /// The last stamp that was given out.
    pub(crate) stamped: Option<Stamp>,
}

impl Bench {
    pub(crate) fn store(&self) -> Option<&Store> {
        match &self.ground {
            Ground::Up(store) => Some(store),
            _ => None,
        }
    }

    pub(crate) fn store_mut(&mut self) -> Option<&mut Store> {
        match &mut self.ground {
            Ground::Up(store) => Some(store),
            _ => None,
        }
    }

    /// The process is gone, with all that it did not commit.
    pub(crate) fn stop(&mut self) {
        self.ground = match std::mem::replace(&mut self.ground, Ground::Nowhere) {
            Ground::Up(store) => Ground::Down(store.into_connection()),
            other => other,
        };
        self.fuse.arm(0);
        self.life += 1;
        self.access = None;
        self.live = None;
        self.place = None;
        self.doubted = Seq(0);
    }

    /// The power goes while the process is down; whether the disk lost something by it.
    pub(crate) fn cut_power(&mut self) -> bool {
        let left = self.unsynced.take();
        match (&self.ground, left) {
            (Ground::Down(_), Some(left)) => {
                self.ground = Ground::Down(left);
                true
            }
            _ => false,
        }
    }

    /// Before a call: the disk as it is, to be found again after a power cut if the call's commit
    /// does not wait for the disk. None where an older one is kept, which may still be found.
    pub(crate) fn disk_before(&self) -> Option<Connection> {
        let store = self.store().filter(|_| self.unsynced.is_none())?;
        Some(copy(store.connection()))
    }

    /// After each call: a commit that waited for the disk has made all before it durable.
    pub(crate) fn note_commits(&mut self, before: Option<Connection>) {
        let commits = self.fuse.commits();
        let Some(conn) = self.store().map(Store::connection) else {
            return;
        };
        if commits == 0 {
            return;
        }
        // The program's own word for it, of which a power cut would know.
        let synced: i64 = conn
            .prepare_cached("PRAGMA synchronous")
            .and_then(|mut it| it.query_row([], |row| row.get(0)))
            .expect("a database in memory can be read");
        if synced >= FULL || commits > 1 || self.fuse.burnt() {
            self.unsynced = None;
        } else if before.is_some() {
            self.unsynced = before;
        }
    }

    /// The process begins anew on what is on the disk.
    pub(crate) fn start(&mut self, now: u64) -> Result<(), String> {
        let conn = match std::mem::replace(&mut self.ground, Ground::Nowhere) {
            Ground::Down(conn) => conn,
            other => {
                self.ground = other;
                return Ok(());
            }
        };
        let store = open(conn, &self.fuse, self.fresh.clone())?;
        let (waiting, sent) = store.pending().unsettled();
        let meta = store.meta();
        self.machine = State::new(
            meta.refresh.is_some(),
            meta.registered,
            waiting + sent,
            meta.seq,
        );
        self.begun = now;
        self.ground = Ground::Up(store);
        Ok(())
    }

    /// Whether nothing more is to come of it by itself. `member`: whether its person belongs to the
    /// shop; who does not may neither pull nor push.
    pub(crate) fn quiet(&self, head: u64, member: bool) -> bool {
        let Some(store) = self.store() else {
            return false;
        };
        match self.machine.session() {
            Session::Left(_) | Session::Out(_) => !member,
            Session::In => {
                let meta = store.meta();
                self.machine.settled()
                    && !meta.copies.rebuilding()
                    && meta.level == meta.seq
                    && meta.seq.0 == head
            }
        }
    }

    /// Whether nothing is shown on top of what is confirmed.
    pub(crate) fn is_confirmed(&self) -> bool {
        let on_top = |store: &Store| store.pending().iter().next().is_some();
        !self.store().is_some_and(on_top)
    }

    pub(crate) fn copies(&self) -> Copies {
        let mut copies = Copies::new();
        if let Some(store) = self.store() {
            store
                .each_copy(|kind, id, version, body| {
                    let key = (kind.to_owned(), id.to_owned());
                    copies.insert(key, (version.0, body.to_vec()));
                })
                .expect("a database in memory can be read");
        }
        copies
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            cursor: self.store().and_then(|store| store.meta().cursor.clone()),
            copies: self.copies(),
        }
    }
}

/// A cache over a database in memory, whose commits the fuse may take back.
pub(crate) fn open(mut conn: Connection, fuse: &Arc<Fuse>, fresh: Meta) -> Result<Store, String> {
    let hook = Arc::clone(fuse);
    conn.commit_hook(Some(move || hook.commit()))
        .and_then(|()| conn.pragma_update(None, "synchronous", FULL))
        .map_err(|error| error.to_string())?;
    Store::over(conn, fresh).map_err(|error| format!("the cache does not open: {error}"))
}

thread_local! {
    /// An empty cache: setting one up takes longer than most worlds' whole work with it.
    static LAID_OUT: Connection = {
        let mut conn = blank();
        Store::lay_out(&mut conn).expect("a database in memory takes the tables");
        conn
    };
}

/// An empty cache; nothing of it needs a disk.
pub(crate) fn empty() -> Connection {
    LAID_OUT.with(copy)
}

/// An empty database.
fn blank() -> Connection {
    let conn = Connection::open_in_memory().expect("memory");
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn
}

/// A copy of a database, as of a home that was cloned.
pub(crate) fn copy(of: &Connection) -> Connection {
    let mut conn = blank();
    {
        let backup = rusqlite::backup::Backup::new(of, &mut conn).expect("two open databases");
        backup
            .run_to_completion(10_000, std::time::Duration::ZERO, None)
            .expect("memory to memory");
    }
    conn
}
