use redtag_protocol::{
    api::changes::Mark,
    entity::{EntityRef, Kind},
    ids::{InspectionId, ShopId, VehicleId},
    stamp::Seq,
};

use super::{NOW, Place, changes, customer, new_shop, put, random};
use crate::storage::{Index, PageLimit, Part, Row, Shops as _, Storage, Stored};

const ALL: PageLimit = PageLimit {
    seqs: 1_000,
    bytes: 1 << 20,
};

fn inspection() -> EntityRef {
    EntityRef::Inspection(InspectionId::from_parts(NOW.0, random()))
}

fn vehicle() -> VehicleId {
    VehicleId::from_parts(NOW.0, random())
}

/// One transaction that changes these documents and what is known of them beside their bodies.
pub(super) async fn put_indexed(
    storage: &dyn Storage,
    shop: ShopId,
    documents: &[(EntityRef, &str, Index)],
) {
    let transaction = storage.begin(shop).await.unwrap();
    let plain: Vec<_> = documents.iter().map(|it| (it.0, it.1)).collect();
    let (mut changes, head) = changes(transaction.head(), &plain);
    for document in &mut changes.documents {
        let given = documents.iter().find(|it| it.0 == document.key);
        document.index = given.unwrap().2;
    }
    transaction.finish(changes, head).await.unwrap();
}

pub(super) fn open(vehicle: Option<VehicleId>) -> Index {
    Index {
        open: true,
        vehicle,
        customer: None,
    }
}

async fn part(storage: &impl Storage, shop: ShopId, part: Part, limit: PageLimit) -> Vec<Row> {
    let upto = storage.head(shop).await.unwrap().seq;
    let (mut rows, mut after): (Vec<Row>, Option<Mark>) = (Vec::new(), None);
    loop {
        let piece = storage.piece(shop, part, after, upto, limit).await.unwrap();
        rows.extend(piece.rows);
        if piece.next.is_none() {
            return rows;
        }
        assert_ne!(piece.next, after, "a copy always goes on");
        after = piece.next;
    }
}

fn documents(rows: &[Row]) -> Vec<EntityRef> {
    let each = rows.iter().filter_map(|row| match row {
        Row::Document(Stored { key, .. }) => Some(*key),
        _ => None,
    });
    each.collect()
}

fn events(rows: &[Row]) -> Vec<(EntityRef, Seq)> {
    let each = rows.iter().filter_map(|row| match row {
        Row::Event(it) => Some((it.key, it.seq)),
        _ => None,
    });
    each.collect()
}

pub async fn a_copy_is_the_same_whatever_the_size_of_its_pieces(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(5_000));
    let mut keys: Vec<_> = (0..150).map(|_| inspection()).collect();
    for (number, key) in keys.iter().enumerate() {
        let index = Index {
            open: number % 3 == 0,
            ..Index::default()
        };
        let body = if number % 2 == 0 { "1" } else { &long };
        put_indexed(&storage, shop, &[(*key, body, index)]).await;
    }
    let (mut open, mut shut) = (Vec::new(), Vec::new());
    for (number, key) in keys.iter().enumerate() {
        if number % 3 == 0 {
            open.push(*key);
        } else {
            shut.push(*key);
        }
    }
    open.sort_by(|a, b| b.cmp(a));
    shut.sort_by(|a, b| b.cmp(a));
    keys.clear();
    for (which, expected) in [(Part::Open, open), (Part::Kind(Kind::Inspection), shut)] {
        let all = part(&storage, shop, which, ALL).await;
        assert_eq!(documents(&all), expected, "{which:?}");
        for (seqs, bytes) in [(1, 1 << 20), (7, 1 << 20), (1_000, 0), (1_000, 20_000)] {
            let limit = PageLimit { seqs, bytes };
            assert_eq!(part(&storage, shop, which, limit).await, all, "{which:?}");
        }
    }
}

pub async fn a_copy_leaves_out_what_changed_since(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (a, b, c) = (customer(), customer(), customer());
    let upto = put(&storage, shop, &[(a, "1"), (b, "1")]).await.seq;
    put(&storage, shop, &[(b, "2"), (c, "1")]).await;
    let piece = storage.piece(shop, Part::Kind(Kind::Customer), None, upto, ALL);
    let piece = piece.await.unwrap();
    assert_eq!(documents(&piece.rows), [a]);
    assert_eq!(piece.next, None);
    let (car, ticket) = (vehicle(), inspection());
    put_indexed(&storage, shop, &[(ticket, "1", open(Some(car)))]).await;
    let piece = storage.piece(shop, Part::Open, None, upto, ALL).await;
    assert_eq!(piece.unwrap().rows, []);
}

pub async fn open_inspections_bring_what_they_name(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (car, other) = (vehicle(), vehicle());
    let cars = [EntityRef::Vehicle(car), EntityRef::Vehicle(other)];
    put(&storage, shop, &[(cars[0], "1"), (cars[1], "1")]).await;
    let (one, two) = (inspection(), inspection());
    let nobody = open(Some(vehicle()));
    let named = open(Some(car));
    let tickets = [
        (one, "1", named),
        (two, "1", named),
        (inspection(), "1", nobody),
    ];
    put_indexed(&storage, shop, &tickets).await;
    let rows = part(&storage, shop, Part::Open, ALL).await;
    let keys = documents(&rows);
    assert_eq!(keys.len(), 4, "the vehicle once: {keys:?}");
    assert_eq!(keys[0], cars[0]);
}

pub async fn an_alias_comes_with_what_it_has_become(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let ids = [vehicle(), vehicle(), vehicle()];
    let body = |at: usize| {
        let writer = format!("[1,\"{}\",1,1,\"{}\"]", ids[0], ids[0]);
        let merged = ids.get(at + 1).map_or_else(String::new, |into| {
            format!(",\"merged\":{{\"v\":\"{into}\",\"w\":{writer}}}")
        });
        format!("{{\"id\":\"{}\"{merged}}}", ids[at])
    };
    for (at, id) in ids.iter().enumerate() {
        let key = EntityRef::Vehicle(*id);
        put(&storage, shop, &[(key, &body(at))]).await;
    }
    let ticket = inspection();
    put_indexed(&storage, shop, &[(ticket, "1", open(Some(ids[0])))]).await;
    let rows = part(&storage, shop, Part::Open, ALL).await;
    let keys = documents(&rows);
    assert_eq!(keys.len(), 4, "{keys:?}");
    assert!(
        ids.iter()
            .all(|id| keys[..3].contains(&EntityRef::Vehicle(*id)))
    );
    assert_eq!(keys[3], ticket);
}

pub async fn a_mark_past_every_number_is_past_the_end(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let ticket = inspection();
    put_indexed(&storage, shop, &[(ticket, "1", open(None))]).await;
    let upto = storage.head(shop).await.unwrap().seq;
    for seq in [i64::MAX.cast_unsigned(), 1 << 63, u64::MAX] {
        let seq = Seq(seq);
        for id in [*ticket.id(), [0; 16], [0xff; 16]] {
            for part in [Part::Open, Part::History, Part::Kind(Kind::Customer)] {
                let mark = Some(Mark { id, seq });
                storage.piece(shop, part, mark, upto, ALL).await.unwrap();
            }
        }
        let none = storage.timeline(shop, ticket, seq, 9).await.unwrap();
        assert_eq!(none, []);
        assert_eq!(storage.hash_at(shop, seq).await.unwrap(), None);
    }
}

pub async fn the_history_is_of_open_inspections(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (work, done) = (inspection(), inspection());
    for _ in 0..150 {
        let both = [
            (work, "1", open(None)),
            (done, "1", Index::default()),
            (customer(), "1", Index::default()),
        ];
        put_indexed(&storage, shop, &both).await;
    }
    let more = inspection();
    put_indexed(&storage, shop, &[(more, "1", open(None))]).await;
    let all = part(&storage, shop, Part::History, ALL).await;
    let found = events(&all);
    assert_eq!((found.len(), all.len()), (151, 151));
    assert!(found.iter().all(|(key, _)| *key == work || *key == more));
    assert!(found.is_sorted_by_key(|(key, seq)| (std::cmp::Reverse(*key), *seq)));
    for (seqs, bytes) in [(1, 1 << 20), (2, 1 << 20), (64, 1 << 20), (1_000, 0)] {
        let limit = PageLimit { seqs, bytes };
        assert_eq!(part(&storage, shop, Part::History, limit).await, all);
    }
}

pub async fn a_timeline_is_of_one_document(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (key, other) = (customer(), customer());
    for body in ["1", "2", "3"] {
        put(&storage, shop, &[(key, body), (other, body)]).await;
    }
    let seqs = |found: Vec<crate::storage::Event>| -> Vec<u64> {
        assert!(found.iter().all(|it| it.key == key));
        found.iter().map(|it| it.seq.0).collect()
    };
    let all = storage.timeline(shop, key, Seq(0), 10).await.unwrap();
    assert_eq!(seqs(all), [1, 3, 5]);
    let some = storage.timeline(shop, key, Seq(1), 1).await.unwrap();
    assert_eq!(seqs(some), [3]);
    let none = storage.timeline(shop, customer(), Seq(0), 10).await;
    assert_eq!(none.unwrap(), []);
}
