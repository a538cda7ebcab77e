//! Certificates that a sign-in named: they lie with the account, and nothing depends on the
//! person's own file afterwards.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use redtag_protocol::ipc::{Connection, FailureCode, Reply, Request, SignIn};

use super::{
    accounts::{Daemon, accounts},
    *,
};
use crate::{
    actor::{line, sign_in::Desk},
    remote::Trust,
    secret,
};

/// A file with a certificate of its own.
fn certificate(dir: &TempDir, name: &str) -> PathBuf {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
    let path = dir.path().join(name);
    std::fs::write(&path, made.cert.pem()).unwrap();
    path
}

fn one(home: &Home) -> AccountFile {
    home.list().unwrap().remove(0)
}

fn copy(home: &Home) -> PathBuf {
    home.at("one").join("ca.pem")
}

fn ask(ca: Option<&Path>) -> SignIn {
    SignIn {
        url: "https://api.example.com".to_owned(),
        email: "one@example.com".to_owned(),
        password: "secret".to_owned(),
        code: None,
        enroll: None,
        shop: None,
        insecure_storage: false,
        ca: ca.map(|path| path.display().to_string()),
        forget_pin: false,
    }
}

#[test]
fn certificates_are_copied_replaced_and_removed() {
    let dir = TempDir::new().unwrap();
    let home = Home::open(&accounts(&dir)).unwrap();
    let mut file = one(&home);
    for name in ["old.pem", "new.pem"] {
        let path = certificate(&dir, name);
        let trust = Trust::read(&path).unwrap();
        home.keep_trust(&mut file, Some(&trust)).unwrap();
        assert_eq!(
            std::fs::read(copy(&home)).unwrap(),
            std::fs::read(&path).unwrap()
        );
        let mode = copy(&home).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_file(&path).unwrap();
        assert!(home.trust("one").unwrap() == Some(trust));
    }
    home.keep_trust(&mut file, None).unwrap();
    assert!(!copy(&home).exists());
    assert!(home.trust("one").unwrap().is_none());
}

#[test]
fn the_file_of_an_older_version_is_copied_in_and_a_later_sign_in_counts_more() {
    let dir = TempDir::new().unwrap();
    let home = Home::open(&accounts(&dir)).unwrap();
    let (old, new) = (certificate(&dir, "old.pem"), certificate(&dir, "new.pem"));
    let mut file = one(&home);
    file.ca = Some(old.clone());
    home.update(&file).unwrap();
    line::of(&home, &mut file, None).unwrap();
    assert_eq!(one(&home).ca, None);
    assert_eq!(
        std::fs::read(copy(&home)).unwrap(),
        std::fs::read(old).unwrap()
    );
    let trust = Trust::read(&new).unwrap();
    file.ca = Some("/nonexistent/ca.pem".into());
    home.keep_trust(&mut file, Some(&trust)).unwrap();
    assert_eq!(one(&home).ca, None);
    assert!(home.trust("one").unwrap() == Some(trust));
}

#[tokio::test]
async fn a_sign_in_keeps_what_it_named_and_nothing_that_it_did_not() {
    let dir = TempDir::new().unwrap();
    let paths = accounts(&dir);
    let desk = Desk {
        home: Home::open(&paths).unwrap(),
        paths: Arc::new(paths),
        bench: "bench".to_owned(),
        ca: Some(certificate(&dir, "machine.pem")),
        accounts: Vec::new(),
        forgotten: Vec::new(),
        secrets: None,
    };
    let named = certificate(&dir, "named.pem");
    let (_, trust) = line::for_sign_in(&desk, &ask(Some(&named)))
        .unwrap()
        .chosen()
        .await;
    assert!(trust == Some(Trust::read(&named).unwrap()));
    let (_, trust) = line::for_sign_in(&desk, &ask(None)).unwrap().chosen().await;
    assert!(trust.is_none());
    let absent = Path::new("/nonexistent/ca.pem");
    let failure = line::for_sign_in(&desk, &ask(Some(absent)));
    assert_eq!(failure.err().unwrap().code, FailureCode::Invalid);
}

#[tokio::test]
async fn an_account_whose_certificates_are_gone_opens_says_so_and_can_be_signed_out() {
    let dir = TempDir::new().unwrap();
    let paths = accounts(&dir);
    let home = Home::open(&paths).unwrap();
    let secrets = secret::Store::choose(&paths, true).unwrap();
    let mut file = one(&home);
    let mut ready = actor::open::open(&home, &secrets, &file, Stamp(0)).unwrap();
    ready.store.keep_refresh(Some("token".to_owned())).unwrap();
    ready.store.close();
    file.ca = Some("/nonexistent/ca.pem".into());
    home.update(&file).unwrap();
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let synced = daemon
        .ask(&mut client, Some("one"), Request::Sync { wait: true })
        .await
        .unwrap_err();
    for part in ["/nonexistent/ca.pem", "redtag login", "--ca FILE"] {
        assert!(synced.words.contains(part), "{synced}");
    }
    let status = daemon.ask(&mut client, Some("one"), Request::Status).await;
    let Ok(Reply::Status(status)) = status else {
        panic!("{status:?}");
    };
    assert!(
        matches!(&status.connection, Connection::Offline { why, .. } if why.contains("ca.pem")),
        "{status:?}"
    );
    let members = daemon.ask(&mut client, Some("one"), Request::Members).await;
    assert!(matches!(members, Ok(Reply::Members(_))), "{members:?}");
    let out = Request::SignOut {
        discard: true,
        exported: None,
    };
    let out = daemon.ask(&mut client, Some("one"), out).await;
    assert!(matches!(out, Ok(Reply::Done)), "{out:?}");
    assert!(!home.at("one").exists());
    daemon.stop().await;
}
