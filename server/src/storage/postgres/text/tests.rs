use std::sync::Arc;

use super::{numbered, translate};

fn parts(text: &'static str) -> (String, Vec<&'static str>) {
    let it = translate(text);
    (it.sql, it.names)
}

#[test]
fn names_become_numbers_in_the_order_of_their_first_use() {
    assert_eq!(
        parts("UPDATE t SET a = :b, c = :a WHERE b = :b AND d=:long_name"),
        (
            "UPDATE t SET a = $1, c = $2 WHERE b = $1 AND d=$3".to_owned(),
            vec!["b", "a", "long_name"]
        )
    );
}

#[test]
fn a_name_that_begins_another_is_its_own() {
    assert_eq!(
        parts("VALUES (:at, :atom, :at)"),
        ("VALUES ($1, $2, $1)".to_owned(), vec!["at", "atom"])
    );
}

#[test]
fn casts_and_quoted_text_are_left_alone() {
    assert_eq!(
        parts("SELECT :a::bigint, ':b', 'it''s :c', \":d\", '' || :e"),
        (
            "SELECT $1::bigint, ':b', 'it''s :c', \":d\", '' || $2".to_owned(),
            vec!["a", "e"]
        )
    );
}

#[test]
fn text_outside_ascii_survives() {
    assert_eq!(
        parts("SELECT 'Größe', :größe"),
        ("SELECT 'Größe', $1öße".to_owned(), vec!["gr"])
    );
    assert_eq!(
        parts("SELECT 'open :a"),
        ("SELECT 'open :a".to_owned(), vec![])
    );
    assert_eq!(parts(""), (String::new(), vec![]));
}

#[test]
fn a_translation_is_made_once() {
    let text = "SELECT :a";
    assert!(Arc::ptr_eq(&numbered(text), &numbered(text)));
}
