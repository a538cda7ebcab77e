//! The templates that ship: their points, keys and every limit of their tables.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test fail it"
)]

mod limits;

use std::collections::BTreeSet;

use redtag_protocol::{
    grade::{Condition, Grade, References, Why, grade_between},
    ids::{ChoiceKey, TemplateId},
    template::{Demand, Kind, Measurement, Occasion, Point, Template, TemplateState},
    units::Quantity,
};

fn load(text: &str, file: &str) -> Template {
    let file = Template::parse_toml(text, file).unwrap_or_else(|error| panic!("{error}"));
    file.into_template(TemplateId::from_bytes([7; 16]), 1, TemplateState::Active)
}

fn vehicle() -> Template {
    let text = include_str!("../../../assets/templates/vehicle-multipoint.toml");
    load(text, "vehicle-multipoint.toml")
}

fn bicycle() -> Template {
    load(
        include_str!("../../../assets/templates/bicycle-service.toml"),
        "bicycle-service.toml",
    )
}

fn truck() -> Template {
    load(
        include_str!("../../../assets/templates/truck-pretrip.toml"),
        "truck-pretrip.toml",
    )
}

fn point<'a>(template: &'a Template, key: &str) -> &'a Point {
    template
        .point(&key.parse().unwrap())
        .unwrap_or_else(|| panic!("no point {key}"))
}

fn measurement<'a>(template: &'a Template, key: &str) -> &'a Measurement {
    match &point(template, key).kind {
        Kind::Measurement(measurement) => measurement,
        other => panic!("{key} is {other:?}"),
    }
}

/// The grade's letter, with the answer given to whichever question is asked.
fn judge(t: &Template, key: &str, value: &str, reference: &str, low: &str, answer: &str) -> Grade {
    let quantity = |text: &str| (!text.is_empty()).then(|| text.parse::<Quantity>().unwrap());
    let (reference, low) = (quantity(reference), quantity(low));
    let references = References {
        value: reference.as_ref(),
        low: low.as_ref(),
    };
    let choice = |key: &ChoiceKey| t.answer(key, (!answer.is_empty()).then_some(answer));
    grade_between(
        measurement(t, key),
        &value.parse().unwrap(),
        references,
        &choice,
    )
    .unwrap()
}

fn letters(t: &Template, key: &str, reference: &str, answer: &str, table: &[(&str, char)]) {
    for (value, expected) in table {
        match judge(t, key, value, reference, "", answer) {
            Grade::Graded { condition, why } => {
                let said = format!("{key}, {value} against {reference:?} ({answer}): {why}");
                assert_eq!(condition.letter(), *expected, "{said}");
                assert_eq!(condition == Condition::Green, why == Why::Within, "{said}");
            }
            Grade::Needs(need) => panic!("{key} needs {need:?}"),
        }
    }
}

#[test]
fn the_vehicle_has_64_points_in_the_documents_order() {
    let template = vehicle();
    let keys: Vec<&str> = template
        .points()
        .map(|(_, point)| point.key.as_str())
        .collect();
    assert_eq!(keys.len(), 64);
    for (number, key) in [
        (1, "arrival.odometer"),
        (6, "arrival.windscreen.swept_area"),
        (7, "lights.headlamps"),
        (15, "lights.mirrors"),
        (16, "interior.seat_belts"),
        (20, "interior.steering_play"),
        (21, "bonnet.oil"),
        (29, "bonnet.cabin_filter"),
        (30, "bonnet.brake_fluid.copper"),
        (32, "bonnet.battery.rest_voltage"),
        (35, "bonnet.battery.terminals"),
        (36, "tyres.tread.lf"),
        (39, "tyres.tread.rr"),
        (40, "tyres.pressure.lf"),
        (43, "tyres.pressure.rr"),
        (47, "tyres.age"),
        (48, "brakes.lining.lf"),
        (52, "brakes.rotor.f"),
        (55, "brakes.calipers"),
        (56, "suspension.tie_rods"),
        (60, "suspension.cv_boots"),
        (61, "underbody.exhaust"),
        (63, "underbody.frame"),
        (64, "finish.road_test"),
    ] {
        assert_eq!(keys[number - 1], key, "number {number}");
    }
    let last = &point(&template, "finish.road_test").kind;
    assert!(
        matches!(last, Kind::Signature { graded: true, .. }),
        "{last:?}"
    );
}

#[test]
fn keys_are_unique_and_kinds_are_counted() {
    for (template, points, measurements, sections) in [
        (vehicle(), 64, 24, 9),
        (bicycle(), 29, 11, 5),
        (truck(), 27, 9, 12),
    ] {
        let keys: BTreeSet<_> = template.points().map(|(_, point)| &point.key).collect();
        assert_eq!(keys.len(), points, "{}", template.key);
        assert_eq!(template.points().count(), points, "{}", template.key);
        let measured = template
            .points()
            .filter(|(_, p)| matches!(p.kind, Kind::Measurement(_)))
            .count();
        assert_eq!(measured, measurements, "{}", template.key);
        assert_eq!(template.sections.len(), sections, "{}", template.key);
    }
}

#[test]
fn photos_are_asked_for_as_listed() {
    let template = vehicle();
    let photos = |key: &str| match point(&template, key).requires.as_slice() {
        [only] => match only.what {
            Demand::Photo { count } => (count, only.when),
            ref other => panic!("{key} asks for {other:?}"),
        },
        other => panic!("{key} asks for {other:?}"),
    };
    assert_eq!(photos("arrival.vin"), (1, Occasion::Always));
    assert_eq!(photos("arrival.body"), (4, Occasion::Always));
    for key in [
        "arrival.warning_lamps",
        "tyres.sidewalls",
        "tyres.spare",
        "tyres.wheel_nuts",
    ] {
        assert_eq!(photos(key), (1, Occasion::Red), "{key}");
    }
    let asking = template
        .points()
        .filter(|(_, point)| !point.requires.is_empty())
        .count();
    assert_eq!(asking, 6);
}

#[test]
fn a_truck_needs_three_signatures_and_a_certification() {
    let template = truck();
    let roles: Vec<&str> = template
        .points()
        .filter_map(|(_, point)| match &point.kind {
            Kind::Signature {
                role,
                graded: false,
                ..
            } => Some(role.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(roles, ["driver", "carrier", "next_driver"]);
    assert!(matches!(
        point(&template, "signatures.certification").kind,
        Kind::Choice { .. }
    ));
}

#[test]
fn limits_say_their_norm() {
    let (v, b) = (vehicle(), bicycle());
    let why = |t: &Template, key: &str, value: &str, reference: &str, low: &str| match judge(
        t, key, value, reference, low, "",
    ) {
        Grade::Graded { why, .. } => why.to_string(),
        Grade::Needs(need) => panic!("{need:?}"),
    };
    assert_eq!(
        why(&v, "tyres.tread.lf", "3 in/32", "", ""),
        "≤ 4/32 in (AAA)"
    );
    assert_eq!(
        why(&v, "tyres.tread.lf", "1 in/32", "", ""),
        "< 2/32 in (US states)"
    );
    assert_eq!(
        why(&v, "tyres.tread.lf", "9 in/32", "", ""),
        "within limits"
    );
    let pressure = why(&v, "tyres.pressure.lf", "20 psi", "40 psi", "");
    assert_eq!(pressure, "≤ −25 % against placard (FMVSS 138)");
    let cca = why(&v, "bonnet.battery.cca", "400 CCA", "600 CCA", "");
    assert_eq!(cca, "< 70 % of rated value (shop)");
    let rotor = why(&v, "brakes.rotor.f", "22.3 mm", "22 mm", "");
    assert_eq!(rotor, "≤ +0.5 mm against stamped value (shop)");
    let worn = why(&v, "brakes.rotor.f", "21 mm", "22 mm", "");
    assert_eq!(worn, "< stamped value");
    assert_eq!(
        why(&v, "arrival.odometer", "1 mi", "2 mi", ""),
        "< previous visit"
    );
    assert_eq!(
        why(&v, "bonnet.coolant.freeze_point", "0 degC", "", ""),
        "> −18 °C (shop)"
    );
    let soft = why(&b, "wheels.pressure.f", "20 psi", "75 psi", "35 psi");
    assert_eq!(soft, "< minimum on sidewall");
}

#[test]
fn a_template_survives_the_wire_with_fields_of_a_newer_program() {
    for template in [vehicle(), bicycle(), truck()] {
        let text = serde_json::to_string(&template).unwrap();
        assert_eq!(serde_json::from_str::<Template>(&text).unwrap(), template);
        let newer = text.replacen('{', r#"{"colour":"mauve","#, 1);
        let read: Template = serde_json::from_str(&newer).unwrap();
        assert_eq!(read.unknown["colour"], "mauve");
        assert!(serde_json::to_string(&read).unwrap().contains("mauve"));
    }
}
