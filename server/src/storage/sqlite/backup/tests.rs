use std::{fs, sync::Arc};

use redtag_protocol::stamp::{Seq, Stamp};
use tempfile::TempDir;

use super::*;
use crate::storage::{
    PageLimit, Shops as _,
    conformance::{Place as _, customer, put},
    sqlite::{
        Alone, Options,
        rows::tests::{content, here, options},
    },
};

const EVERYTHING: PageLimit = PageLimit {
    seqs: u32::MAX,
    bytes: usize::MAX,
};

#[tokio::test]
async fn a_backup_holds_every_row_and_says_what_each_file_is_like() {
    let (here, shops) = here().await;
    let storage = here.open().await;
    put(&storage, shops[0], &[(customer(), "{\"of\":\"a marker\"}")]).await;
    let copy = TempDir::new().unwrap();
    let to = copy.path().join("one");
    let manifest = storage.back_up(&to, Stamp(7)).await.unwrap();
    assert_eq!((manifest.made, manifest.shops), (Stamp(7), 2));
    assert_eq!(Manifest::read(&to).unwrap(), Some(manifest.clone()));
    assert_eq!(manifest.files.len(), 3);
    for (name, digest) in &manifest.files {
        assert_eq!(Digest::of(&to.join(name)).unwrap(), *digest, "{name}");
        // Nothing of it can be read without the key.
        let bytes = fs::read(to.join(name)).unwrap();
        for marker in [&b"a marker"[..], b"Quayside", b"SQLite format"] {
            assert!(
                !bytes.windows(marker.len()).any(|it| it == marker),
                "{name}"
            );
        }
    }
    drop(storage);
    let original = Alone::take(options(&here)).await.unwrap();
    let copied = Options {
        dir: to,
        ..options(&here)
    };
    let copied = Alone::take(copied).await.unwrap();
    assert_eq!(copied.epoch(), original.epoch());
    assert_eq!(
        content(&copied, &shops).await,
        content(&original, &shops).await
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_beside_a_writer_is_of_one_moment() {
    let (here, shops) = here().await;
    let shop = shops[0];
    // Another process's storage, as that of a server.
    let server = Arc::new(here.open().await);
    let before = server.head(shop).await.unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let writer = tokio::spawn({
        let server = Arc::clone(&server);
        async move {
            let mut ended = ended;
            while ended.try_recv().is_err() {
                put(&*server, shop, &[(customer(), "1"), (customer(), "2")]).await;
            }
        }
    });
    let copies = TempDir::new().unwrap();
    let storage = here.open().await;
    for name in ["one", "two", "three"] {
        let to = copies.path().join(name);
        storage.back_up(&to, Stamp(7)).await.unwrap();
        let copy = SqliteStorage::open(Options {
            dir: to,
            ..options(&here)
        });
        let copy = copy.await.unwrap();
        let page = copy.page(shop, Seq(0), EVERYTHING).await.unwrap();
        let tip = copy.tip(shop).await.unwrap();
        // Each write is two documents with an event each, and there whole or not at all.
        assert_eq!((page.upto, page.hash), (tip.head.seq, tip.head.hash));
        assert_eq!((tip.head.seq.0 - before.seq.0) % 2, 0);
        assert_eq!(page.tally, tip.tally);
        assert!(tip.tally.is_some());
    }
    end.send(()).unwrap();
    writer.await.unwrap();
}

#[tokio::test]
async fn a_backup_goes_nowhere_where_something_is() {
    let (here, _) = here().await;
    let storage = here.open().await;
    let copy = TempDir::new().unwrap();
    storage.back_up(copy.path(), Stamp(7)).await.unwrap();
    let before = fs::read(copy.path().join("control.db")).unwrap();
    storage.back_up(copy.path(), Stamp(8)).await.unwrap_err();
    assert_eq!(fs::read(copy.path().join("control.db")).unwrap(), before);
}
