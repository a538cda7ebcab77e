//! What an erasure takes, however long ago its customer was deleted, and what it leaves.

use redtag_protocol::{
    customer::CustomerWrite,
    entity::EntityRef,
    ids::CustomerId,
    op::{Edit, RefusalCode},
    stamp::{Seq, Stamp},
};

use crate::{
    core::tests::{NOW, Stage, accepted, code, customer, new_customer},
    storage::{Event, Head, Shops as _},
};

const SECRET: &str = "Alma Testwell";

fn erase(id: CustomerId) -> Edit {
    Edit::EraseCustomer { id }
}

fn delete(id: CustomerId) -> Edit {
    let what = EntityRef::Customer(id);
    Edit::Delete { what }
}

fn phones(id: CustomerId, phone: &str) -> Edit {
    let phones = vec![phone.to_owned()];
    Edit::Customer {
        id,
        write: CustomerWrite::Phones { phones },
    }
}

impl Stage {
    async fn told(&self, id: CustomerId) -> Vec<Event> {
        let key = EntityRef::Customer(id);
        let told = self.storage.timeline(self.shop, key, Seq(0), 100).await;
        told.unwrap()
    }

    /// As after half a year.
    async fn forget(&self) {
        let mut transaction = self.storage.begin(self.shop).await.unwrap();
        let old = transaction.forget_tombstones(Stamp(NOW.0 + 1), 100).await;
        let (count, floor) = old.unwrap();
        assert!(count > 0);
        let head = Head {
            floor: floor.unwrap(),
            ..transaction.head()
        };
        transaction.commit(head).await.unwrap();
    }
}

fn full(events: &[Event]) -> Vec<&Event> {
    events.iter().filter(|it| &*it.payload != "{}").collect()
}

#[tokio::test]
async fn a_customer_whose_deletion_is_forgotten_is_erased_with_the_duplicates() {
    for named in [0, 1] {
        let stage = Stage::new().await;
        let mut owner = stage.bench(stage.owner);
        let ids = [new_customer(), new_customer()];
        let mut ops = vec![
            owner.op(Seq(0), customer(ids[0], SECRET)),
            owner.op(Seq(0), customer(ids[1], SECRET)),
            owner.op(Seq(0), phones(ids[0], SECRET)),
            owner.op(Seq(0), phones(ids[1], SECRET)),
        ];
        let (id, into) = (ids[0], ids[1]);
        ops.push(owner.op(Seq(0), Edit::MergeCustomers { id, into }));
        ops.push(owner.op(Seq(0), delete(ids[1])));
        assert_eq!(accepted(&stage.push(&owner, &ops).await), 6);
        stage.forget().await;
        for id in ids {
            assert!(format!("{:?}", stage.told(id).await).contains(SECRET));
        }
        // Another one in the same batch, so that what is loaded first does not know of it yet.
        let ops = [
            owner.op(Seq(0), phones(ids[named], "555-0101")),
            owner.op(Seq(0), erase(new_customer())),
            owner.op(Seq(0), erase(ids[named])),
        ];
        let answer = stage.push(&owner, &ops).await;
        assert_eq!(code(&answer, 0), RefusalCode::NotFound);
        assert_eq!(code(&answer, 1), RefusalCode::NotFound);
        assert_eq!(accepted(&answer), 1);
        for id in ids {
            let told = stage.told(id).await;
            assert_eq!(full(&told).len(), 1, "that it was erased: {told:?}");
            assert!(!format!("{told:?}").contains(SECRET));
            let mut transaction = stage.storage.begin(stage.shop).await.unwrap();
            let left = transaction.tombstones(vec![EntityRef::Customer(id)]).await;
            assert!(left.unwrap()[0].as_ref().unwrap().erased);
        }
    }
}

#[tokio::test]
async fn what_was_erased_does_not_come_back_half_a_year_later() {
    let stage = Stage::new().await;
    let mut owner = stage.bench(stage.owner);
    let ids = [new_customer(), new_customer()];
    let ops = [
        owner.op(Seq(0), customer(ids[0], SECRET)),
        owner.op(Seq(0), customer(ids[1], SECRET)),
        owner.op(Seq(0), erase(ids[0])),
        owner.op(Seq(0), delete(ids[1])),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 4);
    stage.forget().await;
    // As a home from an old backup does, whose numbers are given anew.
    let mut late = stage.bench(stage.owner);
    let ops = [
        late.op(Seq(0), customer(ids[0], SECRET)),
        late.op(Seq(0), phones(ids[0], SECRET)),
        late.op(Seq(0), customer(ids[1], SECRET)),
    ];
    let answer = stage.push(&late, &ops).await;
    assert_eq!(code(&answer, 0), RefusalCode::Erased);
    assert_eq!(code(&answer, 1), RefusalCode::Erased);
    assert_eq!(accepted(&answer), 1, "that one was only deleted");
}

#[tokio::test]
async fn who_erased_first_and_when_stays() {
    let stage = Stage::new().await;
    let mut owner = stage.bench(stage.owner);
    let id = new_customer();
    let ops = [
        owner.op(Seq(0), customer(id, SECRET)),
        owner.op(Seq(0), erase(id)),
        owner.op(Seq(0), erase(id)),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 3);
    let told = stage.told(id).await;
    assert_eq!(full(&told), [&told[1], &told[2]]);
    let ops = [owner.op(Seq(0), erase(id))];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 1);
    // And half a year later, when what was only deleted is forgotten.
    let other = new_customer();
    let ops = [
        owner.op(Seq(0), customer(other, SECRET)),
        owner.op(Seq(0), delete(other)),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 2);
    stage.forget().await;
    let ops = [owner.op(Seq(0), erase(id))];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 1);
    let later = stage.told(id).await;
    assert_eq!(later[..3], told[..]);
    assert_eq!(full(&later).len(), 4);
}

#[tokio::test]
async fn a_deleted_customer_takes_the_duplicates_along_and_brings_them_back() {
    let stage = Stage::new().await;
    let (mut owner, mut late) = (stage.bench(stage.owner), stage.bench(stage.technician));
    let (id, into) = (new_customer(), new_customer());
    let ops = [
        owner.op(Seq(0), customer(id, SECRET)),
        owner.op(Seq(0), customer(into, SECRET)),
        owner.op(Seq(0), Edit::MergeCustomers { id, into }),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 3);
    let seen = stage.seq().await;
    let ops = [owner.op(seen, delete(id))];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 1);
    let keys = vec![EntityRef::Customer(id), EntityRef::Customer(into)];
    let documents = || stage.storage.documents(stage.shop, keys.clone());
    assert_eq!(documents().await.unwrap(), [None, None]);
    let ops = [late.op(seen, phones(id, "555-0102"))];
    assert_eq!(accepted(&stage.push(&late, &ops).await), 1);
    let back = documents().await.unwrap();
    let winner = back[1].as_ref().unwrap();
    assert!(winner.body.contains("555-0102") && back[0].is_some());
    let ops = [
        owner.op(stage.seq().await, delete(id)),
        owner.op(stage.seq().await, erase(into)),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 2);
    for id in [id, into] {
        let told = stage.told(id).await;
        assert_eq!(full(&told).len(), 1);
        let mut transaction = stage.storage.begin(stage.shop).await.unwrap();
        let left = transaction.tombstones(vec![EntityRef::Customer(id)]).await;
        let left = left.unwrap()[0].clone().unwrap();
        assert_eq!((left.erased, left.body), (true, None));
    }
}

#[tokio::test]
async fn what_is_merged_and_erased_at_once_goes_with_all_that_it_was() {
    let stage = Stage::new().await;
    let mut owner = stage.bench(stage.owner);
    let [a, b, c] = [new_customer(), new_customer(), new_customer()];
    let ops = [
        owner.op(Seq(0), customer(a, SECRET)),
        owner.op(Seq(0), customer(b, SECRET)),
        owner.op(Seq(0), customer(c, SECRET)),
        owner.op(Seq(0), Edit::MergeCustomers { id: c, into: b }),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 4);
    let seen = stage.seq().await;
    let ops = [
        owner.op(seen, Edit::MergeCustomers { id: b, into: a }),
        owner.op(seen, erase(a)),
    ];
    assert_eq!(accepted(&stage.push(&owner, &ops).await), 2);
    let keys = [a, b, c].map(EntityRef::Customer).to_vec();
    let left = stage.storage.documents(stage.shop, keys).await.unwrap();
    assert_eq!(left, [None, None, None]);
    for id in [a, b, c] {
        let told = stage.told(id).await;
        assert!(told.iter().all(|it| !it.payload.contains(SECRET)));
    }
}
