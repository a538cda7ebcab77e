use redtag_protocol::{
    audit::Tally,
    entity::{EntityRef, Kind},
    event::GENESIS,
    ids::ShopId,
    stamp::{Seq, Stamp},
};

use super::{
    NOW, Place, START, begin, changes, customer, device, log, logged, new_shop, put, random,
};
use crate::storage::{Head, PageLimit, Row, Shops, StorageError, Stored, Tip};

pub async fn an_unknown_shop_is_named(place: &impl Place) {
    let storage = place.open().await;
    let shop = ShopId::from_parts(NOW.0, random());
    let missing = |error| matches!(error, StorageError::NoShop(it) if it == shop);
    assert!(missing(storage.head(shop).await.unwrap_err()));
    assert!(missing(storage.tip(shop).await.unwrap_err()));
    assert!(missing(storage.begin(shop).await.err().unwrap()));
    assert!(missing(
        storage.list(shop, Kind::Vehicle).await.unwrap_err()
    ));
    let found = storage.documents(shop, vec![customer()]).await;
    assert!(missing(found.unwrap_err()));
    let limit = PageLimit { seqs: 1, bytes: 1 };
    assert!(missing(storage.page(shop, START, limit).await.unwrap_err()));
    assert!(missing(storage.hash_at(shop, START).await.unwrap_err()));
    let last = storage.last_number(shop, device()).await;
    assert!(missing(last.unwrap_err()));
    let outcomes = storage.outcomes(shop, device(), 1, 9).await;
    assert!(missing(outcomes.unwrap_err()));
    let forgotten = storage.forget_outcomes(shop, NOW, 1).await;
    assert!(missing(forgotten.unwrap_err()));
}

pub async fn a_tip_is_the_head_and_what_it_amounts_to(place: &impl Place) {
    let storage = place.open().await;
    let (shop, other) = (new_shop(&storage, "A").await, new_shop(&storage, "B").await);
    let (a, b) = (customer(), customer());
    let check = async |head: Head, versions: &[(EntityRef, u64)]| {
        let mut tally = Tally::default();
        for (key, version) in versions {
            tally.add(key.kind().as_str(), &key.id_text(), Seq(*version));
        }
        let tally = Some(tally);
        // Also as another process sees it.
        for storage in [&storage, &place.open().await] {
            assert_eq!(storage.tip(shop).await.unwrap(), Tip { head, tally });
            assert_eq!(storage.head(shop).await.unwrap(), head);
        }
    };
    let first = put(&storage, shop, &[(a, "1"), (b, "1")]).await;
    check(first, &[(a, 1), (b, 2)]).await;
    // What is not committed is not there, and another shop's writes are its own.
    let mut transaction = begin(&storage, shop).await;
    let (writes, then) = changes(transaction.head(), &[(a, "2")]);
    transaction.write(writes).await.unwrap();
    check(first, &[(a, 1), (b, 2)]).await;
    let theirs = put(&storage, other, &[(a, "9")]).await;
    check(first, &[(a, 1), (b, 2)]).await;
    transaction.commit(then).await.unwrap();
    check(then, &[(a, 3), (b, 2)]).await;
    assert_eq!(storage.tip(other).await.unwrap().head, theirs);
    // A head that moves without a document: a ticket number, a floor.
    let transaction = begin(&storage, shop).await;
    let moved = Head {
        ticket: 7,
        floor: Seq(2),
        ..transaction.head()
    };
    transaction.commit(moved).await.unwrap();
    check(moved, &[(a, 3), (b, 2)]).await;
}

pub async fn documents_come_in_the_order_asked_for(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (a, b) = (customer(), customer());
    put(&storage, shop, &[(a, "1"), (b, "2")]).await;
    let asked = vec![b, customer(), a, b];
    let bodies = |found: Vec<Option<Stored>>| -> Vec<_> {
        let body = |it: Option<Stored>| it.map(|it| (it.key, it.version, it.body.to_string()));
        found.into_iter().map(body).collect()
    };
    let (one, two) = ((a, Seq(1), "1".to_owned()), (b, Seq(2), "2".to_owned()));
    let expected = [Some(two.clone()), None, Some(one), Some(two)];
    let found = storage.documents(shop, asked.clone()).await.unwrap();
    assert_eq!(bodies(found), expected);
    let mut transaction = begin(&storage, shop).await;
    let found = transaction.documents(asked).await.unwrap();
    assert_eq!(bodies(found), expected);
    assert_eq!(transaction.documents(Vec::new()).await.unwrap(), []);
}

pub async fn a_list_is_by_id(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let mut keys: Vec<_> = (0..9).map(|_| customer()).collect();
    let documents: Vec<_> = keys.iter().map(|key| (*key, "1")).collect();
    put(&storage, shop, &documents).await;
    keys.sort_by_key(|key| *key.id());
    let listed = storage.list(shop, Kind::Customer).await.unwrap();
    assert!(listed.iter().map(|it| it.key).eq(keys));
    assert_eq!(storage.list(shop, Kind::Vehicle).await.unwrap(), []);
}

pub async fn shops_see_nothing_of_each_other(place: &impl Place) {
    let storage = place.open().await;
    let (a, b) = (new_shop(&storage, "A").await, new_shop(&storage, "B").await);
    let (key, bench) = (customer(), device());
    let head = put(&storage, a, &[(key, "{\"of\":\"a\"}")]).await;
    let mut transaction = begin(&storage, a).await;
    let writes = log(bench, vec![logged(1, Some(customer()))], NOW);
    transaction.write(writes).await.unwrap();
    transaction.commit(head).await.unwrap();

    assert_eq!(storage.head(b).await.unwrap().seq, START);
    assert_eq!(storage.documents(b, vec![key]).await.unwrap(), [None]);
    assert_eq!(storage.list(b, Kind::Customer).await.unwrap(), []);
    assert_eq!(storage.last_number(b, bench).await.unwrap(), 0);
    assert_eq!(storage.outcomes(b, bench, 1, 9).await.unwrap(), []);
    assert_eq!(storage.hash_at(b, Seq(1)).await.unwrap(), None);
    let all = PageLimit {
        seqs: 100,
        bytes: 1 << 20,
    };
    assert_eq!(storage.page(b, START, all).await.unwrap().rows, []);
    // The same ids in both shops are two documents and two benches.
    put(&storage, b, &[(key, "{\"of\":\"b\"}")]).await;
    let found = storage.documents(a, vec![key]).await.unwrap();
    assert_eq!(&*found[0].as_ref().unwrap().body, "{\"of\":\"a\"}");
}

async fn pages(storage: &impl Shops, shop: ShopId, limit: PageLimit) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut after = START;
    loop {
        let page = storage.page(shop, after, limit).await.unwrap();
        let hash = storage.hash_at(shop, page.upto).await.unwrap();
        assert_eq!(hash, Some(page.hash));
        rows.extend(page.rows);
        if !page.more {
            assert_eq!(page.upto, storage.head(shop).await.unwrap().seq);
            return rows;
        }
        assert!(page.upto > after, "a page always goes on");
        after = page.upto;
    }
}

pub async fn pages_are_the_same_whatever_their_size(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let keys: Vec<_> = (0..7).map(|_| customer()).collect();
    for round in 0..5 {
        let body = format!("{{\"round\":{round}}}");
        for pair in keys.chunks(2) {
            let documents: Vec<_> = pair.iter().map(|key| (*key, body.as_str())).collect();
            put(&storage, shop, &documents).await;
        }
    }
    let whole = PageLimit {
        seqs: 1_000,
        bytes: 1 << 20,
    };
    let all = pages(&storage, shop, whole).await;
    assert_eq!(all.len(), 35 + 7, "every event, and each document once");
    let seqs = all.iter().filter_map(|row| match row {
        Row::Event(event) => Some(event.seq.0),
        _ => None,
    });
    assert!(seqs.eq(1..=35));
    for seqs in [1, 2, 3, 8] {
        let limit = PageLimit {
            seqs,
            bytes: 1 << 20,
        };
        assert_eq!(pages(&storage, shop, limit).await, all);
    }
    let narrow = PageLimit { bytes: 1, ..whole };
    assert_eq!(pages(&storage, shop, narrow).await, all);
}

pub async fn pages_of_large_and_small_rows_are_whole(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(20_000));
    // Long stretches of either, so that an engine that guesses from the rows before guesses wrong.
    let keys: Vec<_> = (0..300).map(|_| customer()).collect();
    for (part, body) in keys.chunks(100).zip(["1", large.as_str(), "3"]) {
        let documents: Vec<_> = part.iter().map(|key| (*key, body)).collect();
        put(&storage, shop, &documents).await;
    }
    let bytes = 64 * 1024;
    let limit = PageLimit { seqs: 1_000, bytes };
    let all = pages(&storage, shop, limit).await;
    assert_eq!(all.len(), 600);
    let mut after = START;
    while after < Seq(300) {
        let page = storage.page(shop, after, limit).await.unwrap();
        let stored = |row: &Row| match row {
            Row::Document(it) => it.body.len(),
            Row::Event(it) => it.payload.len(),
            Row::Gone(_) => 0,
        };
        let held: usize = page.rows.iter().map(stored).sum();
        // One sequence may be begun below the limit.
        assert!(held < bytes + large.len() + 100, "{held}");
        assert!(page.rows.iter().all(|row| match row {
            Row::Document(it) => it.version > after && it.version <= page.upto,
            Row::Event(it) => it.seq > after && it.seq <= page.upto,
            Row::Gone(_) => false,
        }));
        after = page.upto;
    }
    // No limit keeps a page from going on.
    let none = PageLimit { seqs: 0, bytes: 0 };
    let page = storage.page(shop, START, none).await.unwrap();
    assert_eq!((page.rows.len(), page.upto, page.more), (2, Seq(1), true));
}

pub async fn a_changed_document_moves_to_the_end(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (first, second) = (customer(), customer());
    put(&storage, shop, &[(first, "1"), (second, "2")]).await;
    let limit = PageLimit {
        seqs: 1,
        bytes: 1 << 20,
    };
    let page = storage.page(shop, START, limit).await.unwrap();
    assert_eq!(page.rows.len(), 2);
    put(&storage, shop, &[(first, "3")]).await;
    let rest = storage.page(shop, page.upto, PageLimit { seqs: 9, ..limit });
    let documents: Vec<_> = rest
        .await
        .unwrap()
        .rows
        .into_iter()
        .filter_map(|row| match row {
            Row::Document(it) => Some((it.key, it.version)),
            _ => None,
        })
        .collect();
    assert_eq!(documents, [(second, Seq(2)), (first, Seq(3))]);
}

pub async fn hashes_are_found_by_sequence(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let head = put(&storage, shop, &[(customer(), "1"), (customer(), "2")]).await;
    assert_eq!(storage.hash_at(shop, START).await.unwrap(), Some(GENESIS));
    let last = storage.hash_at(shop, head.seq).await.unwrap();
    assert_eq!(last, Some(head.hash));
    assert_eq!(storage.hash_at(shop, Seq(3)).await.unwrap(), None);
    assert_eq!(storage.hash_at(shop, Seq(u64::MAX)).await.unwrap(), None);
    let mut transaction = begin(&storage, shop).await;
    let asked = vec![Seq(3), head.seq, Seq(u64::MAX), START, head.seq];
    let found = transaction.hashes(asked).await.unwrap();
    let last = Some(head.hash);
    assert_eq!(found, [None, last, None, Some(GENESIS), last]);
}

pub async fn outcomes_are_forgotten_but_not_the_numbers(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let bench = device();
    for number in 1..=3 {
        let mut transaction = begin(&storage, shop).await;
        let at = Stamp(NOW.0 + number);
        let writes = log(bench, vec![logged(number, None)], at);
        transaction.write(writes).await.unwrap();
        let head = transaction.head();
        transaction.commit(head).await.unwrap();
    }
    let before = Stamp(NOW.0 + 3);
    let forgotten = async |most| storage.forget_outcomes(shop, before, most).await.unwrap();
    assert_eq!(forgotten(10).await, 2);
    assert_eq!(forgotten(10).await, 0);
    let mut transaction = begin(&storage, shop).await;
    let kept = transaction.outcomes(bench, 1, 3).await.unwrap();
    assert_eq!(kept.iter().map(|it| it.number).collect::<Vec<_>>(), [3]);
    assert_eq!(transaction.last_number(bench).await.unwrap(), 3);
}

pub async fn outcomes_are_forgotten_in_slices(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let bench = device();
    for number in 1..=7 {
        let mut transaction = begin(&storage, shop).await;
        // The last three at one instant, which is not cut.
        let at = Stamp(NOW.0 + number.min(5));
        let writes = log(bench, vec![logged(number, None)], at);
        transaction.write(writes).await.unwrap();
        let head = transaction.head();
        transaction.commit(head).await.unwrap();
    }
    for (slice, kept) in [(2, 3), (2, 5), (3, 8), (0, 8)] {
        let forgotten = storage.forget_outcomes(shop, Stamp(NOW.0 + 6), 2).await;
        assert_eq!(forgotten.unwrap(), slice);
        let mut transaction = begin(&storage, shop).await;
        let left = transaction.outcomes(bench, 1, 9).await.unwrap();
        assert_eq!(left.first().map_or(8, |it| it.number), kept);
    }
}
