//! A whole sign-in against an API that knows nothing else.

use redtag_protocol::ipc::{Account, Reply, Request, SignIn};

use super::{
    accounts::{Daemon, accounts},
    *,
};
use crate::remote::tests::server::{self, Server};

const ANN: &str = r#"{"person":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b","name":"Ann",
    "membership":{"shop":"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5c","name":"Shop","role":"owner"},
    "tokens":{"access_token":"at","token_type":"Bearer","expires_in":600,"refresh_token":"rt"},
    "last_number":0}"#;

async fn api() -> Server {
    Server::start(|asked| match asked.path.as_str() {
        "/v1/version" => server::Reply::json(
            200,
            r#"{"name":"redtag-server","version":"1.2.3","api":{"min":1,"max":1},
                "schema":{"min":1,"max":1}}"#,
        ),
        "/v1/sign-in" => server::Reply::json(200, ANN),
        _ => server::Reply::error(503, "later"),
    })
    .await
}

#[tokio::test]
async fn who_has_just_signed_in_is_who_works_here() {
    let dir = TempDir::new().unwrap();
    let api = api().await;
    let paths = accounts(&dir);
    let home = Home::open(&paths).unwrap();
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    let mut ids = Vec::new();
    // The second time it is the same account, and no longer the default one.
    for _ in 0..2 {
        let ask = SignIn {
            url: api.url(),
            email: "ann@example.com".to_owned(),
            password: "right".to_owned(),
            code: None,
            enroll: None,
            shop: None,
            insecure_storage: true,
            ca: None,
            forget_pin: false,
        };
        let signed_in = daemon.ask(&mut client, None, Request::SignIn(ask)).await;
        let Ok(Reply::Account(Account { id, default, .. })) = signed_in else {
            panic!("{signed_in:?}");
        };
        assert!(default);
        assert_eq!(home.default().as_deref(), Some(id.as_str()));
        ids.push(id);
        let account = "one".to_owned();
        let used = daemon
            .ask(&mut client, None, Request::Use { account })
            .await;
        assert!(matches!(used, Ok(Reply::Account(_))), "{used:?}");
    }
    assert_eq!(ids[0], ids[1]);
    daemon.stop().await;
}
