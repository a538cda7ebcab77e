use redtag_protocol::{
    grade::Condition,
    inspection::{AnswerValue, InspectionWrite},
    lifecycle::{State as Stage, Verb},
    op::Edit,
    role::Role,
};

use super::answers;
use crate::app::{
    Layer, Message,
    fixture::{CAR, Client, TRUCK, filled, ticket},
};

fn open(role: Role) -> Client {
    let mut client = Client::new(role, CAR);
    client.open();
    client
}

#[test]
fn opening_and_walking_about_writes_nothing() {
    let mut client = open(Role::Technician);
    client.keys("<Down><Down><Tab><BackTab><End><Home>oOt<Esc>?<Esc>m<Esc>e<Esc><Esc>");
    assert!(client.sent().is_none());
    client.settle();
    assert_eq!(client.bench.inspection().state.value, Stage::Draft);
}

#[test]
fn one_key_sets_a_condition_and_moves_on() {
    let mut client = open(Role::Technician);
    client.keys("<Tab>gyRxgx");
    client.settle();
    let inspection = client.bench.inspection();
    let found = |point: &str| {
        inspection
            .answer(&point.parse().unwrap())
            .unwrap()
            .condition
    };
    assert_eq!(found("lights.headlamps"), Some(Condition::Green));
    assert_eq!(found("lights.indicators"), Some(Condition::Yellow));
    assert_eq!(found("lights.brake_lamps"), Some(Condition::Red));
    assert_eq!(found("lights.tail_plate"), Some(Condition::NotApplicable));
    assert_eq!(found("lights.reverse_fog"), Some(Condition::Green));
    assert_eq!(found("lights.wipers"), Some(Condition::NotApplicable));
}

#[test]
fn a_number_typed_beside_its_measurement_answers_nothing() {
    let mut client = open(Role::Technician);
    client.keys("<Tab>48211.");
    assert!(client.sent().is_none());
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert_eq!(
        words,
        "Headlamps takes g y r x; a number belongs to a measurement"
    );
    assert_eq!(client.state.inspection().unwrap().place(), (1, 0));
}

#[test]
fn a_viewer_is_told_why_and_nothing_is_sent() {
    let mut client = open(Role::Viewer);
    client.keys("<Down>g");
    assert!(client.state.said.as_ref().unwrap().words.contains("viewer"));
    assert!(client.sent().is_none());
}

#[test]
fn a_closed_stage_says_who_can_open_it() {
    let mut client = Client::new(Role::Technician, CAR);
    filled(&mut client.bench);
    client.bench.apply(&[Edit::Move {
        id: ticket(),
        verb: Verb::Submit,
        from: Stage::InProgress,
        reason: None,
    }]);
    client.open();
    client.keys("g");
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert!(
        words.contains("submitted") && words.contains("dispatcher"),
        "{words}"
    );
    assert!(client.sent().is_none());
}

#[test]
fn what_was_returned_is_taken_up_again_with_the_first_answer() {
    let mut client = Client::new(Role::Dispatcher, CAR);
    filled(&mut client.bench);
    client.bench.apply(&[
        Edit::Move {
            id: ticket(),
            verb: Verb::Submit,
            from: Stage::InProgress,
            reason: None,
        },
        Edit::Move {
            id: ticket(),
            verb: Verb::Return,
            from: Stage::Submitted,
            reason: Some("look at the horn".to_owned()),
        },
    ]);
    client.open();
    client.keys("<Tab>g");
    let (_, edits) = client.sent().unwrap();
    assert!(matches!(
        edits[0],
        Edit::Move {
            verb: Verb::Resume,
            from: Stage::Returned,
            ..
        }
    ));
}

#[test]
fn all_green_is_deliberate_and_stays_marked() {
    let mut client = open(Role::Technician);
    client.keys("<Tab>ra");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    client.keys("y");
    client.settle();
    let inspection = client.bench.inspection();
    let horn = inspection.answer(&"lights.horn".parse().unwrap()).unwrap();
    assert!(horn.by_default && horn.condition == Some(Condition::Green));
    let first = inspection
        .answer(&"lights.headlamps".parse().unwrap())
        .unwrap();
    assert!(!first.by_default && first.condition == Some(Condition::Red));
}

#[test]
fn after_all_green_one_is_at_what_is_left_of_the_section() {
    let mut client = open(Role::Technician);
    let at = |client: &Client| {
        let screen = client.state.inspection().unwrap();
        screen.point().unwrap().key.to_string()
    };
    // The odometer of this section is not measured yet; the lights have nothing but conditions.
    client.keys("<Down><Down>ay");
    assert_eq!(at(&client), "arrival.odometer");
    client.keys("<Tab>ay");
    let screen = client.state.inspection().unwrap();
    assert_eq!(screen.place().0, 2);
    let view = screen.view.as_ref().unwrap();
    let answered = view.inspection.answer(&screen.point().unwrap().key);
    assert_eq!(answered, None);
}

#[test]
fn a_red_point_that_wants_a_note_opens_it() {
    let mut client = Client::new(Role::Technician, TRUCK);
    client.open();
    client.keys("r");
    assert!(matches!(client.state.layers.last(), Some(Layer::Editor(_))));
    client.keys("soft pedal,<A-Enter>air in the line<Enter>");
    client.settle();
    let inspection = client.bench.inspection();
    let result = &inspection.results[&"service_brakes.operation".parse().unwrap()];
    assert_eq!(result.note(), Some("soft pedal,\nair in the line"));
}

#[test]
fn submitting_goes_to_what_is_missing_and_asks_about_what_is_open() {
    let mut client = Client::new(Role::Technician, TRUCK);
    client.open();
    client.keys("r<Esc>");
    client.settle();
    client.keys("<End>m1");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("what is missing is not listed");
    };
    assert_eq!(menu.title, "Not submitted: something is missing");
    assert_eq!(
        (menu.items[0].label.as_str(), menu.items[0].detail.as_str()),
        ("Service brakes", "a note")
    );
    client.keys("<Enter>");
    assert_eq!(client.state.inspection().unwrap().at, 0);
    client.keys("worn<Enter>m1");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    client.keys("y");
    client.settle();
    assert_eq!(client.bench.inspection().state.value, Stage::Submitted);
}

#[test]
fn a_reason_is_asked_where_the_table_demands_one() {
    let mut client = Client::new(Role::Owner, CAR);
    client.open();
    client.keys("m2");
    client.keys("<Enter>");
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("no reason was asked");
    };
    assert!(editor.problem.as_ref().unwrap().contains("reason"));
    client.keys("wrong vehicle<Enter>");
    let (_, edits) = client.sent().unwrap();
    assert!(matches!(
        &edits[0],
        Edit::Move { verb: Verb::Void, reason: Some(reason), .. } if reason == "wrong vehicle"
    ));
}

#[test]
fn an_answer_is_taken_back() {
    let mut client = open(Role::Technician);
    client.keys("<Down>g<Up><Backspace>");
    client.settle();
    let point = "arrival.vin".parse().unwrap();
    assert_eq!(client.bench.inspection().answer(&point), None);
}

#[test]
fn a_signature_keeps_its_condition() {
    let mut client = open(Role::Technician);
    client.keys("<End>g<Enter><Enter>");
    assert!(matches!(client.state.layers.last(), Some(Layer::Editor(_))));
    client.keys("Sam Rivera<Enter>");
    client.settle();
    let point = "finish.road_test".parse().unwrap();
    let answer = client.bench.inspection().answer(&point).unwrap().clone();
    assert_eq!(answer.condition, Some(Condition::Green));
    assert!(matches!(answer.value, Some(AnswerValue::Signed { name, .. }) if name == "Sam Rivera"));
}

#[test]
fn a_choice_point_is_chosen_by_number() {
    let mut client = Client::new(Role::Technician, TRUCK);
    client.open();
    client.keys("<End><BackTab><Down>");
    assert_eq!(
        client
            .state
            .inspection()
            .unwrap()
            .point()
            .unwrap()
            .key
            .as_str(),
        "signatures.certification"
    );
    client.keys("<Enter>2");
    let (_, edits) = client.sent().unwrap();
    let (_, answer) = answers(&edits).remove(0);
    assert!(matches!(answer.unwrap().value, Some(AnswerValue::Chosen(it)) if it == "repaired"));
}

#[test]
fn concern_and_bay_are_changed_and_only_a_dispatcher_assigns() {
    let mut client = open(Role::Technician);
    client.keys("e");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    assert_eq!(menu.items.len(), 2);
    client.keys("2<Backspace>4<Enter>");
    let (_, edits) = client.sent().unwrap();
    assert!(matches!(
        &edits[0],
        Edit::Inspection { write: InspectionWrite::Bay { bay: Some(bay) }, .. } if bay == "4"
    ));
    let mut client = open(Role::Dispatcher);
    client.keys("e32");
    let (_, edits) = client.sent().unwrap();
    assert!(matches!(
        &edits[0],
        Edit::Inspection {
            write: InspectionWrite::Assignee { person: Some(_) },
            ..
        }
    ));
}

/// As from the board, where it is marked.
fn enter(client: &mut Client) {
    client.settle();
    crate::app::update::board::show_inspection(&mut client.state, ticket(), "#1".to_owned());
    client.send(Message::Clock);
    client.settle();
}

#[test]
fn one_comes_back_to_the_point_at_which_one_was() {
    let mut client = Client::new(Role::Technician, CAR);
    enter(&mut client);
    client.keys("<Tab><Tab><Down>");
    client.settle();
    let at = client.state.inspection().unwrap().at;
    assert!(at > 10);
    // A line that drops says nothing; the section was told when it was entered.
    let dropped = client.remembered.clone();
    client.keys("<Esc>");
    client.settle();
    enter(&mut client);
    assert_eq!(client.state.inspection().unwrap().at, at);
    for (remembered, where_to) in [(client.remembered.clone(), at), (dropped, at - 1)] {
        let mut again = Client::new(Role::Technician, CAR);
        again.remembered = remembered;
        enter(&mut again);
        assert_eq!(again.state.inspection().unwrap().at, where_to);
    }
}
