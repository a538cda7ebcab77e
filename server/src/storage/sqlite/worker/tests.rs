//! What was answered is there after a crash, whatever the writing thread does behind the answer.

use std::fs;

use redtag_protocol::{ids::ShopId, stamp::Seq};
use tempfile::TempDir;

use super::WRITE_BACK;
use crate::storage::{
    PageLimit, Shops as _,
    conformance::{Place as _, changes, customer, new_shop, put},
    sqlite::{Options, SqliteStorage, rows::tests::options, tests::Here},
};

/// Large enough that pages leave the connection's cache of 8 MB before the commit.
const LARGE: usize = 3 << 20;

/// The files as a crash at this moment would leave them, opened again. Nobody writes meanwhile, so
/// that what is written back just now stands in the log as well.
async fn crashed(here: &Here) -> (TempDir, SqliteStorage) {
    let image = TempDir::new().unwrap();
    fs::create_dir(image.path().join("shops")).unwrap();
    for place in ["", "shops"] {
        for entry in fs::read_dir(here.dir().join(place)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            // Shared memory does not outlive a crash.
            let ending = entry.path().extension().map(ToOwned::to_owned);
            if ending.is_some_and(|it| it == "db" || it == "db-wal") {
                fs::copy(entry.path(), image.path().join(place).join(name)).unwrap();
            }
        }
    }
    let storage = SqliteStorage::open(Options {
        dir: image.path().to_owned(),
        ..options(here)
    });
    let storage = storage.await.unwrap();
    (image, storage)
}

fn file(here: &Here, shop: ShopId) -> Vec<u8> {
    fs::read(here.dir().join(format!("shops/{shop}.db"))).unwrap()
}

fn log(here: &Here, shop: ShopId) -> u64 {
    let path = here.dir().join(format!("shops/{shop}.db-wal"));
    fs::metadata(path).unwrap().len()
}

#[tokio::test]
async fn what_was_answered_outlives_a_crash_before_during_and_after_the_log_is_written_back() {
    let here = Here::new();
    let storage = here.open().await;
    let shop = new_shop(&storage, "Quayside").await;
    let mut written_back = 0;
    let mut before = file(&here, shop);
    // An event, its payload and a document each, and the head: twice what is written back at once.
    for round in 1..=WRITE_BACK {
        let head = put(&storage, shop, &[(customer(), "{\"of\":\"a customer\"}")]).await;
        let now = file(&here, shop);
        if now != before {
            written_back += 1;
            before = now;
        } else if !round.is_multiple_of(40) {
            continue;
        }
        let (_image, crashed) = crashed(&here).await;
        assert_eq!(crashed.head(shop).await.unwrap(), head, "{round}");
        let limit = PageLimit {
            seqs: u32::MAX,
            bytes: usize::MAX,
        };
        let page = crashed.page(shop, Seq(0), limit).await.unwrap();
        assert_eq!((page.upto, page.hash), (head.seq, head.hash));
        assert_eq!(page.rows.len() as u64, 2 * head.seq.0);
    }
    assert!(written_back > 1, "the log was never written back");
    // It is used again from its beginning and does not grow for ever.
    assert!(log(&here, shop) < 16 << 20);
}

#[tokio::test]
async fn a_transaction_larger_than_the_cache_is_there_whole_or_not_at_all_after_a_crash() {
    let here = Here::new();
    let storage = here.open().await;
    let shop = new_shop(&storage, "Quayside").await;
    let first = put(&storage, shop, &[(customer(), "1")]).await;
    let body = format!("{{\"of\":\"{}\"}}", noise(LARGE));
    let mut transaction = storage.begin(shop).await.unwrap();
    let mut head = transaction.head();
    for _ in 0..8 {
        let (writes, next) = changes(head, &[(customer(), &body)]);
        transaction.write(writes).await.unwrap();
        head = next;
    }
    assert!(log(&here, shop) > 8 << 20, "nothing left the cache yet");
    {
        let (_image, crashed) = crashed(&here).await;
        assert_eq!(crashed.head(shop).await.unwrap(), first);
    }
    transaction.commit(head).await.unwrap();
    let (_image, crashed) = crashed(&here).await;
    assert_eq!(crashed.head(shop).await.unwrap(), head);
    let limit = PageLimit {
        seqs: u32::MAX,
        bytes: usize::MAX,
    };
    let page = crashed.page(shop, first.seq, limit).await.unwrap();
    assert_eq!(page.rows.len(), 16);
}

/// Signs that need no escape and do not get much smaller when they are packed.
fn noise(length: usize) -> String {
    let mut state = 1_u64;
    let letter = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(b'0' + u8::try_from((state >> 33) % 43).unwrap())
    };
    (0..length).map(letter).collect()
}
