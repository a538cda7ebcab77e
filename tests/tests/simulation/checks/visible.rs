//! Own writes never vanish from a bench's view while they are pending: the value stands there, or as
//! a side of a conflict, or among the late ones.

use super::Violation;

pub(crate) const NAME: &str = "own writes stay visible";

pub(crate) fn check(body: &str, token: &str, field: &str, name: &str) -> Result<(), Violation> {
    if body.contains(token) {
        return Ok(());
    }
    Err(Violation::new(
        NAME,
        format!("{name} does not show its own {token} in {field}: {body}"),
    ))
}

pub(crate) fn can_fail() {
    assert!(check(r#"{"note":"zz1"}"#, "zz1", "note", "b").is_ok());
    assert!(check(r#"{"note":"zz2"}"#, "zz1", "note", "b").is_err());
}
