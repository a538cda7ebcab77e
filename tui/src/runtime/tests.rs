use crate::{app::Tone, theme::Theme};

fn theme(variables: &[(&str, &str)]) -> Theme {
    super::theme(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn no_color_means_no_colour_and_keeps_the_rest() {
    let mono = theme(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    assert_eq!(mono.tone(Tone::Wrong).fg, None);
    assert!(!mono.glyphs.ascii);
    let empty = theme(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]);
    assert!(empty.tone(Tone::Wrong).fg.is_some());
}

#[test]
fn a_console_and_an_old_locale_get_ascii() {
    assert!(theme(&[("TERM", "linux")]).glyphs.ascii);
    assert!(
        theme(&[("TERM", "xterm"), ("LANG", "en_US.ISO-8859-1")])
            .glyphs
            .ascii
    );
    assert!(
        !theme(&[("TERM", "xterm"), ("LANG", "de_DE.UTF-8")])
            .glyphs
            .ascii
    );
    assert!(!theme(&[("TERM", "xterm")]).glyphs.ascii);
}
