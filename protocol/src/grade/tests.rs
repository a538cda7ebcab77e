use proptest::prelude::*;

use super::*;
use crate::{
    template::{DeltaIn, Limit, Limits, Reference, When},
    units::{Decimal, Unit},
};

#[test]
fn conditions_are_typed_by_word_or_letter() {
    for (text, condition) in [
        ("green", Condition::Green),
        ("Y", Condition::Yellow),
        ("r", Condition::Red),
        ("na", Condition::NotApplicable),
        ("n/a", Condition::NotApplicable),
        ("not_applicable", Condition::NotApplicable),
    ] {
        assert_eq!(text.parse(), Ok(condition));
        assert_eq!(serde_json::to_value(condition).unwrap(), condition.as_str());
    }
    assert!("mauve".parse::<Condition>().is_err());
    assert!(Condition::ALL.is_sorted_by_key(|condition| condition.severity()));
}

fn limit(value: &str) -> Limit {
    Limit {
        value: value.parse().unwrap(),
        inclusive: false,
        unit: None,
        source: None,
    }
}

fn below(value: &str) -> Measurement {
    Measurement {
        unit: Unit::Millimetre,
        units: vec![],
        cases: vec![Case {
            when: None,
            rule: Rule::Absolute,
            warn: Limits::default(),
            fail: Limits {
                low: Some(limit(value)),
                high: None,
            },
            source: None,
        }],
    }
}

fn no_answer(_: &ChoiceKey) -> Option<String> {
    None
}

#[test]
fn a_wrong_dimension_is_an_error_not_a_grade() {
    let value = "3 psi".parse().unwrap();
    let error = grade(&below("3"), &value, None, &no_answer).unwrap_err();
    assert!(
        matches!(error, GradeError::Unit(UnitError::Dimension { .. })),
        "{error}"
    );
    let mut delta = below("0");
    delta.cases[0].rule = Rule::DeltaToReference {
        of: Reference::Stamped,
        measure: DeltaIn::Unit,
        assumed: None,
    };
    let value = "3 mm".parse().unwrap();
    assert!(grade(&delta, &value, Some(&"3 V".parse().unwrap()), &no_answer).is_err());
    assert_eq!(
        grade(&delta, &value, None, &no_answer),
        Ok(Grade::Needs(Need::Reference))
    );
    delta.cases[0].rule = Rule::DeltaToPrevious;
    assert_eq!(
        grade(&delta, &value, None, &no_answer),
        Ok(Grade::Needs(Need::Previous))
    );
}

#[test]
fn a_percentage_of_nought_is_refused() {
    let mut delta = below("-25");
    delta.cases[0].rule = Rule::DeltaToReference {
        of: Reference::Placard,
        measure: DeltaIn::Percent,
        assumed: None,
    };
    let value = "3 mm".parse().unwrap();
    for bad in ["0 mm", "-1 mm"] {
        let error = grade(&delta, &value, Some(&bad.parse().unwrap()), &no_answer).unwrap_err();
        assert!(matches!(error, GradeError::Reference(_)), "{error}");
    }
}

#[test]
fn an_unfit_answer_needs_a_case() {
    let mut measurement = below("3");
    let choice: ChoiceKey = "wheel_size".parse().unwrap();
    measurement.cases[0].when = Some(When {
        choice: choice.clone(),
        is: vec!["16".into()],
    });
    let value = "3 mm".parse().unwrap();
    let asked = grade(&measurement, &value, None, &no_answer);
    assert_eq!(asked, Ok(Grade::Needs(Need::Choice(choice))));
    let other = grade(&measurement, &value, None, &|_| Some("22".into()));
    assert_eq!(other, Ok(Grade::Needs(Need::Case)));
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let most = 10_i64.pow(12) - 1;
    (
        prop_oneof![-most..=most, Just(most), Just(-most), -200..200_i64],
        0..=6_u8,
    )
        .prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale).unwrap())
}

fn any_quantity() -> impl Strategy<Value = Quantity> {
    (any_decimal(), proptest::sample::select(Unit::all()))
        .prop_map(|(value, unit)| Quantity::new(value, unit))
}

fn any_limit() -> impl Strategy<Value = Option<Limit>> {
    let unit = proptest::option::weighted(0.2, proptest::sample::select(Unit::all()));
    proptest::option::of((any_decimal(), any::<bool>(), unit).prop_map(
        |(value, inclusive, unit)| Limit {
            value,
            inclusive,
            unit,
            source: Some("norm".into()),
        },
    ))
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let measures = [DeltaIn::Unit, DeltaIn::Percent, DeltaIn::PercentOf];
    let delta = (
        proptest::sample::select(measures.to_vec()),
        proptest::option::of(any_decimal()),
    );
    prop_oneof![
        Just(Rule::Absolute),
        Just(Rule::DeltaToPrevious),
        Just(Rule::WithinReference {
            of: Reference::Sidewall
        }),
        delta.prop_map(|(measure, assumed)| Rule::DeltaToReference {
            of: Reference::Rated,
            measure,
            assumed
        }),
    ]
}

/// Two units of one dimension.
fn units_alike() -> impl Strategy<Value = (Unit, Unit)> {
    let all = || Unit::all().iter().copied();
    let pairs: Vec<(Unit, Unit)> = all()
        .flat_map(|a| all().map(move |b| (a, b)))
        .filter(|(a, b)| a.dimension() == b.dimension())
        .collect();
    proptest::sample::select(pairs)
}

fn any_measurement() -> impl Strategy<Value = Measurement> {
    let limits = || (any_limit(), any_limit()).prop_map(|(low, high)| Limits { low, high });
    (
        proptest::sample::select(Unit::all()),
        any_rule(),
        limits(),
        limits(),
    )
        .prop_map(|(unit, rule, warn, fail)| Measurement {
            unit,
            units: vec![],
            cases: vec![Case {
                when: None,
                rule,
                warn,
                fail,
                source: None,
            }],
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn grading_never_panics(
        measurement in any_measurement(),
        value in any_quantity(),
        reference in proptest::option::of(any_quantity()),
        low in proptest::option::of(any_quantity()),
        alike in any::<bool>(),
    ) {
        // Often of one dimension, or almost every try would end at the units.
        let fit = |quantity: Quantity| {
            let unit = if alike { measurement.unit } else { quantity.unit };
            Quantity { unit, ..quantity }
        };
        let (value, reference, low) = (fit(value), reference.map(fit), low.map(fit));
        let references = References { value: reference.as_ref(), low: low.as_ref() };
        if let Ok(Grade::Graded { condition, why }) =
            grade_between(&measurement, &value, references, &no_answer)
        {
            prop_assert_ne!(condition, Condition::NotApplicable);
            prop_assert!(!why.to_string().is_empty());
        }
    }

    /// Every unit of a dimension, at the largest values that can be typed.
    #[test]
    fn percentages_of_large_values_do_not_overflow(
        value in any_decimal(), reference in any_decimal(), percent in any_decimal(),
        (a, b) in units_alike(),
    ) {
        let mut measurement = below("0");
        measurement.unit = a;
        let limit = Limit { value: percent, inclusive: false, unit: None, source: None };
        measurement.cases[0].fail.low = Some(limit);
        for measure in [DeltaIn::Unit, DeltaIn::Percent, DeltaIn::PercentOf] {
            measurement.cases[0].rule =
                Rule::DeltaToReference { of: Reference::Rated, measure, assumed: None };
            let reference = Quantity::new(reference, b);
            let value = Quantity::new(value, a);
            let graded = grade(&measurement, &value, Some(&reference), &no_answer);
            prop_assert!(graded.is_ok() || reference.value.ratio() <= 0.into());
        }
    }

    #[test]
    fn the_unit_typed_does_not_change_the_grade(tenths in 0..200_i64) {
        let measurement = below("3.175");
        let mm = Quantity::new(Decimal::new(tenths * 127, 3).unwrap(), Unit::Millimetre);
        let inch = Quantity::new(Decimal::new(tenths * 5, 3).unwrap(), Unit::Inch);
        prop_assert!(mm.same(&inch));
        prop_assert_eq!(
            grade(&measurement, &mm, None, &no_answer),
            grade(&measurement, &inch, None, &no_answer)
        );
    }
}
