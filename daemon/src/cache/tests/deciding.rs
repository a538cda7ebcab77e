//! A refused stroke is tried again or given up, by a person and whole.

use redtag_protocol::{
    api::ops::{Numbered, Outcome},
    customer::CustomerWrite,
    entity::EntityRef,
    grade::Condition,
    ids::CustomerId,
    inspection::InspectionWrite,
    ipc::{FailureCode, SyncState},
    op::{Edit, Refusal, RefusalCode},
};

use serde_json::json;

use crate::view;

use super::{Bench, accepted, bytes, me, note, now, raw, set, ticket};

/// A stroke of two that was refused, and one after it that was not.
fn refused() -> Bench {
    let mut bench = Bench::filled();
    let stroke = vec![
        set("tyres.wear", Condition::Red),
        note("tyres.wear", "worn"),
    ];
    bench.store().save(stroke, now(0)).unwrap();
    bench.save(note("tyres.cuts", "fine"), 1);
    let no = |number| Numbered {
        number,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::NotAllowed, "ask an owner"),
        },
        replayed: false,
    };
    bench.answered(vec![no(1), no(2), accepted(3, 11)]);
    bench
}

#[test]
fn what_is_tried_again_is_a_new_stroke_and_leaves_quarantine() {
    let mut bench = refused();
    let key = EntityRef::Inspection(ticket(1));
    // Either number names the whole stroke.
    let saved = bench.store().retry(2, now(5)).unwrap();
    assert_eq!((saved.first, saved.last), (4, 5));
    bench.reopen();
    let store = bench.store();
    assert_eq!(store.refusals(), 0);
    assert!(store.quarantine(None).unwrap().is_empty());
    assert_eq!(store.pending().unsettled(), (2, 0));
    assert_eq!(store.sync(&key), SyncState::Waiting);
}

#[test]
fn what_is_given_up_is_gone_and_nothing_else() {
    let mut bench = refused();
    let key = EntityRef::Inspection(ticket(1));
    assert_eq!(bench.store().discard(1).unwrap(), [key]);
    // The note of the same stroke stands without the answer, and can be tried again.
    assert_eq!(bench.store().refusals(), 1);
    bench.reopen();
    let again = bench.store().discard(1).unwrap_err();
    assert_eq!(again.code, FailureCode::NotFound);
    let saved = bench.store().retry(2, now(5)).unwrap();
    assert_eq!((saved.first, saved.last), (4, 4));
    assert!(bench.store().quarantine(None).unwrap().is_empty());
    assert_eq!(bench.store().pending().unsettled(), (1, 0));
}

#[test]
fn what_is_nothing_without_an_edit_goes_with_it_and_is_named_beforehand() {
    let mut bench = Bench::filled();
    let id = CustomerId::from_bytes(bytes(0x71));
    let create = Edit::CreateCustomer {
        id,
        name: "Alma Testwell".to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: false,
    };
    let consent = Edit::Customer {
        id,
        write: CustomerWrite::Consent { consent: true },
    };
    let brought = Edit::Inspection {
        id: ticket(1),
        write: InspectionWrite::Customer { customer: Some(id) },
    };
    let stroke = vec![create, set("tyres.wear", Condition::Red)];
    bench.store().save(stroke, now(0)).unwrap();
    bench.save(consent, 1);
    bench.save(brought, 2);
    let no = |number| Numbered {
        number,
        outcome: Outcome::Refused {
            refusal: Refusal::new(RefusalCode::NotAllowed, "ask an owner"),
        },
        replayed: false,
    };
    bench.answered(vec![no(1), no(2), no(3), no(4)]);
    let listed = view::outbox(bench.store(), 0, 9).unwrap().rows;
    let with: Vec<&[u64]> = listed.iter().map(|it| it.with.as_slice()).collect();
    assert_eq!(with, [[3, 4].as_slice(), &[], &[], &[]]);
    bench.store().discard(1).unwrap();
    let left = bench.store().unsent().unwrap();
    assert_eq!(left.iter().map(|it| it.place).collect::<Vec<_>>(), [2]);
    assert_eq!(bench.store().refusals(), 1);
}

#[test]
fn what_was_refused_with_the_creation_it_depends_on_is_tried_again_with_it() {
    let mut bench = Bench::filled();
    let create = |at: u8| Edit::CreateCustomer {
        id: CustomerId::from_bytes(bytes(at)),
        name: "Alma Testwell".to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: false,
    };
    let rename = |at: u8, name: &str| Edit::Customer {
        id: CustomerId::from_bytes(bytes(at)),
        write: CustomerWrite::Name {
            name: name.to_owned(),
        },
    };
    bench.save(create(0x71), 0);
    bench.save(create(0x72), 1);
    bench.save(rename(0x71, "Alma Tester"), 2);
    bench.save(rename(0x72, "Bo"), 3);
    bench.save(rename(0x71, "Alma Testling"), 4);
    let no = |number, parent| {
        let mut refusal = Refusal::new(RefusalCode::NotAllowed, "ask an owner");
        refusal.parent = parent;
        Numbered {
            number,
            outcome: Outcome::Refused { refusal },
            replayed: false,
        }
    };
    bench.answered(vec![
        no(1, None),
        no(2, None),
        no(3, Some(1)),
        no(4, Some(2)),
        no(5, Some(1)),
    ]);
    assert_eq!(bench.store().refusals(), 5);
    // Whichever of them is named.
    let saved = bench.store().retry(5, now(5)).unwrap();
    assert_eq!((saved.first, saved.last), (6, 8));
    assert_eq!(bench.store().refusals(), 2);
    bench.reopen();
    let groups: Vec<u64> = bench
        .store()
        .pending()
        .iter()
        .map(|(_, op)| op.operation.group)
        .collect();
    assert_eq!(groups, [6, 7, 8], "each is a stroke of its own, as it was");
    let rest = bench.store().retry(2, now(6)).unwrap();
    assert_eq!((rest.first, rest.last), (9, 10));
    assert_eq!(bench.store().refusals(), 0);
}

#[test]
fn what_the_rules_refuse_here_already_stays_in_quarantine() {
    let mut bench = refused();
    let viewer = json!({"id": me(), "name": "Ada", "role": "viewer"});
    let line = raw("member", &me().to_string(), 12, viewer.to_string());
    bench.pull(vec![line], 12, false);
    let failure = bench.store().retry(1, now(5)).unwrap_err();
    assert_eq!(failure.code, FailureCode::NotAllowed);
    assert_eq!(bench.store().refusals(), 2);
    assert_eq!(bench.store().pending().unsettled(), (0, 0));
}
