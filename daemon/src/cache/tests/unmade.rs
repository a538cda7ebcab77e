//! What the API refused to create stays on the screen, marked.

use redtag_protocol::{
    customer::CustomerWrite,
    ids::CustomerId,
    ipc::{BoardRow, FailureCode, SyncState},
    op::{Refusal, RefusalCode},
    vehicle::VehicleWrite,
};

use super::*;
use crate::view;

fn customer() -> CustomerId {
    CustomerId::from_bytes(bytes(0x70))
}

/// A customer, an inspection for them and an answer in it, all refused.
fn refused() -> Bench {
    let mut bench = Bench::filled();
    let name = Edit::Customer {
        id: customer(),
        write: CustomerWrite::Name {
            name: "Marker Customer".to_owned(),
        },
    };
    let new = Edit::CreateInspection {
        id: ticket(2),
        template: template(),
        vehicle: vehicle(),
        customer: Some(customer()),
        assignee: None,
        bay: None,
        concern: None,
        provisional: "~K7-9".to_owned(),
    };
    bench.save(create(customer()), 0);
    bench.save(name, 1);
    bench.save(new, 2);
    let answer = Edit::Inspection {
        id: ticket(2),
        write: InspectionWrite::Answer {
            point: point("tyres.wear"),
            answer: Some(PointAnswer::condition(Condition::Red)),
        },
    };
    bench.save(answer, 3);
    let no = |number, parent| {
        let mut refusal = Refusal::new(RefusalCode::NotAllowed, "ask an owner");
        refusal.parent = parent;
        Numbered {
            number,
            outcome: Outcome::Refused { refusal },
            replayed: false,
        }
    };
    let outcomes = vec![no(1, None), no(2, Some(1)), no(3, Some(1)), no(4, Some(3))];
    let decided = bench.answered(outcomes);
    assert!(decided.touched.contains(&EntityRef::Inspection(ticket(2))));
    bench
}

fn create(id: CustomerId) -> Edit {
    Edit::CreateCustomer {
        id,
        name: "New Customer".to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: false,
    }
}

/// The inspection's line on the board.
fn row(bench: &mut Bench) -> Option<BoardRow> {
    let id = ticket(2);
    let store = bench.store();
    let sync = store.sync(&EntityRef::Inspection(id));
    store.board().one(id, sync, me())
}

#[test]
fn what_was_refused_with_its_creation_stays_on_the_screen_and_says_so() {
    let mut bench = refused();
    for _ in 0..2 {
        let row = row(&mut bench).unwrap();
        assert_eq!(
            (row.label.as_str(), row.sync),
            ("~K7-9", SyncState::Refused)
        );
        assert_eq!(row.counts.red, 1);
        let view = view::inspection(bench.store(), ticket(2)).unwrap();
        assert_eq!((view.quarantined.len(), view.verbs.len()), (2, 0));
        let name = view.customer.unwrap().name.value;
        assert_eq!(name, "Marker Customer");
        let found = view::customers(bench.store(), "marker", 9).unwrap();
        assert_eq!(found.len(), 1);
        let view = view::customer(bench.store(), customer()).unwrap();
        assert_eq!((view.quarantined.len(), view.visited), (2, 1));
        bench.reopen();
    }
}

#[test]
fn nothing_is_done_to_what_was_never_made() {
    let mut bench = refused();
    let more = Edit::Inspection {
        id: ticket(2),
        write: InspectionWrite::Note {
            point: point("tyres.wear"),
            note: Some("worn".to_owned()),
        },
    };
    let error = bench.store().save(vec![more], now(9)).unwrap_err();
    let failure = redtag_protocol::ipc::Failure::from(error);
    assert_eq!(failure.code, FailureCode::NotFound);
    assert!(failure.words.contains("redtag outbox"), "{failure}");
}

#[test]
fn what_is_tried_again_is_a_document_as_any_other() {
    let mut bench = refused();
    bench.store().retry(1, now(9)).unwrap();
    assert_eq!(bench.store().refusals(), 0);
    assert!(!bench.store().is_unmade(&EntityRef::Inspection(ticket(2))));
    assert_eq!(row(&mut bench).unwrap().sync, SyncState::Waiting);
    let view = view::inspection(bench.store(), ticket(2)).unwrap();
    assert!(view.quarantined.is_empty() && !view.verbs.is_empty());
}

#[test]
fn what_is_given_up_leaves_the_screen() {
    let mut bench = refused();
    while let Some(first) = bench.store().unsent().unwrap().first() {
        let place = first.place;
        bench.store().discard(place).unwrap();
    }
    assert_eq!(row(&mut bench), None);
    assert!(view::inspection(bench.store(), ticket(2)).is_err());
    assert!(
        view::customers(bench.store(), "marker", 9)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn what_the_api_has_after_all_is_shown_as_it_is_there() {
    let mut bench = refused();
    let mut there = ticket_one();
    there.id = ticket(2);
    there.number = Some(2000);
    let there = document(&Entity::Inspection(Box::new(there)), 20);
    bench.pull(vec![there], 20, false);
    let row = row(&mut bench).unwrap();
    assert_eq!((row.label.as_str(), row.counts.red), ("#2000", 0));
    assert!(!bench.store().is_unmade(&EntityRef::Inspection(ticket(2))));
}

#[test]
fn what_was_refused_of_a_vehicle_is_told_with_it() {
    let mut bench = Bench::filled();
    let plate = Edit::Vehicle {
        id: vehicle(),
        write: VehicleWrite::Plate {
            plate: Some("MARK 1".to_owned()),
        },
    };
    bench.save(plate, 0);
    let refusal = Refusal::new(RefusalCode::NotAllowed, "ask an owner");
    bench.answered(vec![Numbered {
        number: 1,
        outcome: Outcome::Refused { refusal },
        replayed: false,
    }]);
    let view = view::vehicle(bench.store(), vehicle()).unwrap();
    assert_eq!(view.quarantined.len(), 1);
    assert_eq!(view.vehicle.plate(), None);
}

#[test]
fn what_was_refused_of_a_template_is_listed_and_says_so() {
    let mut bench = Bench::filled();
    let owner = json!({"id": me(), "name": "Ada", "role": "owner"});
    let line = raw("member", &me().to_string(), 11, owner.to_string());
    bench.pull(vec![line], 11, false);
    let id = TemplateId::from_bytes(bytes(0x31));
    let text = "key = \"bike\"\nname = \"Bike\"\n[[section]]\nkey = \"tyres\"\nlabel = \"Tyres\"\n\
                [[section.point]]\nkey = \"tyres.wear\"\nlabel = \"Wear\"\n";
    let draft = Edit::DraftTemplate {
        id,
        text: text.to_owned(),
    };
    bench.save(draft, 0);
    let listed = |bench: &mut Bench| {
        let page = view::template_page(bench.store(), 0);
        let ids: Vec<_> = page.templates.iter().map(|it| it.id).collect();
        (ids, page.total, page.refused)
    };
    assert_eq!(listed(&mut bench), (vec![id, template()], 2, vec![]));
    let refusal = Refusal::new(RefusalCode::NotAllowed, "ask an owner");
    bench.answered(vec![Numbered {
        number: 1,
        outcome: Outcome::Refused { refusal },
        replayed: false,
    }]);
    for _ in 0..2 {
        assert_eq!(listed(&mut bench), (vec![id, template()], 2, vec![id]));
        // Whoever knows of no refused ones is given none.
        assert_eq!(view::templates(bench.store()).len(), 1);
        bench.reopen();
    }
    let place = bench.store().unsent().unwrap()[0].place;
    bench.store().discard(place).unwrap();
    assert_eq!(listed(&mut bench), (vec![template()], 1, vec![]));
}
