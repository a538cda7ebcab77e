use redtag_protocol::{
    ids::{DeviceId, PersonId},
    stamp::Stamp,
};

use super::*;
use crate::{link::Link, testing::Daemon};

fn session(id: u8, own: bool) -> Session {
    Session {
        id: SessionId::from_parts(1, [id; 10]),
        person: PersonId::from_parts(1, [1; 10]),
        name: "Tess\u{1b}[2J".to_owned(),
        device: DeviceId::from_parts(1, [2; 10]),
        device_name: "bay 3".to_owned(),
        created: Stamp(1_764_000_000_000),
        used: Stamp(1_764_000_000_000),
        own,
    }
}

#[test]
fn the_list_names_device_and_person_and_marks_this_one() {
    let text = listed(&[session(1, true), session(2, false)]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].contains("bay 3") && lines[0].contains("this one"),
        "{text}"
    );
    assert!(
        !lines[1].contains("this one") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[tokio::test]
async fn what_is_revoked_is_what_was_named() {
    let mut daemon = Daemon::new(|request| {
        Some(Ok(match request {
            Request::Sessions => Reply::Sessions(vec![session(1, true), session(2, false)]),
            _ => Reply::Done,
        }))
    });
    let line = Line::over(Link::open(daemon.options()).0);
    let id = session(2, false).id;
    revoke(&line, id, true).await.unwrap();
    let mut seen = Vec::new();
    while let Ok(asked) = daemon.requests.try_recv() {
        seen.push(asked.request);
    }
    let last = seen.last().unwrap();
    assert!(
        matches!(last, Request::Revoke { session } if *session == id),
        "{seen:?}"
    );
}
