//! When all has healed, every bench holds what the API holds, byte for byte.

use super::{ApiDocs, Violation};

pub(crate) const NAME: &str = "benches and API converge";

pub(crate) fn check(api: &ApiDocs, bench: &ApiDocs, name: &str) -> Result<(), Violation> {
    for (key, (version, body)) in api {
        match bench.get(key) {
            None => return Err(fault(name, format!("lacks {key:?} of version {version}"))),
            Some((theirs, _)) if theirs != version => {
                let words = format!("has {key:?} at {theirs}, the API at {version}");
                return Err(fault(name, words));
            }
            Some((_, theirs)) if theirs != body => {
                return Err(fault(
                    name,
                    format!("has other bytes of {key:?} at {version}"),
                ));
            }
            Some(_) => {}
        }
    }
    match bench.keys().find(|key| !api.contains_key(*key)) {
        Some(key) => Err(fault(name, format!("has {key:?}, which the API has not"))),
        None => Ok(()),
    }
}

fn fault(name: &str, words: String) -> Violation {
    Violation::new(NAME, format!("{name} {words}"))
}

pub(crate) fn can_fail() {
    let docs = |docs: &[(&str, u64, &str)]| -> ApiDocs {
        let doc = |it: &(&str, u64, &str)| {
            let key = ("customer".to_owned(), it.0.to_owned());
            (key, (it.1, it.2.as_bytes().to_vec()))
        };
        docs.iter().map(doc).collect()
    };
    let api = docs(&[("a", 1, "1"), ("b", 2, "2")]);
    assert!(check(&api, &api, "b").is_ok());
    for wrong in [
        docs(&[("a", 1, "1")]),
        docs(&[("a", 1, "1"), ("b", 1, "2")]),
        docs(&[("a", 1, "1"), ("b", 2, "3")]),
        docs(&[("a", 1, "1"), ("b", 2, "2"), ("c", 3, "3")]),
    ] {
        assert!(check(&api, &wrong, "b").is_err());
    }
}
