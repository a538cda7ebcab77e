//! What there is to settle.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Choice, Failure, FailureCode, Reply, Request},
    role::Role,
};

use super::unsent::{asked, client, said};
use crate::{
    app::{Screen, fixture::ticket},
    link::Error,
};

#[test]
fn one_key_says_which_value_stands() {
    let mut client = client(Role::Technician);
    client.keys("!");
    client.settle();
    let sides = client.conflicts[0].sides.clone();
    let settle = |it: &Request| matches!(it, Request::Settle { .. });
    client.keys("2");
    let (ask, request) = asked(&mut client, settle).unwrap();
    let Request::Settle {
        entity,
        field,
        choice,
    } = request
    else {
        unreachable!("it was looked for");
    };
    assert_eq!(entity, EntityRef::Inspection(ticket()));
    assert_eq!(field, "answer:tyres.tread.lf");
    assert_eq!(choice, Choice::Side(sides[1].op));
    // The same key again settles nothing else.
    client.keys("1");
    assert!(asked(&mut client, settle).is_none());
    assert!(said(&client).contains("waits to be sent"));
    client.reply(
        ask,
        Ok(Reply::Saved {
            first: 50,
            last: 50,
            inspection: None,
        }),
    );
    assert!(
        said(&client).contains("stays in the timeline"),
        "{}",
        said(&client)
    );
    client.keys("9");
    assert!(said(&client).contains("no value 9"), "{}", said(&client));
}

#[test]
fn what_stands_is_kept_and_a_deletion_is_asked_about() {
    let mut client = client(Role::Dispatcher);
    client.keys("!");
    client.settle();
    client.keys("<Down>0");
    let settle = |it: &Request| matches!(it, Request::Settle { .. });
    let (ask, request) = asked(&mut client, settle).unwrap();
    let present = |it: &Request| {
        matches!(
            it,
            Request::Settle {
                choice: Choice::Present,
                ..
            }
        )
    };
    assert!(present(&request), "{request:?}");
    let failure = Failure::new(FailureCode::NotAllowed, "only a dispatcher may");
    client.reply(ask, Err(Error::Failed(failure)));
    assert!(said(&client).contains("still kept"), "{}", said(&client));
    client.settle();
    // The deletion is the only side of the last one: that it stays was said by nobody.
    client.keys("<End>1");
    assert!(asked(&mut client, settle).is_none());
    client.keys("y");
    assert!(asked(&mut client, settle).is_some());
    // A vehicle has a screen of its own.
    client.keys("<Enter>");
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Subject(_))
    ));
}

#[test]
fn from_an_inspection_the_mark_is_on_what_is_to_be_settled_there() {
    let mut client = client(Role::Technician);
    client.conflicts.rotate_left(1);
    client.open();
    client.keys("!");
    client.settle();
    let marked = client.state.conflicts_mut().unwrap().marked().unwrap();
    assert_eq!(marked.entity, EntityRef::Inspection(ticket()));
    // Back and forth opens nothing twice.
    for _ in 0..3 {
        client.keys("<Enter>");
        client.settle();
        client.keys("!");
        client.settle();
    }
    client.keys("w");
    client.settle();
    client.keys("<Enter>w!");
    assert!(
        client.state.above.len() <= 3,
        "{}",
        client.state.above.len()
    );
    let kinds = client.state.above.iter();
    let inspections = kinds.filter(|it| matches!(it, Screen::Inspection(_)));
    assert_eq!(inspections.count(), 1);
}

#[test]
fn a_viewer_looks_and_settles_nothing() {
    let mut client = client(Role::Viewer);
    client.keys("!");
    client.settle();
    client.keys("1");
    assert!(client.asked.is_empty());
    assert!(
        said(&client).contains("viewer may look"),
        "{}",
        said(&client)
    );
}
