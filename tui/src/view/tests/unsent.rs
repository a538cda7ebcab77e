//! The outbox and what there is to settle.

use redtag_protocol::{role::Role, stamp::Stamp};

use super::{client, drawn, picture, shot};
use crate::{
    app::{Message, fixture},
    theme::Theme,
};

fn behind() -> Message {
    let mut status = fixture::status(Role::Technician);
    status.waiting = 2;
    status.sent = 1;
    status.quarantined = 1;
    status.conflicts = 2;
    status.waiting_since = Some(Stamp(fixture::NOW.0 - 480_000));
    status.held = Some("the server cannot be reached".to_owned());
    status.next_try = Some(Stamp(fixture::NOW.0 + 60_000));
    let push = redtag_protocol::ipc::Push::Status(Box::new(status));
    Message::Link(crate::link::Event::Push(push))
}

#[test]
fn outbox() {
    let mut client = client();
    client.outbox = fixture::outbox();
    client.settle();
    client.keys("w");
    client.send(behind());
    client.keys("<Home>");
    shot("outbox", &mut client);
    client.keys("<End>");
    let stroke = drawn(&mut client, 80, 24, Theme::new(true, false));
    insta::assert_snapshot!("outbox_stroke_80x24", picture(&stroke));
    client.keys("<Home>x");
    shot("outbox_discard", &mut client);
    client.keys("ne1<Enter>sesame");
    let typed = drawn(&mut client, 80, 24, Theme::new(true, false));
    assert!(!picture(&typed).contains("sesame"));
    insta::assert_snapshot!("outbox_export_80x24", picture(&typed));
}

#[test]
fn outbox_with_nothing_in_it() {
    let mut client = client();
    client.settle();
    client.keys("w");
    shot("outbox_empty", &mut client);
}

#[test]
fn conflicts() {
    let mut client = client();
    client.conflicts = fixture::conflicts();
    client.settle();
    client.keys("!");
    shot("conflicts", &mut client);
    client.keys("<Down><Tab>");
    shot("conflicts_late", &mut client);
    client.keys("<Down>1");
    let asked = drawn(&mut client, 80, 24, Theme::new(true, false));
    insta::assert_snapshot!("conflicts_deletion_80x24", picture(&asked));
    client.keys("<Esc>?");
    shot("conflicts_help", &mut client);
}
