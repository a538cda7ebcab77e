use redtag_protocol::{
    entity::Kind,
    event::GENESIS,
    ids::ShopId,
    stamp::{Seq, Stamp},
};

use super::{NOW, Place, START, begin, customer, device, log, logged, new_shop, put, random};
use crate::storage::{PageLimit, Row, Shops, StorageError};

pub async fn an_unknown_shop_is_named(place: &impl Place) {
    let storage = place.open().await;
    let shop = ShopId::from_parts(NOW.0, random());
    let missing = |error| matches!(error, StorageError::NoShop(it) if it == shop);
    assert!(missing(storage.head(shop).await.unwrap_err()));
    assert!(missing(storage.begin(shop).await.err().unwrap()));
    assert!(missing(
        storage.list(shop, Kind::Vehicle).await.unwrap_err()
    ));
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
    assert_eq!(storage.forget_outcomes(shop, before).await.unwrap(), 2);
    let mut transaction = begin(&storage, shop).await;
    let kept = transaction.outcomes(bench, 1, 3).await.unwrap();
    assert_eq!(kept.iter().map(|it| it.number).collect::<Vec<_>>(), [3]);
    assert_eq!(transaction.last_number(bench).await.unwrap(), 3);
}
