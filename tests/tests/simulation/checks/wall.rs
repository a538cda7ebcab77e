//! Nothing of one shop reaches a bench of another.

use super::Violation;

/// `marks`: what is to be found in texts of another shop alone.
pub(crate) fn check<'a>(
    mut texts: impl Iterator<Item = &'a [u8]>,
    marks: &[String],
    name: &str,
) -> Result<(), Violation> {
    let marked = |text: &[u8]| {
        let text = String::from_utf8_lossy(text);
        marks.iter().any(|mark| text.contains(mark.as_str()))
    };
    if texts.any(marked) {
        return Err(Violation::new(
            "a shop is a wall",
            format!("{name} is given a text of another shop"),
        ));
    }
    Ok(())
}

pub(crate) fn can_fail() {
    let text = b"{\"note\":\"zz0q000001\"}".as_slice();
    let check = |marks: &[&str]| {
        let marks: Vec<String> = marks.iter().map(|it| (*it).to_owned()).collect();
        check([text].into_iter(), &marks, "b")
    };
    assert!(check(&["zz1q", "-0a1b"]).is_ok());
    assert!(check(&["-0a1b", "zz0q"]).is_err());
}
