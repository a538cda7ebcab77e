//! Pages alone keep a copy whole: count and hash find nothing to mend.

use super::Violation;

/// `why`: why another copy is built; `differs`: that count and hash still did not agree after one.
pub(crate) fn check(why: Option<&str>, differs: Option<&str>, name: &str) -> Result<(), Violation> {
    let mends = why.filter(|why| why.contains("did not agree"));
    match mends.or(differs) {
        Some(words) => Err(Violation::new(
            "count and hash find nothing",
            format!("at {name}: {words}"),
        )),
        None => Ok(()),
    }
}

pub(crate) fn can_fail() {
    let mends = "what was here did not agree with the API";
    assert!(check(None, None, "b").is_ok());
    assert!(check(Some("the API asked for it"), None, "b").is_ok());
    assert!(check(Some(mends), None, "b").is_err());
    assert!(check(None, Some("still does not agree"), "b").is_err());
}
