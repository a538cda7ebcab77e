//! What a person saves.

use redtag_protocol::{
    ipc::{Failure, FailureCode, SyncState},
    op::{Operation, Refusal, RefusalCode, SCHEMA},
};

use super::*;

#[test]
fn what_was_saved_is_there_after_reopening() {
    let mut bench = Bench::filled();
    let saved = bench.save(set("tyres.wear", Condition::Red), 0);
    assert_eq!((saved.first, saved.last), (1, 1));
    assert_eq!(saved.inspection, Some(ticket(1)));
    bench.reopen();
    assert_eq!(bench.condition("tyres.wear"), Some(Condition::Red));
    let store = bench.store();
    assert_eq!(store.pending().unsettled(), (1, 0));
    assert_eq!(store.meta().next, 2);
    let key = EntityRef::Inspection(ticket(1));
    assert_eq!(store.sync(&key), SyncState::Waiting);
    assert_eq!(store.own_events(&key).unwrap().len(), 1);
}

#[test]
fn the_confirmed_document_is_not_edited() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    let key = EntityRef::Inspection(ticket(1));
    let (version, entity) = bench.store().confirmed(&key).unwrap().unwrap();
    assert_eq!(version, Seq(10));
    assert_eq!(*entity, Entity::Inspection(Box::new(ticket_one())));
}

#[test]
fn a_group_is_numbered_in_a_row_with_one_stamp_and_its_bases() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "first"), 0);
    let edits = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "worn"),
    ];
    let saved = bench.store().save(edits, now(1)).unwrap();
    assert_eq!((saved.first, saved.last), (2, 3));
    let ops: Vec<Operation> = bench
        .store()
        .pending()
        .iter()
        .map(|(_, op)| op.operation.clone())
        .collect();
    assert_eq!(ops[1].group, 2);
    assert_eq!(ops[2].group, 2);
    assert_eq!(ops[1].stamp, ops[2].stamp);
    assert!(ops[0].stamp < ops[1].stamp);
    assert!(ops.iter().all(|op| op.base == Seq(10)));
}

#[test]
fn a_refused_edit_saves_nothing_of_its_group() {
    let mut bench = Bench::filled();
    let edits = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.no_such", "?"),
    ];
    let error = bench.store().save(edits, now(0)).unwrap_err();
    let failure = Failure::from(error);
    assert_eq!(failure.code, FailureCode::Invalid);
    assert_eq!(failure.refusal, Some(RefusalCode::UnknownPoint));
    assert_eq!(bench.condition("tyres.wear"), None);
    assert_eq!(bench.store().meta().next, 1);
    bench.reopen();
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
}

#[test]
fn a_viewer_saves_nothing() {
    let mut bench = Bench::filled();
    let viewer = json!({"id": me(), "name": "Ada", "role": "viewer"});
    let line = raw("member", &me().to_string(), 11, viewer.to_string());
    bench.pull(vec![line], 11, false);
    let edits = vec![set("tyres.wear", Condition::Red)];
    let error = bench.store().save(edits, now(0)).unwrap_err();
    assert_eq!(Failure::from(error).code, FailureCode::NotAllowed);
}

#[test]
fn stamps_only_grow_but_never_run_more_than_a_minute_ahead() {
    let mut bench = Bench::filled();
    let stamp = |bench: &mut Bench, at| {
        bench.save(note("tyres.cuts", "x"), at);
        bench.store().meta().stamp.0 - now(0).0.0
    };
    assert_eq!(stamp(&mut bench, 5_000), 5_000);
    // The clock went back a little: the next stamp is still later.
    assert_eq!(stamp(&mut bench, 4_000), 5_001);
    // It had been years ahead: the stamps come back to it.
    assert_eq!(stamp(&mut bench, 400_000_000), 400_000_000);
    assert_eq!(stamp(&mut bench, 0), 60_000);
}

#[test]
fn the_clock_is_corrected_by_the_api() {
    let mut bench = Bench::filled();
    let wrong = now(0).0;
    let right = Stamp(wrong.0 + 86_400_000);
    bench.store().correct_clock(right, wrong);
    bench.save(note("tyres.cuts", "x"), 0);
    assert_eq!(bench.store().meta().stamp.0, right.0 + 500);
}

#[test]
fn provisional_labels_are_given_out_once() {
    let mut bench = Bench::filled();
    let code = device().code();
    assert_eq!(bench.store().provisional().unwrap(), format!("~{code}-1"));
    bench.reopen();
    assert_eq!(bench.store().provisional().unwrap(), format!("~{code}-2"));
}

#[test]
fn a_refusal_is_kept_and_marked_and_the_queue_goes_on() {
    let mut bench = Bench::filled();
    bench.save(set("tyres.wear", Condition::Red), 0);
    bench.save(note("tyres.cuts", "fine"), 1);
    let refusal = Refusal::new(RefusalCode::NotAllowed, "ask an owner");
    let refused = Numbered {
        number: 1,
        outcome: Outcome::Refused {
            refusal: refusal.clone(),
        },
        replayed: false,
    };
    let decided = bench.answered(vec![refused, accepted(2, 11)]);
    assert_eq!(
        (decided.outcomes, decided.refused, decided.waiting),
        (2, 1, 0)
    );
    bench.reopen();
    let key = EntityRef::Inspection(ticket(1));
    let store = bench.store();
    assert_eq!(store.sync(&key), SyncState::Refused);
    let kept = store.quarantine(Some(&key)).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].edit, set("tyres.wear", Condition::Red));
    assert_eq!(kept[0].refusal, refusal);
    let lines = crate::view::timeline(store, &key).unwrap();
    assert!(lines.iter().any(|line| line.sync == SyncState::Refused));
}

#[test]
fn a_batch_is_cut_between_groups() {
    let mut bench = Bench::filled();
    for at in 0..3 {
        let edits = vec![
            note("tyres.wear", &format!("a{at}")),
            note("tyres.cuts", &format!("b{at}")),
        ];
        bench.store().save(edits, now(at)).unwrap();
    }
    assert_eq!(bench.store().batch(5).unwrap().unwrap().count, 4);
    bench.store().unsend();
    // A group is never cut, whatever was asked for.
    assert_eq!(bench.store().batch(1).unwrap().unwrap().count, 2);
    assert_eq!(bench.store().pending().unsettled(), (4, 2));
    bench.store().unsend();
    assert_eq!(bench.store().pending().unsettled(), (6, 0));
}

#[test]
fn what_was_handed_to_a_line_that_is_not_good_still_waits() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "fine"), 0);
    let key = EntityRef::Inspection(ticket(1));
    bench.store().batch(5).unwrap().unwrap();
    for (online, sync) in [
        (false, SyncState::Waiting),
        (true, SyncState::Sent),
        (false, SyncState::Waiting),
    ] {
        // Whoever looks at it hears that its word is another.
        assert_eq!(bench.store().set_online(online), [key]);
        assert_eq!(bench.store().sync(&key), sync);
        assert_eq!(bench.store().own_events(&key).unwrap()[0].1, sync);
    }
    assert_eq!(bench.store().unsend(), [key]);
    assert_eq!(bench.store().set_online(true), []);
    assert_eq!(bench.store().sync(&key), SyncState::Waiting);
    let connection = redtag_protocol::ipc::Connection::Offline {
        why: "nothing listens there".to_owned(),
        next_try: None,
    };
    let standing = crate::view::Standing {
        account: None,
        connection,
        log: None,
        notices: Vec::new(),
        held: None,
        next_try: None,
    };
    bench.store().batch(5).unwrap().unwrap();
    let status = crate::view::status(bench.store(), standing).unwrap();
    assert_eq!((status.waiting, status.sent), (1, 0));
}

#[test]
fn a_batch_sends_the_same_bytes_again() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "fine"), 0);
    let first = bench.store().batch(500).unwrap().unwrap().body;
    bench.reopen();
    assert_eq!(bench.store().batch(500).unwrap().unwrap().body, first);
}

#[test]
fn a_full_disk_saves_nothing_and_says_so() {
    let mut bench = Bench::filled();
    bench.save(note("tyres.cuts", "kept"), 0);
    let limit = |bench: &mut Bench, pages: i64| {
        let conn = &bench.store().conn;
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
            .unwrap();
    };
    limit(&mut bench, 1);
    let long = "x".repeat(9_000);
    let edits = vec![note("tyres.wear", &long), note("tyres.wear", &long)];
    let error = bench.store().save(edits.clone(), now(1)).unwrap_err();
    let failure = Failure::from(error);
    assert_eq!(failure.code, FailureCode::Internal);
    assert!(failure.words.contains("disk is full"), "{failure}");
    assert_eq!(bench.store().meta().next, 2);
    assert_eq!(bench.inspection(1).results.len(), 1);
    limit(&mut bench, 100_000);
    bench.store().save(edits, now(2)).unwrap();
    bench.reopen();
    assert_eq!(bench.store().pending().unsettled(), (3, 0));
}

/// A line for one who may write templates.
fn dispatcher(version: u64) -> Line {
    let body = json!({"id": me(), "name": "Ada", "role": "dispatcher"});
    raw("member", &me().to_string(), version, body.to_string())
}

fn drafted() -> Edit {
    Edit::DraftTemplate {
        id: TemplateId::from_bytes(bytes(0x31)),
        text: "key = \"trailer\"\nname = \"Trailer\"\n[[section]]\nkey = \"a\"\nlabel = \"A\"\n\
               [[section.point]]\nkey = \"a.b\"\nlabel = \"B\"\n"
            .to_owned(),
    }
}

#[test]
fn what_the_api_is_known_to_be_too_old_for_is_refused_at_once_and_holds_nothing_up() {
    let mut bench = Bench::filled();
    bench.pull(vec![dispatcher(11)], 11, false);
    bench.store().takes(SCHEMA - 1);
    bench.pull(Vec::new(), 12, false);
    // Known before the program was started too.
    bench.reopen();
    // Alone, and with something that the API knows.
    for stroke in [
        vec![drafted()],
        vec![set("tyres.wear", Condition::Red), drafted()],
    ] {
        let refused = bench.store().save(stroke, now(0)).unwrap_err();
        let failure = Failure::from(refused);
        assert_eq!(failure.code, FailureCode::Remote);
        for words in ["too old for templates", "upgrade", "Nothing was changed"] {
            assert!(failure.words.contains(words), "{failure}");
        }
    }
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
    assert_eq!(bench.store().meta().next, 1);
    // What the API knows goes on, and the rest does from when it was upgraded.
    bench.save(set("tyres.wear", Condition::Red), 1);
    bench.store().takes(SCHEMA);
    bench.save(drafted(), 2);
    assert_eq!(bench.store().pending().unsettled(), (2, 0));
}

#[test]
fn where_nothing_is_known_of_the_api_everything_is_saved() {
    let mut bench = Bench::filled();
    bench.pull(vec![dispatcher(11)], 11, false);
    // No call was answered yet.
    bench.store().takes(0);
    bench.save(drafted(), 0);
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}
