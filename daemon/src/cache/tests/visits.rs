//! The last visit's values beside the field, and what an answer is graded against.

use redtag_protocol::{inspection::AnswerValue, lifecycle::State, op::Edit, units::Quantity};

use super::*;

fn measured(text: &str) -> Quantity {
    serde_json::from_value(json!({"value": text, "unit": "mm"})).unwrap()
}

fn worn_chain(id: u8, created: u64, value: Option<&str>) -> Line {
    let mut it = ticket_one();
    it.id = ticket(id);
    it.number = Some(u64::from(id));
    it.created.stamp = Stamp(created);
    if let Some(value) = value {
        let answer = PointAnswer::value(AnswerValue::Measured(measured(value)));
        it.results.entry(point("chain.wear")).or_default().answer = Some(Register {
            value: Some(answer),
            writer: api_writer(9),
        });
    }
    document(&Entity::Inspection(Box::new(it)), 20 + u64::from(id))
}

fn bench() -> Bench {
    let mut bench = Bench::filled();
    let bike = json!({
        "id": template(), "key": "bike", "version": 1, "name": "Bike", "state": "active",
        "sections": [{"key": "chain", "label": "Chain", "points": [
            {"key": "chain.wear", "label": "Wear", "kind": "measurement", "unit": "mm",
             "cases": [{"rule": {"by": "delta_to_previous"}}]},
            {"key": "chain.bolt", "label": "Bolt", "kind": "measurement", "unit": "mm",
             "cases": [{"rule": {"by": "delta_to_reference", "of": "stamped"}}]},
        ]}],
    });
    let lines = vec![
        raw("template", &template().to_string(), 20, bike.to_string()),
        worn_chain(2, 1_000, Some("1.0")),
        worn_chain(3, 2_000, Some("2.0")),
        worn_chain(4, 3_000, None),
        // Later than ticket 1, so no earlier visit of it.
        worn_chain(5, 1_900_000_000_000, Some("9.0")),
    ];
    bench.pull(lines, 30, false);
    bench
}

fn measure(at: &str, value: &str) -> Edit {
    Edit::Inspection {
        id: ticket(1),
        write: InspectionWrite::Answer {
            point: point(at),
            answer: Some(PointAnswer::value(AnswerValue::Measured(measured(value)))),
        },
    }
}

#[test]
fn the_latest_earlier_answer_counts() {
    let mut bench = bench();
    let it = bench.inspection(1);
    let previous = crate::view::previous(bench.store(), &it, None).unwrap();
    let found = &previous[&point("chain.wear")];
    assert_eq!(found.answer.measured(), Some(&measured("2.0")));
    assert_eq!((found.at, found.label.as_str()), (Stamp(2_000), "#3"));
}

#[test]
fn a_void_visit_does_not_count() {
    let mut bench = bench();
    let mut it = ticket_one();
    it.id = ticket(3);
    it.created.stamp = Stamp(2_000);
    it.state.value = State::Void;
    bench.pull(
        vec![document(&Entity::Inspection(Box::new(it)), 31)],
        31,
        false,
    );
    let it = bench.inspection(1);
    let previous = crate::view::previous(bench.store(), &it, None).unwrap();
    assert_eq!(previous[&point("chain.wear")].label, "#2");
}

#[test]
fn the_previous_value_is_filled_in_as_the_reference() {
    let mut bench = bench();
    bench.save(measure("chain.wear", "2.5"), 0);
    let it = bench.inspection(1);
    let answer = it.answer(&point("chain.wear")).unwrap();
    assert_eq!(answer.reference, Some(measured("2.0")));
}

#[test]
fn the_vehicles_own_value_is_filled_in_even_from_the_same_stroke() {
    let mut bench = bench();
    let reference = Edit::Vehicle {
        id: vehicle(),
        write: redtag_protocol::vehicle::VehicleWrite::Reference {
            point: point("chain.bolt"),
            reference: Some(measured("5")),
        },
    };
    let edits = vec![reference, measure("chain.bolt", "4.8")];
    bench.store().save(edits, now(0)).unwrap();
    let it = bench.inspection(1);
    let answer = it.answer(&point("chain.bolt")).unwrap();
    assert_eq!(answer.reference, Some(measured("5")));
}

#[test]
fn a_reference_that_was_given_stays() {
    let mut bench = bench();
    let mut edit = measure("chain.wear", "2.5");
    if let Edit::Inspection {
        write: InspectionWrite::Answer {
            answer: Some(answer),
            ..
        },
        ..
    } = &mut edit
    {
        answer.reference = Some(measured("7"));
    }
    bench.save(edit, 0);
    let it = bench.inspection(1);
    assert_eq!(
        it.answer(&point("chain.wear")).unwrap().reference,
        Some(measured("7"))
    );
}
