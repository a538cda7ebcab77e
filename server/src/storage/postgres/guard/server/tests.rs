use super::{super::Trouble, *};

#[test]
fn an_old_server_is_asked_nothing_further() {
    let old = of_version(140_022, "14.22");
    assert!(old.is_final());
    let words: Vec<_> = old.troubles.into_iter().map(Trouble::into_words).collect();
    assert_eq!(
        words,
        ["the server is PostgreSQL 14.22, and Redtag needs 15 or newer: upgrade it"]
    );
    for (number, name) in [(150_000, "15.0"), (160_014, "16.14"), (180_004, "18.4")] {
        let finding = of_version(number, name);
        assert!(!finding.is_final() && finding.troubles.is_empty(), "{name}");
    }
}
