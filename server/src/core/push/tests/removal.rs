//! What is deleted, brought back, merged and erased, over a real storage.

use redtag_protocol::{
    customer::CustomerWrite,
    entity::EntityRef,
    field::OpRef,
    ids::{CustomerId, VehicleId},
    lifecycle::{State, Verb},
    op::{Edit, RefusalCode},
    role::Role,
    stamp::Seq,
};

use super::super::Recent;
use crate::{
    core::tests::{
        Stage, accepted, bay, code, customer, go, inspection, member, new_customer, new_inspection,
        new_vehicle, vehicle,
    },
    storage::{PageLimit, Row, Shops as _, Stored, Tombstone},
};

const ALL: PageLimit = PageLimit {
    seqs: 10_000,
    bytes: 64 << 20,
};

fn delete(what: EntityRef) -> Edit {
    Edit::Delete { what }
}

fn rename(id: CustomerId, name: &str) -> Edit {
    let name = name.to_owned();
    Edit::Customer {
        id,
        write: CustomerWrite::Name { name },
    }
}

impl Stage {
    async fn stored(&self, key: EntityRef) -> Option<Stored> {
        let found = self.storage.documents(self.shop, vec![key]).await.unwrap();
        found.into_iter().next().flatten()
    }

    async fn tombstone(&self, key: EntityRef) -> Option<Tombstone> {
        let mut transaction = self.storage.begin(self.shop).await.unwrap();
        let found = transaction.tombstones(vec![key]).await.unwrap();
        found.into_iter().next().flatten()
    }

    async fn rows(&self) -> Vec<Row> {
        let page = self.storage.page(self.shop, Seq(0), ALL).await.unwrap();
        assert!(!page.more);
        page.rows
    }
}

#[tokio::test]
async fn a_deleted_draft_leaves_a_tombstone_and_comes_back_with_a_late_edit() {
    let stage = Stage::new().await;
    let (mut here, mut there) = (stage.bench(stage.technician), stage.bench(stage.owner));
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        here.op(Seq(0), vehicle(car)),
        here.op(Seq(0), inspection(id, stage.template, car)),
        here.op(Seq(0), bay(id, "1")),
    ];
    stage.push(&here, &ops).await;
    let seen = stage.seq().await;
    let key = EntityRef::Inspection(id);
    let gone = stage
        .push(&here, &[here.clone().op(seen, delete(key))])
        .await;
    here.number += 1;
    assert_eq!(accepted(&gone), 1);
    assert!(stage.stored(key).await.is_none());
    let tombstone = stage.tombstone(key).await.unwrap();
    assert_eq!((tombstone.version, tombstone.erased), (seen.next(), false));
    let rows = stage.rows().await;
    let pulled = rows.iter().find_map(|row| match row {
        Row::Gone(it) if it.key == key => Some(it),
        _ => None,
    });
    assert_eq!(pulled.unwrap().body, None, "what it was is not handed out");
    // Who has seen the deletion may restore it and nothing else; whoever has not brings it back.
    let knows = [there.op(seen.next(), bay(id, "2"))];
    assert_eq!(
        code(&stage.push(&there, &knows).await, 0),
        RefusalCode::NotFound
    );
    let late = [there.op(seen, bay(id, "3"))];
    assert_eq!(accepted(&stage.push(&there, &late).await), 1);
    let back = stage.inspection(id).await;
    assert_eq!(back.bay(), Some("3"));
    assert_eq!(back.deletion.unwrap().device, here.sender.device);
    assert!(stage.tombstone(key).await.is_none());
    let restore = [here.op(stage.seq().await, Edit::Restore { what: key })];
    assert_eq!(accepted(&stage.push(&here, &restore).await), 1);
    assert!(stage.inspection(id).await.deletion.is_none());
}

#[tokio::test]
async fn a_vehicle_goes_only_when_no_inspection_names_it() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let (car, id) = (new_vehicle(), new_inspection());
    let (gone, key) = (EntityRef::Vehicle(car), EntityRef::Inspection(id));
    // All in one batch, so that the storage hears of the inspection after the fact.
    let base = Seq(u64::from(u32::MAX));
    let ops = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
        bench.op(base, delete(gone)),
        bench.op(base, delete(key)),
        bench.op(base, delete(gone)),
    ];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(accepted(&answer), 4);
    assert_eq!(code(&answer, 2), RefusalCode::InUse);
    assert!(stage.stored(gone).await.is_none());
    // A new inspection that names it brings it back, by an event of its own.
    let mut other = stage.bench(stage.technician);
    let before = stage.seq().await;
    let again = [other.op(Seq(0), inspection(new_inspection(), stage.template, car))];
    assert_eq!(accepted(&stage.push(&other, &again).await), 1);
    assert_eq!(stage.seq().await, Seq(before.0 + 2));
    assert_eq!(stage.stored(gone).await.unwrap().version, before.next());
    let started = [
        other.op(Seq(0), bay(id, "1")),
        other.op(Seq(0), go(id, Verb::Start, State::Draft)),
    ];
    assert_eq!(accepted(&stage.push(&other, &started).await), 2);
    let refused = [other.op(stage.seq().await, delete(key))];
    assert_eq!(
        code(&stage.push(&other, &refused).await, 0),
        RefusalCode::WrongState
    );
}

#[tokio::test]
async fn a_draft_that_is_restored_brings_its_vehicle_back() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.owner);
    let (car, id) = (new_vehicle(), new_inspection());
    let (named, key) = (EntityRef::Vehicle(car), EntityRef::Inspection(id));
    let base = Seq(u64::from(u32::MAX));
    let ops = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
        bench.op(base, delete(key)),
        bench.op(base, delete(named)),
    ];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 4);
    let before = stage.seq().await;
    let mut other = stage.bench(stage.technician);
    let restore = [other.op(before, Edit::Restore { what: key })];
    assert_eq!(accepted(&stage.push(&other, &restore).await), 1);
    assert_eq!(stage.stored(named).await.unwrap().version, before.next());
    assert_eq!(stage.stored(key).await.unwrap().version, stage.seq().await);
    assert!(stage.tombstone(named).await.is_none());
}

#[tokio::test]
async fn what_is_merged_and_deleted_in_one_stroke_stays_where_an_inspection_names_it() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.owner);
    let (named, other) = (new_vehicle(), new_vehicle());
    let ops = [
        bench.op(Seq(0), vehicle(named)),
        bench.op(Seq(0), vehicle(other)),
        bench.op(Seq(0), inspection(new_inspection(), stage.template, named)),
    ];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 3);
    let base = stage.seq().await;
    let merge = Edit::MergeVehicles {
        id: named,
        into: other,
    };
    let ops = [
        bench.grouped(4, base, merge),
        bench.grouped(4, base, delete(EntityRef::Vehicle(other))),
    ];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(code(&answer, 0), RefusalCode::Group);
    assert_eq!(code(&answer, 1), RefusalCode::InUse);
    assert!(stage.stored(EntityRef::Vehicle(other)).await.is_some());
}

#[tokio::test]
async fn edits_of_an_alias_follow_it_even_where_nothing_is_remembered() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.owner);
    let ids: Vec<VehicleId> = (0..3).map(|_| new_vehicle()).collect();
    let mut ops: Vec<_> = ids
        .iter()
        .map(|id| bench.op(Seq(0), vehicle(*id)))
        .collect();
    for pair in ids.windows(2) {
        let (id, into) = (pair[0], pair[1]);
        ops.push(bench.op(Seq(0), Edit::MergeVehicles { id, into }));
    }
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 5);
    for recent in [None, Some(Recent::default())] {
        let plate = Some(format!("NEW {}", recent.is_some()));
        let edit = Edit::Vehicle {
            id: ids[0],
            write: redtag_protocol::vehicle::VehicleWrite::Plate { plate },
        };
        let recent = recent.as_ref().unwrap_or(&stage.recent);
        let mut technician = stage.bench(stage.technician);
        let ops = [technician.op(Seq(0), edit)];
        let now = crate::core::tests::NOW;
        let pushed = super::push(&stage.storage, recent, technician.sender, &ops, now);
        let answer = pushed.await.unwrap().answer;
        assert_eq!(accepted(&answer), 1);
        let version = stage
            .stored(EntityRef::Vehicle(ids[2]))
            .await
            .unwrap()
            .version;
        assert_eq!(version, stage.seq().await);
        let rows = stage.rows().await;
        let told = rows.iter().any(
            |row| matches!(row, Row::Event(it) if it.seq == version && it.key == EntityRef::Vehicle(ids[2])),
        );
        assert!(told, "the event names the one that stays");
    }
}

#[tokio::test]
async fn nothing_of_an_erased_customer_is_kept() {
    let stage = Stage::new().await;
    let (mut owner, mut bench) = (stage.bench(stage.owner), stage.bench(stage.technician));
    let (id, duplicate) = (new_customer(), new_customer());
    let secret = "Alma Testwell";
    let ops = [
        bench.op(Seq(0), customer(id, secret)),
        bench.op(Seq(0), customer(duplicate, secret)),
        bench.op(Seq(0), rename(id, &format!("{secret} the Second"))),
    ];
    stage.push(&bench, &ops).await;
    let base = stage.seq().await;
    let ops = [
        owner.op(
            base,
            Edit::MergeCustomers {
                id: duplicate,
                into: id,
            },
        ),
        owner.grouped(2, base, rename(id, &format!("{secret} the Third"))),
        owner.grouped(2, base, Edit::EraseCustomer { id: duplicate }),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 3);
    let late = [
        bench.op(base, rename(id, &format!("{secret} the Fourth"))),
        bench.op(
            base,
            Edit::Restore {
                what: EntityRef::Customer(id),
            },
        ),
        bench.op(base, rename(duplicate, secret)),
        bench.op(base, customer(id, secret)),
    ];
    let answer = stage.push(&bench, &late).await;
    for place in 0..late.len() {
        assert_eq!(code(&answer, place), RefusalCode::Erased);
    }
    for key in [id, duplicate].map(EntityRef::Customer) {
        assert!(stage.stored(key).await.is_none());
        let left = stage.tombstone(key).await.unwrap();
        assert_eq!((left.erased, left.body), (true, None));
    }
    let kept = format!("{:?}", stage.rows().await);
    assert!(!kept.contains("Testwell"), "{kept}");
    let device = bench.sender.device;
    let mut transaction = stage.storage.begin(stage.shop).await.unwrap();
    let log = transaction.outcomes(device, 1, 9).await.unwrap();
    assert_eq!(log.len(), 7);
    assert!(!format!("{log:?}").contains("Testwell"));
    drop(transaction);
    // An owner who had not heard of it erases once more, which is nothing.
    let mut second = stage.bench(stage.owner);
    let again = [second.op(base, Edit::EraseCustomer { id })];
    assert_eq!(accepted(&stage.push(&second, &again).await), 1);
}

#[tokio::test]
async fn another_device_may_adopt_what_was_refused() {
    let stage = Stage::new().await;
    let viewer = member(&stage.storage, stage.shop, "viewer", Role::Viewer).await;
    let mut demoted = stage.bench(viewer);
    let (car, id) = (new_vehicle(), new_inspection());
    let edits = [
        vehicle(car),
        inspection(id, stage.template, car),
        bay(id, "1"),
    ];
    let ops = edits.clone().map(|edit| demoted.op(Seq(0), edit));
    let answer = stage.push(&demoted, &ops).await;
    for place in 0..ops.len() {
        assert_eq!(code(&answer, place), RefusalCode::NotAllowed);
    }
    let mut owner = stage.bench(stage.owner);
    let ops = edits.map(|edit| owner.op(Seq(0), edit));
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 3);
    assert_eq!(stage.inspection(id).await.bay(), Some("1"));
    // And the one whose role was given back retries it with new numbers.
    let again = [demoted.op(Seq(0), bay(id, "2"))];
    assert_eq!(
        code(&stage.push(&demoted, &again).await, 0),
        RefusalCode::NotAllowed
    );
}

#[tokio::test]
async fn an_undo_that_meets_another_value_opens_a_conflict() {
    let stage = Stage::new().await;
    let (mut here, mut there) = (stage.bench(stage.technician), stage.bench(stage.owner));
    let id = new_customer();
    let ops = [
        here.op(Seq(0), customer(id, "before")),
        here.op(Seq(0), rename(id, "mine")),
    ];
    stage.push(&here, &ops).await;
    let theirs = [there.op(stage.seq().await, rename(id, "theirs"))];
    stage.push(&there, &theirs).await;
    let undo = Edit::UndoCustomer {
        id,
        write: CustomerWrite::Name {
            name: "before".to_owned(),
        },
        expects: OpRef {
            device: here.sender.device,
            number: 2,
        },
    };
    let answer = stage
        .push(&here, &[here.clone().op(stage.seq().await, undo)])
        .await;
    let taken = format!("{:?}", answer.outcomes[0].outcome);
    assert!(taken.contains("ConflictKept"), "{taken}");
}
