//! Canned notes, in the list and below a note that is typed.

use redtag_protocol::{
    canned::Scope, grade::Condition, inspection::InspectionWrite, op::Edit, role::Role,
};

use crate::app::{
    Layer,
    fixture::{CAR, Client},
};

fn open(role: Role) -> Client {
    let mut client = Client::new(role, CAR);
    client.open();
    client
}

/// At the wipers, the sixth of the lights.
fn at_wipers(role: Role) -> Client {
    let mut client = open(role);
    client.keys("<Tab><Down><Down><Down><Down><Down>");
    assert_eq!(here(&client), "lights.wipers");
    client
}

fn here(client: &Client) -> String {
    let screen = client.state.inspection().unwrap();
    screen.point().unwrap().key.to_string()
}

fn wipers(client: &Client) -> (Option<Condition>, Option<String>, Vec<String>) {
    let inspection = client.bench.inspection();
    let point = "lights.wipers".parse().unwrap();
    let result = inspection.results.get(&point);
    (
        inspection.answer(&point).and_then(|it| it.condition),
        result.and_then(|it| it.note()).map(ToOwned::to_owned),
        result
            .map(|it| it.lines().map(|(_, work)| work.text.clone()).collect())
            .unwrap_or_default(),
    )
}

#[test]
fn two_keys_set_note_condition_and_recommended_work_in_one_stroke() {
    let mut client = at_wipers(Role::Technician);
    client.keys(" 1");
    let (ask, edits) = client.sent().unwrap();
    let fields: Vec<&str> = edits
        .iter()
        .map(|edit| match edit.inspection_write() {
            Some(InspectionWrite::Answer { .. }) => "answer",
            Some(InspectionWrite::Note { .. }) => "note",
            Some(InspectionWrite::Line { .. }) => "line",
            _ => "begin",
        })
        .collect();
    assert_eq!(fields, ["begin", "answer", "note", "line"]);
    assert_eq!(here(&client), "lights.washers");
    client
        .asked
        .push((ask, redtag_protocol::ipc::Request::Edit { edits }));
    client.settle();
    let (condition, note, work) = wipers(&client);
    assert_eq!(condition, Some(Condition::Red));
    assert!(note.unwrap().starts_with("Blades split"));
    assert_eq!(work, ["Replace both front wiper blades"]);
}

#[test]
fn some_letters_find_one_and_the_point_comes_before_section_and_shop() {
    let mut client = at_wipers(Role::Technician);
    client.keys(" ");
    let Some(Layer::Canned(list)) = client.state.layers.last() else {
        panic!("no list");
    };
    let near: Vec<_> = list.all.iter().map(|it| it.near).collect();
    let mut sorted = near.clone();
    sorted.sort();
    assert_eq!(near, sorted);
    assert_eq!(list.all.len(), 6);
    client.keys("strk");
    let Some(Layer::Canned(list)) = client.state.layers.last() else {
        panic!("no list");
    };
    assert!(list.fitting()[0].note.text.contains("streaks"));
    client.keys("<Enter>");
    client.settle();
    let (condition, note, _) = wipers(&client);
    assert_eq!(condition, Some(Condition::Yellow));
    assert!(note.unwrap().contains("streaks"));
}

#[test]
fn right_after_red_the_list_and_the_note_mean_the_point_just_marked() {
    let mut client = at_wipers(Role::Technician);
    client.keys("rn");
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("no note");
    };
    assert_eq!(editor.title, "Note: Wipers");
    client.keys("smear<Tab><Enter>");
    client.settle();
    let (condition, note, work) = wipers(&client);
    assert_eq!(condition, Some(Condition::Red));
    // What was typed to find it is not part of it.
    assert!(note.unwrap().starts_with("Blades split"));
    assert_eq!(work.len(), 1);
    assert_eq!(here(&client), "lights.washers");
    // After any other key it is the point one is at.
    client.keys("r<Up><Down>n");
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("no note");
    };
    assert_eq!(editor.title, "Note: Horn");
}

#[test]
fn own_words_are_saved_by_enter_though_a_canned_note_would_fit() {
    let mut client = at_wipers(Role::Technician);
    client.keys("rnstreaks<Enter>");
    client.settle();
    assert_eq!(wipers(&client).1.as_deref(), Some("streaks"));
}

#[test]
fn a_measured_value_keeps_grading_itself() {
    let mut client = open(Role::Technician);
    client.keys("<Tab><Tab><Tab><Tab>8<Enter>");
    client.settle();
    client.keys("<Up> 2");
    client.settle();
    let inspection = client.bench.inspection();
    let point = "tyres.tread.lf".parse().unwrap();
    let answer = inspection.answer(&point).unwrap();
    assert!(answer.condition.is_none() && answer.measured().is_some());
    assert!(inspection.results[&point].note().is_some());
}

#[test]
fn a_note_is_kept_for_the_whole_shop_by_who_may_write_templates() {
    let mut client = at_wipers(Role::Dispatcher);
    client.keys("rnpivot worn<C-k>1");
    client.settle();
    let kept: Vec<_> = client.bench.canned().into_values().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].note.text, "pivot worn");
    assert_eq!(kept[0].note.condition, Some(Condition::Red));
    assert!(
        matches!(&kept[0].scope, Scope::Point { point, .. } if point.as_str() == "lights.wipers")
    );
    client.keys("<Enter>");
    client.settle();
    assert_eq!(wipers(&client).1.as_deref(), Some("pivot worn"));
    // It is offered first from now on, and can be dropped again.
    client.state.canned = client.bench.canned();
    client.keys("<Up> ");
    let Some(Layer::Canned(list)) = client.state.layers.last() else {
        panic!("no list");
    };
    assert_eq!(list.all[0].note.text, "pivot worn");
    client.keys("<Del>y");
    client.settle();
    assert!(client.bench.canned().is_empty());
}

#[test]
fn a_technician_keeps_none() {
    let mut client = at_wipers(Role::Technician);
    client.keys("rnpivot worn<C-k>");
    assert!(matches!(client.state.layers.last(), Some(Layer::Editor(_))));
    let (_, edits) = client.sent().unwrap();
    assert!(
        edits
            .iter()
            .all(|edit| !matches!(edit, Edit::AddCanned { .. }))
    );
}
