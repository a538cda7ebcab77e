use std::collections::BTreeSet;

use super::*;

#[test]
fn a_code_is_read_however_it_is_typed() {
    let code = Code::draw();
    let shown = code.shown();
    assert_eq!(shown.len(), 9);
    for typed in [
        shown.clone(),
        shown.to_lowercase(),
        shown.replace('-', ""),
        shown.replace('-', " "),
        format!(" {shown} "),
    ] {
        assert_eq!(Code::read(&typed), Some(code), "{typed}");
    }
    for wrong in [
        "",
        "BCDF",
        "BCDF-GHJKL",
        "ACDF-GHJK",
        "BCDF-GHJ1",
        "ßCDFGHJ",
    ] {
        assert_eq!(Code::read(wrong), None, "{wrong}");
    }
}

#[test]
fn every_letter_comes_and_no_vowel() {
    let drawn: BTreeSet<u8> = (0..200).flat_map(|_| Code::draw().0).collect();
    assert_eq!(drawn, LETTERS.iter().copied().collect());
    assert!(!drawn.iter().any(|letter| b"AEIOUY".contains(letter)));
}

#[test]
fn what_is_kept_says_nothing_without_the_key() {
    let key = |byte: u8| hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32]);
    let code = Code::draw();
    assert_eq!(code.kept(&key(1)), code.kept(&key(1)));
    assert_ne!(code.kept(&key(1)), code.kept(&key(2)));
    assert_eq!(format!("{code:?}"), "Code(…)");
    let (text, kept) = secret();
    assert_eq!(presented(&text), Some(kept));
    for wrong in ["", "AA", "!", &"A".repeat(101)] {
        assert_eq!(presented(wrong), None, "{wrong}");
    }
}
