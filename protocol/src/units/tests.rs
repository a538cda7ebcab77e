use proptest::prelude::*;

use super::*;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn a_decimal_keeps_its_digits() {
    for (typed, shown) in [
        ("3.5", "3.5"),
        ("3,5", "3.5"),
        ("3.50", "3.50"),
        ("-18", "-18"),
        ("−18", "-18"),
        ("+2", "2"),
        (".5", "0.5"),
        ("-.05", "-0.05"),
        ("3.", "3"),
        ("007", "7"),
        (" 12 ", "12"),
        ("999999.999999", "999999.999999"),
    ] {
        assert_eq!(decimal(typed).to_string(), shown, "{typed}");
    }
    assert_ne!(decimal("3.50"), decimal("3.5"));
    assert_eq!(decimal("3.50").ratio(), decimal("3.5").ratio());
    assert_eq!(
        serde_json::to_string(&decimal("3,50")).unwrap(),
        r#""3.50""#
    );
}

#[test]
fn what_is_no_decimal_says_why() {
    let why = |text: &str| text.parse::<Decimal>().unwrap_err();
    for empty in ["", " ", "-", "+", ".", "-,"] {
        assert_eq!(why(empty), DecimalError::Empty, "{empty:?}");
    }
    assert_eq!(why("1.2.3"), DecimalError::Marks);
    assert_eq!(why("1,234.5"), DecimalError::Marks);
    assert_eq!(why("1234567890123"), DecimalError::Digits);
    assert_eq!(why("0.1234567"), DecimalError::Decimals);
    for bad in ["x", "1e3", "--1", "1-", "٣", "1\u{1b}[2J", "NaN", "0x10"] {
        let error = why(bad);
        assert!(
            matches!(error, DecimalError::Character { .. }),
            "{bad}: {error}"
        );
        assert!(!error.to_string().chars().any(char::is_control), "{bad}");
    }
    assert!(
        serde_json::from_str::<Decimal>("3.5").is_err(),
        "a float is no decimal"
    );
}

#[test]
fn rounding_is_half_to_even() {
    for (numer, denom, places, shown) in [
        (5, 2, 0, "2"),
        (7, 2, 0, "4"),
        (-5, 2, 0, "-2"),
        (-7, 2, 0, "-4"),
        (1, 3, 2, "0.33"),
        (-1, 3, 2, "-0.33"),
        (2, 3, 2, "0.67"),
        (1, 200, 2, "0.00"),
        (3, 200, 2, "0.02"),
    ] {
        let value = Decimal::nearest(Ratio::new(numer, denom), places).unwrap();
        assert_eq!(value.to_string(), shown, "{numer}/{denom}");
    }
    assert_eq!(
        Decimal::nearest(Ratio::from_integer(10_i128.pow(12)), 0),
        None
    );
}

#[test]
fn units_are_known_by_token_symbol_and_spelling() {
    for unit in Unit::all() {
        assert_eq!(unit.token().parse(), Ok(*unit));
        assert_eq!(unit.symbol().parse(), Ok(*unit));
        assert!(unit.token().is_ascii());
        let wire = serde_json::to_string(unit).unwrap();
        assert_eq!(wire, format!("\"{}\"", unit.token()));
        for spelling in unit.spellings() {
            assert_eq!(spelling.parse(), Ok(*unit), "{spelling}");
        }
    }
    assert_eq!("KPA".parse(), Ok(Unit::Kilopascal));
    assert_eq!("Nm".parse(), Ok(Unit::NewtonMetre));
    let error = "furlong\u{1b}[2J".parse::<Unit>().unwrap_err().to_string();
    assert!(error.contains("furlong") && error.contains("mm"), "{error}");
    assert!(!error.contains('\u{1b}'));
}

#[test]
fn quantities_are_typed_with_or_without_a_space() {
    for (typed, shown) in [
        ("3.5 mm", "3.5 mm"),
        ("3,5mm", "3.5 mm"),
        ("32psi", "32 psi"),
        ("4/32 in", "4/32 in"),
        ("4 in/32", "4/32 in"),
        ("4 1/32 in", "4/32 in"),
        ("-18 °C", "-18 °C"),
        ("5 N·m", "5 N·m"),
        ("0.75%", "0.75 %"),
        ("6 years", "6 years"),
    ] {
        let quantity: Quantity = typed.parse().unwrap_or_else(|e| panic!("{typed}: {e}"));
        assert_eq!(quantity.to_string(), shown);
        assert_eq!(
            quantity.to_string().parse::<Quantity>(),
            Ok(quantity),
            "{shown}"
        );
    }
    assert!(matches!(
        "3.5".parse::<Quantity>(),
        Err(QuantityError::Unit(_))
    ));
    assert!(matches!(
        "mm".parse::<Quantity>(),
        Err(QuantityError::Value(_))
    ));
    let wire = serde_json::to_string(&"3,50 mm".parse::<Quantity>().unwrap()).unwrap();
    assert_eq!(wire, r#"{"value":"3.50","unit":"mm"}"#);
}

/// Definitions from NIST SP 811, appendix B; the quotients are the published digits.
#[test]
fn conversions_are_the_definitions() {
    for (from, to, numer, denom) in [
        ("1 in", Unit::Millimetre, 254, 10),
        ("32 in/32", Unit::Inch, 1, 1),
        ("1 mi", Unit::Kilometre, 1_609_344, 1_000_000),
        ("1 bar", Unit::Kilopascal, 100, 1),
        ("32 degF", Unit::Celsius, 0, 1),
        ("212 degF", Unit::Celsius, 100, 1),
        ("-40 degC", Unit::Fahrenheit, -40, 1),
        ("1 %", Unit::PartsPerMillion, 10_000, 1),
        ("1 h", Unit::Second, 3600, 1),
    ] {
        let quantity: Quantity = from.parse().unwrap();
        assert_eq!(quantity.to(to), Ok(Ratio::new(numer, denom)), "{from}");
    }
    let digits = |from: &str, to: Unit| {
        Decimal::nearest(from.parse::<Quantity>().unwrap().to(to).unwrap(), 6)
            .unwrap()
            .to_string()
    };
    assert_eq!(digits("1 psi", Unit::Kilopascal), "6.894757");
    assert_eq!(digits("1 lbf.ft", Unit::NewtonMetre), "1.355818");
    assert_eq!(digits("1 kPa", Unit::Psi), "0.145038");
}

#[test]
fn rounding_is_for_showing_only() {
    let typed: Quantity = "1.6 mm".parse().unwrap();
    assert_eq!(
        typed
            .rounded_to(Unit::ThirtySecondInch)
            .unwrap()
            .to_string(),
        "2.0/32 in"
    );
    assert!(!typed.same(&"2 in/32".parse().unwrap()));
    assert_eq!(
        typed.rounded_to(Unit::Millimetre),
        Ok(typed),
        "as typed, unrounded"
    );
    let huge: Quantity = "999999999999 mi".parse().unwrap();
    assert_eq!(
        huge.rounded_to(Unit::Millimetre),
        Err(UnitError::TooLarge(Unit::Millimetre))
    );
    assert!(matches!(
        typed.to(Unit::Psi),
        Err(UnitError::Dimension { .. })
    ));
}

#[test]
fn the_bound_that_the_module_proves_holds() {
    let limit = 10_i128.pow(17) * 14 / 10;
    for unit in Unit::all() {
        let factor = unit.factor();
        assert!(
            *factor.numer() < limit && *factor.denom() <= 10_i128.pow(17),
            "{unit}: {factor}"
        );
    }
}

fn any_unit() -> impl Strategy<Value = Unit> {
    proptest::sample::select(Unit::all())
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let most = 10_i64.pow(12) - 1;
    (
        prop_oneof![-most..=most, Just(most), Just(-most), -1000..1000_i64],
        0..=MAX_DECIMALS,
    )
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).unwrap())
}

proptest! {
    #[test]
    fn a_decimal_survives_its_text(decimal in any_decimal()) {
        prop_assert_eq!(decimal.to_string().parse::<Decimal>(), Ok(decimal));
    }

    #[test]
    fn any_text_is_a_decimal_or_an_error(text in "\\PC{0,20}|[-+.,0-9]{0,16}") {
        if let Ok(decimal) = text.parse::<Decimal>() {
            prop_assert_eq!(decimal.to_string().parse::<Decimal>(), Ok(decimal));
        }
    }

    #[test]
    fn conversion_is_exact_both_ways(value in any_decimal(), a in any_unit(), b in any_unit()) {
        let typed = Quantity::new(value, a);
        prop_assert_eq!(typed.to(b).is_ok(), a.dimension() == b.dimension());
        if let Ok(there) = typed.to(b) {
            let factor = b.factor() / a.factor();
            let back = (there - b.offset()) * factor + a.offset();
            prop_assert_eq!(back, value.ratio());
            prop_assert_eq!((there - b.offset()) * b.factor(), typed.canonical());
        }
    }

    #[test]
    fn comparing_never_overflows_and_is_symmetric(
        a in any_decimal(), b in any_decimal(), u in any_unit(), v in any_unit(),
    ) {
        let (a, b) = (Quantity::new(a, u), Quantity::new(b, v));
        if let (Ok(one), Ok(other)) = (a.compare(&b), b.compare(&a)) {
            prop_assert_eq!(one, other.reverse());
            prop_assert_eq!(a.same(&b), b.same(&a));
        }
        let _shown = a.rounded_to(v);
    }
}
