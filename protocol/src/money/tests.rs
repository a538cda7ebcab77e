use proptest::prelude::*;

use super::*;

#[test]
fn amounts_are_typed_and_shown() {
    for (typed, cents, shown) in [
        ("12.34", 1234, "12.34"),
        ("12,34", 1234, "12.34"),
        ("12", 1200, "12.00"),
        ("1,5", 150, "1.50"),
        (".5", 50, "0.50"),
        ("-0.05", -5, "-0.05"),
        ("0", 0, "0.00"),
    ] {
        let amount: Cents = typed.parse().unwrap();
        assert_eq!(
            (amount.get(), amount.to_string().as_str()),
            (cents, shown),
            "{typed}"
        );
    }
    assert_eq!("1.234".parse::<Cents>(), Err(CentsError::Decimals));
    assert_eq!(
        "99999999999999999999".parse::<Cents>(),
        Err(CentsError::TooLarge)
    );
    for bad in [
        "", "-", ".", "1.2.3", "1,234.50", "$5", "5 €", "1e3", "+5", "--5",
    ] {
        assert_eq!(bad.parse::<Cents>(), Err(CentsError::Form), "{bad}");
    }
}

#[test]
fn a_sum_has_room_or_says_so() {
    let sum = Cents::checked_sum([Cents::new(150), Cents::new(-50)]);
    assert_eq!(sum, Some(Cents::new(100)));
    assert_eq!(Cents::new(i64::MAX).checked_add(Cents::new(1)), None);
    assert_eq!(serde_json::to_string(&Cents::new(1234)).unwrap(), "1234");
}

proptest! {
    #[test]
    fn an_amount_survives_its_text(cents in -i64::MAX..=i64::MAX) {
        prop_assert_eq!(Cents::new(cents).to_string().parse::<Cents>(), Ok(Cents::new(cents)));
    }

    #[test]
    fn any_text_is_an_amount_or_an_error(text in "\\PC{0,24}") {
        let _ = text.parse::<Cents>();
    }
}
