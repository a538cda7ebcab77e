//! Being let in by a code, against an API that knows nothing else.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use redtag_protocol::ipc::{Account, FailureCode, Pair, Pairing, Reply, Request};

use super::{
    accounts::{Daemon, accounts},
    *,
};
use crate::remote::tests::server::{self, Server};

const BEGUN: &str = r#"{"device_code":"secret","user_code":"BCDF-GHJK",
    "verification_uri":"http://behind.a.proxy/device","expires_in":600,"interval":0}"#;

const LET_IN: &str = r#"{"person":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b","name":"Ann",
    "email":"ann@example.com",
    "membership":{"shop":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5c","name":"Shop","role":"owner"},
    "access_token":"at","token_type":"Bearer","expires_in":600,"refresh_token":"rt",
    "last_number":0}"#;

/// What the token endpoint says, one after the other, and then the last for ever.
fn words(said: &'static [(u16, &'static str)]) -> impl Fn() -> server::Reply + Send + Sync {
    let asked = AtomicUsize::new(0);
    move || {
        let at = asked.fetch_add(1, Ordering::SeqCst).min(said.len() - 1);
        match said[at] {
            (200, body) => server::Reply::json(200, body),
            (400, code) => {
                let body = serde_json::json!({"error": code, "message": code}).to_string();
                let headers = "content-type: application/json\r\ndpop-nonce: n1\r\n";
                server::Reply::with(400, headers, body.as_bytes())
            }
            (status, code) => server::Reply::error(status, code),
        }
    }
}

type Asked = Arc<Mutex<Vec<String>>>;

async fn api(said: &'static [(u16, &'static str)]) -> (Server, Asked) {
    let (word, asked) = (words(said), Asked::default());
    let seen = Arc::clone(&asked);
    let api = Server::start(move |it| match it.path.as_str() {
        "/v1/version" => server::Reply::json(
            200,
            r#"{"name":"redtag-server","version":"1.2.3","api":{"min":1,"max":1},
                "schema":{"min":1,"max":1}}"#,
        ),
        "/oauth/device_authorization" => server::Reply::json(200, BEGUN),
        "/oauth/token" => {
            let proven = it.header("dpop").is_some();
            seen.lock().unwrap().push(format!("{proven} {}", it.body));
            word()
        }
        _ => server::Reply::error(503, "later"),
    });
    (api.await, asked)
}

fn pair(api: &Server) -> Request {
    Request::Pair(Pair {
        url: api.url(),
        insecure_storage: true,
        ca: None,
    })
}

#[tokio::test]
async fn a_code_is_shown_and_whoever_is_let_in_works_here() {
    let dir = TempDir::new().unwrap();
    let (api, asked) = api(&[
        (400, "use_dpop_nonce"),
        (400, "authorization_pending"),
        (503, "internal"),
        (400, "authorization_pending"),
        (200, LET_IN),
    ])
    .await;
    let paths = accounts(&dir);
    let home = Home::open(&paths).unwrap();
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let mut ids = Vec::new();
    // The second time it is the same account, under a key of its own.
    for _ in 0..2 {
        let shown = daemon.ask(&mut client, None, pair(&api)).await;
        let Ok(Reply::Pairing(Pairing { page, code, left })) = shown else {
            panic!("{shown:?}");
        };
        // Where the bench found the API, whatever a server behind a proxy believes.
        assert_eq!(page, format!("{}/device", api.url()));
        assert_eq!((code.as_str(), left), ("BCDF-GHJK", 600));
        let let_in = daemon.ask(&mut client, None, Request::Paired).await;
        let Ok(Reply::Account(Account { id, email, .. })) = let_in else {
            panic!("{let_in:?}");
        };
        assert_eq!(email, "ann@example.com");
        assert_eq!(home.default().as_deref(), Some(id.as_str()));
        ids.push(id);
    }
    assert_eq!(ids[0], ids[1]);
    for asked in &*asked.lock().unwrap() {
        let form = "true grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code\
            &client_id=redtagd&device_code=secret";
        assert_eq!(asked, form);
    }
    daemon.stop().await;
}

#[tokio::test]
async fn who_begins_anew_gives_up_what_was_begun_before() {
    let dir = TempDir::new().unwrap();
    let (api, _) = api(&[(400, "authorization_pending")]).await;
    let daemon = Daemon::start(accounts(&dir));
    let mut client = daemon.client(1).await;
    daemon.ask(&mut client, None, pair(&api)).await.unwrap();
    daemon.begin(&client, None, Request::Paired).await;
    let former = daemon.ask(&mut client, None, pair(&api)).await.unwrap_err();
    assert_eq!(former.code, FailureCode::Invalid);
    assert!(former.words.contains("given up"), "{former}");
    let shown = client.answer().await;
    assert!(matches!(shown, Ok(Reply::Pairing(_))), "{shown:?}");
    daemon.stop().await;
}

#[tokio::test]
async fn a_refusal_is_told_and_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    let (api, _) = api(&[(400, "access_denied")]).await;
    let daemon = Daemon::start(accounts(&dir));
    let mut client = daemon.client(1).await;
    let none = daemon.ask(&mut client, None, Request::Paired).await;
    assert_eq!(none.unwrap_err().code, FailureCode::Invalid);
    daemon.ask(&mut client, None, pair(&api)).await.unwrap();
    let refused = daemon.ask(&mut client, None, Request::Paired).await;
    assert_eq!(refused.unwrap_err().words, "access_denied");
    let all = daemon.ask(&mut client, None, Request::Accounts).await;
    let Ok(Reply::Accounts(all)) = all else {
        panic!("{all:?}");
    };
    assert_eq!(all.len(), 2);
    // What waits is of one connection.
    daemon.ask(&mut client, None, pair(&api)).await.unwrap();
    let mut other = daemon.client(2).await;
    let strange = daemon.ask(&mut other, None, Request::Paired).await;
    assert_eq!(strange.unwrap_err().code, FailureCode::Invalid);
    daemon.stop().await;
}
