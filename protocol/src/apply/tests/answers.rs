//! Answers against the template they belong to.

use super::shop::{Bench, ShopUnderTest, answer};
use crate::{
    grade::Condition,
    ids::PointKey,
    inspection::{Answer, AnswerValue, InspectionWrite},
    op::{Edit, RefusalCode},
    role::Role,
    stamp::Stamp,
};

fn key(text: &str) -> PointKey {
    text.parse().unwrap()
}

fn measured(text: &str) -> Answer {
    Answer::value(AnswerValue::Measured(text.parse().unwrap()))
}

#[test]
fn a_measurement_grades_itself_and_a_person_may_override() {
    let mut shop = ShopUnderTest::new();
    let bench = Bench::new(1, Role::Technician);
    let id = shop.inspection;
    let mut tread = |given: Answer| {
        let base = shop.seq;
        shop.accepted(&bench, base, answer(id, "tyres.tread.lf", given));
        let inspection = shop.inspection();
        let point = shop.template().point(&key("tyres.tread.lf")).unwrap();
        inspection.effective(point, shop.template())
    };
    assert_eq!(tread(measured("5 in/32")), Some(Condition::Green));
    assert_eq!(tread(measured("4 in/32")), Some(Condition::Yellow));
    assert_eq!(tread(measured("1 in/32")), Some(Condition::Red));
    let overridden = Answer {
        condition: Some(Condition::Green),
        ..measured("1 in/32")
    };
    assert_eq!(tread(overridden), Some(Condition::Green));
}

#[test]
fn a_value_of_another_kind_or_dimension_is_refused_in_words_that_name_the_point() {
    let mut shop = ShopUnderTest::new();
    let bench = Bench::new(1, Role::Technician);
    let id = shop.inspection;
    let cases = [
        ("tyres.tread.lf", measured("3 psi"), RefusalCode::Invalid),
        ("tyres.tread.lf", Answer::default(), RefusalCode::Invalid),
        (
            "tyres.tread.lf",
            Answer::value(AnswerValue::Text("x".into())),
            RefusalCode::Invalid,
        ),
        ("lights.horn", measured("3 mm"), RefusalCode::Invalid),
        (
            "tyres.tread.zz",
            measured("3 mm"),
            RefusalCode::UnknownPoint,
        ),
    ];
    for (point, given, code) in cases {
        let before = shop.inspection();
        let refusal = shop.refused(&bench, crate::stamp::Seq(9), answer(id, point, given));
        assert_eq!(refusal.code, code, "{point}");
        assert_eq!(shop.inspection(), before, "{point}");
    }
}

#[test]
fn answered_points_are_counted_and_green_by_default_stays_marked() {
    let mut shop = ShopUnderTest::new();
    let bench = Bench::new(1, Role::Technician);
    let id = shop.inspection;
    let base = shop.seq;
    let by_default = Answer {
        by_default: true,
        ..Answer::condition(Condition::Green)
    };
    shop.accepted(&bench, base, answer(id, "lights.horn", by_default));
    shop.accepted(
        &bench,
        base,
        answer(id, "lights.wipers", Answer::condition(Condition::Red)),
    );
    shop.accepted(
        &bench,
        base,
        answer(id, "tyres.tread.lf", measured("3 in/32")),
    );
    let inspection = shop.inspection();
    let counts = inspection.counts(shop.template());
    assert_eq!((counts.total, counts.answered), (64, 3));
    assert_eq!((counts.green, counts.yellow, counts.red), (1, 1, 1));
    assert!(inspection.answer(&key("lights.horn")).unwrap().by_default);
    // Taking an answer back makes the point open again.
    let write = InspectionWrite::Answer {
        point: key("lights.horn"),
        answer: None,
    };
    let base = shop.seq;
    shop.accepted(&bench, base, Edit::Inspection { id, write });
    assert_eq!(shop.inspection().counts(shop.template()).answered, 2);
}

#[test]
fn a_signature_goes_only_where_one_is_asked_for() {
    let mut shop = ShopUnderTest::new();
    let bench = Bench::new(1, Role::Technician);
    let id = shop.inspection;
    let signed = Answer {
        condition: Some(Condition::Green),
        ..Answer::value(AnswerValue::Signed {
            name: "T. Ester".into(),
            at: Stamp(5),
        })
    };
    let base = shop.seq;
    shop.accepted(&bench, base, answer(id, "finish.road_test", signed.clone()));
    let refusal = shop.refused(&bench, base, answer(id, "lights.horn", signed));
    assert_eq!(refusal.code, RefusalCode::Invalid);
}
