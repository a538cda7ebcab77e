//! A cursor never skips: what the API has up to a bench's cursor, the bench has.

use super::{ApiDocs, Violation};

const NAME: &str = "cursors never skip";

pub(crate) fn check(
    api: &ApiDocs,
    bench: &ApiDocs,
    cursor: u64,
    name: &str,
) -> Result<(), Violation> {
    // What has changed since is on its way, whatever the bench has of it.
    for (key, (version, body)) in api.iter().filter(|(_, (version, _))| *version <= cursor) {
        let same = bench
            .get(key)
            .is_some_and(|it| it == &(*version, body.clone()));
        if !same {
            let theirs = bench.get(key).map(|it| it.0);
            return Err(Violation::new(
                NAME,
                format!(
                    "{name} is at {cursor} and has {key:?} at {theirs:?}, the API at {version}"
                ),
            ));
        }
    }
    Ok(())
}

pub(crate) fn can_fail() {
    let key = ("customer".to_owned(), "a".to_owned());
    let at = |version| ApiDocs::from([(key.clone(), (version, Vec::new()))]);
    assert!(check(&at(5), &at(5), 5, "b").is_ok());
    assert!(check(&at(5), &at(4), 4, "b").is_ok());
    assert!(check(&at(5), &at(4), 5, "b").is_err());
    assert!(check(&at(5), &ApiDocs::new(), 9, "b").is_err());
}
