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

/// An API that announces edits up to `schema`, has nothing new, and takes what it is sent.
async fn api(schema: u16) -> (Server, Sent) {
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
            "ops" => Said::json(
                200,
                r#"{"outcomes":[{"number":1,"outcome":"accepted","verdict":"applied","seq":12}]}"#,
            ),
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
