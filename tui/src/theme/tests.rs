mod contrast;

use ratatui::style::{Color, Modifier};
use redtag_protocol::grade::Condition;

use super::{Depth, MEANINGS, Name, Theme, parse, words};

#[test]
fn every_style_of_every_theme_can_be_written_as_it_is_printed() {
    for name in Name::ALL {
        for depth in [Depth::Sixteen, Depth::Many] {
            let mut paint = name.paint(depth);
            for meaning in MEANINGS {
                let style = paint.meaning(meaning).unwrap();
                assert_eq!(parse(&words(style)), Ok(*style), "{name} {meaning}");
            }
        }
        assert_eq!(Name::called(name.as_str()), Some(name));
    }
}

#[test]
fn styles_are_written_as_people_do() {
    let style = parse("bold white on #ff8800").unwrap();
    assert_eq!(style.bg, Some(Color::Rgb(255, 136, 0)));
    assert!(style.add_modifier.contains(Modifier::BOLD));
    assert_eq!(words(&parse("light-red").unwrap()), "light-red");
    assert_eq!(words(&parse("plain").unwrap()), "plain");
    for wrong in ["sparkling", "on", "white on", "#12"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn no_theme_tells_a_condition_by_colour_alone() {
    let conditions = [
        None,
        Some(Condition::Green),
        Some(Condition::Yellow),
        Some(Condition::Red),
        Some(Condition::NotApplicable),
    ];
    for ascii in [false, true] {
        let theme = Theme::new(true, ascii);
        let letters = conditions.map(|it| theme.letter(it));
        for (at, letter) in letters.iter().enumerate() {
            assert!(!letters[at + 1..].contains(letter), "{letters:?}");
        }
    }
}

#[test]
fn the_mono_theme_has_no_colour() {
    let mut paint = Name::Mono.paint(Depth::None);
    for meaning in MEANINGS {
        let style = paint.meaning(meaning).unwrap();
        assert_eq!((style.fg, style.bg), (None, None), "{meaning}");
    }
}

#[test]
fn a_name_in_latin_letters_can_be_read_where_there_is_only_ascii() {
    let theme = Theme::new(true, true);
    for (name, plain) in [
        ("Žofia Škodová", "Zofia Skodova"),
        ("Łukasz Đoković", "Lukasz Dokovic"),
        ("Jörg Weiß, Ærø", "Jorg Weiss, AEro"),
        ("Zo\u{301}e\u{308} Nguyễn", "Zoe Nguyen"),
        ("漢 ½ in", "? ? in"),
    ] {
        assert_eq!(theme.text(name), plain);
    }
}
