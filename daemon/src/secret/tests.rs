use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use redtag_protocol::ipc::{Failure, FailureCode};

use super::*;
use crate::paths::Paths;

fn home() -> (tempfile::TempDir, Paths) {
    let dir = tempfile::tempdir().unwrap();
    let home: OsString = dir.path().into();
    let paths = Paths::find(false, &|name| (name == "REDTAG_HOME").then(|| home.clone())).unwrap();
    paths.make().unwrap();
    (dir, paths)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(dir).unwrap().map(|it| it.unwrap().path());
    let mut found: Vec<_> = found.collect();
    found.sort();
    found
}

#[test]
fn under_a_home_of_its_own_the_key_lies_in_a_file() {
    let (_dir, paths) = home();
    assert!(Store::open(&paths).unwrap().is_none());
    let store = Store::choose(&paths, false).unwrap();
    assert_eq!(store.rung(), Rung::KeyFile);
    let notice = store.rung().notice().unwrap();
    assert!(
        notice.contains("plain file") && notice.len() <= 46,
        "{notice}"
    );
    assert!(store.rung().words().contains("takes the disk"));
    let key = store.make("a1").unwrap();

    // What is chosen is found again, by whoever opens or chooses.
    for store in [
        Store::open(&paths).unwrap().unwrap(),
        Store::choose(&paths, false).unwrap(),
    ] {
        assert_eq!(store.load("a1").unwrap().expose(), key.expose());
    }
    for file in files(&paths.state.join("keys")) {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{file:?}");
        let bytes = fs::read(&file).unwrap();
        assert!(
            !bytes.windows(32).any(|it| it == key.expose()),
            "{file:?} shows the cache key"
        );
    }
}

#[test]
fn each_account_has_a_key_of_its_own_and_no_other_fits() {
    let (_dir, paths) = home();
    let store = Store::choose(&paths, false).unwrap();
    let (one, two) = (store.make("a1").unwrap(), store.make("a2").unwrap());
    assert_ne!(one.expose(), two.expose());

    let keys = paths.state.join("keys");
    fs::copy(keys.join("a1.wrapped"), keys.join("a2.wrapped")).unwrap();
    let error = store.load("a2").unwrap_err();
    assert!(matches!(error, SecretError::Lost { .. }), "{error}");
}

#[test]
fn any_changed_byte_is_noticed() {
    let (_dir, paths) = home();
    let store = Store::choose(&paths, false).unwrap();
    store.make("a1").unwrap();
    let file = paths.state.join("keys/a1.wrapped");
    let whole = fs::read(&file).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&file, &bytes).unwrap();
        assert!(store.load("a1").is_err(), "byte {at}");
        fs::write(&file, &whole[..at]).unwrap();
        assert!(store.load("a1").is_err(), "cut at {at}");
    }
    fs::write(&file, &whole).unwrap();
    store.load("a1").unwrap();
}

#[test]
fn a_key_is_never_replaced_and_goes_when_it_is_forgotten() {
    let (_dir, paths) = home();
    let store = Store::choose(&paths, false).unwrap();
    store.make("a1").unwrap();
    assert!(store.make("a1").is_err());
    store.forget("a1").unwrap();
    store.forget("a1").unwrap();
    let error = store.load("a1").unwrap_err();
    assert!(matches!(error, SecretError::Lost { .. }), "{error}");
    store.make("a1").unwrap();
}

#[test]
fn an_id_that_is_none_does_not_become_a_path() {
    let (_dir, paths) = home();
    let store = Store::choose(&paths, false).unwrap();
    for id in ["", "..", "../a", "a/b", "a\0b", &"a".repeat(101)] {
        assert!(store.make(id).is_err(), "{id:?}");
        assert!(store.forget(id).is_err(), "{id:?}");
    }
}

#[test]
fn a_key_file_that_others_may_read_is_refused_with_the_remedy() {
    let (_dir, paths) = home();
    Store::choose(&paths, false).unwrap();
    let file = paths.state.join("keys/wrapping.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let error = Store::open(&paths).unwrap_err().to_string();
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn a_key_file_that_is_gone_or_cut_is_a_loss_and_no_new_one_is_made() {
    let (_dir, paths) = home();
    Store::choose(&paths, false).unwrap();
    let file = paths.state.join("keys/wrapping.key");
    fs::write(&file, b"short").unwrap();
    assert!(matches!(Store::open(&paths), Err(SecretError::Lost { .. })));
    fs::remove_file(&file).unwrap();
    assert!(matches!(
        Store::choose(&paths, true),
        Err(SecretError::Lost { .. })
    ));
    assert!(!file.exists());
}

#[test]
fn a_record_of_another_program_is_not_overwritten() {
    let (_dir, paths) = home();
    Store::choose(&paths, false).unwrap();
    let record = paths.state.join("keys/store.toml");
    fs::write(&record, "rung = \"stone-tablet\"\n").unwrap();
    let error = Store::choose(&paths, true).unwrap_err().to_string();
    assert!(error.contains("store.toml"), "{error}");
    assert!(
        fs::read_to_string(&record)
            .unwrap()
            .contains("stone-tablet")
    );
}

#[test]
fn the_system_service_needs_consent_to_a_file() {
    let (_dir, mut paths) = home();
    (paths.home, paths.system) = (false, true);
    let error = Store::choose(&paths, false).unwrap_err();
    assert!(error.to_string().contains("--insecure-storage"), "{error}");
    assert_eq!(Failure::from(error).code, FailureCode::NoSecretStore);
    assert_eq!(Store::choose(&paths, true).unwrap().rung(), Rung::KeyFile);
}

fn system(handed: &[u8]) -> (tempfile::TempDir, Paths) {
    let (dir, mut paths) = home();
    let credentials = dir.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("redtagd.key"), handed).unwrap();
    (paths.home, paths.system, paths.credentials) = (false, true, Some(credentials));
    (dir, paths)
}

#[test]
fn the_system_service_takes_what_systemd_hands_over() {
    let (dir, paths) = system(&[7; 32]);
    let store = Store::choose(&paths, false).unwrap();
    assert_eq!(store.rung(), Rung::SystemdCredential);
    assert_eq!(store.how(), Some("systemd handed the key over"));
    let key = store.make("a1").unwrap();
    assert!(!paths.state.join("keys/wrapping.key").exists());
    assert!(store.rung().notice().is_none());

    // Each user's share is guarded by the same key, and wrapped on its own.
    let share = paths.of_user(1001);
    share.make().unwrap();
    assert_eq!(
        Store::choose(&share, false).unwrap().rung(),
        Rung::SystemdCredential
    );

    // Not handed over later: said, kept, and never replaced by a file.
    let handed = dir.path().join("credentials/redtagd.key");
    fs::rename(&handed, dir.path().join("away")).unwrap();
    for consent in [false, true] {
        let error = Store::choose(&paths, consent).unwrap_err();
        assert!(matches!(error, SecretError::Locked { .. }), "{error}");
        assert!(error.to_string().contains("safe"), "{error}");
    }
    fs::rename(dir.path().join("away"), &handed).unwrap();
    let again = Store::open(&paths).unwrap().unwrap();
    assert_eq!(again.load("a1").unwrap().expose(), key.expose());
    // Another key is no key for what is there.
    fs::write(&handed, [8; 32]).unwrap();
    assert!(Store::open(&paths).unwrap().unwrap().load("a1").is_err());
}

#[test]
fn a_credential_that_is_no_key_is_refused() {
    for handed in [b"short".as_slice(), &[7; 33]] {
        let (_dir, paths) = system(handed);
        let error = Store::choose(&paths, true).unwrap_err().to_string();
        assert!(error.contains("32 bytes"), "{error}");
    }
}

#[test]
fn what_was_consented_to_stays_although_a_credential_comes() {
    let (dir, mut paths) = home();
    (paths.home, paths.system) = (false, true);
    let store = Store::choose(&paths, true).unwrap();
    assert_eq!(store.how(), Some("consented to at the sign-in"));
    paths.credentials = Some(dir.path().to_owned());
    fs::write(dir.path().join("redtagd.key"), [7; 32]).unwrap();
    assert_eq!(Store::choose(&paths, false).unwrap().rung(), Rung::KeyFile);
}

#[test]
fn a_record_of_an_older_version_is_read() {
    let (_dir, paths) = home();
    Store::choose(&paths, false).unwrap();
    fs::write(paths.state.join("keys/store.toml"), "rung = \"key-file\"\n").unwrap();
    let store = Store::open(&paths).unwrap().unwrap();
    assert_eq!((store.rung(), store.how()), (Rung::KeyFile, None));
}

#[test]
fn a_link_in_the_place_of_the_key_is_not_followed() {
    let (dir, paths) = home();
    Store::choose(&paths, false).unwrap();
    let (key, away) = (
        paths.state.join("keys/wrapping.key"),
        dir.path().join("away"),
    );
    fs::rename(&key, &away).unwrap();
    std::os::unix::fs::symlink(&away, &key).unwrap();
    assert!(matches!(Store::open(&paths), Err(SecretError::File { .. })));
}

#[test]
fn secrets_do_not_print_themselves() {
    let (_dir, paths) = home();
    let store = Store::choose(&paths, false).unwrap();
    let key = store.make("a1").unwrap();
    assert_eq!(format!("{key:?} {store:?}"), "CacheKey(…) Store(KeyFile)");
}
