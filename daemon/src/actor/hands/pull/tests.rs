use super::*;

#[test]
fn a_page_that_leads_nowhere_is_told_from_one_that_goes_on() {
    let end = |cursor: &str, more| End {
        cursor: cursor.to_owned(),
        more,
        ..End::default()
    };
    let next = |end: &End, from| next_cursor(Some(end), from).ok().flatten();
    assert!(next_cursor(Some(&end("here", true)), Some("here")).is_err());
    assert_eq!(next(&end("there", true), Some("here")).unwrap(), "there");
    assert_eq!(next(&end("here", true), None).unwrap(), "here");
    assert_eq!(next(&end("here", false), Some("here")), None);
    assert!(next_cursor(Some(&end("here", false)), Some("here")).is_ok());
    // A reset has no end to go on from.
    assert!(matches!(next_cursor(None, Some("here")), Ok(None)));
}
