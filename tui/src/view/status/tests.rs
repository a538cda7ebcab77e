use ratatui::{Terminal, backend::TestBackend};
use redtag_protocol::{
    ipc::{Connection, SyncState},
    role::Role,
};

use crate::{
    app::fixture::{CAR, Client},
    theme::Theme,
    view,
};

fn drawn(client: &Client) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal
        .draw(|frame| view::draw(frame, &client.state, &Theme::new(true, false)))
        .unwrap();
    terminal.backend().to_string()
}

#[test]
fn all_is_not_acknowledged_while_a_mark_on_the_screen_says_otherwise() {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    let status = client.state.status.as_mut().unwrap();
    (status.waiting, status.sent, status.quarantined) = (0, 0, 0);
    for (sync, said) in [
        (SyncState::Acknowledged, true),
        (SyncState::Sent, false),
        (SyncState::Waiting, false),
    ] {
        let screen = client.state.inspection_mut().unwrap();
        screen.view.as_mut().unwrap().sync = sync;
        let drawn = drawn(&client);
        assert_eq!(drawn.contains("all acknowledged"), said, "{drawn}");
    }
}

#[test]
fn offline_says_why_and_no_notice() {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    let status = client.state.status.as_mut().unwrap();
    status.notices = vec!["the key lies in a file".to_owned()];
    assert!(drawn(&client).contains("key lies in a file"));
    // It was there to be read; what comes later is told too.
    client.keys("<Down>");
    assert!(!drawn(&client).contains("key lies in a file"));
    client.keys("<F3>");
    assert!(drawn(&client).contains("key lies in a file"));
    client.keys("<Esc>");
    let status = client.state.status.as_mut().unwrap();
    status.notices.push("the disk is nearly full".to_owned());
    assert!(drawn(&client).contains("disk is nearly full"));
    let status = client.state.status.as_mut().unwrap();
    status.connection = Connection::Offline {
        why: "http://127.0.0.1:1 cannot be reached".to_owned(),
        next_try: None,
    };
    let drawn = drawn(&client);
    assert!(drawn.contains("offline, last in step 10:30"), "{drawn}");
    assert!(
        drawn.contains("http://127.0.0.1:1 cannot be reached"),
        "{drawn}"
    );
    assert!(!drawn.contains("disk is nearly full"), "{drawn}");
}

#[test]
fn a_long_message_is_read_whole_over_both_lines() {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    client.state.say("no more than a line");
    assert!(drawn(&client).contains("online"));
    client.state.say(
        "this inspection is submitted: its points are closed; a dispatcher can return it (m) and then they are open",
    );
    let drawn = drawn(&client);
    assert!(drawn.contains("this inspection is submitted"), "{drawn}");
    assert!(drawn.contains("and then they are open"), "{drawn}");
    assert!(!drawn.contains("online"), "{drawn}");
}
