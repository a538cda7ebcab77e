use redtag_protocol::{ids::PersonId, stamp::Stamp};

use super::*;
use crate::{link::Link, testing::Daemon};

fn token(id: u8) -> Token {
    Token {
        id: PassId::from_parts(1, [id; 10]),
        person: PersonId::from_parts(1, [1; 10]),
        name: "Tess".to_owned(),
        called: "nightly\u{1b}[2J".to_owned(),
        scope: Scope::Write,
        created: Stamp(1_764_000_000_000),
        expires: Stamp(1_765_000_000_000),
    }
}

#[test]
fn the_list_names_what_a_token_is_for() {
    let text = listed(&[token(1), token(2)]);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.contains("nightly") && text.contains("write") && text.contains("Tess"));
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(listed(&[]).contains("redtag token new"));
}

#[tokio::test]
async fn what_is_taken_back_is_what_was_named() {
    let mut daemon = Daemon::new(|request| {
        Some(Ok(match request {
            Request::Tokens => Reply::Tokens(vec![token(1), token(2)]),
            _ => Reply::Done,
        }))
    });
    let line = Line::over(Link::open(daemon.options()).0);
    let id = token(2).id;
    end(&line, id, true).await.unwrap();
    let mut last = None;
    while let Ok(asked) = daemon.requests.try_recv() {
        last = Some(asked.request);
    }
    assert!(
        matches!(last, Some(Request::EndToken { token }) if token == id),
        "{last:?}"
    );
}
