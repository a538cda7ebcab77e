use redtag_protocol::{
    lifecycle::{State, Verb},
    op::{Edit, Refusal},
    stamp::Stamp,
};

use super::*;
use crate::testing::{self, status};

fn exit(after: &Status, refused: &[Quarantined]) -> Exit {
    match outcome(&status(), after, refused) {
        Ok(()) => Exit::Done,
        Err(fault) => fault.exit,
    }
}

#[test]
fn a_wait_tells_what_it_came_to() {
    assert_eq!(exit(&status(), &[]), Exit::Done);
    let mut after = status();
    // What is open since before is no news.
    after.conflicts = 1;
    assert_eq!(exit(&after, &[]), Exit::Done);
    after.opened = 1;
    assert_eq!(exit(&after, &[]), Exit::Conflict);
    after.connection = Connection::Offline {
        why: "no route".into(),
        next_try: None,
    };
    after.waiting = 2;
    let fault = outcome(&status(), &after, &[]).unwrap_err();
    assert_eq!(fault.exit, Exit::Offline);
    assert!(fault.words.contains("2 edits wait"), "{fault:?}");
    after.connection = Connection::SignedOut {
        why: "revoked".into(),
    };
    assert_eq!(exit(&after, &[]), Exit::NotSignedIn);
    after.connection = Connection::NoAccount;
    assert_eq!(exit(&after, &[]), Exit::NotSignedIn);
}

#[test]
fn a_refusal_is_no_success() {
    let mut after = status();
    after.quarantined = 1;
    let refused = |code| Quarantined {
        number: 3,
        group: 3,
        edit: Edit::Move {
            id: testing::view(State::Draft).inspection.id,
            verb: Verb::Start,
            from: State::Draft,
            reason: None,
        },
        stamp: Stamp(1),
        refusal: Refusal::new(code, "somebody was faster"),
    };
    let other = refused(RefusalCode::WrongState);
    assert_eq!(exit(&after, &[other]), Exit::Error);
    let role = refused(RefusalCode::NotAllowed);
    assert_eq!(exit(&after, &[role]), Exit::NotAllowed);
}
