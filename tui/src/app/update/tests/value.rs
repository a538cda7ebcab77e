use redtag_protocol::{
    grade::Condition,
    inspection::InspectionWrite,
    lifecycle::{State as Stage, Verb},
    op::Edit,
    role::Role,
    vehicle::VehicleWrite,
};

use super::answers;
use crate::app::{
    Layer, Stage as Typing,
    fixture::{BICYCLE, CAR, Client, TRUCK, ticket},
};

/// An open draft, at the first point of a section.
fn at_section(text: &str, sections: usize) -> Client {
    let mut client = Client::new(Role::Technician, text);
    client.open();
    for _ in 0..sections {
        client.keys("<Tab>");
    }
    client
}

fn tyres() -> Client {
    at_section(CAR, 4)
}

#[test]
fn four_tread_depths_are_digits_and_enter() {
    let mut client = tyres();
    client.keys("6<Enter>6.5<Enter>3,5<Enter>1<Enter>");
    client.settle();
    let inspection = client.bench.inspection();
    let depth = |point: &str| {
        let answer = inspection.answer(&point.parse().unwrap()).unwrap();
        answer.measured().unwrap().to_string()
    };
    assert_eq!(depth("tyres.tread.lf"), "6/32 in");
    assert_eq!(depth("tyres.tread.rf"), "6.5/32 in");
    assert_eq!(depth("tyres.tread.lr"), "3.5/32 in");
    assert_eq!(depth("tyres.tread.rr"), "1/32 in");
    assert_eq!(inspection.state.value, Stage::InProgress);
    let screen = client.state.inspection().unwrap();
    assert_eq!(screen.point().unwrap().key.as_str(), "tyres.pressure.lf");
    assert_eq!(screen.view.as_ref().unwrap().counts.red, 1);
}

#[test]
fn the_first_answer_begins_the_work_in_the_same_stroke() {
    let mut client = tyres();
    client.keys("6<Enter>");
    let (_, edits) = client.sent().unwrap();
    assert_eq!(
        edits[0],
        Edit::Move {
            id: ticket(),
            verb: Verb::Start,
            from: Stage::Draft,
            reason: None
        }
    );
    assert_eq!(answers(&edits).len(), 1);
    client.keys("6<Enter>");
    // One at a time: the second waits for the first to be durable.
    assert!(client.sent().is_none());
}

#[test]
fn the_last_visit_is_compared_with_and_never_taken_over() {
    let mut client = at_section(CAR, 0);
    client.keys("61000<Enter>");
    let (_, edits) = client.sent().unwrap();
    let (point, answer) = answers(&edits).remove(0);
    let answer = answer.unwrap();
    assert_eq!(point, "arrival.odometer");
    assert_eq!(answer.reference.unwrap().to_string(), "61200 mi");
    let view = client.state.inspection().unwrap().view.as_ref().unwrap();
    let odometer = view.template.point(&point.parse().unwrap()).unwrap();
    let found = view.inspection.effective(odometer, &view.template);
    assert_eq!(found, Some(Condition::Yellow));
}

#[test]
fn a_reference_is_asked_once_and_kept_with_the_vehicle() {
    let mut client = tyres();
    client.keys("<Down><Down><Down><Down>30<Enter>");
    let entry = client.state.inspection().unwrap().entry.clone().unwrap();
    assert_eq!(entry.stage, Typing::Reference);
    client.keys("35<Enter>");
    let (_, edits) = client.sent().unwrap();
    assert!(edits.iter().any(|edit| matches!(
        edit,
        Edit::Vehicle { write: VehicleWrite::Reference { point, reference: Some(reference) }, .. }
            if point.as_str() == "tyres.pressure.lf" && reference.to_string() == "35 psi"
    )));
    let (_, answer) = answers(&edits).remove(0);
    assert_eq!(answer.unwrap().reference.unwrap().to_string(), "35 psi");
}

#[test]
fn a_range_on_the_part_is_asked_from_both_ends() {
    let mut client = at_section(BICYCLE, 3);
    client.keys("<Down><Down><Down><Down><Down><Down>45<Enter>60<Enter>40<Enter>");
    let (_, edits) = client.sent().unwrap();
    let (point, answer) = answers(&edits).remove(0);
    let answer = answer.unwrap();
    assert_eq!(point, "wheels.pressure.f");
    assert_eq!(answer.reference.unwrap().to_string(), "60 psi");
    assert_eq!(answer.reference_low.unwrap().to_string(), "40 psi");
    let kept = edits.iter().filter(|it| matches!(it, Edit::Vehicle { .. }));
    assert_eq!(kept.count(), 2);
}

#[test]
fn a_reference_that_nobody_knows_is_left_out() {
    let mut client = tyres();
    client.keys("<Down><Down><Down><Down>30<Enter><Enter>");
    let (_, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    assert_eq!(answer.unwrap().reference, None);
}

#[test]
fn escape_at_the_reference_goes_back_to_the_value_as_it_was_typed() {
    let mut client = tyres();
    client.keys("<Down><Down><Down><Down>30.5<Enter>3<Esc>");
    let entry = client.state.inspection().unwrap().entry.clone().unwrap();
    assert_eq!((entry.stage, entry.text.as_str()), (Typing::Value, "30.5"));
    client.keys("<Enter>35<Enter>");
    let (_, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    let answer = answer.unwrap();
    assert_eq!(answer.measured().unwrap().to_string(), "30.5 psi");
    assert_eq!(answer.reference.unwrap().to_string(), "35 psi");
    // A reference that was begun by itself is left as it was.
    client.keys("f3<Esc>");
    assert!(client.state.inspection().unwrap().entry.is_none());
}

#[test]
fn a_question_that_selects_the_limits_is_asked_when_it_is_needed() {
    let mut client = at_section(TRUCK, 0);
    client.keys("<Down><Down>4<Enter>");
    assert!(matches!(client.state.layers.last(), Some(Layer::Menu(_))));
    client.keys("2");
    client.settle();
    let inspection = client.bench.inspection();
    let key = "combination".parse().unwrap();
    assert_eq!(inspection.choice(&key), Some("combination"));
    assert!(
        inspection
            .answer(&"service_brakes.air_loss".parse().unwrap())
            .is_some()
    );
}

#[test]
fn a_caliper_may_type_its_unit_and_a_person_may_change_it() {
    let mut client = tyres();
    client.keys("4.8 mm<Enter>");
    let (ask, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    assert_eq!(answer.unwrap().measured().unwrap().to_string(), "4.8 mm");
    client.bench.apply(&edits);
    client.reply(
        ask,
        Ok(redtag_protocol::ipc::Reply::Saved {
            first: 1,
            last: 1,
            inspection: None,
        }),
    );
    client.settle();
    client.keys("U5<Enter>");
    let (_, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    assert_eq!(answer.unwrap().measured().unwrap().to_string(), "5 mm");
}

#[test]
fn a_comma_between_thousands_of_an_odometer_is_asked_back() {
    let problem = |client: &Client| {
        let entry = client.state.inspection().unwrap().entry.clone();
        entry.and_then(|it| it.problem).unwrap_or_default()
    };
    let mut client = at_section(CAR, 0);
    client.keys("61,400<Enter>");
    assert_eq!(
        problem(&client),
        "61,400: type 61400, or 61.400 if you mean the decimals"
    );
    client.keys(" km<Enter>");
    assert!(problem(&client).contains("type 61400"));
    assert!(client.sent().is_none());
    // Other commas are decimal marks as before.
    client.keys("<Esc>61400,5<Enter>");
    let (_, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    let value = answer.unwrap().measured().unwrap().to_string();
    assert_eq!(value, "61400.5 mi");
}

#[test]
fn a_value_far_from_the_usual_is_asked_once() {
    let mut client = tyres();
    client.keys("600<Enter>");
    let entry = client.state.inspection().unwrap().entry.clone().unwrap();
    assert_eq!(
        entry.problem.as_deref(),
        Some("600/32 in is far from what is usual here; Enter again takes it")
    );
    assert!(client.sent().is_none());
    client.keys("<Enter>");
    let (_, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    let value = answer.unwrap().measured().unwrap().to_string();
    assert_eq!(value, "600/32 in");
}

#[test]
fn what_is_no_value_stays_as_it_was_typed_with_the_reason() {
    let mut client = tyres();
    client.keys("3..5<Enter>");
    let entry = client.state.inspection().unwrap().entry.clone().unwrap();
    assert_eq!(entry.text, "3..5");
    assert!(entry.problem.unwrap().contains("two decimal marks"));
    client.keys("<Backspace><Backspace><Backspace>9 V<Enter>");
    let entry = client.state.inspection().unwrap().entry.clone().unwrap();
    assert!(entry.problem.unwrap().contains("not in V"));
    assert!(client.sent().is_none());
}

#[test]
fn a_condition_at_a_measurement_overrides_and_a_new_value_grades_again() {
    let mut client = tyres();
    client.keys("6<Enter><Up>r");
    client.settle();
    let point = "tyres.tread.lf".parse().unwrap();
    let answer = client.bench.inspection().answer(&point).unwrap().clone();
    assert_eq!(answer.condition, Some(Condition::Red));
    assert!(answer.measured().is_some());
    client.keys("<Up>6<Enter>");
    client.settle();
    let answer = client.bench.inspection().answer(&point).unwrap().clone();
    assert_eq!(answer.condition, None);
}

#[test]
fn no_write_names_a_field_that_was_not_touched() {
    let mut client = tyres();
    client.keys("6<Enter>");
    let (_, edits) = client.sent().unwrap();
    let touched = |edit: &Edit| matches!(edit, Edit::Inspection { write: InspectionWrite::Answer { point, .. }, .. } if point.as_str() == "tyres.tread.lf");
    assert!(edits.iter().skip(1).all(touched));
}

#[test]
fn a_numeric_pads_enter_takes_a_value_and_a_text_of_one_line() {
    let mut client = tyres();
    client.keys("6<C-j>");
    client.settle();
    let point = "tyres.tread.lf".parse().unwrap();
    let answer = client.bench.inspection().answer(&point).unwrap().clone();
    assert_eq!(answer.measured().unwrap().to_string(), "6/32 in");
    client.keys("e2<C-u>4<C-j>");
    client.settle();
    assert_eq!(client.bench.inspection().bay(), Some("4"));
    // Where a text has several lines, it is a new one, as it was.
    client.keys("none<C-j>two<Enter>");
    client.settle();
    let inspection = client.bench.inspection();
    let note = inspection.results[&"tyres.tread.rf".parse().unwrap()].note();
    assert_eq!(note, Some("one\ntwo"));
}
