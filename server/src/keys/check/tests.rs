use redtag_protocol::ids::ShopId;

use super::*;
use crate::{
    keys::{MasterKey, ServerKeys},
    storage::sqlite::{Options, SqliteStorage},
};

const NOW: Stamp = Stamp(1_800_000_000_000);

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

#[tokio::test]
async fn the_first_key_stands_and_another_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let (first, other) = (keys(7), keys(8));
    assert!(!is_checked(&storage).await.unwrap());
    for _ in 0..2 {
        check(&storage, &first.wrapping, NOW).await.unwrap();
        assert!(is_checked(&storage).await.unwrap());
    }
    let refused = check(&storage, &other.wrapping, NOW).await;
    assert!(matches!(refused, Err(KeyCheckError::Other)));
    assert_eq!(storage.secrets(CHECK.to_owned()).await.unwrap().len(), 1);
    check(&storage, &first.wrapping, NOW).await.unwrap();
}

#[tokio::test]
async fn of_two_that_begin_at_once_one_key_stands() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let (one, two) = (keys(1), keys(2));
    let (one, two) = tokio::join!(
        check(&storage, &one.wrapping, NOW),
        check(&storage, &two.wrapping, NOW),
    );
    assert!(one.is_ok() != two.is_ok());
}

#[tokio::test]
async fn keys_that_came_along_with_moved_data_decide_before_any_check_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let storage = storage(&dir).await;
    let signer = signer::Signer::new(keys(7).wrapping);
    let id = ShopId::from_parts(1, [1; 10]);
    let grant = crate::auth::access::Grant {
        person: redtag_protocol::ids::PersonId::from_parts(1, [1; 10]),
        shop: id,
        session: redtag_protocol::ids::SessionId::from_parts(1, [1; 10]),
        device: redtag_protocol::ids::DeviceId::from_parts(1, [1; 10]),
    };
    signer.sign(&storage, grant, NOW.0 / 1000).await.unwrap();
    let refused = check(&storage, &keys(8).wrapping, NOW).await;
    assert!(matches!(refused, Err(KeyCheckError::Other)));
    assert!(!is_checked(&storage).await.unwrap(), "nothing was made");
    check(&storage, &keys(7).wrapping, NOW).await.unwrap();
}
