use std::fmt::Write as _;

use ratatui::{
    backend::Backend as _,
    buffer::Buffer,
    layout::{Position, Rect, Size},
    style::{Color, Modifier, Style},
};

use unicode_width::UnicodeWidthStr as _;

use super::Thrifty;

/// What is written to get from one buffer to the other, frame by frame.
fn written(frames: &[Buffer], cursor: Option<Position>) -> Vec<String> {
    let area = frames[0].area;
    let size = Size::new(area.width, area.height);
    let mut before = Buffer::empty(area);
    let mut backend = Thrifty::new(Vec::new());
    let mut out = Vec::new();
    for frame in frames {
        let changed = before.diff(frame);
        backend.show(size, changed.into_iter());
        match cursor {
            Some(place) => backend.set_cursor_position(place).unwrap(),
            None => backend.hide_cursor().unwrap(),
        }
        backend.flush().unwrap();
        let bytes = std::mem::take(&mut backend.out);
        out.push(String::from_utf8(bytes).unwrap());
        before = frame.clone();
    }
    out
}

fn line(text: &str, style: Style) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 2));
    buffer.set_string(0, 0, text, style);
    buffer
}

#[test]
fn a_frame_in_which_nothing_changed_writes_nothing() {
    let frame = line("open", Style::new());
    for cursor in [None, Some(Position::new(3, 1))] {
        let out = written(&[frame.clone(), frame.clone()], cursor);
        assert!(out[0].contains("open"));
        assert_eq!(out[1], "");
    }
}

#[test]
fn a_frame_is_one_piece_and_leaves_no_style_behind() {
    let style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    let out = written(&[line("red", style)], None);
    assert_eq!(
        out[0],
        "\x1b[?2026h\x1b[1;1H\x1b[0;1;31mred\x1b[0m\x1b[?25l\x1b[?2026l"
    );
}

#[test]
fn what_has_no_colour_writes_none() {
    let style = Style::new().add_modifier(Modifier::REVERSED);
    let out = written(&[line("mono", style)], None);
    assert!(out[0].contains("\x1b[0;7mmono\x1b[0m"), "{:?}", out[0]);
    for colour in ["\x1b[3", "\x1b[4", "\x1b[m", ";39", ";49"] {
        assert!(!out[0].contains(colour), "{:?}", out[0]);
    }
}

#[test]
fn the_cursor_is_placed_anew_behind_what_may_be_wide() {
    // A wide one, a combining one, and an emoji of several characters.
    for wide in ["漢", "e\u{301}", "👩‍🔧"] {
        let out = written(&[line(&format!("{wide}x"), Style::new())], None);
        let behind = out[0].split_once(wide).unwrap().1;
        assert!(behind.starts_with("\x1b[1;"), "{:?}", out[0]);
    }
    let out = written(&[line("éx", Style::new())], None);
    assert!(out[0].contains("éx"));
}

#[test]
fn a_line_that_grows_shorter_is_wiped_with_one_code() {
    let out = written(
        &[
            line("a rather long one", Style::new()),
            line("a", Style::new()),
        ],
        None,
    );
    // Blanks up to the border of the window, which were not all written before.
    assert!(out[1].len() < 50, "{:?}", out[1]);
    let mut full = Buffer::empty(Rect::new(0, 0, 20, 2));
    full.set_string(0, 0, "x".repeat(20), Style::new());
    let out = written(&[full, line("a", Style::new())], None);
    assert!(out[1].contains("a\x1b[K"), "{:?}", out[1]);
}

#[test]
fn colours_of_every_kind_have_their_codes() {
    for (colour, code) in [
        (Color::LightRed, "\x1b[0;91m"),
        (Color::Indexed(208), "\x1b[0;38;5;208m"),
        (Color::Rgb(1, 2, 3), "\x1b[0;38;2;1;2;3m"),
    ] {
        let out = written(&[line("x", Style::new().fg(colour))], None);
        assert!(out[0].contains(code), "{:?}", out[0]);
    }
    let behind = Style::new().bg(Color::Blue);
    let out = written(&[line("x", behind)], None);
    assert!(out[0].contains("\x1b[0;44m"), "{:?}", out[0]);
}

/// A list of so many lines of which one is marked.
fn list(first: usize, marked: usize) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 60, 24));
    buffer.set_string(0, 0, "a title that stays", Style::new());
    for line in 0..20 {
        let number = first + line;
        let mut style = Style::new();
        if number == marked {
            style = style.add_modifier(Modifier::REVERSED);
        }
        let y = u16::try_from(line + 2).unwrap();
        let words = format!(
            "{:<60}",
            format!("{number:>5}  line of a list {}", number * 7919)
        );
        buffer.set_string(0, y, words, style);
    }
    buffer.set_string(0, 23, format!("at {marked}"), Style::new());
    buffer
}

#[test]
fn a_list_scrolled_by_a_line_is_moved_by_the_terminal() {
    for (from, to) in [((0, 19), (1, 20)), ((5, 5), (4, 4)), ((0, 19), (3, 22))] {
        let out = written(&[list(from.0, from.1), list(to.0, to.1)], None);
        assert!(out[1].contains("r\x1b["), "{:?}", out[1]);
        let most = if to.0 == 3 { 500 } else { 300 };
        assert!(out[1].len() < most, "{} bytes: {:?}", out[1].len(), out[1]);
    }
}

/// What a terminal shows after these frames, and what it should.
fn shown(frames: &[Buffer]) -> (String, String) {
    let area = frames[0].area;
    let mut terminal = vt100::Parser::new(
        area.height.try_into().unwrap(),
        area.width.try_into().unwrap(),
        0,
    );
    for frame in written(frames, None) {
        terminal.process(frame.as_bytes());
    }
    let last = frames.last().unwrap();
    let mut told = String::new();
    let mut wanted = String::new();
    for y in 0..area.height {
        let mut x = 0;
        while x < area.width {
            let cell = terminal.screen().cell(y, x).unwrap();
            let own = &last[(x, y)];
            let symbol = if cell.has_contents() {
                cell.contents()
            } else {
                " "
            };
            write!(told, "{symbol}{}", u8::from(cell.inverse())).unwrap();
            let inverse = own.modifier.contains(Modifier::REVERSED);
            write!(wanted, "{}{}", own.symbol(), u8::from(inverse)).unwrap();
            x += u16::try_from(own.symbol().width().max(1)).unwrap();
        }
        told.push('\n');
        wanted.push('\n');
    }
    (told, wanted)
}

#[test]
fn after_scrolling_the_terminal_shows_what_was_meant() {
    let mut frames = vec![list(0, 19)];
    for (first, marked) in [
        (1, 20),
        (2, 21),
        (5, 24),
        (4, 4),
        (4, 10),
        (1, 1),
        (40, 59),
        (0, 0),
    ] {
        frames.push(list(first, marked));
        let (told, wanted) = shown(&frames);
        assert_eq!(told, wanted);
    }
}

proptest::proptest! {
    /// Whatever frames follow each other, lists that scroll and wide characters among them.
    #[test]
    fn a_terminal_shows_every_frame_as_it_was_meant(
        frames in proptest::collection::vec(
            proptest::collection::vec((0_usize..9, 0_u16..24, 0_u16..12, proptest::bool::ANY), 0..40),
            1..6,
        ),
        shift in 0_u16..4,
    ) {
        const WORDS: [&str; 9] = ["a", "bc", "漢", "漢字", "é", "e\u{301}x", "    ", "longer words", "字x字"];
        let area = Rect::new(0, 0, 24, 12);
        let mut all = Vec::new();
        let mut last = Buffer::empty(area);
        for marks in frames {
            let mut frame = Buffer::empty(area);
            // What was there, a few lines higher.
            for y in 0..area.height.saturating_sub(shift) {
                for x in 0..area.width {
                    frame[(x, y)] = last[(x, y + shift)].clone();
                }
            }
            for (word, x, y, reversed) in marks {
                let mut style = Style::new();
                if reversed {
                    style = style.add_modifier(Modifier::REVERSED);
                }
                // Every row anew, so that no half of a wide character is left.
                for x in 0..area.width {
                    frame[(x, y)].reset();
                }
                frame.set_stringn(x, y, WORDS[word], usize::from(area.width - x), style);
            }
            all.push(frame.clone());
            last = frame;
        }
        let (told, wanted) = shown(&all);
        proptest::prop_assert_eq!(told, wanted);
    }
}
