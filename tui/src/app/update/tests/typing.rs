//! Half-typed texts: kept while they are typed, back after a killed client, gone once saved.

use redtag_protocol::{inspection::InspectionWrite, ipc::Request, op::Edit, role::Role};

use crate::app::{
    Layer,
    fixture::{CAR, Client, ticket},
};

const HORN: &str = "<Tab><Tab><BackTab><Down><Down><Down><Down><Down><Down><Down>n";

fn open() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    client
}

fn text(client: &Client) -> Option<(String, Option<String>)> {
    match client.state.layers.last() {
        Some(Layer::Editor(editor)) => Some((editor.input.text().to_owned(), editor.note.clone())),
        _ => None,
    }
}

#[test]
fn a_note_half_typed_is_there_again_after_the_client_was_killed() {
    let mut client = open();
    client.keys(HORN);
    client.keys("sounds wea");
    client.settle();
    assert_eq!(client.drafts["note:lights.horn"], "sounds wea");
    let mut again = Client::new(Role::Technician, CAR);
    again.drafts = client.drafts.clone();
    again.open();
    again.keys(HORN);
    let (typed, note) = text(&again).unwrap();
    assert_eq!(typed, "sounds wea");
    assert!(note.unwrap().contains("here again"));
    again.keys("k<Enter>");
    again.settle();
    let inspection = again.bench.inspection();
    let result = &inspection.results[&"lights.horn".parse().unwrap()];
    assert_eq!(result.note(), Some("sounds weak"));
    assert!(again.drafts.is_empty());
    again.keys("n");
    assert_eq!(text(&again).unwrap().1, None);
}

#[test]
fn what_is_given_up_does_not_come_back() {
    let mut client = open();
    client.keys(HORN);
    client.keys("quiet");
    client.settle();
    client.keys("<Esc>");
    client.settle();
    assert!(client.drafts.is_empty());
    client.keys("n");
    assert_eq!(text(&client).unwrap().0, "");
}

#[test]
fn one_write_is_on_its_way_at_a_time_and_the_last_word_wins() {
    let mut client = open();
    client.keys(HORN);
    client.keys("abc");
    let drafts = |client: &Client| {
        let is = |(_, request): &&(u64, Request)| matches!(request, Request::Draft { .. });
        client.asked.iter().filter(is).count()
    };
    assert_eq!(drafts(&client), 1);
    client.settle();
    assert_eq!(client.drafts["note:lights.horn"], "abc");
}

#[test]
fn a_text_of_one_account_is_not_there_in_another() {
    let mut client = open();
    client.keys(HORN);
    client.keys("private");
    client.settle();
    let mut other = crate::app::fixture::status(Role::Technician);
    other.account.as_mut().unwrap().id = "a2".to_owned();
    client.send(crate::app::Message::Link(crate::link::Event::Push(
        redtag_protocol::ipc::Push::Status(Box::new(other)),
    )));
    assert!(client.state.drafts.is_empty() && client.state.layers.is_empty());
    assert!(client.state.canned.is_empty());
}

#[test]
fn leaving_while_a_note_is_typed_asks_nothing_because_it_is_kept() {
    let mut client = open();
    client.keys(HORN);
    client.keys("sounds weak when it is wet<C-c>");
    assert!(client.quit);
}

fn saved(client: &mut Client, text: &str) {
    client.bench.apply(&[Edit::Inspection {
        id: ticket(),
        write: InspectionWrite::Note {
            point: "lights.horn".parse().unwrap(),
            note: Some(text.to_owned()),
        },
    }]);
}

fn note(client: &Client) -> Option<String> {
    let inspection = client.bench.inspection();
    let result = inspection.results.get(&"lights.horn".parse().unwrap())?;
    result.note().map(ToOwned::to_owned)
}

#[test]
fn a_draft_does_not_hide_what_a_colleague_wrote_meanwhile() {
    let mut client = open();
    client.keys(HORN);
    client.keys("sounds wea");
    client.settle();
    let mut again = Client::new(Role::Technician, CAR);
    again.drafts = client.drafts.clone();
    saved(&mut again, "horn replaced");
    again.open();
    again.keys(HORN);
    let (typed, words) = text(&again).unwrap();
    assert_eq!(typed, "sounds wea");
    let words = words.unwrap();
    assert!(
        words.contains("changed meanwhile, to “horn replaced”"),
        "{words}"
    );
    // It was seen: from here on it is no news.
    again.keys("k");
    again.settle();
    assert_eq!(again.drafts["note:lights.horn over"], "horn replaced");
    again.keys("<Enter>");
    again.settle();
    assert_eq!(note(&again).as_deref(), Some("sounds weak"));
    assert!(again.drafts.is_empty());
}

#[test]
fn a_draft_over_a_note_that_still_stands_is_no_news() {
    let mut client = Client::new(Role::Technician, CAR);
    saved(&mut client, "weak");
    client.open();
    client.keys(HORN);
    client.keys(" when wet");
    client.settle();
    let mut again = Client::new(Role::Technician, CAR);
    again.drafts = client.drafts.clone();
    saved(&mut again, "weak");
    again.open();
    again.keys(HORN);
    let (typed, words) = text(&again).unwrap();
    assert_eq!(typed, "weak when wet");
    assert!(!words.unwrap().contains("meanwhile"));
    again.keys("<Esc>");
    again.settle();
    assert!(again.drafts.is_empty());
}

#[test]
fn words_that_came_while_one_types_are_seen_before_they_are_replaced() {
    let mut client = open();
    client.keys(HORN);
    client.keys("mine");
    saved(&mut client, "theirs");
    client.state.ask_inspection(ticket());
    client.send(crate::app::Message::Clock);
    client.settle();
    client.keys("<Enter>");
    client.settle();
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("it was taken unseen");
    };
    assert!(editor.problem.as_ref().unwrap().contains("“theirs”"));
    assert_eq!(note(&client).as_deref(), Some("theirs"));
    client.keys("<Enter>");
    client.settle();
    assert_eq!(note(&client).as_deref(), Some("mine"));
}

#[test]
fn a_half_typed_note_is_told_of_on_opening_and_at_its_point() {
    let mut client = open();
    client.keys(HORN);
    client.keys("sounds wea");
    client.settle();
    let mut again = Client::new(Role::Technician, CAR);
    again.drafts = client.drafts.clone();
    again.open();
    let words = again.state.said.as_ref().unwrap().words.clone();
    assert_eq!(
        words,
        "a note was being typed at Horn; n there goes on with it"
    );
    let horn = "lights.horn".parse().unwrap();
    assert!(again.state.is_half_typed(&horn));
    // Not while it is being typed, nor once it is saved.
    again.keys(HORN);
    assert!(!again.state.is_half_typed(&horn));
    again.keys("<Enter>");
    again.settle();
    assert!(!again.state.is_half_typed(&horn));
}
