use redtag_protocol::{ids::ShopId, stamp::Stamp};
use tempfile::TempDir;

use super::*;
use crate::storage::{
    conformance::{Place as _, customer, put},
    sqlite::{
        SqliteStorage,
        backup::MANIFEST,
        rows::tests::{alone, content, here, options},
        tests::Here,
    },
};

/// A directory with two shops and a backup of it, in which something was done since.
async fn backed_up() -> (Here, Vec<ShopId>, TempDir) {
    let (here, shops) = here().await;
    let copy = TempDir::new().unwrap();
    let storage = here.open().await;
    put(&storage, shops[0], &[(customer(), "1")]).await;
    storage
        .back_up(&copy.path().join("one"), Stamp(7))
        .await
        .unwrap();
    put(&storage, shops[0], &[(customer(), "2")]).await;
    (here, shops, copy)
}

async fn restore(here: &Here, from: &Path) -> Result<(Found, Option<PathBuf>), RestoreError> {
    let restore = Restore::take(here.dir())?;
    let keys = |dir| Options {
        dir,
        ..options(here)
    };
    let found = restore.bring(from, keys).await?;
    Ok((found, restore.put("before")?))
}

type Content = Vec<(&'static str, u64, [u8; 32])>;

async fn rows(here: &Here, shops: &[ShopId]) -> Content {
    content(&alone(here).await, shops).await
}

/// The data as another directory of the same key holds it.
fn elsewhere(here: &Here, dir: PathBuf) -> Options {
    Options {
        dir,
        ..options(here)
    }
}

/// The epoch and what a backup holds, which is left as it is.
async fn held(here: &Here, from: &Path, shops: &[ShopId]) -> (u64, Content) {
    let twin = TempDir::new().unwrap();
    let dir = twin.path().join("twin");
    copy_all(from, &dir).unwrap();
    let copy = Alone::take(elsewhere(here, dir)).await.unwrap();
    (copy.epoch(), content(&copy, shops).await)
}

#[tokio::test]
async fn what_is_put_back_is_what_was_copied_under_another_epoch() {
    let (here, shops, copy) = backed_up().await;
    let from = copy.path().join("one");
    let (epoch, copied) = held(&here, &from, &shops).await;
    let later = content(&alone(&here).await, &shops).await;
    assert_ne!(later, copied);

    let (found, before) = restore(&here, &from).await.unwrap();
    assert_eq!(found.shops, 2);
    assert_eq!(found.manifest.unwrap().made, Stamp(7));
    let now = alone(&here).await;
    assert_eq!(content(&now, &shops).await, copied);
    assert_ne!(now.epoch(), epoch);
    // What was there is whole, and can be put back itself.
    drop(now);
    let before = before.unwrap();
    let aside = Alone::take(elsewhere(&here, before.clone())).await.unwrap();
    assert_eq!(content(&aside, &shops).await, later);
    drop(aside);
    let back = Restore::take(here.dir()).unwrap();
    back.bring(&before, |dir| elsewhere(&here, dir))
        .await
        .unwrap();
    back.put("again").unwrap();
    assert_eq!(content(&alone(&here).await, &shops).await, later);
    assert!(!is_underway(here.dir()));
}

#[tokio::test]
async fn a_machine_with_nothing_on_it_is_given_the_copy() {
    let (here, shops, copy) = backed_up().await;
    let (_, expected) = held(&here, &copy.path().join("one"), &shops).await;
    let fresh = copy.path().join("fresh");
    let restore = Restore::take(&fresh).unwrap();
    let keys = |dir| elsewhere(&here, dir);
    restore.bring(&copy.path().join("one"), keys).await.unwrap();
    assert_eq!(restore.put("before").unwrap(), None);
    let found = Alone::take(elsewhere(&here, fresh)).await.unwrap();
    assert_eq!(content(&found, &shops).await, expected);
}

#[tokio::test]
async fn a_log_that_was_not_written_back_is_put_back_with_its_file() {
    let (here, shops, copy) = backed_up().await;
    let storage = here.open().await;
    put(&storage, shops[1], &[(customer(), "in the log")]).await;
    // As an operator copies what a killed server has left.
    let from = copy.path().join("killed");
    copy_all(here.dir(), &from).unwrap();
    let log = from.join(format!("shops/{}.db-wal", shops[1]));
    assert!(fs::metadata(log).unwrap().len() > 0);
    drop(storage);
    let expected = content(&alone(&here).await, &shops).await;
    let (found, _) = restore(&here, &from).await.unwrap();
    assert_eq!((found.manifest, found.shops), (None, 2));
    assert_eq!(content(&alone(&here).await, &shops).await, expected);
}

/// Breaks a copy.
type Break = fn(&Path, &ShopId);

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}

fn shop_file(copy: &Path, shop: &ShopId) -> PathBuf {
    copy.join(format!("shops/{shop}.db"))
}

#[tokio::test]
async fn a_copy_that_is_not_whole_is_refused_and_nothing_is_changed() {
    let breaks: [(&str, Break); 8] = [
        ("bytes have changed", |copy, _| {
            flip(&copy.join("control.db"), 5_000);
        }),
        ("bytes have changed", |copy, shop| {
            flip(&shop_file(copy, shop), 9_000);
        }),
        ("bytes, and had", |copy, shop| {
            let file = fs::OpenOptions::new()
                .write(true)
                .open(shop_file(copy, shop));
            file.unwrap().set_len(4096).unwrap();
        }),
        ("No such file", |copy, shop| {
            fs::remove_file(shop_file(copy, shop)).unwrap();
        }),
        // Of the operator's own, so that nothing says what its files are like.
        ("cannot be read", |copy, shop| {
            fs::remove_file(copy.join(MANIFEST)).unwrap();
            flip(&shop_file(copy, shop), 9_000);
        }),
        ("missing or empty", |copy, shop| {
            fs::remove_file(copy.join(MANIFEST)).unwrap();
            fs::remove_file(shop_file(copy, shop)).unwrap();
        }),
        ("no copy", |copy, _| {
            fs::remove_file(copy.join("control.db")).unwrap();
        }),
        ("was moved to", |copy, _| {
            fs::write(copy.join("MOVED"), "to = \"there\"\n").unwrap();
        }),
    ];
    for (words, spoil) in breaks {
        let (here, shops, copy) = backed_up().await;
        let before = rows(&here, &shops).await;
        let from = copy.path().join("one");
        spoil(&from, &shops[1]);
        let refused = restore(&here, &from).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{words}: {refused}");
        assert!(!refused.contains(DRAFT), "{refused}");
        assert_eq!(rows(&here, &shops).await, before, "{words}");
        assert!(!is_underway(here.dir()), "{words}");
    }
}

#[tokio::test]
async fn another_key_opens_no_copy() {
    let (here, shops, copy) = backed_up().await;
    let other = Here::new();
    let restore = Restore::take(here.dir()).unwrap();
    let wrong = |dir| elsewhere(&other, dir);
    let refused = restore.bring(&copy.path().join("one"), wrong).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("one/control.db cannot be read"), "{words}");
    drop(restore);
    assert!(!rows(&here, &shops).await.is_empty());
}

#[tokio::test]
async fn whoever_has_the_data_open_keeps_a_restore_out() {
    let (here, _, copy) = backed_up().await;
    let from = copy.path().join("one");
    let open = here.open().await;
    let refused = restore(&here, &from).await.unwrap_err();
    assert!(matches!(
        refused,
        RestoreError::Storage(StorageError::InUse { .. })
    ));
    drop(open);
    let served = ServeLock::take(here.dir()).unwrap();
    let refused = restore(&here, &from).await.unwrap_err();
    assert!(matches!(
        refused,
        RestoreError::Served(AlreadyServed::By(_))
    ));
    drop(served);
    fs::write(here.dir().join("MOVED"), "to = \"there\"\n").unwrap();
    let refused = restore(&here, &from).await.unwrap_err();
    assert!(matches!(refused, RestoreError::Moved { .. }), "{refused}");
}

#[tokio::test]
async fn killed_between_any_two_renames_nothing_is_served_until_it_is_run_again() {
    // What a restore renames, one after the other; killed before each but the first.
    let renames: [&[(&str, &str)]; 3] = [
        &[("control.db", "before/control.db")],
        &[
            ("control.db", "before/control.db"),
            ("shops", "before/shops"),
        ],
        &[
            ("control.db", "before/control.db"),
            ("shops", "before/shops"),
            ("restoring/shops", "shops"),
        ],
    ];
    for done in renames {
        let (here, shops, copy) = backed_up().await;
        let from = copy.path().join("one");
        let (_, expected) = held(&here, &from, &shops).await;
        let killed = Restore::take(here.dir()).unwrap();
        killed
            .bring(&from, |dir| elsewhere(&here, dir))
            .await
            .unwrap();
        fs::create_dir(here.dir().join("before")).unwrap();
        for (old, new) in done {
            fs::rename(here.dir().join(old), here.dir().join(new)).unwrap();
        }
        drop(killed);
        let refused = SqliteStorage::open(options(&here)).await.unwrap_err();
        assert!(matches!(refused, StorageError::Missing { .. }), "{refused}");
        let again = Restore::take(here.dir()).unwrap();
        again
            .bring(&from, |dir| elsewhere(&here, dir))
            .await
            .unwrap();
        again.put("before-2").unwrap();
        assert_eq!(content(&alone(&here).await, &shops).await, expected);
    }
}
