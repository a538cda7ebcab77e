//! An API that is older than this program is sent nothing that it would refuse as unknown.

use redtag_protocol::{
    api::changes::{End, Line},
    inspection::InspectionWrite,
    ipc::{Reply, Request},
    op::{Edit, PLACES, SCHEMA},
};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{accounts::Daemon, leaving::home, *};
use crate::{
    cache::{Page, tests as bench},
    remote::tests::server::{Reply as Said, Server},
};

/// What the API was sent: the end of the path, and the body.
type Sent = mpsc::UnboundedReceiver<(String, Value)>;

const TAKEN: &str =
    r#"{"outcomes":[{"number":1,"outcome":"accepted","verdict":"applied","seq":12}]}"#;

/// An API that announces edits up to `schema`, has nothing new, and takes what it is sent.
async fn api(schema: u16) -> (Server, Sent) {
    talking(
        schema,
        || Said::json(200, TAKEN),
        || Said::error(503, "later"),
    )
    .await
}

/// One that says something else of edits, or to whoever listens.
async fn talking(
    schema: u16,
    ops: impl Fn() -> Said + Send + Sync + 'static,
    live: impl Fn() -> Said + Send + Sync + 'static,
) -> (Server, Sent) {
    let (tell, sent) = mpsc::unbounded_channel();
    let version = serde_json::json!({
        "name": "redtag-server", "version": "1.2.3",
        "api": {"min": 2, "max": 2}, "schema": {"min": 1, "max": schema},
    });
    let Line::End(End { cursor, .. }) = bench::end(11, false) else {
        unreachable!()
    };
    let api = Server::start(move |asked| {
        let path = asked.path.split('?').next().unwrap_or_default();
        let what = path.rsplit('/').next().unwrap_or_default();
        let body = serde_json::from_str(&asked.body).unwrap_or(Value::Null);
        let said = match what {
            "version" => Said::json(200, &version.to_string()),
            "token" => Said::json(
                200,
                r#"{"access_token":"a.b.c","token_type":"DPoP","expires_in":600,"refresh_token":"next"}"#,
            ),
            "changes" => Said::json(200, &format!("{{\"cursor\":\"{cursor}\",\"more\":false}}\n")),
            "devices" => Said::json(200, r#"{"last_number":0}"#),
            "ops" => ops(),
            "live" => live(),
            _ => Said::error(503, "later"),
        };
        // The test may have seen enough.
        let _ = tell.send((what.to_owned(), body));
        said
    })
    .await;
    (api, sent)
}

async fn next(sent: &mut Sent, what: &str) -> Value {
    loop {
        let (asked, body) = sent.recv().await.unwrap();
        if asked == what {
            return body;
        }
    }
}

/// A home that is level with an API, and a bench's client; the place of what was sent is after that.
async fn level(dir: &TempDir, api: &Server) -> (Daemon, super::accounts::Client) {
    let (paths, _) = home(dir, &api.url(), |store| {
        let mut page = Page::default();
        for line in bench::first_page() {
            page.push(&line);
        }
        page.push(&bench::end(10, false));
        store.take(page, Stamp(1)).unwrap();
    });
    let daemon = Daemon::start(paths);
    let mut client = daemon.client(1).await;
    while !matches!(
        daemon.ask(&mut client, None, Request::Status).await,
        Ok(Reply::Status(status)) if status.seq.0 == 11
    ) {}
    (daemon, client)
}

fn bay(bay: &str) -> Request {
    Request::Edit {
        edits: vec![Edit::Inspection {
            id: bench::ticket(1),
            write: InspectionWrite::Bay {
                bay: Some(bay.to_owned()),
            },
        }],
    }
}

#[tokio::test]
async fn an_api_that_takes_less_than_it_said_is_asked_again_before_it_is_sent_more() {
    let less = r#"{"outcomes":[],"ending":{"ending":"upgrade_required","min":1,"max":1}}"#;
    let (api, mut sent) = talking(
        SCHEMA,
        move || Said::json(200, less),
        || Said::error(503, "later"),
    )
    .await;
    let dir = TempDir::new().unwrap();
    let (daemon, mut client) = level(&dir, &api).await;
    let saved = daemon.ask(&mut client, None, bay("7")).await;
    assert!(matches!(saved, Ok(Reply::Saved { .. })), "{saved:?}");
    next(&mut sent, "ops").await;
    // At once, and not after a pause.
    let saved = daemon.ask(&mut client, None, bay("8")).await;
    assert!(matches!(saved, Ok(Reply::Saved { .. })), "{saved:?}");
    loop {
        let (asked, _) = sent.recv().await.unwrap();
        assert_ne!(asked, "ops", "sent more without a question");
        if asked == "version" {
            break;
        }
    }
    daemon.stop().await;
}

#[tokio::test]
async fn what_an_api_takes_is_asked_anew_once_its_live_line_has_ended() {
    let (api, mut sent) = talking(
        SCHEMA,
        || Said::json(200, TAKEN),
        || Said::stream("event: seq\ndata: 11\n\n"),
    )
    .await;
    let dir = TempDir::new().unwrap();
    let (daemon, _client) = level(&dir, &api).await;
    let (mut versions, mut lines) = (0, 0);
    while versions < 2 {
        let (asked, _) = sent.recv().await.unwrap();
        versions += usize::from(asked == "version");
        lines += usize::from(asked == "live");
        assert!(lines < 3, "a third line, and nobody asked");
    }
    daemon.stop().await;
}

#[tokio::test]
async fn an_api_that_announces_less_is_sent_no_more_than_that() {
    for (schema, least) in [(PLACES - 1, 1), (PLACES, PLACES), (SCHEMA + 1, PLACES)] {
        let knows = schema >= PLACES;
        let (api, mut sent) = api(schema).await;
        let dir = TempDir::new().unwrap();
        let (paths, _) = home(&dir, &api.url(), |store| {
            let mut page = Page::default();
            for line in bench::first_page() {
                page.push(&line);
            }
            page.push(&bench::end(10, false));
            store.take(page, Stamp(1)).unwrap();
            // It doubts what the API has of it, so that it asks.
            store.doubt().unwrap();
        });
        let daemon = Daemon::start(paths);
        let mut client = daemon.client(1).await;
        let asked = next(&mut sent, "devices").await;
        assert_eq!(asked.get("from").is_some(), knows, "{asked}");
        while !matches!(
            daemon.ask(&mut client, None, Request::Status).await,
            Ok(Reply::Status(status)) if status.seq.0 == 11
        ) {}
        let edits = vec![Edit::Inspection {
            id: bench::ticket(1),
            write: InspectionWrite::Bay {
                bay: Some("7".to_owned()),
            },
        }];
        let saved = daemon.ask(&mut client, None, Request::Edit { edits }).await;
        assert!(matches!(saved, Ok(Reply::Saved { .. })), "{saved:?}");
        let batch = next(&mut sent, "ops").await;
        let op = &batch["ops"][0];
        assert_eq!(op["base"], 10);
        assert_eq!(op.get("seen").is_some(), knows, "{op}");
        assert_eq!(op["schema"], least, "{op}");
        daemon.stop().await;
    }
}
