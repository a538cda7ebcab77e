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

use super::api::Access;

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
        if left == 0 {
            return false;
        }
        self.left.store(left - 1, Ordering::Relaxed);
        self.burnt.store(left == 1, Ordering::Relaxed);
        left == 1
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
        self.doubted = Seq(0);
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
        .map_err(|error| error.to_string())?;
    Store::over(conn, fresh).map_err(|error| format!("the cache does not open: {error}"))
}

/// An empty database; nothing of it needs a disk.
pub(crate) fn empty() -> Connection {
    let conn = Connection::open_in_memory().expect("memory");
    conn.set_prepared_statement_cache_capacity(64);
    conn
}

/// A copy of a database, as of a home that was cloned.
pub(crate) fn copy(of: &Connection) -> Connection {
    let mut conn = empty();
    {
        let backup = rusqlite::backup::Backup::new(of, &mut conn).expect("two open databases");
        backup
            .run_to_completion(10_000, std::time::Duration::ZERO, None)
            .expect("memory to memory");
    }
    conn
}
