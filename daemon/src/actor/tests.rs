//! The accounts' directories, and the actor over accounts that are there.

mod accounts;
mod adopting;
mod damaged;
mod history;
mod lapsed;
mod leaving;
mod line;
mod locked;
mod older;
mod pairing;
mod sign_in;
mod turned;
mod watched;

use redtag_protocol::{
    ids::{PersonId, ShopId},
    role::Role,
    stamp::Stamp,
};
use tempfile::TempDir;

use super::home::{AccountFile, Home};
use crate::{actor, paths::Paths};

fn paths(dir: &TempDir) -> Paths {
    let home = dir.path().as_os_str().to_owned();
    Paths::find(false, &move |name| {
        (name == "REDTAG_HOME").then(|| home.clone())
    })
    .unwrap()
}

fn file(id: &str) -> AccountFile {
    AccountFile {
        id: id.to_owned(),
        email: "ada@example.com".to_owned(),
        url: "https://api.example.com".to_owned(),
        ca: None,
        person: PersonId::from_bytes([1; 16]),
        name: "Ada".to_owned(),
        shop: ShopId::from_bytes([2; 16]),
        shop_name: "Cycles".to_owned(),
        role: Role::Technician,
        copy: None,
        pinned: false,
    }
}

#[test]
fn an_account_appears_whole_or_not_at_all() {
    let dir = TempDir::new().unwrap();
    let paths = paths(&dir);
    paths.make().unwrap();
    let home = Home::open(&paths).unwrap();
    std::fs::write(home.begin("one").unwrap().join("cache.db"), "half").unwrap();
    assert_eq!(home.list().unwrap(), []);
    // What a crash left behind of an unfinished sign-in goes at the next start.
    let home = Home::open(&paths).unwrap();
    assert!(!home.at(".new-one").exists());
    home.begin("two").unwrap();
    home.finish(&file("two")).unwrap();
    assert_eq!(home.list().unwrap(), [file("two")]);
    home.set_default("two").unwrap();
    assert_eq!(
        Home::open(&paths).unwrap().default().as_deref(),
        Some("two")
    );
    home.remove("two").unwrap();
    assert_eq!(home.list().unwrap(), []);
    assert!(!home.at("two").exists());
}

#[test]
fn one_unreadable_account_does_not_hide_the_others() {
    let dir = TempDir::new().unwrap();
    let paths = paths(&dir);
    paths.make().unwrap();
    let home = Home::open(&paths).unwrap();
    for id in ["one", "two"] {
        home.begin(id).unwrap();
        home.finish(&file(id)).unwrap();
    }
    std::fs::write(home.at("one").join("account.json"), "{").unwrap();
    assert_eq!(home.list().unwrap(), [file("two")]);
    assert!(home.at("one").exists());
}
