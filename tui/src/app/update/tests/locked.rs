use redtag_protocol::{
    ipc::{Account, Failure, FailureCode, Lock, Push, Reply, Request, Status},
    role::Role,
};

use crate::{
    app::{
        Layer, Message,
        fixture::{self, CAR, Client, around::other_account},
    },
    link::{Error, Event},
};

fn status(lock: Option<Lock>) -> Box<Status> {
    let mut status = fixture::status(Role::Technician);
    if let Some(account) = &mut status.account {
        account.lock = lock;
    }
    Box::new(status)
}

fn account(lock: Option<Lock>) -> Account {
    status(lock).account.unwrap()
}

fn push(client: &mut Client, push: Push) {
    client.send(Message::Link(Event::Push(push)));
}

/// A client with an inspection and half a note, of an account that has a PIN.
fn guarded() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    push(&mut client, Push::Status(status(Some(Lock::Open))));
    client.keys("<Tab><Down>rnhalf a no");
    client.settle();
    client
}

/// Answers what is asked as the daemon does, of an account that is locked until its PIN is shown.
fn answer(client: &mut Client, accounts: &[Account]) {
    let mut open = client.state.locked.as_ref().is_none_or(|it| it.may_leave);
    while !client.asked.is_empty() {
        let (ask, request) = client.asked.remove(0);
        let result = match request {
            Request::Accounts => Ok(Reply::Accounts(accounts.to_vec())),
            Request::Lock => Ok(Reply::Status(status(Some(Lock::Locked)))),
            Request::Active => Ok(Reply::Done),
            Request::Unlock { pin, .. } if pin.0 == "4711" => {
                open = true;
                Ok(Reply::Status(status(Some(Lock::Open))))
            }
            Request::Unlock { .. } => {
                Err(Error::Failed(Failure::new(FailureCode::Locked, "locked")))
            }
            Request::Use { .. } => {
                open = true;
                Ok(Reply::Account(other_account()))
            }
            Request::Status => Ok(Reply::Status(status(Some(if open {
                Lock::Open
            } else {
                Lock::Locked
            })))),
            request if open => client.answer_for(request),
            _ => Err(Error::Failed(Failure::new(FailureCode::Locked, "locked"))),
        };
        client.reply(ask, result);
    }
}

fn mine() -> Vec<Account> {
    vec![account(Some(Lock::Locked)), other_account()]
}

fn typed(client: &Client) -> Option<&str> {
    match client.state.layers.last() {
        Some(Layer::Editor(editor)) => Some(editor.input.text()),
        _ => None,
    }
}

#[test]
fn a_note_half_typed_is_there_after_the_lock() {
    let mut client = guarded();
    assert_eq!(typed(&client), Some("half a no"));
    client.keys("<F4>");
    assert!(
        client
            .asked
            .iter()
            .any(|(_, it)| matches!(it, Request::Lock))
    );
    answer(&mut client, &mine());
    // No key reaches what lies below.
    client.keys("0000<Enter>");
    answer(&mut client, &mine());
    let screen = client.state.locked.as_ref().unwrap();
    assert_eq!(screen.problem.as_deref(), Some("locked"));
    assert!(screen.pin.is_empty());
    client.keys("4711<Enter>");
    answer(&mut client, &mine());
    assert!(client.state.locked.is_none());
    assert_eq!(typed(&client), Some("half a no"));
    client.settle();
    client.keys("te<Enter>");
    assert!(client.sent().is_some());
}

#[test]
fn while_it_is_locked_nothing_is_asked_and_an_edit_waits() {
    let mut client = guarded();
    client.keys("<Enter>");
    let (edit, edits) = client.sent().unwrap();
    client.asked.clear();
    push(
        &mut client,
        Push::Locked {
            account: account(None).id,
        },
    );
    let locked = Failure::new(FailureCode::Locked, "locked");
    client.reply(edit, Err(Error::Failed(locked)));
    client.send(Message::Clock);
    let only = |client: &Client| {
        client
            .asked
            .iter()
            .all(|(_, it)| matches!(it, Request::Accounts))
    };
    assert!(only(&client), "{:?}", client.asked);
    answer(&mut client, &mine());
    assert!(client.asked.is_empty(), "{:?}", client.asked);
    client.keys("4711<Enter>");
    answer_unlock(&mut client);
    // What was entered goes out now, as it was.
    let (_, again) = client.sent().unwrap();
    assert_eq!(format!("{again:?}"), format!("{edits:?}"));
}

fn answer_unlock(client: &mut Client) {
    let at = client
        .asked
        .iter()
        .position(|(_, it)| matches!(it, Request::Unlock { .. }));
    let (ask, _) = client.asked.remove(at.unwrap());
    client.reply(ask, Ok(Reply::Status(status(Some(Lock::Open)))));
}

#[test]
fn a_locked_account_is_met_with_its_door_and_the_daemons_return_too() {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    // As after the daemon was started anew: the connection has shown no PIN.
    push(&mut client, Push::Status(status(Some(Lock::Locked))));
    assert!(client.state.locked.as_ref().is_some_and(|it| !it.may_leave));
    client.keys("<Esc>");
    assert!(client.state.locked.is_some());
    // Another client took the PIN away.
    push(&mut client, Push::Status(status(None)));
    assert!(client.state.locked.is_none());
}

#[test]
fn what_lies_below_the_door_goes_with_the_account() {
    let mut client = guarded();
    client.keys("<F4>");
    answer(&mut client, &mine());
    let mut nobody = status(None);
    nobody.account = None;
    push(&mut client, Push::Status(nobody));
    assert!(client.state.locked.is_none());
    assert!(client.state.above.is_empty() && client.state.layers.is_empty());
}

#[test]
fn another_person_comes_in_by_their_own_door() {
    let mut client = guarded();
    client.keys("<F4>");
    answer(&mut client, &mine());
    // The other account has no PIN: Enter is enough.
    client.keys("<Down><Enter>");
    answer(&mut client, &mine());
    assert!(client.state.locked.is_none());
    assert_eq!(typed(&client), None, "nothing of the former is there");
}

#[test]
fn the_pin_of_another_account_is_asked_for_and_one_may_stay() {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    let mut theirs = other_account();
    theirs.lock = Some(Lock::Locked);
    client.keys("a");
    let accounts = vec![account(None), theirs];
    answer(&mut client, &accounts);
    client.keys("2");
    answer(&mut client, &accounts);
    let screen = client.state.locked.as_ref().unwrap();
    assert!(screen.may_leave && screen.asks_pin());
    client.keys("<Esc>");
    assert!(client.state.locked.is_none());
    client.keys("a");
    answer(&mut client, &accounts);
    client.keys("24711<Enter>");
    answer(&mut client, &accounts);
    assert!(client.state.locked.is_none());
}

#[test]
fn keys_tell_the_daemon_that_somebody_is_here_where_there_is_a_pin() {
    let active = |client: &Client| {
        let told = client
            .asked
            .iter()
            .filter(|(_, it)| matches!(it, Request::Active));
        told.count()
    };
    let mut client = guarded();
    client.asked.clear();
    client.state.active_told = redtag_protocol::stamp::Stamp(0);
    client.keys("abc");
    assert_eq!(active(&client), 1);
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    client.keys("<Down>");
    assert_eq!(active(&client), 0);
}
