use proptest::prelude::*;

use super::*;

#[test]
fn honest_text_is_left_alone() {
    for text in [
        "",
        "Pad 3 mm, Rückleuchte ok",
        "左前 3.5 mm",
        "👩‍🔧 zero-width joiner kept",
    ] {
        assert!(
            matches!(clean_line(text), Cow::Borrowed(kept) if kept == text),
            "{text}"
        );
    }
    assert_eq!(clean_text("two\nlines"), "two\nlines");
}

#[test]
fn escape_sequences_go_whole() {
    for (dirty, kept) in [
        ("a\u{1b}[31;1mred\u{1b}[0m", "ared"),
        ("a\u{1b}[?25lb", "ab"),
        ("a\u{1b}[ qb", "ab"),
        ("\u{9b}2Jb", "b"),
        ("a\u{1b}]0;title\u{7}b", "ab"),
        (
            "a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\b",
            "alinkb",
        ),
        ("a\u{9d}52;c;AAAA\u{9c}b", "ab"),
        ("a\u{1b}Pq#0\u{1b}\\b", "ab"),
        (
            "a\u{1b}_apc\u{1b}\\b\u{1b}^pm\u{1b}\\c\u{1b}Xsos\u{1b}\\d",
            "abcd",
        ),
        ("a\u{90}dcs\u{9c}b", "ab"),
        ("a\u{1b}(Bb\u{1b}cc", "abc"),
        ("a\u{1b}\u{1b}[31mb", "ab"),
        ("a\u{7}\u{8}\u{0}\u{7f}\u{84}b", "ab"),
        // Never ended: only the introducer goes, the honest text stays.
        ("a\u{1b}]0;still here", "a0;still here"),
        ("end\u{1b}", "end"),
        ("end\u{1b}[", "end"),
        ("a\u{1b}Pdcs with bell\u{7} more", "adcs with bell more"),
    ] {
        assert_eq!(clean_line(dirty), kept, "{dirty:?}");
    }
}

#[test]
fn what_misleads_the_eye_goes() {
    assert_eq!(
        clean_line("brake\u{202e}gnp.exe\u{2066}x\u{2069}"),
        "brakegnp.exex"
    );
    assert_eq!(
        clean_line("\u{feff}a\u{200b}b\u{200e}c\u{61c}d\u{e0041}"),
        "abcd"
    );
}

#[test]
fn line_ends_are_kept_or_become_blanks() {
    assert_eq!(clean_line("a\r\nb\nc\td\u{2028}e"), "a b c d e");
    assert_eq!(clean_text("a\r\nb\rc\n\td\u{2029}e"), "a\nb\nc\n d e");
}

#[test]
fn bounded_refuses_and_says_why() {
    let why = |text: &str| bounded(text, "the note", 10).unwrap_err().to_string();
    assert_eq!(bounded("  Alma  ", "the name", 10).as_deref(), Ok("Alma"));
    assert_eq!(why("  "), "the note is empty");
    assert_eq!(
        why("eleven char"),
        "the note has 11 characters, at most 10 are allowed"
    );
    let hidden = "the note has a hidden character (U+001B) at position 3; type it again";
    assert_eq!(why("ab\u{1b}[2J"), hidden);
    assert!(bounded("a\nb", "the name", 10).is_err());
    assert_eq!(
        bounded_text("a\r\nb\tc", "the note", 10).as_deref(),
        Ok("a\nb c")
    );
    assert!(bounded_text("a\u{202e}b", "the note", 10).is_err());
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{1,3}",
        proptest::sample::select(vec![
            "\u{1b}", "\u{1b}[", "\u{1b}]", "\u{1b}P", "\u{1b}\\", "\u{9b}", "\u{9c}", "\u{9d}",
            "\u{7}", "\u{18}", "\r\n", "\n", "\t", "\u{202e}", "\u{2028}", "31m", "(",
        ])
        .prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_hidden_is_left(text in hostile()) {
        let line = clean_line(&text).into_owned();
        prop_assert!(!line.chars().any(is_hidden), "{line:?}");
        let lines = clean_text(&text).into_owned();
        prop_assert!(!lines.chars().any(|c| is_hidden(c) && c != '\n'), "{lines:?}");
        prop_assert_eq!(&*clean_line(&line), &*line);
        prop_assert_eq!(&*clean_text(&lines), &*lines);
    }

    #[test]
    fn what_is_taken_needs_no_cleaning(text in hostile()) {
        if let Ok(taken) = bounded(&text, "the text", 1000) {
            prop_assert_eq!(&*clean_line(&taken), &*taken);
        }
        if let Ok(taken) = bounded_text(&text, "the text", 1000) {
            prop_assert_eq!(&*clean_text(&taken), &*taken);
        }
    }
}
