//! What a click hits is what was drawn there.

use ratatui::{Terminal, backend::TestBackend};

use super::client;
use crate::{
    app::{Message, Target, fixture::Client},
    keys::Action,
    theme::Theme,
    view::{Hits, draw_and_tell},
};

/// What takes a click, and the lines of the screen.
fn drawn(client: &mut Client, width: u16, height: u16) -> (Hits, Vec<String>) {
    client.send(Message::Resize { width, height });
    client.settle();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut hits = Hits::default();
    let theme = Theme::new(true, false);
    terminal
        .draw(|frame| hits = draw_and_tell(frame, &client.state, &theme))
        .unwrap();
    let buffer = terminal.backend().buffer().clone();
    let rows = buffer.content().chunks(width.into());
    let lines = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect());
    (hits, lines.collect())
}

/// What lies under a text.
fn under(hits: &Hits, lines: &[String], text: &str) -> Option<Target> {
    let y = lines.iter().position(|line| line.contains(text)).unwrap();
    let x = lines[y].split(text).next().unwrap().chars().count();
    hits.at(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())
}

#[test]
fn rows_tabs_and_hints_of_the_board() {
    let mut client = client();
    client.settle();
    client.keys("4");
    client.settle();
    for (width, height) in [(60, 20), (80, 24), (200, 50)] {
        let (hits, lines) = drawn(&mut client, width, height);
        for place in [0, 3] {
            let label = client.state.board.row(place).unwrap().label.clone();
            let at = usize::try_from(place).unwrap();
            assert_eq!(under(&hits, &lines, &label), Some(Target::Row(at)));
        }
        assert_eq!(under(&hits, &lines, "2 Mine"), Some(Target::Group(1)));
        let hint = under(&hits, &lines, "n new");
        assert_eq!(hint, Some(Target::Action(Action::New)));
        assert_eq!(hits.at(0, 0), None);
    }
}

#[test]
fn the_number_of_a_ticket_is_shown_whole_in_a_large_shop() {
    let mut client = client();
    client.settle();
    client.state.board.total = 123_456;
    for (width, height) in [(60, 20), (80, 24), (200, 50)] {
        let (_, lines) = drawn(&mut client, width, height);
        let state = lines.iter().find(|line| line.contains("State")).unwrap();
        let at = state.find("State").unwrap();
        assert!(at >= " #123456 ".len(), "{state}");
    }
}

#[test]
fn sections_and_points_of_an_inspection() {
    let mut client = client();
    client.open();
    client.keys("<Tab>");
    let (hits, lines) = drawn(&mut client, 80, 24);
    assert_eq!(under(&hits, &lines, "Lights"), Some(Target::Group(1)));
    let before = client.state.inspection().unwrap().at;
    assert_eq!(under(&hits, &lines, "Headlamps"), Some(Target::Row(before)));
}

#[test]
fn nothing_below_what_lies_in_front() {
    let mut client = client();
    client.settle();
    client.keys("4?");
    let (hits, lines) = drawn(&mut client, 80, 24);
    for y in 0..22 {
        for x in 0..80 {
            assert_eq!(hits.at(x, y), Some(Target::Nothing), "{x}, {y}");
        }
    }
    let hint = under(&hits, &lines, "close");
    assert!(matches!(hint, Some(Target::Action(_) | Target::Nothing)));
    // A window that is too small takes no clicks at all.
    let (hits, _) = drawn(&mut client, 40, 10);
    assert_eq!(hits.at(5, 5), None);
}
