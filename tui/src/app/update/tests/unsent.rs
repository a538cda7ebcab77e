//! The outbox, what there is to settle, and taking back.

use redtag_protocol::{
    ipc::{Failure, FailureCode, Push, Reply, Request, Status, SyncState},
    role::Role,
};

use crate::{
    app::{
        Layer, Message, Tone,
        fixture::{self, CAR, Client, ticket},
    },
    link::{Error, Event},
};

pub(super) fn client(role: Role) -> Client {
    let mut client = Client::new(role, CAR);
    client.outbox = fixture::outbox();
    client.conflicts = fixture::conflicts();
    client.settle();
    client
}

pub(super) fn said(client: &Client) -> String {
    let said = client.state.said.as_ref();
    said.map_or_else(String::new, |said| said.words.clone())
}

/// What was asked last of this kind, taken out of what was asked.
pub(super) fn asked(client: &mut Client, is: impl Fn(&Request) -> bool) -> Option<(u64, Request)> {
    let at = client.asked.iter().position(|(_, it)| is(it))?;
    Some(client.asked.remove(at))
}

fn status(change: impl Fn(&mut Status)) -> Message {
    let mut status = fixture::status(Role::Technician);
    change(&mut status);
    Message::Link(Event::Push(Push::Status(Box::new(status))))
}

fn mark(client: &mut Client, number: u64) {
    let at = client.outbox.iter().position(|it| it.number == number);
    client.keys("<Home>");
    for _ in 0..at.unwrap() {
        client.keys("<Down>");
    }
}

#[test]
fn the_outbox_opens_from_the_board_and_goes_to_the_point() {
    let mut client = client(Role::Technician);
    client.keys("w");
    client.settle();
    let row = client.state.outbox_mut().unwrap().marked().unwrap();
    assert_eq!(row.number, 41);
    mark(&mut client, 43);
    client.keys("<Enter>");
    client.settle();
    let screen = client.state.inspection().unwrap();
    assert_eq!(screen.id, ticket());
    assert_eq!(screen.point().unwrap().key.to_string(), "lights.horn");
    // And back to where one was.
    client.keys("<Esc>");
    assert_eq!(
        client.state.outbox_mut().unwrap().marked().unwrap().number,
        43
    );
    client.keys("<Esc>");
    assert!(client.state.above.is_empty());
}

#[test]
fn what_waits_is_not_for_a_person_to_decide_and_is_said_to_be_safe() {
    let mut client = client(Role::Technician);
    client.keys("w");
    client.settle();
    mark(&mut client, 43);
    for key in ["r", "x"] {
        client.keys(key);
        assert!(said(&client).contains("safe here"), "{}", said(&client));
        assert!(client.asked.is_empty() && client.state.layers.is_empty());
    }
    mark(&mut client, 42);
    client.keys("x");
    assert!(said(&client).contains("on its way"), "{}", said(&client));
}

#[test]
fn a_refused_stroke_is_tried_again_or_given_up_after_a_question() {
    let mut client = client(Role::Technician);
    client.keys("w");
    client.settle();
    mark(&mut client, 41);
    client.keys("r");
    let retry = |it: &Request| matches!(it, Request::Retry { number: 41 });
    assert!(asked(&mut client, retry).is_some());
    client.keys("x");
    let Some(Layer::Confirm(confirm)) = client.state.layers.last() else {
        panic!("nothing is asked");
    };
    let lines = confirm.lines.join("\n");
    assert!(lines.contains("nowhere else"), "{lines}");
    client.keys("n");
    let discard = |it: &Request| matches!(it, Request::Discard { number: 41 });
    assert!(asked(&mut client, discard).is_none());
    client.keys("xy");
    let (ask, _) = asked(&mut client, discard).unwrap();
    let failure = Failure::new(FailureCode::Internal, "the disk is full");
    client.reply(ask, Err(Error::Failed(failure)));
    assert!(said(&client).contains("still here"), "{}", said(&client));
}

#[test]
fn the_mark_stays_on_its_edit_while_others_are_sent() {
    let mut client = client(Role::Technician);
    client.keys("w");
    client.settle();
    mark(&mut client, 43);
    client.outbox.retain(|row| row.number != 42);
    client.send(status(|it| it.waiting = 1));
    client.settle();
    assert_eq!(
        client.state.outbox_mut().unwrap().marked().unwrap().number,
        43
    );
    client.outbox.clear();
    client.send(status(|_| {}));
    client.settle();
    assert_eq!(client.state.outbox_mut().unwrap().total, Some(0));
    client.keys("rxe<Enter><Down>");
}

#[test]
fn a_long_outbox_is_fetched_where_one_is() {
    let mut client = client(Role::Technician);
    let one = client.outbox.last().unwrap().clone();
    client.outbox = (1..=2_000)
        .map(|number| redtag_protocol::ipc::Outgoing {
            with: Vec::new(),
            number,
            group: number,
            ..one.clone()
        })
        .collect();
    client.keys("w");
    client.settle();
    client.keys("<End>");
    client.settle();
    assert_eq!(
        client.state.outbox_mut().unwrap().marked().unwrap().number,
        2_000
    );
    client.keys("<Home>");
    client.settle();
    assert_eq!(
        client.state.outbox_mut().unwrap().marked().unwrap().number,
        1
    );
    for _ in 0..300 {
        client.keys("<Down>");
        client.settle();
        assert!(client.state.outbox_mut().unwrap().marked().is_some());
    }
}

#[test]
fn unsent_work_is_kept_in_a_file_behind_a_passphrase() {
    let mut client = client(Role::Technician);
    client.keys("w");
    client.settle();
    client.keys("e1");
    client.keys("<C-u>work.age<Enter>");
    client.keys("pass word<Enter>");
    let export = |it: &Request| matches!(it, Request::Export { .. });
    let (ask, request) = asked(&mut client, export).unwrap();
    let Request::Export { number, passphrase } = request else {
        unreachable!("it was looked for");
    };
    assert_eq!(
        (number, passphrase.unwrap().0.as_str()),
        (None, "pass word")
    );
    let answer = client.answer_for(Request::Export {
        number,
        passphrase: None,
    });
    client.reply(ask, answer);
    assert_eq!(client.kept, [("work.age".to_owned(), "None".to_owned())]);
    client.send(Message::Kept {
        file: "/home/sam/work.age".to_owned(),
        edits: 2,
        failed: None,
    });
    assert!(said(&client).contains("2 edits are in /home/sam/work.age"));
    client.send(Message::Kept {
        file: "/home/sam/work.age".to_owned(),
        edits: 2,
        failed: Some("there is a file of that name".to_owned()),
    });
    assert!(said(&client).contains("nothing was exported"));
    // One stroke, plain.
    client.keys("e2<Enter><Enter>");
    let (_, request) = asked(&mut client, export).unwrap();
    let plain = matches!(
        request,
        Request::Export {
            number: Some(41),
            passphrase: None
        }
    );
    assert!(plain, "{request:?}");
}

#[test]
fn a_refusal_and_a_conflict_are_said_when_they_come() {
    let mut client = client(Role::Technician);
    client.send(status(|it| it.quarantined = 1));
    assert!(
        said(&client).contains("nothing is lost"),
        "{}",
        said(&client)
    );
    assert_eq!(client.state.said.as_ref().unwrap().tone, Tone::Wrong);
    client.send(status(|it| {
        it.quarantined = 1;
        it.conflicts = 1;
    }));
    assert!(
        said(&client).contains("every value is kept"),
        "{}",
        said(&client)
    );
    client.keys("<Down>");
    // Fewer than before is no news.
    client.send(status(|_| {}));
    assert_eq!(client.state.said, None);
}

#[test]
fn what_was_done_last_is_taken_back_and_told() {
    let mut client = client(Role::Technician);
    client.open();
    client.keys("u");
    let undo = |it: &Request| matches!(it, Request::Undo { number: None, .. });
    let (ask, _) = asked(&mut client, undo).unwrap();
    client.timeline = vec![fixture::undone()];
    let saved = Reply::Saved {
        first: 51,
        last: 51,
        inspection: Some(ticket()),
    };
    client.reply(ask, Ok(saved));
    client.settle();
    let words = said(&client);
    assert!(
        words.contains("taken back") && words.contains("LF"),
        "{words}"
    );
    client.keys("u");
    let (ask, _) = asked(&mut client, undo).unwrap();
    let failure = Failure::new(FailureCode::NotFound, "there is nothing to take back");
    client.reply(ask, Err(Error::Failed(failure)));
    assert!(said(&client).contains("nothing to take back"));
}

#[test]
fn an_edit_that_is_still_being_saved_is_not_undone() {
    let mut client = client(Role::Technician);
    client.open();
    client.keys("<Down>gu");
    let undo = |it: &Request| matches!(it, Request::Undo { .. });
    assert!(asked(&mut client, undo).is_none());
    assert!(said(&client).contains("still being saved"));
}

/// Marked stays what the sync state says; the fixture has one of each.
#[test]
fn the_fixture_has_every_state() {
    let states: Vec<SyncState> = fixture::outbox().iter().map(|it| it.sync).collect();
    for state in [SyncState::Waiting, SyncState::Sent, SyncState::Refused] {
        assert!(states.contains(&state));
    }
}
