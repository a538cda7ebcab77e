//! The cache on a disk that fails at every call in turn: what was called saved is there afterwards,
//! whatever failed, once or for good; and one edit costs one sync.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not tests to the lint"
)]

mod courses;
mod vfs;

use std::path::Path;

use redtag_protocol::{
    api::{
        changes::{Cursor, Document, End, Line},
        ops::{Answer, Numbered, Outcome},
    },
    entity::EntityRef,
    ids::{CustomerId, DeviceId, PersonId, ShopId},
    op::{Edit, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
};
use redtagd::{
    cache::{self, CacheError, Clock, Meta, Origin, Page, Store},
    secret::CacheKey,
};
use serde_json::{json, value::RawValue};
use tempfile::TempDir;
use vfs::Fault;
use zeroize::Zeroizing;

/// Ids that are told apart by one byte.
fn bytes(which: u8) -> [u8; 16] {
    let mut bytes = [which; 16];
    bytes[6] = 0x70;
    bytes[8] = 0x80;
    bytes
}

fn me() -> PersonId {
    PersonId::from_bytes(bytes(2))
}

fn shop() -> ShopId {
    ShopId::from_bytes(bytes(1))
}

fn device() -> DeviceId {
    DeviceId::from_bytes(bytes(3))
}

fn customer(which: u8) -> CustomerId {
    CustomerId::from_bytes(bytes(0x40 + which))
}

fn key() -> CacheKey {
    CacheKey::new(Zeroizing::new([7; 32]))
}

fn meta() -> Meta {
    Meta::new(me(), shop(), Role::Technician, device(), vec![9; 32])
}

/// In memory where the machine offers it: what fails is above the disk, and a real one's syncs would
/// be most of the time.
fn room() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// What a person was promised.
#[derive(Debug, Default)]
struct Promised {
    /// Customers whose creation was called saved.
    saved: Vec<u8>,
    /// The furthest page that was called taken.
    taken: u64,
    /// How often something failed.
    failures: u32,
}

impl Promised {
    fn note<T>(&mut self, done: Result<T, impl std::fmt::Debug>) -> Option<T> {
        self.failures += u32::from(done.is_err());
        done.ok()
    }

    fn save(&mut self, store: &mut Store, which: u8) {
        let edit = Edit::CreateCustomer {
            id: customer(which),
            name: format!("Customer {which}"),
            phones: Vec::new(),
            emails: Vec::new(),
            consent: false,
        };
        let clock = Clock(Stamp(1_700_000_000_000 + u64::from(which)));
        if self.note(store.save(vec![edit], clock)).is_some() {
            self.saved.push(which);
        }
    }

    fn take(&mut self, store: &mut Store, lines: Vec<Line>, seq: u64) {
        let mut page = Page::default();
        for line in lines {
            page.push(&line);
        }
        let cursor = Cursor {
            epoch: 1,
            seq: Seq(seq),
            hash: [0; 8],
            copying: None,
        };
        page.push(&Line::End(End {
            cursor: cursor.to_string(),
            more: false,
            ..End::default()
        }));
        if self.note(store.take(page, Stamp(1))).is_some() {
            self.taken = seq;
        }
    }
}

fn document(key: EntityRef, version: u64, body: &serde_json::Value) -> Line {
    Line::Document(Document {
        kind: key.kind().as_str().to_owned(),
        id: key.id_text(),
        version: Seq(version),
        body: RawValue::from_string(body.to_string()).unwrap(),
    })
}

fn staff() -> Vec<Line> {
    let member = json!({"id": me(), "name": "Ada", "role": "technician"});
    vec![
        document(
            EntityRef::Shop(shop()),
            1,
            &json!({"id": shop(), "name": "Marker Cycles"}),
        ),
        document(EntityRef::Member(me()), 2, &member),
    ]
}

fn confirmed(which: u8, seq: u64) -> Line {
    let writer = json!([seq, device(), which, 1_700_000_000_000_u64, me()]);
    let body = json!({
        "id": customer(which),
        "name": {"v": format!("Customer {which}"), "w": writer},
        "phones": {"v": [], "w": writer},
        "emails": {"v": [], "w": writer},
        "consent": {"v": false, "w": writer},
    });
    document(EntityRef::Customer(customer(which)), seq, &body)
}

/// A morning's work. The first edits are acknowledged and pulled, the later ones wait.
fn work(dir: &Path) -> Promised {
    let mut promised = Promised::default();
    let Some(mut store) = promised.note(cache::create(dir, &key(), meta())) else {
        return promised;
    };
    promised.take(&mut store, staff(), 2);
    for which in 1..=4 {
        promised.save(&mut store, which);
    }
    promised.note(store.batch(500));
    let outcomes = promised.saved.iter().zip(3..).map(|(_, seq)| Numbered {
        number: seq - 2,
        outcome: Outcome::Accepted {
            verdict: Verdict::Applied,
            seq: Seq(seq),
        },
        replayed: false,
    });
    let answer = Answer {
        outcomes: outcomes.collect(),
        ending: None,
    };
    let decided = promised.note(store.answered(device(), &answer, Stamp(5)));
    if decided.is_some() && promised.taken == 2 {
        let mine: Vec<u8> = promised.saved.clone();
        let lines = mine
            .iter()
            .zip(3..)
            .map(|(which, seq)| confirmed(*which, seq));
        let last = 2 + mine.len() as u64;
        promised.take(&mut store, lines.collect(), last);
    }
    for which in 5..=7 {
        promised.save(&mut store, which);
    }
    store.close();
    promised
}

fn reopened(dir: &Path) -> Result<Store, CacheError> {
    let opened = cache::open(dir, &key(), Stamp(77))?;
    assert!(
        matches!(opened.origin, Origin::Whole),
        "{:?}",
        opened.origin
    );
    opened.store(|| unreachable!("a cache that is whole has its values"))
}

fn keeps(promised: &Promised, dir: &Path) {
    if promised.saved.is_empty() && promised.taken == 0 {
        // Not even the cache was called made.
        return;
    }
    let mut store = reopened(dir).unwrap();
    for which in &promised.saved {
        let key = EntityRef::Customer(customer(*which));
        assert!(
            store.local(&key).unwrap().is_some(),
            "customer {which} is gone"
        );
    }
    assert!(store.meta().seq >= Seq(promised.taken));
    if promised.taken >= 2 {
        let member = store.confirmed(&EntityRef::Member(me())).unwrap();
        assert!(member.is_some(), "a page that was taken is gone");
    }
    let mut after = Promised::default();
    after.save(&mut store, 30);
    assert_eq!(after.saved, [30], "nothing can be saved any more");
    store.close();
}

/// Each call fails once in the course of it, in each way.
#[test]
fn what_was_saved_is_there_whichever_write_failed() {
    vfs::install();
    let whole = room();
    let before = vfs::counts().calls;
    let promised = work(whole.path());
    assert_eq!((promised.saved.len(), promised.failures), (7, 0));
    assert_eq!(promised.taken, 6);
    let calls = vfs::counts().calls - before;
    keeps(&promised, whole.path());
    let mut failed = 0;
    for fault in Fault::ALL {
        for nth in 0..calls {
            let dir = room();
            vfs::fail(nth, fault);
            let promised = work(dir.path());
            assert!(
                vfs::heal(),
                "{fault:?} at call {nth} of {calls} was never met"
            );
            failed += promised.failures;
            let kept = std::panic::catch_unwind(|| keeps(&promised, dir.path()));
            assert!(
                kept.is_ok(),
                "{fault:?} at call {nth} of {calls}: {promised:?}"
            );
        }
    }
    assert!(failed > 0, "nothing ever failed");
}

/// “Saved” costs one durable commit and no more.
#[test]
fn an_edit_costs_one_sync() {
    vfs::install();
    let dir = room();
    let mut store = cache::create(dir.path(), &key(), meta()).unwrap();
    let mut promised = Promised::default();
    promised.take(&mut store, staff(), 2);
    // The journal's first frames write its head too.
    promised.save(&mut store, 1);
    for which in 2..=20 {
        let before = vfs::counts().syncs;
        promised.save(&mut store, which);
        assert_eq!(vfs::counts().syncs - before, 1, "edit {which}");
    }
    assert_eq!(promised.failures, 0);
    store.close();
}
