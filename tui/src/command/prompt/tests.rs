use super::{super::fault::Exit, *};

#[test]
fn a_secret_keeps_all_but_one_line_end() {
    let taken = |input: &[u8]| secret_from(input, "--password-stdin");
    assert_eq!(taken(b" a b \r\n").unwrap(), " a b ");
    assert_eq!(taken(b"a\n\n").unwrap(), "a\n");
    let empty = taken(b"\n").unwrap_err();
    assert_eq!(empty.exit, Exit::Usage);
    assert!(empty.words.contains("--password-stdin"), "{empty:?}");
}
