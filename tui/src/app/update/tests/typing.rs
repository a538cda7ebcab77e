//! Half-typed texts: kept while they are typed, back after a killed client, gone once saved.

use redtag_protocol::{ipc::Request, role::Role};

use crate::app::{
    Layer,
    fixture::{CAR, Client},
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
