//! Messages that decode for ever. Each line of `golden/*.ndjson` is what some version of Redtag
//! wrote; this version must read it and say the same again. Lines are added, never changed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

use std::collections::BTreeSet;

use redtag_protocol::{
    api::{
        changes::Line,
        device,
        error::Error,
        ops::Answer,
        second_factor, sign_in,
        version::{Range, SERVED, UNDERSTOOD},
    },
    entity::{Entity, Kind},
    event::Happening,
    ipc::{ANSWERED, FromClient, FromDaemon, Hello, IPC, Welcome},
    op::Operation,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(n, line)| (n + 1, line))
}

fn same<T: Serialize + DeserializeOwned>(file: &str, text: &str) {
    for (n, line) in lines(text) {
        let message: T =
            serde_json::from_str(line).unwrap_or_else(|e| panic!("{file}, line {n}: {e}"));
        let again = serde_json::to_value(&message).unwrap();
        let expected: Value = serde_json::from_str(line).unwrap();
        assert_eq!(again, expected, "{file}, line {n}");
    }
}

macro_rules! golden {
    ($($test:ident: $type:ty = $file:literal;)*) => {
        $(#[test]
        fn $test() {
            same::<$type>($file, include_str!(concat!("golden/", $file)));
        })*
    };
}

golden! {
    operations: Operation = "operations.ndjson";
    happenings: Happening = "happenings.ndjson";
    ops_answers: Answer = "ops-answers.ndjson";
    sign_in_requests: sign_in::Request = "sign-in-requests.ndjson";
    second_factor_requests: second_factor::Request = "second-factor-requests.ndjson";
    second_factor_answers: second_factor::Answer = "second-factor-answers.ndjson";
    signed_in: sign_in::SignedIn = "signed-in.ndjson";
    device_begun: device::Begun = "device-begun.ndjson";
    device_let_in: device::LetIn = "device-let-in.ndjson";
    errors: Error = "errors.ndjson";
    from_client: FromClient = "from-client.ndjson";
    from_daemon: FromDaemon = "from-daemon.ndjson";
    greetings: Hello = "greetings.ndjson";
    welcomes: Welcome = "welcomes.ndjson";
}

#[test]
fn changes() {
    for (n, line) in lines(include_str!("golden/changes.ndjson")) {
        let mut again = Vec::new();
        Line::parse(line.as_bytes())
            .unwrap()
            .write(&mut again)
            .unwrap();
        assert_eq!(
            String::from_utf8(again).unwrap(),
            format!("{line}\n"),
            "line {n}"
        );
    }
}

#[test]
fn documents() {
    for (n, line) in lines(include_str!("golden/documents.ndjson")) {
        let Line::Document(document) = Line::parse(line.as_bytes()).unwrap() else {
            panic!("line {n} is no document");
        };
        let kind: Kind = document.kind.parse().unwrap();
        let entity = Entity::from_body(kind, document.body.get()).unwrap();
        assert_eq!(entity.key().id_text(), document.id, "line {n}");
        let again: Value = serde_json::from_str(&entity.to_body().unwrap()).unwrap();
        let renewed = RENEWED.iter().find(|(first, _)| *first == n);
        let expected: Value = serde_json::from_str(body(renewed.map_or(n, |it| it.1))).unwrap();
        assert_eq!(again, expected, "line {n}");
    }
}

/// Lines of the first form of an inspection, and those that say the same as it is written now.
const RENEWED: [(usize, usize); 2] = [(1, 8), (9, 10)];

#[test]
fn an_inspection_of_the_first_form_is_the_same_one() {
    for (first, renewed) in RENEWED {
        let read = |n| Entity::from_body(Kind::Inspection, body(n)).unwrap();
        assert_eq!(read(first), read(renewed), "line {first}");
        assert!(body(renewed).len() < body(first).len(), "line {renewed}");
    }
}

/// The body in a line of `documents.ndjson`.
fn body(n: usize) -> &'static str {
    let line = include_str!("golden/documents.ndjson").lines().nth(n - 1);
    let (_, body) = line.unwrap().split_once(r#""body":"#).unwrap();
    body.strip_suffix('}').unwrap()
}

/// Of a bench and a server, or a client and a daemon, the older one is told so before it meets what it
/// cannot read.
#[test]
fn who_cannot_read_a_table_of_writers_is_not_spoken_to() {
    let first = Range { min: 1, max: 1 };
    assert_eq!(SERVED.common(first), None);
    assert_eq!(SERVED.common(UNDERSTOOD), Some(2));
    assert_eq!(first.common(UNDERSTOOD), Some(1));
    let before = Range { min: 1, max: 2 };
    assert_eq!(ANSWERED.common(before), None);
    assert_eq!(ANSWERED.common(IPC), Some(8));
    assert_eq!(before.common(IPC), Some(2));
}

#[test]
fn every_edit_has_a_golden_operation() {
    let told: BTreeSet<String> = lines(include_str!("golden/operations.ndjson"))
        .map(|(_, line)| {
            let value: Value = serde_json::from_str(line).unwrap();
            value["edit"]["do"].as_str().unwrap().to_owned()
        })
        .collect();
    // What serde would take instead of a word that it does not know lists every edit.
    let error = serde_json::from_str::<redtag_protocol::op::Edit>(r#"{"do":"?"}"#).unwrap_err();
    let known: BTreeSet<String> = error
        .to_string()
        .split('`')
        .skip(3)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert!(known.len() > 8, "{error}");
    assert_eq!(told, known);
}

#[test]
fn requests_and_operations_refuse_fields_that_they_do_not_know() {
    let operation = include_str!("golden/operations.ndjson")
        .lines()
        .nth(4)
        .unwrap();
    let deletion = include_str!("golden/operations.ndjson")
        .lines()
        .find(|line| line.contains(r#""do":"delete""#))
        .unwrap();
    for (what, text) in [
        ("operation", operation.replacen('{', r#"{"extra":1,"#, 1)),
        (
            "edit",
            operation.replacen(r#""do""#, r#""extra":1,"do""#, 1),
        ),
        (
            "write",
            operation.replacen(r#""field""#, r#""extra":1,"field""#, 1),
        ),
        (
            "answer",
            operation.replacen(r#""condition""#, r#""extra":1,"condition""#, 1),
        ),
        (
            "document",
            deletion.replacen(r#""kind""#, r#""extra":1,"kind""#, 1),
        ),
    ] {
        let error = serde_json::from_str::<Operation>(&text).expect_err(what);
        assert!(error.to_string().contains("extra"), "{what}: {error}");
    }
    for text in [
        r#"{"id":1,"request":"status","extra":1}"#,
        r#"{"id":1,"request":{"sync":{"wait":true,"extra":1}}}"#,
        r#"{"id":1,"request":{"board":{"extra":1}}}"#,
    ] {
        assert!(serde_json::from_str::<FromClient>(text).is_err(), "{text}");
    }
}
