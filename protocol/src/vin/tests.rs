use proptest::prelude::*;

use super::*;

fn vin(text: &str) -> Vin {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn valid_check_digits() {
    for (text, digit) in [
        ("1M8GDM9AXKP042788", 'X'),
        ("1G4AH59H45G118341", '4'),
        ("1J9RP1A36A1644345", '6'),
        ("11111111111111111", '1'),
        ("KNDCE3LG2L5073161", '2'),
        ("5FNYF5H59HB011946", '9'),
        ("1HGCM82633A004352", '3'),
    ] {
        assert_eq!(vin(text).check(), CheckDigit::Valid, "{text}");
        assert_eq!(text.chars().nth(8), Some(digit));
    }
}

#[test]
fn a_mismatch_binds_where_the_digit_is_law() {
    let sample = vin("1HGCM82633A123456").check();
    assert_eq!(
        sample,
        CheckDigit::Mismatch {
            expected: '7',
            found: '3',
            binding: true
        }
    );
    let european = vin("WP0ZZZ99ZTS392124").check();
    assert_eq!(
        european,
        CheckDigit::Mismatch {
            expected: '8',
            found: 'Z',
            binding: false
        }
    );
    let chinese = vin("LRW3E7FS0PC000000").check();
    assert!(
        matches!(chinese, CheckDigit::Mismatch { binding: true, .. }),
        "{chinese:?}"
    );
}

#[test]
fn illegal_forms_say_where() {
    let why = |text: &str| text.parse::<Vin>().unwrap_err();
    assert_eq!(why("1M8GDM9AXKPO42788"), VinError::LetterO { position: 12 });
    assert_eq!(why("IM8GDM9AXKP042788"), VinError::LetterI { position: 1 });
    assert_eq!(why("1M8GDM9AXKP04278q"), VinError::LetterQ { position: 17 });
    assert_eq!(why("1M8GDM9AXKP04278"), VinError::Length { found: 16 });
    assert_eq!(why("1M8GDM9AXKP0427888"), VinError::Length { found: 18 });
    assert_eq!(why(""), VinError::Length { found: 0 });
    let error = why("1M8GDM9A\u{1b}KP042788");
    assert_eq!(
        error,
        VinError::Character {
            position: 9,
            found: '\u{1b}'
        }
    );
    assert!(!error.to_string().contains('\u{1b}'));
}

#[test]
fn letters_become_capitals_and_grouping_goes() {
    let grouped = vin(" 1m8-gdm9 axk p042788");
    assert_eq!(grouped.as_str(), "1M8GDM9AXKP042788");
    assert_eq!(
        serde_json::to_string(&grouped).unwrap(),
        r#""1M8GDM9AXKP042788""#
    );
    assert!(serde_json::from_str::<Vin>(r#""1M8""#).is_err());
}

#[test]
fn facts_where_they_are_told() {
    assert_eq!(vin("1HGCM82633A004352").maker(), Some("Honda"));
    assert_eq!(vin("1HGCM82633A004352").model_year(), Some(2003));
    assert_eq!(vin("5FNYF5H59HB011946").model_year(), Some(2017));
    assert_eq!(vin("WP0ZZZ99ZTS392124").maker(), Some("Porsche"));
    assert_eq!(
        vin("WP0ZZZ99ZTS392124").model_year(),
        None,
        "Europe need not tell"
    );
    assert_eq!(vin("11111111111111111").maker(), None);
}

#[test]
fn the_table_of_makers_is_sorted() {
    assert!(facts::MAKERS.is_sorted_by(|a, b| a.0 < b.0));
}

proptest! {
    #[test]
    fn any_text_is_a_vin_or_an_error(text in "\\PC{0,20}|[0-9A-Z]{17}") {
        if let Ok(vin) = text.parse::<Vin>() {
            let _ = (vin.check(), vin.model_year(), vin.maker());
            prop_assert_eq!(vin.to_string().parse::<Vin>(), Ok(vin));
        }
    }

    /// A check digit is there to notice one wrong character.
    #[test]
    fn the_expected_digit_makes_it_valid(text in "[1-5][A-HJ-NPR-Z0-9]{16}") {
        if let CheckDigit::Mismatch { expected, .. } = vin(&text).check() {
            let mended = format!("{}{expected}{}", &text[..8], &text[9..]);
            prop_assert_eq!(vin(&mended).check(), CheckDigit::Valid);
        }
    }
}
