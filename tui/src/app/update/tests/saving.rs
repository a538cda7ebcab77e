use redtag_protocol::{
    ipc::{Connection, Failure, FailureCode, Push, Reply, Request},
    role::Role,
};

use crate::{
    app::{
        Daemon, Layer, Message, Standing,
        fixture::{CAR, Client},
    },
    link::{Error, Event},
};

const SAVED: Reply = Reply::Saved {
    first: 1,
    last: 1,
    inspection: None,
};

fn open() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    client.keys("<Down>");
    client
}

fn up() -> Message {
    Message::Link(Event::Up {
        version: "0.1.0".to_owned(),
        pid: 1,
        ipc: redtag_protocol::ipc::IPC.max,
    })
}

fn down() -> Message {
    Message::Link(Event::Down {
        words: "the daemon has gone away".to_owned(),
    })
}

#[test]
fn saved_is_said_only_once_it_is_durable() {
    let mut client = open();
    client.keys("g");
    assert_eq!(client.state.unsaved.saving(), 1);
    let (ask, edits) = client.sent().unwrap();
    client.bench.apply(&edits);
    client.reply(ask, Ok(SAVED));
    assert_eq!(client.state.unsaved.saving(), 0);
    assert_eq!(client.state.unsaved.at_risk(), 0);
    // Until the document that shows it is here, it stays on the screen.
    let view = client.state.inspection().unwrap().view.as_ref().unwrap();
    assert_eq!(view.counts.green, 1);
    client.settle();
    assert_eq!(client.state.unsaved.iter().count(), 0);
}

#[test]
fn without_a_line_what_waits_is_counted_at_once_and_with_one_it_does_not_flicker() {
    let offline = Connection::Offline {
        why: "no route".to_owned(),
        next_try: None,
    };
    for (connection, more) in [(offline, 1), (Connection::Online, 0)] {
        let mut client = open();
        let status = client.state.status.as_mut().unwrap();
        status.connection = connection;
        let before = status.waiting;
        client.keys("g");
        let (ask, _) = client.sent().unwrap();
        client.reply(ask, Ok(SAVED));
        assert_eq!(client.state.status.unwrap().waiting, before + more);
    }
}

#[test]
fn an_older_answer_does_not_make_a_saved_value_vanish() {
    let mut client = open();
    let id = client.state.inspection().unwrap().id;
    client.state.ask_inspection(id);
    client.send(Message::Clock);
    let stale = client.bench.view();
    let at = client
        .asked
        .iter()
        .position(|(_, it)| matches!(it, Request::Watch { .. }))
        .unwrap();
    let (looking, _) = client.asked.remove(at);
    client.keys("g");
    let (ask, edits) = client.sent().unwrap();
    client.bench.apply(&edits);
    client.reply(ask, Ok(SAVED));
    client.reply(looking, Ok(Reply::Inspection(Box::new(stale))));
    let view = client.state.inspection().unwrap().view.as_ref().unwrap();
    assert_eq!(view.counts.green, 1);
}

#[test]
fn a_refused_edit_is_kept_with_its_reason_and_can_be_tried_again() {
    let mut client = open();
    client.keys("g");
    let (ask, _) = client.sent().unwrap();
    let failure = Failure::new(FailureCode::Internal, "the disk is full");
    client.reply(ask, Err(Error::Failed(failure)));
    assert_eq!(client.state.unsaved.at_risk(), 1);
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert!(
        words.contains("not saved") && words.contains("disk is full"),
        "{words}"
    );
    // Leaving asks first.
    client.keys("<C-c>n");
    assert!(!client.quit);
    client.keys("<F2>r");
    assert!(client.sent().is_some());
    assert!(client.state.layers.is_empty());
}

#[test]
fn an_edit_without_an_answer_is_looked_for_and_never_doubled() {
    let mut client = open();
    client.keys("g");
    let (ask, edits) = client.sent().unwrap();
    client.send(down());
    client.reply(ask, Err(Error::Unanswered("gone".to_owned())));
    assert!(client.sent().is_none(), "it may be durable already");
    // It was saved after all.
    client.bench.apply(&edits);
    client.send(up());
    assert!(client.sent().is_none());
    client.settle();
    assert_eq!(client.state.unsaved.iter().count(), 0);
    assert_eq!(client.bench.inspection().results.len(), 1);
}

#[test]
fn an_edit_that_was_lost_waits_for_the_person() {
    let mut client = open();
    client.keys("g");
    let (ask, _) = client.sent().unwrap();
    client.reply(ask, Err(Error::Unanswered("gone".to_owned())));
    client.send(up());
    client.settle();
    assert_eq!(client.state.unsaved.stuck().count(), 1);
    client.keys("<F2>r");
    client.settle();
    assert_eq!(client.state.unsaved.iter().count(), 0);
    assert_eq!(client.bench.inspection().results.len(), 1);
}

#[test]
fn while_the_daemon_is_away_typing_goes_on_and_nothing_is_lost() {
    let mut client = open();
    client.keys("nhalf a note");
    client.send(down());
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("the note is gone");
    };
    assert_eq!(editor.input.text(), "half a note");
    client.keys("<Enter>g");
    assert!(client.sent().is_none());
    assert_eq!(client.state.unsaved.at_risk(), 2);
    assert!(matches!(client.state.daemon, Daemon::Down(_)));
    client.send(up());
    client.settle();
    assert_eq!(client.state.unsaved.at_risk(), 0);
    let inspection = client.bench.inspection();
    let result = &inspection.results[&"arrival.vin".parse().unwrap()];
    assert_eq!(result.note(), Some("half a note"));
    assert!(result.answer().is_some());
}

#[test]
fn an_edit_that_never_left_goes_out_again_by_itself() {
    let mut client = open();
    client.keys("g");
    let (ask, _) = client.sent().unwrap();
    client.send(down());
    client.reply(ask, Err(Error::NotSent("no daemon".to_owned())));
    let standing = client.state.unsaved.iter().next().unwrap().standing.clone();
    assert_eq!(standing, Standing::Queued);
    client.send(up());
    assert!(client.sent().is_some());
}

#[test]
fn what_was_made_in_one_account_never_goes_out_in_another() {
    let told = |account: &str| {
        let mut told = crate::app::fixture::status(Role::Technician);
        if let Some(known) = &mut told.account {
            account.clone_into(&mut known.id);
        }
        Message::Link(Event::Push(Push::Status(Box::new(told))))
    };
    let mut client = open();
    client.send(told("a1"));
    client.send(down());
    client.keys("g");
    client.send(told("a2"));
    client.send(up());
    assert!(client.sent().is_none());
    assert_eq!(client.state.unsaved.at_risk(), 1);
    client.send(told("a1"));
    assert!(client.sent().is_some());
}
