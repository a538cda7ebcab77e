use redtag_protocol::stamp::Stamp;

use super::belong;
use crate::{
    keys::{self, MasterKey, Origin, Place, ServerKeys},
    storage::{Control as _, conformance::Place as _, sqlite::tests::Here},
};

#[tokio::test]
async fn a_key_that_was_made_for_another_servers_database_does_not_stay() {
    let here = Here::new();
    let storage = here.open().await;
    let first = ServerKeys::derive(&MasterKey::of([7; 32]));
    let dir = tempfile::tempdir().unwrap();
    let make = || MasterKey::find(&Place::default(), dir.path(), None).unwrap();
    let (master, origin) = make();
    // In between.
    let seal = keys::seal(&first.wrapping, Stamp(1));
    storage.secret_keep(seal).await.unwrap();
    let late = ServerKeys::derive(&master).wrapping;
    let refused = belong(&storage, &late, &origin, "postgres://db").await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("removed again"), "{words}");
    assert!(!origin.path().exists());
    // One that was there before is nobody's to remove.
    make();
    let (master, origin) = make();
    assert!(matches!(origin, Origin::BesideData(_)));
    let wrong = ServerKeys::derive(&master).wrapping;
    let refused = belong(&storage, &wrong, &origin, "postgres://db").await;
    assert!(refused.is_err());
    assert!(origin.path().exists());
    let right = belong(&storage, &first.wrapping, &origin, "postgres://db").await;
    right.unwrap();
}
