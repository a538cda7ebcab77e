//! What is done with one point: canned notes, recommended work, what is missing, earlier revisions.

use redtag_protocol::{
    lifecycle::{State as Stage, Verb},
    op::Edit,
    role::Role,
};

use super::{client, drawn, picture, shot};
use crate::{
    app::fixture::{self, Client, ticket},
    theme::Theme,
};

fn at_headlamps() -> Client {
    let mut client = client();
    client.open();
    client.keys("<Tab><Down>");
    client
}

#[test]
fn canned() {
    let mut client = at_headlamps();
    client.keys("<Up>r ");
    shot("canned", &mut client);
    client.keys("dim");
    let found = drawn(&mut client, 80, 24, Theme::new(true, false));
    insta::assert_snapshot!("canned_found_80x24", picture(&found));
}

#[test]
fn canned_below_a_note() {
    let mut client = at_headlamps();
    client.keys("<Up>rnbeam<Tab>");
    shot("note_canned", &mut client);
}

#[test]
fn work() {
    let mut client = at_headlamps();
    client.keys("<Up>rl<Enter>12,345<Enter>");
    shot("work", &mut client);
    client.keys("<Esc> 1<Up>");
    client.settle();
    client.keys("<Up>");
    shot("red_point", &mut client);
}

#[test]
fn missing() {
    let mut client = Client::new(Role::Technician, fixture::TRUCK);
    client.open();
    client.keys("r<Esc>r<Esc>");
    client.settle();
    client.keys("m1");
    shot("missing", &mut client);
}

#[test]
fn past() {
    let mut client = Client::new(Role::Owner, fixture::CAR);
    fixture::filled(&mut client.bench);
    let steps = [
        (Verb::Submit, Stage::InProgress, None),
        (Verb::Approve, Stage::Submitted, None),
        (Verb::Reopen, Stage::Approved, Some("the brakes again")),
    ];
    for (verb, from, reason) in steps {
        client.bench.apply(&[Edit::Move {
            id: ticket(),
            verb,
            from,
            reason: reason.map(ToOwned::to_owned),
        }]);
    }
    client.open();
    client.keys("<Tab><Tab><Tab><Tab>h");
    shot("past", &mut client);
}
