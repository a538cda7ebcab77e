use super::*;
use crate::testing::shown;

/// RFC 6238, appendix B, in its last six digits.
const SECRET: &[u8] = b"12345678901234567890";
const VECTORS: [(u64, &str); 6] = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
];

#[test]
fn codes_are_those_of_the_standard() {
    for (now, code) in VECTORS {
        assert_eq!(check(SECRET, code, now, 0), Some(now / STEP), "{now}");
        assert_eq!(shown(&spelt(SECRET), now), code);
    }
}

#[test]
fn a_code_is_good_one_step_before_and_after_its_own() {
    let (now, code) = VECTORS[2];
    for (at, good) in [
        (now - 2 * STEP, false),
        (now - STEP, true),
        (now + STEP, true),
        (now + 2 * STEP, false),
    ] {
        assert_eq!(check(SECRET, code, at, 0).is_some(), good, "{at}");
    }
}

#[test]
fn a_code_is_good_once_and_none_before_it() {
    let (now, code) = VECTORS[2];
    let step = check(SECRET, code, now, 0).unwrap();
    assert_eq!(check(SECRET, code, now, step), None);
    let before = digits(SECRET, step - 1);
    assert_eq!(check(SECRET, &before, now, step), None);
    let after = digits(SECRET, step + 1);
    assert_eq!(check(SECRET, &after, now, step), Some(step + 1));
}

#[test]
fn what_is_no_code_is_none() {
    let (now, code) = VECTORS[2];
    for text in [
        "", "5047", "50471", "0050471", " 050471", "０50471", "050472",
    ] {
        assert_eq!(check(SECRET, text, now, 0), None, "{text}");
    }
    assert_eq!(code.len(), DIGITS);
}

#[test]
fn a_secret_is_spelt_as_authenticators_take_it() {
    // RFC 4648, section 10, without the padding that they do not want.
    for (bytes, text) in [
        ("", ""),
        ("f", "MY"),
        ("fo", "MZXQ"),
        ("foo", "MZXW6"),
        ("foob", "MZXW6YQ"),
        ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ] {
        assert_eq!(&*spelt(bytes.as_bytes()), text);
    }
    assert_eq!(
        &*address(b"foobar", "a b&c@example.com"),
        "otpauth://totp/Redtag:a%20b%26c@example.com?secret=MZXW6YTBOI&issuer=Redtag"
    );
}
