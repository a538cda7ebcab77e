use std::path::Path;

use redtag_protocol::grade::Condition;

use super::{Config, print_keys, print_theme};
use crate::{
    app::Tone,
    keys::{Action, Chord, Keymap, Place},
    theme::Theme,
};

fn config(text: &str) -> Config {
    Config::parse(Path::new("client.toml"), text)
}

fn theme(config: &Config, variables: &[(&str, &str)]) -> Theme {
    config.theme(environment(variables))
}

fn environment(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> {
    |name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

fn means(keys: &Keymap, place: Place, chord: &str) -> Option<Action> {
    let chord: Chord = chord.parse().unwrap();
    keys.find(place, &chord.event()).map(|it| it.action)
}

#[test]
fn no_color_means_no_colour_and_keeps_the_rest() {
    let plain = config("");
    let mono = theme(&plain, &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    assert_eq!(mono.tone(Tone::Wrong).fg, None);
    assert_eq!(mono.condition(Some(Condition::Red)).bg, None);
    assert!(!mono.glyphs.ascii);
    let empty = theme(&plain, &[("TERM", "xterm-256color"), ("NO_COLOR", "")]);
    assert!(empty.tone(Tone::Wrong).fg.is_some());
    // Whatever else is asked for.
    let loud = config("theme = \"light\"\n[style]\nwrong = \"bold #ff0000 on white\"\n");
    let wanted = [("NO_COLOR", "1"), ("REDTAG_THEME", "high-contrast")];
    let mono = theme(&loud, &wanted);
    assert_eq!((mono.wrong().fg, mono.wrong().bg), (None, None));
}

#[test]
fn a_console_and_an_old_locale_get_ascii_unless_asked_otherwise() {
    let plain = config("");
    assert!(theme(&plain, &[("TERM", "linux")]).glyphs.ascii);
    let old = [("TERM", "xterm"), ("LANG", "en_US.ISO-8859-1")];
    assert!(theme(&plain, &old).glyphs.ascii);
    // The bare locale has no letters but ASCII's.
    for bare in ["C", "POSIX"] {
        let bare = [("TERM", "xterm"), ("LC_ALL", bare), ("LANG", "de_DE.UTF-8")];
        assert!(theme(&plain, &bare).glyphs.ascii);
    }
    let minimal = [("TERM", "xterm"), ("LC_ALL", "C.UTF-8")];
    assert!(!theme(&plain, &minimal).glyphs.ascii);
    let new = [("TERM", "xterm"), ("LANG", "de_DE.UTF-8")];
    assert!(!theme(&plain, &new).glyphs.ascii);
    assert!(!theme(&plain, &[("TERM", "xterm")]).glyphs.ascii);
    let asked = [("TERM", "linux"), ("REDTAG_GLYPHS", "unicode")];
    assert!(!theme(&plain, &asked).glyphs.ascii);
    let ascii = config("glyphs = \"ascii\"");
    assert!(theme(&ascii, &[("TERM", "xterm-kitty")]).glyphs.ascii);
}

#[test]
fn the_environment_goes_before_the_file_and_the_file_before_the_defaults() {
    let light = config("theme = \"light\"");
    let plain = config("");
    let term = ("TERM", "xterm-256color");
    assert_ne!(
        theme(&light, &[term]).notice(),
        theme(&plain, &[term]).notice()
    );
    assert_eq!(
        theme(&light, &[term, ("REDTAG_THEME", "default")]).notice(),
        theme(&plain, &[term]).notice()
    );
    let off = config("mouse = false");
    assert!(!off.mouse(environment(&[term])));
    assert!(off.mouse(environment(&[term, ("REDTAG_MOUSE", "on")])));
    assert!(plain.mouse(environment(&[term])));
    assert!(!plain.mouse(environment(&[("TERM", "linux")])));
    let screen = ("TERM", "screen.xterm-256color");
    assert!(!plain.mouse(environment(&[screen])));
    assert!(!plain.mouse(environment(&[term, ("STY", "4711.bench")])));
    assert!(config("mouse = true").mouse(environment(&[screen])));
    assert!(plain.mouse(environment(&[screen, ("TMUX", "/tmp/tmux,1,0")])));
}

#[test]
fn what_cannot_be_taken_is_said_with_its_line_and_the_rest_holds() {
    let text = "\
theme = \"neon\"
colour = \"red\"
mouse = \"yes\"

[style]
wrong = \"sparkling\"
key = \"magenta\"
shadow = \"red\"

[keys.board]
new = [\"Insert\", \"Hyper-N\"]
sync = \"Ctrl-R\"
fly = \"f\"
quit = \"n\"

[keys.conflicts]
digit = \"d\"

[keys.garage]
open = \"o\"
";
    let config = config(text);
    let lines: Vec<usize> = config.problems.iter().map(|it| it.line).collect();
    assert_eq!(lines, [1, 2, 3, 6, 8, 11, 13, 14, 17, 19], "{config:#?}");
    let said: Vec<String> = config.complaints().collect();
    assert!(said[0].starts_with("client.toml:1: there is no theme “neon”"));
    assert!(said[5].contains("hyper"), "{said:?}");
    assert!(said[7].contains("a new inspection"), "{said:?}");
    assert!(said[8].contains("digits"), "{said:?}");
    // The rest.
    assert_eq!(
        means(&config.keys, Place::Board, "Ctrl-R"),
        Some(Action::Sync)
    );
    assert_eq!(means(&config.keys, Place::Board, "n"), Some(Action::New));
    assert_eq!(means(&config.keys, Place::Board, "q"), Some(Action::Quit));
    let key = theme(&config, &[("TERM", "xterm")]).key();
    assert_eq!(key.fg, Some(ratatui::style::Color::Magenta));
}

#[test]
fn a_line_that_is_no_toml_spoils_no_other() {
    let config = config("mouse = false\ntheme = light\nglyphs = \"ascii\"\n");
    assert_eq!(config.problems.len(), 1, "{:?}", config.problems);
    assert_eq!(config.problems[0].line, 2);
    assert!(!config.mouse(|_| None));
    assert!(theme(&config, &[]).glyphs.ascii);
    // Nothing that a file can hold makes it panic.
    for text in [
        "[",
        "= =",
        "[keys",
        "keys = 3",
        "style = []",
        "\u{0}",
        "[keys.board]\nnew = {",
    ] {
        let odd = Config::parse(Path::new("client.toml"), text);
        assert!(!odd.problems.is_empty(), "{text:?}");
    }
}

#[test]
fn what_is_printed_can_be_read_again_and_says_the_same() {
    let plain = config("");
    let printed = print_keys(&plain.keys);
    let again = config(&printed);
    assert_eq!(again.problems, []);
    assert_eq!(print_keys(&again.keys), printed);
    let light = config("theme = \"light\"\n[style]\nkey = \"bold 208\"\n");
    let printed = print_theme(&light, |_| None);
    let again = config(&printed);
    assert_eq!(again.problems, []);
    assert_eq!(print_theme(&again, |_| None), printed);
    assert!(printed.contains("key = \"bold 208\""), "{printed}");
}
