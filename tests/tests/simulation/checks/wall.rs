//! Nothing of one shop reaches a bench of another.

use super::Violation;

/// `other`: what every text of the other shop begins with.
pub(crate) fn check(texts: &[Vec<u8>], other: &str, name: &str) -> Result<(), Violation> {
    let other = other.as_bytes();
    let found = texts
        .iter()
        .any(|text| text.windows(other.len()).any(|it| it == other));
    if found {
        return Err(Violation::new(
            "a shop is a wall",
            format!("{name} holds a text of another shop"),
        ));
    }
    Ok(())
}

pub(crate) fn can_fail() {
    let texts = [b"{\"note\":\"zz0q000001\"}".to_vec()];
    assert!(check(&texts, "zz1q", "b").is_ok());
    assert!(check(&texts, "zz0q", "b").is_err());
}
