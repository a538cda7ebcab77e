use ratatui::{Terminal, backend::TestBackend};
use redtag_protocol::{ipc::SyncState, role::Role};

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
