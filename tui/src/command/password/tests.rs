use super::*;

#[test]
fn two_lines_are_two_passwords() {
    let read = |text: &str| lines(text.as_bytes());
    let wanted = ("old one ".to_owned(), "new one".to_owned());
    assert_eq!(read("old one \r\nnew one\n").unwrap(), wanted);
    assert_eq!(read("old one \nnew one").unwrap(), wanted);
    for text in ["", "old", "old\n", "\nnew\n"] {
        assert!(read(text).is_err(), "{text:?}");
    }
}
