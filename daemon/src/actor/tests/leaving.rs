//! Leaving: by one's own will with what is unsent in hand, or because a membership has ended.

use age::x25519::Identity;
use redtag_protocol::{
    api::{
        changes::Cursor,
        error::code,
        ops::{Answer, Numbered, Outcome},
    },
    ids::{CustomerId, DeviceId},
    ipc::{Exported, FailureCode, Passphrase, Reply, Request, Status},
    op::{Edit, Verdict},
    stamp::Seq,
};

use super::{
    accounts::{Client, Daemon},
    *,
};
use crate::{
    cache::{self, Clock, Meta, Store},
    remote::{
        DEVICE_REVOKED,
        tests::server::{Reply as Said, Server},
    },
    secret,
};

/// A home with the account `one`, after `work`, and the key that it seals to.
pub(super) fn home(dir: &TempDir, url: &str, work: impl FnOnce(&mut Store)) -> (Paths, Identity) {
    let paths = paths(dir);
    paths.make().unwrap();
    let home = Home::open(&paths).unwrap();
    let secrets = secret::Store::choose(&paths, true).unwrap();
    let mut file = file("one");
    url.clone_into(&mut file.url);
    let at = home.begin("one").unwrap();
    let key = secrets.make("one").unwrap();
    let device = DeviceId::from_bytes([3; 16]);
    let shop = Identity::generate();
    let mut meta = Meta::new(file.person, file.shop, file.role, device, vec![9; 32]);
    meta.refresh = Some("refresh".to_owned());
    meta.seal_to = Some(shop.to_public().to_string());
    let mut store = cache::create(&at, &key, meta).unwrap();
    work(&mut store);
    store.close();
    home.finish(&file).unwrap();
    home.set_default("one").unwrap();
    (paths, shop)
}

/// Leaves one edit unsent.
pub(super) fn unsent(store: &mut Store) {
    let edit = Edit::CreateCustomer {
        id: CustomerId::from_bytes([8; 16]),
        name: "Alma Testwell".to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: false,
    };
    store.save(vec![edit], Clock(Stamp(1))).unwrap();
}

/// An API on which the membership has ended.
async fn ended() -> Server {
    Server::start(|asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        _ => Said::error(403, code::NOT_A_MEMBER),
    })
    .await
}

async fn status(daemon: &Daemon, client: &mut Client) -> Status {
    match daemon.ask(client, None, Request::Status).await {
        Ok(Reply::Status(status)) => *status,
        other => panic!("{other:?}"),
    }
}

async fn export(daemon: &Daemon, client: &mut Client, passphrase: Option<&str>) -> Exported {
    let request = Request::Export {
        number: None,
        passphrase: passphrase.map(|it| Passphrase(it.to_owned())),
    };
    match daemon.ask(client, None, request).await {
        Ok(Reply::Exported(exported)) => exported,
        other => panic!("{other:?}"),
    }
}

fn out(exported: Option<String>) -> Request {
    Request::SignOut {
        discard: false,
        exported,
    }
}

#[tokio::test]
async fn what_is_unsent_when_a_membership_ends_is_sealed_and_the_rest_goes() {
    let api = ended().await;
    let dir = TempDir::new().unwrap();
    let (paths, shop) = home(&dir, &api.url(), unsent);
    let sealed = paths.data.join("sealed");
    let daemon = Daemon::start(paths.clone());
    let mut client = daemon.client(1).await;
    let told = loop {
        let status = status(&daemon, &mut client).await;
        if status.account.is_none() {
            break status;
        }
    };
    let file = std::fs::read_dir(&sealed).unwrap().next().unwrap().unwrap();
    let path = file.path().display().to_string();
    let tells = |status: &Status| status.notices.iter().any(|it| it.contains(&path));
    assert!(tells(&told), "{:?}", told.notices);
    assert!(!Home::open(&paths).unwrap().at("one").exists());
    let plain = age::decrypt(&shop, &std::fs::read(file.path()).unwrap()).unwrap();
    assert!(String::from_utf8(plain).unwrap().contains("Alma Testwell"));
    daemon.stop().await;
    // It is told until somebody has taken the file.
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    assert!(tells(&status(&daemon, &mut client).await));
    std::fs::remove_file(file.path()).unwrap();
    assert!(!tells(&status(&daemon, &mut client).await));
    daemon.stop().await;
}

/// An API on which somebody took the sign-in from this machine, as it says at this path.
async fn revoked_at(path: &'static str) -> Server {
    Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        asked if asked == path => Said::error(400, DEVICE_REVOKED),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        _ => Said::error(403, DEVICE_REVOKED),
    })
    .await
}

#[tokio::test]
async fn a_machine_whose_sign_in_was_revoked_seals_what_is_unsent_and_keeps_no_key() {
    for path in ["/v1/token", "/elsewhere"] {
        let api = revoked_at(path).await;
        let dir = TempDir::new().unwrap();
        let (paths, shop) = home(&dir, &api.url(), unsent);
        let daemon = Daemon::start(paths.clone());
        let mut client = daemon.client(1).await;
        let told = loop {
            let status = status(&daemon, &mut client).await;
            if status.account.is_none() {
                break status;
            }
        };
        let revoked = |it: &String| it.contains("sign-in was revoked");
        assert!(told.notices.iter().any(revoked), "{:?}", told.notices);
        assert!(!Home::open(&paths).unwrap().at("one").exists());
        assert!(!paths.state.join("keys/one.wrapped").exists());
        let sealed = std::fs::read_dir(paths.data.join("sealed")).unwrap();
        let file = sealed.flatten().next().unwrap();
        let plain = age::decrypt(&shop, &std::fs::read(file.path()).unwrap()).unwrap();
        assert!(String::from_utf8(plain).unwrap().contains("Alma Testwell"));
        daemon.stop().await;
    }
}

/// An API that lets nobody in any more, for this reason and in this epoch.
async fn ended_in(code: &str, epoch: u64) -> Server {
    let no = serde_json::json!({
        "error": code, "message": "no more", "epoch": Cursor::epoch_word(epoch),
    });
    Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        _ => Said::json(403, &no.to_string()),
    })
    .await
}

/// As far as a bench knows its API in epoch 7.
const KNOWN: Cursor = Cursor {
    epoch: 7,
    seq: Seq(5),
    hash: [0; 8],
    copying: None,
};

/// Leaves one edit that was acknowledged.
fn acknowledged(store: &mut Store, cursor: Option<Cursor>) {
    unsent(store);
    let device = store.meta().device;
    let outcome = Outcome::Accepted {
        verdict: Verdict::Applied,
        seq: Seq(5),
    };
    let answer = Answer {
        outcomes: vec![Numbered {
            number: 1,
            outcome,
            replayed: false,
        }],
        ending: None,
    };
    store.answered(device, &answer, Stamp(2)).unwrap();
    store
        .change_meta(|meta| meta.cursor = cursor.map(|it| it.to_string()))
        .unwrap();
}

#[tokio::test]
async fn a_revocation_by_an_api_that_was_put_back_seals_what_it_may_have_lost() {
    for (epoch, seals) in [(7, false), (8, true)] {
        let api = ended_in(DEVICE_REVOKED, epoch).await;
        let dir = TempDir::new().unwrap();
        let (paths, shop) = home(&dir, &api.url(), |store| acknowledged(store, Some(KNOWN)));
        let daemon = Daemon::start(paths.clone());
        let mut client = daemon.client(1).await;
        while status(&daemon, &mut client).await.account.is_some() {}
        let sealed = std::fs::read_dir(paths.data.join("sealed"));
        let file = sealed.ok().and_then(|it| it.flatten().next());
        assert_eq!(file.is_some(), seals, "epoch {epoch}");
        if let Some(file) = file {
            let plain = age::decrypt(&shop, &std::fs::read(file.path()).unwrap()).unwrap();
            assert!(String::from_utf8(plain).unwrap().contains("Alma Testwell"));
        }
        daemon.stop().await;
    }
}

#[tokio::test]
async fn an_api_that_was_put_back_to_before_somebody_joined_takes_nothing_from_them() {
    // In the epoch that the bench knows it is as ever: what was acknowledged goes. Where a copy was
    // begun anew, none is known.
    for (epoch, known, stays) in [
        (7, Some(KNOWN), false),
        (8, Some(KNOWN), true),
        (8, None, true),
    ] {
        let api = ended_in(code::NOT_A_MEMBER, epoch).await;
        let dir = TempDir::new().unwrap();
        let (paths, _) = home(&dir, &api.url(), |store| acknowledged(store, known));
        let daemon = Daemon::start(paths.clone());
        let mut client = daemon.client(1).await;
        let told = loop {
            let status = status(&daemon, &mut client).await;
            let ended =
                |it: &String| it.contains("membership has ended") || it.contains("no member");
            if status.notices.iter().any(ended) {
                break status;
            }
        };
        assert_eq!(told.account.is_some(), stays, "{:?}", told.notices);
        assert_eq!(Home::open(&paths).unwrap().at("one").exists(), stays);
        if stays {
            let plain = export(&daemon, &mut client, None).await;
            assert!(plain.text.contains("Alma Testwell"), "{}", plain.text);
        }
        daemon.stop().await;
    }
}

#[tokio::test]
async fn where_nothing_is_unsent_nothing_is_left() {
    let api = ended().await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, &api.url(), |_| {});
    let daemon = Daemon::start(paths.clone());
    let mut client = daemon.client(1).await;
    while status(&daemon, &mut client).await.account.is_some() {}
    assert!(!paths.data.join("sealed").exists());
    assert!(!Home::open(&paths).unwrap().at("one").exists());
    daemon.stop().await;
}

#[tokio::test]
async fn signing_out_with_an_export_in_hand_loses_nothing() {
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, "http://127.0.0.1:1", unsent);
    let daemon = Daemon::start(paths.clone());
    let mut client = daemon.client(1).await;
    let refused = daemon.ask(&mut client, None, out(None)).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Unsent);
    let plain = export(&daemon, &mut client, None).await;
    assert_eq!((plain.edits, plain.encrypted), (1, false));
    let closed = export(&daemon, &mut client, Some("not a real one")).await;
    assert!(closed.encrypted && !closed.text.contains("Alma"));
    // Something was saved since: the receipt is of something else.
    let edit = Edit::CreateCustomer {
        id: CustomerId::from_bytes([9; 16]),
        name: "Another Testwell".to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: false,
    };
    let edits = vec![edit];
    let saved = daemon.ask(&mut client, None, Request::Edit { edits }).await;
    assert!(matches!(saved, Ok(Reply::Saved { .. })), "{saved:?}");
    let late = daemon.ask(&mut client, None, out(plain.receipt)).await;
    assert_eq!(late.unwrap_err().code, FailureCode::Unsent);
    let whole = export(&daemon, &mut client, None).await;
    assert_eq!(whole.edits, 2);
    let done = daemon.ask(&mut client, None, out(whole.receipt)).await;
    assert!(matches!(done, Ok(Reply::Done)), "{done:?}");
    assert!(!Home::open(&paths).unwrap().at("one").exists());
    daemon.stop().await;
}

#[tokio::test]
async fn who_waits_for_an_account_that_is_signed_out_meanwhile_hears_so() {
    // Takes every question and never answers, so that the wait has no end of its own.
    let silent = Server::start(|_| Said::raw("").hold()).await;
    let dir = TempDir::new().unwrap();
    let (paths, _) = home(&dir, &silent.url(), unsent);
    let daemon = Daemon::start(paths);
    let mut waiting = daemon.client(1).await;
    let sync = Request::Sync { wait: true };
    daemon.begin(&waiting, None, sync).await;
    let mut other = daemon.client(2).await;
    let discard = Request::SignOut {
        discard: true,
        exported: None,
    };
    let out = daemon.ask(&mut other, None, discard).await;
    assert!(matches!(out, Ok(Reply::Done)), "{out:?}");
    let told = waiting.answer();
    let told = tokio::time::timeout(std::time::Duration::from_secs(20), told).await;
    let failure = told.expect("an answer").unwrap_err();
    assert_eq!(failure.code, FailureCode::NotSignedIn, "{failure}");
    assert!(failure.words.contains("signed out"), "{failure}");
    daemon.stop().await;
}

/// An API on which the membership has ended, until `back` is set; nobody's shop has a key.
async fn returning(back: std::sync::Arc<std::sync::atomic::AtomicBool>) -> Server {
    let signed_in = serde_json::json!({
        "person": file("one").person, "name": "Ada",
        "membership": {"shop": file("one").shop, "name": "Cycles", "role": "technician"},
        "tokens": {
            "access_token": "at", "token_type": "DPoP", "expires_in": 600, "refresh_token": "rt",
        },
        "last_number": 0,
    });
    Server::start(move |asked| match asked.path.as_str() {
        "/v1/version" => Said::json(200, crate::remote::tests::VERSION),
        "/v1/sign-in" => Said::json(200, &signed_in.to_string()),
        "/v1/token" => Said::json(
            200,
            r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
        ),
        _ if back.load(std::sync::atomic::Ordering::Relaxed) => Said::error(503, "later"),
        _ => Said::error(403, code::NOT_A_MEMBER),
    })
    .await
}

#[tokio::test]
async fn that_a_membership_has_ended_is_said_until_the_person_is_back() {
    for unsent_work in [true, false] {
        let back = std::sync::Arc::default();
        let api = returning(std::sync::Arc::clone(&back)).await;
        let dir = TempDir::new().unwrap();
        let (paths, _) = home(&dir, &api.url(), |store| {
            if unsent_work {
                unsent(store);
                // So that it cannot be sealed, and stays.
                store.change_meta(|meta| meta.seal_to = None).unwrap();
            }
        });
        let daemon = Daemon::start(paths);
        let mut client = daemon.client(1).await;
        let says = |status: &Status| {
            let told = |it: &String| it.contains("no member of") || it.contains("has ended");
            status.notices.iter().any(told)
        };
        while !says(&status(&daemon, &mut client).await) {}
        back.store(true, std::sync::atomic::Ordering::Relaxed);
        let ask = redtag_protocol::ipc::SignIn {
            url: api.url(),
            email: "ada@example.com".to_owned(),
            password: "right".to_owned(),
            code: None,
            enroll: None,
            shop: None,
            insecure_storage: true,
            ca: None,
            forget_pin: false,
        };
        let signed_in = daemon.ask(&mut client, None, Request::SignIn(ask)).await;
        assert!(matches!(signed_in, Ok(Reply::Account(_))), "{signed_in:?}");
        assert!(!says(&status(&daemon, &mut client).await));
        daemon.stop().await;
    }
}
