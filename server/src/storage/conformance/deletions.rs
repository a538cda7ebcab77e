use redtag_protocol::{
    audit::Tally,
    entity::EntityRef,
    event,
    ids::{CustomerId, InspectionId, ShopId, VehicleId},
    stamp::{Seq, Stamp},
};

use super::{
    NOW, Place, START, begin, changes,
    copies::{open, put_indexed},
    customer, is_constraint, new_shop, put, random,
};
use crate::storage::{
    Changes, Emptied, Head, Index, PageLimit, Row, Shops as _, Storage, Stored, Tombstone,
};

/// A deletion after a head, with its event.
fn deletion(head: Head, key: EntityRef, erased: bool, at: Stamp) -> (Changes, Head) {
    let (mut changes, head) = changes(head, &[(key, "1")]);
    changes.documents.clear();
    changes.gone.push(Tombstone {
        key,
        version: head.seq,
        at,
        erased,
        body: (!erased).then(|| "{\"was\":1}".into()),
    });
    (changes, head)
}

async fn delete(storage: &dyn Storage, shop: ShopId, key: EntityRef, erased: bool) -> Head {
    let mut transaction = storage.begin(shop).await.unwrap();
    let (mut changes, head) = deletion(transaction.head(), key, erased, NOW);
    if erased {
        let told = transaction.histories(vec![key]).await.unwrap();
        changes.erase = told.iter().flatten().filter_map(Emptied::of).collect();
    }
    transaction.finish(changes, head).await.unwrap();
    head
}

const ALL: PageLimit = PageLimit {
    seqs: 1_000,
    bytes: 1 << 20,
};

pub async fn a_deleted_document_leaves_a_tombstone(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (key, erased) = (customer(), customer());
    put(&storage, shop, &[(key, "1"), (erased, "1")]).await;
    delete(&storage, shop, key, false).await;
    let head = delete(&storage, shop, erased, true).await;
    let found = storage.documents(shop, vec![key, erased]).await.unwrap();
    assert_eq!(found, [None, None]);
    let page = storage.page(shop, Seq(2), ALL).await.unwrap();
    let gone: Vec<_> = page
        .rows
        .iter()
        .filter_map(|row| match row {
            Row::Gone(it) => Some((it.key, it.version.0, it.erased, it.body.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(gone, [(key, 3, false, None), (erased, 4, true, None)]);
    let mut transaction = begin(&storage, shop).await;
    let keys = vec![erased, customer(), key];
    let tombstones = transaction.tombstones(keys).await.unwrap();
    let [Some(first), None, Some(second)] = &tombstones[..] else {
        unreachable!("{tombstones:?}")
    };
    assert_eq!(
        (first.key, first.erased, &first.body),
        (erased, true, &None)
    );
    assert_eq!(second.body.as_deref(), Some("{\"was\":1}"));
    assert_eq!((second.version, second.at), (Seq(3), NOW));
    assert_eq!(transaction.head(), head);
}

pub async fn a_document_that_comes_back_has_none(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let key = customer();
    put(&storage, shop, &[(key, "1")]).await;
    delete(&storage, shop, key, false).await;
    delete(&storage, shop, key, true).await;
    put(&storage, shop, &[(key, "2")]).await;
    let mut transaction = begin(&storage, shop).await;
    assert_eq!(transaction.tombstones(vec![key]).await.unwrap(), [None]);
    let page = storage.page(shop, START, ALL).await.unwrap();
    assert!(!page.rows.iter().any(|row| matches!(row, Row::Gone(_))));
    assert_eq!(page.tally.unwrap().documents, 1);
}

pub async fn one_document_is_not_written_twice(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let key = customer();
    let head = put(&storage, shop, &[(key, "1")]).await;
    // Both deleted and written; at the sequence of another; at one that is no event's.
    let (mut both, after) = deletion(head, key, false, NOW);
    let version = after.seq;
    let stored = |key| Stored {
        key,
        version,
        index: Index::default(),
        body: "1".into(),
    };
    both.documents.push(stored(key));
    let (mut shared, _) = deletion(head, key, false, NOW);
    shared.documents.push(stored(customer()));
    let (mut silent, _) = deletion(head, key, false, NOW);
    silent.gone[0].version = head.seq;
    for wrong in [both, shared, silent] {
        let ended = begin(&storage, shop).await.finish(wrong, after).await;
        assert!(is_constraint(&ended));
    }
    assert_eq!(storage.head(shop).await.unwrap(), head);
    assert!(storage.documents(shop, vec![key]).await.unwrap()[0].is_some());
}

pub async fn erasing_empties_what_was_told(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (key, other) = (customer(), customer());
    put(&storage, shop, &[(key, "1"), (other, "1"), (key, "2")]).await;
    let before = storage.timeline(shop, key, START, 10).await.unwrap();
    // Changed and erased by one write.
    let mut transaction = begin(&storage, shop).await;
    let (first, head) = changes(transaction.head(), &[(key, "3")]);
    let (mut second, head) = deletion(head, key, true, NOW);
    let told = transaction.histories(vec![other, key]).await.unwrap();
    assert_eq!(told[0].len(), 1);
    assert_eq!(told[1], before);
    let told = told[1].iter().chain(&first.events);
    second.erase = told.filter_map(Emptied::of).collect();
    second.events.splice(..0, first.events.clone());
    transaction.finish(second, head).await.unwrap();

    let after = storage.timeline(shop, key, START, 10).await.unwrap();
    let [one, two, three, last] = &after[..] else {
        unreachable!("{after:?}")
    };
    for (event, told) in [one, two, three]
        .into_iter()
        .zip(before.iter().chain(&first.events))
    {
        assert_eq!(&*event.payload, "{}");
        let digest = event::payload_digest(&told.salt, told.payload.as_bytes());
        assert_eq!(event.digest, Some(digest), "what the chain was made of");
        assert_eq!((event.seq, event.hash), (told.seq, told.hash));
    }
    assert_ne!(&*last.payload, "{}", "that it was erased is told");
    assert_eq!(last.digest, None);
    let others = storage.timeline(shop, other, START, 10).await.unwrap();
    assert_ne!(&*others[0].payload, "{}");
    // Once more, naming what is empty: what its digest was stays.
    let transaction = begin(&storage, shop).await;
    let (mut again, head) = deletion(transaction.head(), key, true, NOW);
    let digest = [9; 32];
    again.erase = after[..3]
        .iter()
        .map(|it| Emptied {
            seq: it.seq,
            digest,
        })
        .collect();
    transaction.finish(again, head).await.unwrap();
    let again = storage.timeline(shop, key, START, 4).await.unwrap();
    assert_eq!(again, after);
}

pub async fn events_outlive_document_and_tombstone(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (key, nobody) = (customer(), customer());
    put(&storage, shop, &[(key, "1"), (key, "2")]).await;
    delete(&storage, shop, key, false).await;
    let mut transaction = begin(&storage, shop).await;
    transaction
        .forget_tombstones(Stamp(NOW.0 + 1), 9)
        .await
        .unwrap();
    let head = Head {
        floor: Seq(3),
        ..transaction.head()
    };
    transaction.commit(head).await.unwrap();
    let mut transaction = begin(&storage, shop).await;
    let keys = vec![nobody, key];
    assert_eq!(
        transaction.tombstones(keys.clone()).await.unwrap(),
        [None, None]
    );
    let told = transaction.histories(keys).await.unwrap();
    let seqs: Vec<_> = told
        .iter()
        .map(|it| it.iter().map(|it| it.seq.0).collect::<Vec<_>>())
        .collect();
    assert_eq!(seqs, [vec![], vec![1, 2, 3]]);
    let (mut gone, head) = deletion(transaction.head(), key, true, NOW);
    gone.erase = told[1].iter().filter_map(Emptied::of).collect();
    transaction.finish(gone, head).await.unwrap();
    let left = storage.timeline(shop, key, START, 10).await.unwrap();
    let full: Vec<_> = left.iter().filter(|it| it.digest.is_none()).collect();
    assert_eq!(full.len(), 1, "that it was erased: {left:?}");
}

pub async fn what_is_named_is_known(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (car, person) = (
        VehicleId::from_parts(NOW.0, random()),
        CustomerId::from_parts(NOW.0, random()),
    );
    let ticket = EntityRef::from_parts(redtag_protocol::entity::Kind::Inspection, random());
    let index = Index {
        customer: Some(person),
        ..open(Some(car))
    };
    put_indexed(&storage, shop, &[(ticket, "1", index)]).await;
    let keys = vec![
        EntityRef::Customer(person),
        customer(),
        EntityRef::Vehicle(car),
        ticket,
    ];
    let mut transaction = begin(&storage, shop).await;
    let named = transaction.referred(keys.clone()).await.unwrap();
    assert_eq!(named, [true, false, true, false]);
    let stored = transaction.documents(vec![ticket]).await.unwrap();
    assert_eq!(stored[0].as_ref().unwrap().index, index);
    drop(transaction);
    // It names another vehicle now, and is done.
    let shut = Index {
        open: false,
        vehicle: None,
        ..index
    };
    put_indexed(&storage, shop, &[(ticket, "2", shut)]).await;
    let mut transaction = begin(&storage, shop).await;
    let named = transaction.referred(keys).await.unwrap();
    assert_eq!(named, [true, false, false, false]);
    let stored = transaction.documents(vec![ticket]).await.unwrap();
    assert_eq!(stored[0].as_ref().unwrap().index, shut);
}

pub async fn open_inspections_come_in_falling_order(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let inspection = |n: u8| EntityRef::Inspection(InspectionId::from_bytes([n; 16]));
    let index = open(Some(VehicleId::from_parts(NOW.0, random())));
    let shut = Index {
        open: false,
        ..index
    };
    for (n, index) in [(3, index), (1, index), (2, shut), (4, index)] {
        put_indexed(&storage, shop, &[(inspection(n), "1", index)]).await;
    }
    put(&storage, shop, &[(customer(), "1")]).await;
    let mut transaction = begin(&storage, shop).await;
    let found = transaction.open(None, 2).await.unwrap();
    let keys: Vec<_> = found.iter().map(|it| it.key).collect();
    assert_eq!(keys, [inspection(4), inspection(3)]);
    assert_eq!(&*found[0].body, "1");
    assert_eq!((found[0].version, found[0].index), (Seq(4), index));
    let last = Some(InspectionId::from_bytes([3; 16]));
    let found = transaction.open(last, 2).await.unwrap();
    let keys: Vec<_> = found.iter().map(|it| it.key).collect();
    assert_eq!(keys, [inspection(1)]);
}

pub async fn tombstones_are_forgotten_with_a_floor(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let keys = [customer(), customer(), customer()];
    // The second went last, by a clock that was put back.
    for (key, at) in keys.iter().zip([1, 3, 2]) {
        let transaction = begin(&storage, shop).await;
        let (gone, head) = deletion(transaction.head(), *key, false, Stamp(at));
        transaction.finish(gone, head).await.unwrap();
    }
    let erased = customer();
    let transaction = begin(&storage, shop).await;
    let (gone, head) = deletion(transaction.head(), erased, true, Stamp(0));
    transaction.finish(gone, head).await.unwrap();
    let mut transaction = begin(&storage, shop).await;
    let forgotten = transaction.forget_tombstones(Stamp(3), 9).await.unwrap();
    assert_eq!(forgotten, (2, Some(Seq(3))));
    let floor = Head {
        floor: Seq(3),
        ..transaction.head()
    };
    transaction.commit(floor).await.unwrap();
    assert_eq!(storage.head(shop).await.unwrap(), floor);
    let mut transaction = begin(&storage, shop).await;
    let left = transaction.tombstones(keys.to_vec()).await.unwrap();
    assert!(left[0].is_none() && left[1].is_some() && left[2].is_none());
    let none = transaction.forget_tombstones(Stamp(3), 9).await.unwrap();
    assert_eq!(none, (0, None));
    let one = transaction.forget_tombstones(Stamp(9), 1).await.unwrap();
    assert_eq!(one, (1, Some(Seq(2))));
    let left = transaction.tombstones(vec![erased]).await.unwrap();
    assert!(left[0].as_ref().is_some_and(|it| it.erased));
    drop(transaction);
    let page = storage.page(shop, Seq(1), ALL).await.unwrap();
    assert!(page.rows.iter().any(|row| matches!(row, Row::Gone(_))));
}

pub async fn the_tally_follows_every_write(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (a, b, c) = (customer(), customer(), customer());
    let mut expected: Vec<(EntityRef, u64)> = Vec::new();
    let check = async |expected: &[(EntityRef, u64)]| {
        let mut tally = Tally::default();
        for (key, version) in expected {
            tally.add(key.kind().as_str(), &key.id_text(), Seq(*version));
        }
        // Also as another process sees it.
        for storage in [&storage, &place.open().await] {
            let page = storage.page(shop, START, ALL).await.unwrap();
            assert_eq!(page.tally, Some(tally));
        }
    };
    put(&storage, shop, &[(a, "1"), (b, "1")]).await;
    expected.extend([(a, 1), (b, 2)]);
    check(&expected).await;
    put(&storage, shop, &[(a, "2"), (c, "1")]).await;
    expected = vec![(a, 3), (b, 2), (c, 4)];
    check(&expected).await;
    delete(&storage, shop, b, false).await;
    expected = vec![(a, 3), (c, 4)];
    check(&expected).await;
    // Another process writes in between, and one transaction in two steps.
    put(&place.open().await, shop, &[(a, "3")]).await;
    let mut transaction = begin(&storage, shop).await;
    let (first, head) = changes(transaction.head(), &[(a, "4"), (b, "2")]);
    transaction.write(first).await.unwrap();
    let (second, head) = changes(head, &[(a, "5")]);
    transaction.finish(second, head).await.unwrap();
    expected = vec![(a, 9), (b, 8), (c, 4)];
    check(&expected).await;
    // What is rolled back was never counted.
    let mut transaction = begin(&storage, shop).await;
    let (lost, _) = changes(transaction.head(), &[(a, "6")]);
    transaction.write(lost).await.unwrap();
    drop(transaction);
    put(&storage, shop, &[(c, "2")]).await;
    expected = vec![(a, 9), (b, 8), (c, 10)];
    check(&expected).await;
}
