use super::*;
use crate::{
    keys::{MasterKey, ServerKeys},
    storage::sqlite::{Options, SqliteStorage},
};

const NOW: Stamp = Stamp(1_800_000_000_000);

fn shops() -> (ShopId, ShopId) {
    (ShopId::from_bytes([1; 16]), ShopId::from_bytes([2; 16]))
}

fn keys(byte: u8) -> ServerKeys {
    ServerKeys::derive(&MasterKey::of([byte; 32]))
}

async fn storage(dir: &tempfile::TempDir) -> SqliteStorage {
    let keys = keys(7);
    let options = Options {
        dir: dir.path().to_owned(),
        control_key: keys.control.clone(),
        wrap: keys.wrapping.clone(),
    };
    SqliteStorage::open(options).await.unwrap()
}

fn sealed(recipient: &str, plain: &[u8]) -> String {
    let recipient: age::x25519::Recipient = recipient.parse().unwrap();
    age::encrypt_and_armor(&recipient, plain).unwrap()
}

#[tokio::test]
async fn what_is_sealed_to_a_shop_is_opened_by_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let (keys, (first, second)) = (keys(7), shops());
    let one = recipient(&storage, &keys.wrapping, first, NOW)
        .await
        .unwrap();
    let two = recipient(&storage, &keys.wrapping, second, NOW)
        .await
        .unwrap();
    assert_ne!(one, two);
    let sealed = sealed(&one, b"a day's work");
    let plain = open(&storage, &keys.wrapping, first, sealed.as_bytes()).await;
    assert_eq!(plain.unwrap().as_slice(), b"a day's work");
    let foreign = open(&storage, &keys.wrapping, second, sealed.as_bytes()).await;
    assert!(matches!(foreign, Err(UnsealError::Other)));
}

#[tokio::test]
async fn the_first_key_of_a_shop_stands() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let (keys, (shop, _)) = (keys(7), shops());
    let (a, b) = tokio::join!(
        recipient(&storage, &keys.wrapping, shop, NOW),
        recipient(&storage, &keys.wrapping, shop, NOW),
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a, b);
    let later = recipient(&storage, &keys.wrapping, shop, NOW).await;
    assert_eq!(later.unwrap(), a);
}

#[tokio::test]
async fn another_master_key_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let (ours, other, (shop, _)) = (keys(7), keys(8), shops());
    let to = recipient(&storage, &ours.wrapping, shop, NOW)
        .await
        .unwrap();
    let sealed = sealed(&to, b"work");
    let refused = open(&storage, &other.wrapping, shop, sealed.as_bytes()).await;
    assert!(matches!(
        refused,
        Err(UnsealError::Key(SealingError::Unwrap(_)))
    ));
}

#[tokio::test]
async fn damage_and_nonsense_are_said() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let (keys, (shop, _)) = (keys(7), shops());
    let nothing = open(&storage, &keys.wrapping, shop, b"x").await;
    assert!(matches!(nothing, Err(UnsealError::NoKey)));
    let to = recipient(&storage, &keys.wrapping, shop, NOW)
        .await
        .unwrap();
    let whole = sealed(&to, &vec![7; 100_000]);
    let cut = &whole.as_bytes()[..whole.len() / 2];
    for bad in [b"x".as_slice(), b"", cut] {
        let refused = open(&storage, &keys.wrapping, shop, bad).await;
        assert!(
            matches!(refused, Err(UnsealError::Damaged(_))),
            "{refused:?}"
        );
    }
}
