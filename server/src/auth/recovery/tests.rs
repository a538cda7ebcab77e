use std::collections::BTreeSet;

use super::*;

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[7; 32])
}

#[test]
fn a_set_is_ten_codes_of_letters_and_digits() {
    let codes = generate();
    assert_eq!(
        codes
            .iter()
            .map(|it| it.as_str())
            .collect::<BTreeSet<_>>()
            .len(),
        COUNT
    );
    for code in codes {
        let (first, second) = code.split_once('-').unwrap();
        for half in [first, second] {
            assert_eq!(half.len(), LENGTH / 2);
            assert!(half.bytes().all(|it| ALPHABET.contains(&it)), "{half}");
        }
    }
}

#[test]
fn a_code_is_taken_however_it_is_typed_and_of_its_person_only() {
    let (ann, bob) = (
        PersonId::from_parts(1, [1; 10]),
        PersonId::from_parts(1, [2; 10]),
    );
    let kept = digest(&key(), ann, "abcde-fgh23");
    for typed in ["abcdefgh23", "ABCDE FGH23", "abcde-fgh23"] {
        assert_eq!(digest(&key(), ann, typed), kept, "{typed}");
    }
    assert_ne!(digest(&key(), bob, "abcde-fgh23"), kept);
    assert_ne!(digest(&key(), ann, "abcde-fgh24"), kept);
    let other = hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]);
    assert_ne!(digest(&other, ann, "abcde-fgh23"), kept);
}

#[test]
fn a_code_is_good_once() {
    let codes = vec![[1; 32], [2; 32], [3; 32]];
    let left = spend(&codes, &[2; 32]).unwrap();
    assert_eq!(left, [[1; 32], [3; 32]]);
    assert_eq!(spend(&left, &[2; 32]), None);
}
