//! The rarer courses of a cache's life, each on a disk that fails at every call in turn: a start, what
//! a person decides about refused edits, a fork, an export that is taken over, a copy that is built
//! anew and shown, a damaged cache whose unsent edits are taken over, a file of the first program.

use std::{fs, path::Path};

use redtag_protocol::{
    ids::DeviceId,
    op::{Refusal, RefusalCode},
};
use redtagd::cache::{Export, nothing_adopted};
use rusqlite::{Connection, params};

use super::*;

/// A device of somebody else's, and one to fork to.
fn other(which: u8) -> DeviceId {
    DeviceId::from_bytes(bytes(which))
}

/// Where a course begins: what stands in a directory, and what was promised of it.
struct Begin {
    dir: TempDir,
    promised: Vec<u8>,
}

/// After a morning's work: customers 5 to 7 are unsent.
fn morning() -> Begin {
    let dir = room();
    let promised = work(dir.path());
    assert_eq!(promised.failures, 0);
    Begin {
        dir,
        promised: vec![5, 6, 7],
    }
}

/// What a course did.
#[derive(Debug, Default)]
struct Done {
    promised: Promised,
    /// Customers whose edits a person wanted to give up.
    given_up: Vec<u8>,
}

/// Lives through a course with each call failing once, in each way.
fn at_every_call(begin: &Begin, course: fn(&Path, &mut Done)) {
    at_every_call_by(&Fault::ALL, begin, course);
}

fn at_every_call_by(faults: &[Fault], begin: &Begin, course: fn(&Path, &mut Done)) {
    vfs::install();
    let copied = || {
        let dir = room();
        for file in fs::read_dir(begin.dir.path()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
        }
        dir
    };
    let lived = |dir: &Path| {
        let mut done = Done::default();
        course(dir, &mut done);
        done
    };
    let dir = copied();
    let before = vfs::counts().calls;
    let done = lived(dir.path());
    assert_eq!(done.promised.failures, 0, "{done:?}");
    let calls = vfs::counts().calls - before;
    assert!(calls > 0, "the disk was never asked");
    holds(begin, &done, dir.path());
    for fault in faults.iter().copied() {
        for nth in 0..calls {
            let dir = copied();
            vfs::fail(nth, fault);
            let done = lived(dir.path());
            assert!(
                vfs::heal(),
                "{fault:?} at call {nth} of {calls} was never met"
            );
            let kept = std::panic::catch_unwind(|| holds(begin, &done, dir.path()));
            assert!(kept.is_ok(), "{fault:?} at call {nth} of {calls}: {done:?}");
        }
    }
}

/// Everything that was promised is here: to be sent, refused, or as the API has it.
fn holds(begin: &Begin, done: &Done, dir: &Path) {
    let opened = cache::open(dir, &key(), Stamp(78)).unwrap();
    let mut store = opened.store(meta).unwrap();
    let all = begin.promised.iter().chain(&done.promised.saved);
    for which in all.filter(|it| !done.given_up.contains(it)) {
        let key = EntityRef::Customer(customer(*which));
        assert!(
            store.shown(&key).unwrap().is_some(),
            "customer {which} is gone"
        );
    }
    let mut after = Promised::default();
    after.save(&mut store, 60);
    assert_eq!(after.saved, [60], "nothing can be saved any more");
    store.close();
}

fn opened(dir: &Path, done: &mut Done) -> Option<Store> {
    let opened = done.promised.note(cache::open(dir, &key(), Stamp(77)))?;
    done.promised.note(opened.store(meta))
}

#[test]
fn a_start_loses_nothing_whichever_write_fails() {
    at_every_call(&morning(), |dir, done| {
        if let Some(mut store) = opened(dir, done) {
            done.promised.save(&mut store, 20);
            store.close();
        }
    });
}

fn refused(numbers: std::ops::RangeInclusive<u64>) -> Answer {
    let refusal = Refusal::new(RefusalCode::NotAllowed, "ask an owner");
    let outcome = Outcome::Refused { refusal };
    let outcomes = numbers.map(|number| Numbered {
        number,
        outcome: outcome.clone(),
        replayed: false,
    });
    Answer {
        outcomes: outcomes.collect(),
        ending: None,
    }
}

#[test]
fn decisions_about_refused_edits_and_a_fork_lose_nothing_whichever_write_fails() {
    at_every_call(&morning(), |dir, done| {
        let Some(mut store) = opened(dir, done) else {
            return;
        };
        let answer = refused(5..=6);
        done.promised
            .note(store.answered(device(), &answer, Stamp(9)));
        let again = |which: u8| Clock(Stamp(1_700_000_001_000 + u64::from(which)));
        done.promised.note(store.retry(5, again(5)));
        // One that fails at its last step may be done all the same.
        done.given_up.push(6);
        done.promised.note(store.discard(6));
        done.promised.note(store.fork(other(0x44)));
        done.promised.save(&mut store, 21);
        store.close();
    });
}

/// What another machine could not send.
fn export() -> String {
    let strokes: Vec<_> = (40..=43_u8)
        .map(|which| {
            json!({"operations": [{
                "number": which, "group": which, "stamp": 1, "base": 0, "schema": 1,
                "edit": {
                    "do": "create_customer", "id": customer(which), "name": "Alma",
                    "phones": [], "emails": [], "consent": false,
                },
            }]})
        })
        .collect();
    let export = json!({
        "redtag_export": 1, "shop": shop(), "person": me(), "device": other(0x45),
        "strokes": strokes,
    });
    export.to_string()
}

#[test]
fn an_export_is_taken_over_whole_whichever_write_fails() {
    at_every_call(&morning(), |dir, done| {
        let Some(mut store) = opened(dir, done) else {
            return;
        };
        let export = Export::read(&export()).unwrap();
        let clock = Clock(Stamp(1_700_000_002_000));
        let mut sum = nothing_adopted();
        for (at, which) in (40..=43).enumerate() {
            let taken = store.adopt_one(&export, at, clock, &mut sum);
            if done.promised.note(taken).is_some() {
                done.promised.saved.push(which);
            }
        }
        store.close();
    });
}

fn taken(store: &mut Store, done: &mut Done, lines: Vec<Line>, end: Option<(u64, bool)>) {
    let mut page = Page::default();
    for line in lines {
        page.push(&line);
    }
    page.push(&match end {
        None => Line::Reset,
        Some((seq, more)) => {
            let cursor = Cursor {
                epoch: 2,
                seq: Seq(seq),
                hash: [0; 8],
                copying: None,
            };
            Line::End(End {
                cursor: cursor.to_string(),
                more,
                ..End::default()
            })
        }
    });
    done.promised.note(store.take(page, Stamp(3)));
}

#[test]
fn a_copy_that_is_built_anew_and_shown_loses_nothing_whichever_write_fails() {
    at_every_call(&morning(), |dir, done| {
        let Some(mut store) = opened(dir, done) else {
            return;
        };
        taken(&mut store, done, Vec::new(), None);
        taken(&mut store, done, staff(), Some((2, true)));
        done.promised.save(&mut store, 22);
        let customers = (1..=4).zip(3..).map(|(which, seq)| confirmed(which, seq));
        taken(&mut store, done, customers.collect(), Some((6, false)));
        for _ in 0..4 {
            done.promised.note(store.sweep());
        }
        store.close();
    });
}

#[test]
fn a_damaged_cache_gives_its_unsent_edits_whichever_write_fails() {
    let begin = morning();
    cache::note_damage(begin.dir.path()).unwrap();
    // A new file is laid out each time, which takes longer than all else together.
    at_every_call_by(&[Fault::BrokenOnce, Fault::Cut], &begin, |dir, done| {
        if let Some(mut store) = opened(dir, done) {
            done.promised.save(&mut store, 23);
            store.close();
        }
    });
}

/// A file that the first program left, with a customer that was never sent.
fn first_programs() -> Begin {
    let begin = Begin {
        dir: room(),
        promised: vec![5],
    };
    // The key's fingerprint beside it.
    cache::create(begin.dir.path(), &key(), meta())
        .unwrap()
        .close();
    let path = begin.dir.path().join("cache.db");
    fs::remove_file(&path).unwrap();
    #[expect(
        clippy::disallowed_methods,
        reason = "the first program's file is made here, and keyed in the next line"
    )]
    let conn = Connection::open(&path).unwrap();
    let raw = "07".repeat(32);
    conn.pragma_update(None, "key", format!("x'{raw}'"))
        .unwrap();
    conn.execute_batch(include_str!("../../src/cache/schema/001.sql"))
        .unwrap();
    conn.pragma_update(None, "user_version", 1).unwrap();
    conn.pragma_update(None, "application_id", 0x5264_5467)
        .unwrap();
    let values = json!({
        "identity": {"person": me(), "shop": shop(), "role": "technician", "device": device(),
                     "registered": true, "refresh": "refresh-one", "device_key": vec![9; 32]},
        "counters": {"next": 6, "provisional": 2, "stamp": 5},
        "place": {"cursor": null, "seq": 0, "level": 0, "offset": 0, "last_sync": null},
    });
    for (name, value) in values.as_object().unwrap() {
        conn.execute(
            "INSERT INTO meta VALUES (?1, ?2)",
            params![name, value.to_string().as_bytes()],
        )
        .unwrap();
    }
    let entity = EntityRef::Customer(customer(5));
    let operation = json!({
        "number": 5, "group": 5, "stamp": 5, "base": 0, "schema": 1,
        "edit": {
            "do": "create_customer", "id": customer(5), "name": "Alma",
            "phones": [], "emails": [], "consent": false,
        },
    });
    let happening = json!({
        "actor": {"person": {"person": me(), "device": device(), "number": 5}},
        "stamp": 5, "entity": entity, "verdict": "applied", "what": {"what": "created"},
    });
    conn.execute(
        "INSERT INTO outbox (device, number, grp, kind, id, bytes, happening)
         VALUES (?1, 5, 5, 'customer', ?2, ?3, ?4)",
        params![
            device().to_string(),
            entity.id_text(),
            operation.to_string().as_bytes(),
            happening.to_string().as_bytes(),
        ],
    )
    .unwrap();
    conn.close().unwrap();
    begin
}

#[test]
fn a_file_of_the_first_program_is_migrated_whichever_write_fails() {
    at_every_call(&first_programs(), |dir, done| {
        if let Some(mut store) = opened(dir, done) {
            done.promised.save(&mut store, 24);
            store.close();
        }
    });
}
