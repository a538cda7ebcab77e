use std::{sync::Arc, task::Poll};

use redtag_protocol::{entity::Kind, stamp::Seq};

use super::{
    NOW, Place, START, begin, changes, customer, device, is_constraint, log, logged, new_shop, put,
};
use crate::storage::{
    Changes, Head, Index, PageLimit, RefusedCreation, Row, Shops as _, StorageError, Stored,
};

pub async fn a_dropped_transaction_leaves_nothing(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let key = customer();
    let mut transaction = begin(&storage, shop).await;
    let (writes, _) = changes(transaction.head(), &[(key, "1")]);
    transaction.write(writes).await.unwrap();
    drop(transaction);
    assert_eq!(storage.head(shop).await.unwrap().seq, START);
    assert_eq!(storage.documents(shop, vec![key]).await.unwrap(), [None]);
    // And the next one is not held up by it.
    put(&storage, shop, &[(key, "2")]).await;
}

pub async fn commits_survive_reopening(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (key, bench) = (customer(), device());
    let mut transaction = begin(&storage, shop).await;
    let (mut writes, mut head) = changes(transaction.head(), &[(key, "{\"a\":1}")]);
    let kept = logged(1, None);
    let logs = log(bench, vec![kept.clone()], NOW);
    writes.log = logs.log;
    writes.author = logs.author;
    head.ticket = 7;
    transaction.write(writes).await.unwrap();
    transaction.commit(head).await.unwrap();
    drop(storage);

    let storage = place.open().await;
    assert_eq!(storage.head(shop).await.unwrap(), head);
    let found = storage.documents(shop, vec![key]).await.unwrap();
    assert_eq!(&*found[0].as_ref().unwrap().body, "{\"a\":1}");
    let mut transaction = begin(&storage, shop).await;
    assert_eq!(transaction.outcomes(bench, 1, 9).await.unwrap(), [kept]);
    assert_eq!(transaction.head(), head);
}

pub async fn writers_take_turns(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let shop = new_shop(&*storage, "A").await;
    let writers = (0..6).map(|_| {
        let storage = storage.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                put(&*storage, shop, &[(customer(), "1"), (customer(), "2")]).await;
                tokio::task::yield_now().await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    assert_eq!(storage.head(shop).await.unwrap().seq, Seq(60));
    let all = PageLimit {
        seqs: 100,
        bytes: 1 << 20,
    };
    let page = storage.page(shop, START, all).await.unwrap();
    let mut hash = redtag_protocol::event::GENESIS;
    let events = page.rows.iter().filter_map(|row| match row {
        Row::Event(event) => Some(event),
        _ => None,
    });
    for event in events {
        let digest = redtag_protocol::event::payload_digest(&event.salt, event.payload.as_bytes());
        hash = redtag_protocol::event::chain(&hash, event.seq, &digest);
        assert_eq!(event.hash, hash, "at {}", event.seq);
    }
}

pub async fn shops_do_not_hold_each_other_up(place: &impl Place) {
    let storage = place.open().await;
    let (a, b) = (new_shop(&storage, "A").await, new_shop(&storage, "B").await);
    let held = begin(&storage, a).await;
    put(&storage, b, &[(customer(), "1")]).await;
    // Readers of the same shop neither.
    assert_eq!(storage.head(a).await.unwrap(), held.head());
}

pub async fn events_follow_without_a_gap(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let head = put(&storage, shop, &[(customer(), "1")]).await;
    for wrong in [Seq(0), Seq(2)] {
        let mut transaction = begin(&storage, shop).await;
        let (writes, _) = changes(Head { seq: wrong, ..head }, &[(customer(), "2")]);
        assert!(is_constraint(&transaction.write(writes).await));
    }
    assert_eq!(storage.head(shop).await.unwrap(), head);
}

pub async fn a_document_changes_only_with_an_event(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let key = customer();
    let head = put(&storage, shop, &[(key, "1"), (customer(), "1")]).await;
    let silent = |version| Changes {
        documents: vec![Stored {
            key,
            version,
            index: Index::default(),
            body: "2".into(),
        }],
        ..Changes::default()
    };
    // Of the past, of now, and of a sequence that nobody has taken: without any event.
    for version in [Seq(1), head.seq, head.seq.next()] {
        let mut transaction = begin(&storage, shop).await;
        assert!(is_constraint(&transaction.write(silent(version)).await));
        let transaction = begin(&storage, shop).await;
        let ended = transaction.finish(silent(version), head).await;
        assert!(is_constraint(&ended));
    }
    // And beside an event that is not its own.
    for version in [head.seq, Seq(head.seq.0 + 2)] {
        let (mut writes, after) = changes(head, &[(customer(), "1")]);
        writes.documents.extend(silent(version).documents);
        let transaction = begin(&storage, shop).await;
        let ended = transaction.finish(writes, after).await;
        assert!(is_constraint(&ended));
    }
    assert_eq!(storage.head(shop).await.unwrap(), head);
    let found = storage.documents(shop, vec![key]).await.unwrap();
    assert_eq!(&*found[0].as_ref().unwrap().body, "1");
}

pub async fn the_head_ends_where_the_events_do(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let head = put(&storage, shop, &[(customer(), "1")]).await;
    for wrong in [Seq(0), Seq(1), Seq(3)] {
        let mut transaction = begin(&storage, shop).await;
        let (writes, after) = changes(head, &[(customer(), "2")]);
        transaction.write(writes).await.unwrap();
        let ended = transaction
            .commit(Head {
                seq: wrong,
                ..after
            })
            .await;
        assert!(is_constraint(&ended));
    }
    assert_eq!(storage.head(shop).await.unwrap(), head);
}

pub async fn a_transaction_finishes_whole_or_not_at_all(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let head = put(&storage, shop, &[(customer(), "1")]).await;
    let bench = device();
    let (writes, after) = changes(head, &[(customer(), "2")]);
    let twice = log(bench, vec![logged(1, None), logged(1, None)], NOW);
    let once = log(bench, vec![logged(1, None)], NOW);
    for (more, at) in [
        // A row that the database refuses.
        (twice, after),
        // A head that is not where the events end.
        (once.clone(), head),
    ] {
        let wrong = Changes {
            log: more.log,
            author: more.author,
            ..writes.clone()
        };
        let ended = begin(&storage, shop).await.finish(wrong, at).await;
        assert!(is_constraint(&ended));
        assert_eq!(storage.head(shop).await.unwrap(), head);
        assert_eq!(storage.last_number(shop, bench).await.unwrap(), 0);
    }
    let right = Changes {
        log: once.log,
        author: once.author,
        ..writes
    };
    let transaction = begin(&storage, shop).await;
    transaction.finish(right, after).await.unwrap();
    let storage = place.open().await;
    assert_eq!(storage.head(shop).await.unwrap(), after);
    assert_eq!(storage.last_number(shop, bench).await.unwrap(), 1);
}

pub async fn a_transaction_begins_with_a_devices_number(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let bench = device();
    for number in 1..4 {
        let (transaction, last) = storage.begin_for(shop, bench).await.unwrap();
        assert_eq!(last, number - 1);
        assert_eq!(transaction.shop(), shop);
        let head = transaction.head();
        let own = log(bench, vec![logged(number, None)], NOW);
        transaction.finish(own, head).await.unwrap();
        let (other, last) = storage.begin_for(shop, device()).await.unwrap();
        assert_eq!(last, 0);
        drop(other);
    }
}

pub async fn a_number_is_decided_once(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let bench = device();
    let mut transaction = begin(&storage, shop).await;
    let first = log(bench, vec![logged(1, None), logged(2, None)], NOW);
    transaction.write(first).await.unwrap();
    let head = transaction.head();
    transaction.commit(head).await.unwrap();
    let mut transaction = begin(&storage, shop).await;
    let again = transaction.write(log(bench, vec![logged(2, None)], NOW));
    assert!(is_constraint(&again.await));
    drop(transaction);
    // Another bench counts for itself.
    let mut transaction = begin(&storage, shop).await;
    let other = log(device(), vec![logged(2, None)], NOW);
    transaction.write(other).await.unwrap();
    assert_eq!(storage.last_number(shop, bench).await.unwrap(), 2);
}

pub async fn after_a_refused_write_nothing_is_committed(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (bench, key) = (device(), customer());
    let mut transaction = begin(&storage, shop).await;
    transaction
        .write(log(bench, vec![logged(1, None)], NOW))
        .await
        .unwrap();
    let head = transaction.head();
    transaction.commit(head).await.unwrap();

    let mut transaction = begin(&storage, shop).await;
    let (mut writes, after) = changes(head, &[(key, "1")]);
    let again = log(bench, vec![logged(2, None), logged(1, None)], NOW);
    writes.log = again.log;
    writes.author = again.author;
    assert!(is_constraint(&transaction.write(writes).await));
    assert!(transaction.commit(after).await.is_err());
    assert_eq!(storage.head(shop).await.unwrap(), head);
    assert_eq!(storage.documents(shop, vec![key]).await.unwrap(), [None]);
    assert_eq!(storage.last_number(shop, bench).await.unwrap(), 1);
}

pub async fn a_write_that_is_given_up_is_whole_or_nothing(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let keys: Vec<_> = (0..40).map(|_| customer()).collect();
    let documents: Vec<_> = keys.iter().map(|key| (*key, "1")).collect();
    let mut seen = START;
    // Given up after the first look, the second, and so on, until it was not given up.
    for looks in 0_usize.. {
        let mut transaction = begin(&storage, shop).await;
        let (writes, head) = changes(transaction.head(), &documents);
        let done = {
            let mut write = transaction.write(writes);
            let mut looked = 0;
            std::future::poll_fn(|context| {
                looked += 1;
                match write.as_mut().poll(context) {
                    _ if looked > looks => Poll::Ready(None),
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await
        };
        let committed = transaction.commit(head).await;
        let now = storage.head(shop).await.unwrap().seq;
        let there = storage.documents(shop, keys.clone()).await.unwrap();
        let there = there.iter().flatten().filter(|it| it.version > seen);
        let there = there.count();
        if committed.is_ok() {
            assert_eq!((there, now), (keys.len(), head.seq), "after {looks} looks");
            seen = now;
        } else {
            assert_eq!((there, now), (0, seen), "after {looks} looks");
        }
        if matches!(done, Some(Ok(()))) {
            assert!(committed.is_ok());
            return;
        }
    }
}

pub async fn a_forgotten_transaction_holds_nobody_up(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let key = customer();
    let mut forgotten = begin(&storage, shop).await;
    let (writes, head) = changes(forgotten.head(), &[(key, "1")]);
    forgotten.write(writes).await.unwrap();
    // Some seconds, in which nothing is asked of it.
    put(&storage, shop, &[(key, "2")]).await;
    let late = forgotten.list(Kind::Customer).await;
    assert!(matches!(late, Err(StorageError::Lost)));
    let late = forgotten.commit(head).await;
    assert!(matches!(late, Err(StorageError::Lost)));
    let found = storage.documents(shop, vec![key]).await.unwrap();
    assert_eq!(&*found[0].as_ref().unwrap().body, "2");
}

pub async fn outcomes_come_back_in_order(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let bench = device();
    let kept: Vec<_> = (1..=9).map(|number| logged(number, None)).collect();
    let mut transaction = begin(&storage, shop).await;
    transaction
        .write(log(bench, kept.clone(), NOW))
        .await
        .unwrap();
    let head = transaction.head();
    transaction.commit(head).await.unwrap();
    let mut transaction = begin(&storage, shop).await;
    assert_eq!(transaction.outcomes(bench, 3, 5).await.unwrap(), kept[2..5]);
    assert_eq!(transaction.outcomes(bench, 8, 20).await.unwrap(), kept[7..]);
    assert_eq!(transaction.outcomes(device(), 1, 9).await.unwrap(), []);
    // Beside a writer, who holds nobody up.
    let read = async |of, from, to| storage.outcomes(shop, of, from, to).await.unwrap();
    assert_eq!(read(bench, 3, 5).await, kept[2..5]);
    assert_eq!(read(bench, 8, 20).await, kept[7..]);
    assert_eq!(read(device(), 1, 9).await, []);
}

pub async fn refused_creations_are_found(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let (bench, key) = (device(), customer());
    let mut transaction = begin(&storage, shop).await;
    let writes = log(bench, vec![logged(1, Some(key)), logged(2, None)], NOW);
    transaction.write(writes).await.unwrap();
    let head = transaction.head();
    transaction.commit(head).await.unwrap();
    let mut transaction = begin(&storage, shop).await;
    let asked = vec![customer(), key, key];
    let found = transaction
        .refused_creations(bench, asked.clone())
        .await
        .unwrap();
    assert_eq!(found, [RefusedCreation { key, number: 1 }]);
    let elsewhere = transaction.refused_creations(device(), asked).await;
    assert_eq!(elsewhere.unwrap(), []);
}

pub async fn own_writes_are_seen(place: &impl Place) {
    let storage = place.open().await;
    let shop = new_shop(&storage, "A").await;
    let key = customer();
    let mut transaction = begin(&storage, shop).await;
    let (writes, head) = changes(transaction.head(), &[(key, "1")]);
    transaction.write(writes).await.unwrap();
    let found = transaction.documents(vec![key]).await.unwrap();
    assert_eq!(found[0].as_ref().unwrap().version, Seq(1));
    assert_eq!(transaction.list(Kind::Customer).await.unwrap().len(), 1);
    let (writes, head) = changes(head, &[(key, "2")]);
    transaction.write(writes).await.unwrap();
    transaction.commit(head).await.unwrap();
    let found = storage.documents(shop, vec![key]).await.unwrap();
    assert_eq!(found[0].as_ref().unwrap().version, Seq(2));
}

pub async fn readers_see_all_of_a_commit_or_nothing(place: &impl Place) {
    let storage = Arc::new(place.open().await);
    let shop = new_shop(&*storage, "A").await;
    let writing = storage.clone();
    let writer = tokio::spawn(async move {
        for _ in 0..20 {
            put(&*writing, shop, &[(customer(), "1"), (customer(), "2")]).await;
        }
    });
    let all = PageLimit {
        seqs: 1_000,
        bytes: 1 << 20,
    };
    let mut seen = START;
    while seen < Seq(40) {
        let page = storage.page(shop, START, all).await.unwrap();
        assert_eq!(page.upto.0 % 2, 0, "half a commit");
        assert_eq!(page.rows.len() as u64, page.upto.0 * 2);
        assert!(page.upto >= seen, "a reader went back");
        seen = page.upto;
    }
    writer.await.unwrap();
    let gone: Result<_, StorageError> = storage.page(shop, Seq(99), all).await;
    assert_eq!(gone.unwrap().upto, Seq(40));
}
