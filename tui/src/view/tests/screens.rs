//! Every screen of the table has its pictures taken at every size, and is tried with names from all
//! over the world and texts that mean ill.

use ratatui::buffer::Buffer;
use redtag_protocol::{ipc::Push, text::is_hidden};
use unicode_width::UnicodeWidthStr as _;

use super::{client, drawn, picture, shot, table::SCREENS};
use crate::{
    app::{
        Message,
        fixture::{self, Client},
    },
    keys::Action,
    link::Event,
    theme::{Depth, Name, Theme},
};

/// A client that is told this text wherever people wrote one.
fn told(begin: fn() -> Client, text: &'static str) -> Client {
    let mut client = begin();
    client.foreign = Some(text);
    let status = fixture::status(client.bench.role);
    if let Some(status) = fixture::foreign::status(&status, text) {
        client.send(Message::Link(Event::Push(Push::Status(Box::new(status)))));
    }
    client
}

#[test]
fn every_screen_looks_as_it_did() {
    for (name, begin, set) in SCREENS {
        let mut client = begin();
        set(&mut client);
        shot(name, &mut client);
    }
}

/// Wide, combining and joined characters, and scripts from right to left.
const WORLD: [&str; 6] = [
    "漢字かな交じりの長い名前です",
    "Zo\u{301}e\u{308} n\u{303}a\u{302}\u{327}",
    "עברית שם ארוך מאוד",
    "محمد بن عبد الله",
    "👩‍🔧👨‍👩‍👧‍👦🇩🇪🏳️‍🌈",
    "ก็ กำลัง हिन्दी ﷽",
];

/// Every character stands in columns of its own, and none sticks out.
fn assert_whole(buffer: &Buffer, what: &str) {
    let area = buffer.area;
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            let wide = u16::try_from(symbol.width().max(1)).unwrap();
            assert!(
                x + wide <= area.width,
                "{what}: {symbol:?} sticks out at {x}, {y}"
            );
            for covered in x + 1..x + wide {
                let below = buffer[(covered, y)].symbol();
                assert!(
                    below.trim().is_empty(),
                    "{what}: {symbol:?} at {x}, {y} covers {below:?}"
                );
            }
            x += wide;
        }
    }
}

#[test]
fn names_from_all_over_the_world_break_no_screen() {
    for text in WORLD {
        for (name, begin, set) in SCREENS {
            let mut client = told(*begin, text);
            set(&mut client);
            for (width, height) in [(60, 20), (80, 24), (81, 25), (200, 50)] {
                let buffer = drawn(&mut client, width, height, Theme::new(true, false));
                assert_whole(
                    &buffer,
                    &format!("{name} at {width} × {height} with {text}"),
                );
            }
        }
    }
    // They do come through.
    let mut client = told(client, WORLD[0]);
    client.settle();
    let buffer = drawn(&mut client, 80, 24, Theme::new(true, false));
    assert!(picture(&buffer).contains('漢'));
}

/// What outside text may hold: colours, titles, clipboard, bidi overrides, C1, BEL, zero width,
/// replies that would be typed, character sets, tags.
const HOSTILE: [&str; 5] = [
    "A\u{1b}[31mB\u{1b}]0;owned\u{7}C\u{202e}D\u{9b}2JE\u{7}F\u{200b}G\rH\tI\u{2066}",
    "\u{1b}P$q\u{1b}\\x\u{1b}[6n\u{1b}[c\u{1b}]52;c;b3duZWQ=\u{1b}\\",
    "\u{e}\u{f}\u{8}\u{8}\u{8}\u{b}\u{c}\u{7f}\u{85}\u{84}x\u{1b}(0\u{1b}c",
    "a\u{2067}b\u{2069}c\u{200f}d\u{61c}e\u{e0041}f\u{feff}g\u{2028}h\u{34f}",
    "\u{1b}[?1049l\u{1b}[?25h\u{1b}[201~q\u{1b}[200~\u{1b}_G\u{1b}\\",
];

#[test]
fn no_text_steers_the_terminal_on_any_screen() {
    for text in HOSTILE {
        for (name, begin, set) in SCREENS {
            let mut client = told(*begin, text);
            set(&mut client);
            client.state.complain(text);
            for theme in [Theme::new(true, false), Theme::new(false, true)] {
                let buffer = drawn(&mut client, 80, 24, theme);
                for cell in buffer.content() {
                    let hidden = cell.symbol().chars().find(|c| is_hidden(*c));
                    assert_eq!(hidden, None, "{name}: {text:?}");
                }
                let shown = picture(&buffer);
                for steering in ["[31m", "owned", "[6n", "52;c", "[?1049l", "[201~"] {
                    assert!(!shown.contains(steering), "{name}: {text:?}\n{shown}");
                }
            }
        }
    }
}

#[test]
fn no_screen_writes_beyond_ascii_where_the_terminal_has_no_more() {
    for (name, begin, set) in SCREENS {
        let mut client = told(*begin, "Ž漢é — “x” … ½ ▸");
        set(&mut client);
        let buffer = drawn(&mut client, 80, 24, Theme::new(true, true));
        let other = buffer.content().iter().find(|it| !it.symbol().is_ascii());
        assert_eq!(other, None, "{name}");
    }
}

#[test]
fn every_screen_can_be_read_in_every_theme() {
    for (name, begin, set) in SCREENS {
        let mut client = begin();
        set(&mut client);
        let plain = drawn(&mut client, 80, 24, Theme::new(false, false));
        let words = |buffer: &Buffer| -> Vec<String> {
            let cells = buffer.content().iter();
            cells.map(|it| it.symbol().to_owned()).collect()
        };
        for theme in Name::ALL {
            let theme = Theme::of(theme.paint(Depth::Sixteen), Depth::Sixteen, false);
            let buffer = drawn(&mut client, 80, 24, theme);
            // What is told is told in letters: colours only stand beside them.
            assert_eq!(words(&buffer), words(&plain), "{name}");
        }
        // White on black to the last cell, whatever the terminal has by itself.
        let paint = Name::HighContrast.paint(Depth::Sixteen);
        let buffer = drawn(&mut client, 80, 24, Theme::of(paint, Depth::Sixteen, false));
        let own = buffer.content().iter().find(|it| {
            it.fg == ratatui::style::Color::Reset || it.bg == ratatui::style::Color::Reset
        });
        assert_eq!(own, None, "{name}");
        let colour = plain.content().iter().find(|it| {
            it.fg != ratatui::style::Color::Reset || it.bg != ratatui::style::Color::Reset
        });
        assert_eq!(colour, None, "{name}");
    }
}

#[test]
fn every_screen_says_how_to_get_help_and_how_to_get_away() {
    for (name, begin, set) in SCREENS {
        let mut client = begin();
        set(&mut client);
        client.state.said = None;
        let buffer = drawn(&mut client, 60, 20, Theme::new(true, false));
        let shown = picture(&buffer);
        let lowest = shown.lines().nth(19).unwrap();
        for bound in client
            .state
            .keys
            .offered(client.state.place(), client.state.role())
        {
            let needed = matches!(
                bound.binding.action,
                Action::Help | Action::Back | Action::Quit
            );
            if let (true, Some(hint)) = (needed, bound.binding.hint) {
                assert!(lowest.contains(hint), "{name}: {hint} is not in {lowest}");
            }
        }
    }
}

#[test]
fn no_screen_panics_in_any_window() {
    for (name, begin, set) in SCREENS {
        let mut client = begin();
        set(&mut client);
        for (width, height) in [
            (1, 1),
            (20, 5),
            (59, 20),
            (60, 19),
            (61, 21),
            (132, 43),
            (300, 90),
        ] {
            let buffer = drawn(&mut client, width, height, Theme::new(true, false));
            assert_eq!(
                (buffer.area.width, buffer.area.height),
                (width, height),
                "{name}"
            );
        }
    }
}
