use proptest::prelude::*;

use super::*;
use crate::api::changes::{Document, Line};

fn parsed(line: &str) -> Document {
    match Line::parse(line.as_bytes()) {
        Ok(Line::Document(document)) => document,
        other => panic!("no document: {other:?}"),
    }
}

#[test]
fn a_line_comes_apart_as_it_is_parsed() {
    let body = r#"{"id":"7","note":"a } and a \" and {"}"#;
    let line = format!(r#"{{"kind":"vehicle","id":"a-b","version":12,"body":{body}}}"#);
    let split = UnreadDocument::split(line.as_bytes()).unwrap();
    let parsed = parsed(&line);
    assert_eq!((split.kind, split.id), ("vehicle", "a-b"));
    assert_eq!(split.version, parsed.version);
    assert_eq!(split.body, parsed.body.get());
}

#[test]
fn what_is_spelled_in_another_way_does_not_come_apart() {
    for line in [
        r#"{"id":"a","kind":"vehicle","version":12,"body":{}}"#,
        r#"{"kind":"veh\u0069cle","id":"a","version":12,"body":{}}"#,
        r#"{"kind":"vehicle","id":"a","version":+12,"body":{}}"#,
        r#"{"kind":"vehicle","id":"a","version":"12","body":{}}"#,
        r#"{"kind":"vehicle","id":"a","version":12}"#,
        r#"{"kind":"vehicle","id":"a","version":12,"erased":true}"#,
        r#"{"event":{}}"#,
        "",
    ] {
        assert_eq!(UnreadDocument::split(line.as_bytes()), None, "{line}");
    }
    let torn = b"{\"kind\":\"vehicle\",\"id\":\"a\",\"version\":1,\"body\":\"\xff\"}";
    assert_eq!(UnreadDocument::split(torn), None);
}

proptest! {
    /// Whose body reads as one JSON value is a document that parses to the same.
    #[test]
    fn what_comes_apart_and_reads_is_a_document(
        kind in "[a-z_]{1,12}", id in "[!-~]{0,40}", version in any::<u64>(),
        body in r#"[{}\[\]",:a0\\ ]{0,30}"#,
    ) {
        let line = format!(r#"{{"kind":"{kind}","id":"{id}","version":{version},"body":{body}}}"#);
        if let Some(split) = UnreadDocument::split(line.as_bytes())
            && serde_json::from_str::<serde_json::Value>(split.body).is_ok()
        {
            let parsed = parsed(&line);
            prop_assert_eq!(split.kind, parsed.kind);
            prop_assert_eq!(split.id, parsed.id);
            prop_assert_eq!(split.version, parsed.version);
            prop_assert_eq!(split.body.trim(), parsed.body.get());
        }
    }
}
