//! What there is to settle in documents of every kind, and that it is counted as it is listed.

use redtag_protocol::{
    customer::{Customer, CustomerWrite},
    field::Side,
    ids::CustomerId,
    ipc::{Choice, ConflictSort, ConflictView, Connection, FailureCode},
    vehicle::{Vehicle, VehicleWrite},
};

use super::*;
use crate::view::{self, Standing};

fn customer_id() -> CustomerId {
    CustomerId::from_bytes(bytes(0x70))
}

fn ann(phones: &[&str], seq: u64) -> Customer {
    let writer = api_writer(seq);
    Customer {
        id: customer_id(),
        name: Register {
            value: "Ann Onym".to_owned(),
            writer: api_writer(4),
        },
        phones: Register {
            value: phones.iter().map(|&it| it.to_owned()).collect(),
            writer,
        },
        emails: Register {
            value: Vec::new(),
            writer: api_writer(4),
        },
        consent: Register {
            value: false,
            writer: api_writer(4),
        },
        merged: None,
        aliases: std::collections::BTreeMap::new(),
        deletion: None,
        conflicts: std::collections::BTreeMap::new(),
        unknown: serde_json::Map::new(),
    }
}

fn bike(plate: &str, seq: u64) -> Vehicle {
    let mut it = Vehicle::new(vehicle(), VehicleKind::Bicycle);
    it.plate = Some(Register {
        value: Some(plate.to_owned()),
        writer: api_writer(seq),
    });
    it
}

/// A vehicle and a customer that another bench wrote as well, unseen by this one.
fn disputed() -> Bench {
    let mut bench = Bench::filled();
    bench.pull(
        vec![document(&Entity::Customer(ann(&[], 4)), 11)],
        11,
        false,
    );
    let plate = Edit::Vehicle {
        id: vehicle(),
        write: VehicleWrite::Plate {
            plate: Some("OWN-1".to_owned()),
        },
    };
    let phones = Edit::Customer {
        id: customer_id(),
        write: CustomerWrite::Phones {
            phones: vec!["111".to_owned()],
        },
    };
    bench.store().save(vec![plate, phones], now(1)).unwrap();
    let theirs = vec![
        document(&Entity::Vehicle(bike("THEIRS-2", 12)), 12),
        document(&Entity::Customer(ann(&["222"], 13)), 13),
    ];
    bench.pull(theirs, 13, false);
    bench
}

fn listed(bench: &mut Bench) -> Vec<ConflictView> {
    let views = view::conflicts(bench.store(), None).unwrap();
    let standing = Standing {
        account: None,
        connection: Connection::Online,
        log: None,
        notices: Vec::new(),
        held: None,
        next_try: None,
    };
    let status = view::status(bench.store(), standing).unwrap();
    assert_eq!(status.conflicts, views.len() as u64);
    views
}

#[test]
fn of_vehicles_and_customers_both_values_are_listed_and_settled() {
    let mut bench = disputed();
    let views = listed(&mut bench);
    let told = |it: &ConflictView| {
        let sides: Vec<_> = it.sides.iter().map(|side| side.words.clone()).collect();
        (it.entity, it.title.clone(), sides)
    };
    let keys = [
        EntityRef::Vehicle(vehicle()),
        EntityRef::Customer(customer_id()),
    ];
    assert_eq!(views.iter().map(|it| it.entity).collect::<Vec<_>>(), keys);
    for view in &views {
        assert_eq!((view.sort, view.sides.len()), (ConflictSort::Field, 2));
        assert!(view.sides.iter().all(|it| it.who == "Ada"), "{view:?}");
        let values = told(view).2.join(" ");
        let both = ["OWN-1", "THEIRS-2"].iter().all(|it| values.contains(it))
            || ["111", "222"].iter().all(|it| values.contains(it));
        assert!(both, "{values}");
    }
    // What tells it from others of its kind stands beside it.
    assert!(["OWN-1", "THEIRS-2"].contains(&views[0].subject.as_str()));
    for (left, view) in [(1, &views[0]), (0, &views[1])] {
        let own = view.sides.iter().find(|it| it.own).unwrap().op;
        let choice = Choice::Side(own);
        bench
            .store()
            .settle(&view.entity, &view.field, choice, now(5))
            .unwrap();
        assert_eq!(listed(&mut bench).len(), left);
    }
}

#[test]
fn late_edits_are_counted_as_they_are_listed() {
    let mut bench = Bench::filled();
    let mut it = ticket_one();
    let late = |at: &str, seq, note: &str| Side {
        write: InspectionWrite::Note {
            point: point(at),
            note: Some(note.to_owned()),
        },
        writer: api_writer(seq),
    };
    it.late = vec![late("tyres.wear", 11, "one")];
    bench.pull(
        vec![document(&Entity::Inspection(Box::new(it.clone())), 11)],
        11,
        false,
    );
    assert_eq!(listed(&mut bench).len(), 1);
    it.late.push(late("tyres.wear", 12, "two"));
    it.late.push(late("tyres.cuts", 13, "three"));
    bench.pull(
        vec![document(&Entity::Inspection(Box::new(it)), 13)],
        13,
        false,
    );
    assert_eq!(listed(&mut bench).len(), 2);
}

#[test]
fn a_duplicate_that_was_merged_has_nothing_to_settle() {
    let mut bench = disputed();
    let before = listed(&mut bench);
    let mut gone = ann(&["222"], 13);
    gone.merged = Some(Register {
        value: CustomerId::from_bytes(bytes(0x71)),
        writer: api_writer(15),
    });
    let mut stays = ann(&["333"], 14);
    stays.id = CustomerId::from_bytes(bytes(0x71));
    stays.aliases.insert(customer_id(), api_writer(14));
    gone.conflicts.insert(
        "phones".to_owned(),
        redtag_protocol::field::Conflict {
            sides: vec![
                Side {
                    write: CustomerWrite::Phones { phones: vec![] },
                    writer: api_writer(12),
                },
                Side {
                    write: CustomerWrite::Phones {
                        phones: vec!["222".to_owned()],
                    },
                    writer: api_writer(13),
                },
            ],
        },
    );
    // The own edit is taken meanwhile, so that nothing of it waits on top.
    let answers = (1..=2).map(|number| accepted(number, 13 + number));
    bench.answered(answers.collect());
    let lines = vec![
        document(&Entity::Customer(stays), 14),
        document(&Entity::Customer(gone), 15),
    ];
    bench.pull(lines, 16, false);
    assert!(before.len() == 2);
    let left = listed(&mut bench);
    let key = EntityRef::Customer(customer_id());
    assert!(left.iter().all(|it| it.entity != key), "{left:?}");
    assert!(
        view::conflicts(bench.store(), Some(&key))
            .unwrap()
            .is_empty()
    );
    // Whoever still has it on the screen does not write into the one that stays.
    let again = bench
        .store()
        .settle(&key, "phones", Choice::Present, now(9))
        .unwrap_err();
    assert_eq!(again.code, FailureCode::NotFound);
    bench.reopen();
    assert!(listed(&mut bench).iter().all(|it| it.entity != key));
}

#[test]
fn what_this_machine_opened_is_told_once_however_the_line_came_back() {
    let mut bench = disputed();
    // It looks like it, and the API has decided nothing yet.
    assert_eq!(bench.store().opened().unwrap(), 0);
    let side = |plate: &str, seq, device| Side {
        write: VehicleWrite::Plate {
            plate: Some(plate.to_owned()),
        },
        writer: Writer {
            device,
            ..api_writer(seq)
        },
    };
    let mut met = bike("THEIRS-2", 12);
    let sides = vec![
        side("THEIRS-2", 12, DeviceId::from_bytes(bytes(99))),
        side("OWN-1", 14, device()),
    ];
    let conflict = redtag_protocol::field::Conflict { sides };
    met.conflicts.insert("plate".to_owned(), conflict);
    bench.answered(vec![accepted(1, 14), accepted(2, 15)]);
    bench.pull(vec![document(&Entity::Vehicle(met), 14)], 15, false);
    assert_eq!(bench.store().opened().unwrap(), 1);
    assert_eq!(bench.store().opened().unwrap(), 0);
    let mut it = ticket_one();
    let late = |seq, device| Side {
        write: InspectionWrite::Note {
            point: point("tyres.wear"),
            note: Some("late".to_owned()),
        },
        writer: Writer {
            device,
            ..api_writer(seq)
        },
    };
    // What others opened among themselves is nobody's here.
    it.late = vec![late(17, DeviceId::from_bytes(bytes(99)))];
    let told = |it: &Inspection| document(&Entity::Inspection(Box::new(it.clone())), 17);
    bench.pull(vec![told(&it)], 17, false);
    assert_eq!(bench.store().opened().unwrap(), 0);
    it.late = vec![late(18, device())];
    bench.pull(
        vec![document(&Entity::Inspection(Box::new(it)), 18)],
        18,
        false,
    );
    // Also where the daemon ended meanwhile.
    bench.reopen();
    assert_eq!(bench.store().opened().unwrap(), 1);
    assert_eq!(bench.store().opened().unwrap(), 0);
    bench.reopen();
    assert_eq!(bench.store().opened().unwrap(), 0);
}
