//! The screens as they are drawn, with their styles, at the sizes that matter.

use std::fmt::Write as _;

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Modifier};
use redtag_protocol::role::Role;

use crate::{
    app::{
        Message,
        fixture::{self, Client},
    },
    theme::Theme,
};

/// The text, and below it every run of a style that is not the plain one.
fn picture(buffer: &Buffer) -> String {
    let mut out = String::new();
    let mut styles = String::new();
    let area = buffer.area;
    for y in 0..area.height {
        let mut line = String::new();
        let mut run: Option<(u16, String)> = None;
        for x in 0..=area.width {
            let cell = (x < area.width).then(|| &buffer[(x, y)]);
            let style = cell.map_or(String::new(), |cell| {
                line.push_str(cell.symbol());
                let mut style = String::new();
                if cell.fg != ratatui::style::Color::Reset {
                    write!(style, "{:?} ", cell.fg).unwrap();
                }
                if cell.bg != ratatui::style::Color::Reset {
                    write!(style, "on {:?} ", cell.bg).unwrap();
                }
                if cell.modifier != Modifier::empty() {
                    write!(style, "{:?}", cell.modifier).unwrap();
                }
                style.trim().to_owned()
            });
            let goes_on = run.as_ref().is_some_and(|(_, known)| *known == style);
            if !goes_on {
                if let Some((from, known)) = run.take()
                    && !known.is_empty()
                {
                    writeln!(styles, "{y:>3}: {from}..{x} {known}").unwrap();
                }
                run = Some((x, style));
            }
        }
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    format!("{out}---\n{styles}")
}

fn drawn(client: &mut Client, width: u16, height: u16, theme: Theme) -> Buffer {
    client.send(Message::Resize { width, height });
    client.settle();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| super::draw(frame, &client.state, &theme))
        .unwrap();
    terminal.backend().buffer().clone()
}

fn shot(name: &str, client: &mut Client) {
    let colour = Theme::new(true, false);
    for (width, height) in [(80, 24), (60, 20), (200, 50)] {
        let buffer = drawn(client, width, height, colour);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&buffer));
    }
    let mono = drawn(client, 80, 24, Theme::new(false, true));
    insta::assert_snapshot!(format!("{name}_mono_ascii"), picture(&mono));
}

fn client() -> Client {
    let mut client = Client::new(Role::Technician, fixture::CAR);
    fixture::filled(&mut client.bench);
    client
}

#[test]
fn board() {
    let mut client = client();
    client.settle();
    client.keys("<Down>4");
    shot("board", &mut client);
}

#[test]
fn inspection() {
    let mut client = client();
    client.open();
    for _ in 0..5 {
        client.keys("<Tab>");
    }
    client.settle();
    shot("inspection", &mut client);
}

#[test]
fn typing_a_value() {
    let mut client = client();
    client.open();
    client.keys("<Tab><Tab><Tab><Tab>");
    client.keys("<Down><Down>1,5");
    shot("value", &mut client);
}

#[test]
fn help() {
    let mut client = client();
    client.open();
    client.keys("?");
    shot("help", &mut client);
}

#[test]
fn new() {
    let mut client = client();
    client.settle();
    client.keys("n");
    client.settle();
    client.keys("1HGCM82633A123456<Enter>");
    client.settle();
    shot("new", &mut client);
}

#[test]
fn note() {
    let mut client = client();
    client.open();
    client.keys("nInner shoulder worn,<A-Enter>see the alignment");
    shot("note", &mut client);
}

#[test]
fn moves() {
    let mut client = client();
    client.open();
    client.keys("m");
    shot("moves", &mut client);
}
