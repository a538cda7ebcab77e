use ratatui::style::Color;

use super::Depth;

fn depth(variables: &[(&str, &str)]) -> Depth {
    Depth::of(|name| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn all_colours_only_where_the_terminal_says_so() {
    assert_eq!(depth(&[("TERM", "linux")]), Depth::Sixteen);
    assert_eq!(depth(&[("TERM", "screen")]), Depth::Sixteen);
    assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Many);
    assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::Many);
    let told = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
    assert_eq!(depth(&told), Depth::True);
    assert_eq!(depth(&[("TERM", "vt100-m")]), Depth::None);
    let unwanted = [("COLORTERM", "truecolor"), ("NO_COLOR", "1")];
    assert_eq!(depth(&unwanted), Depth::None);
    assert_eq!(
        depth(&[("TERM", "xterm"), ("NO_COLOR", "")]),
        Depth::Sixteen
    );
}

#[test]
fn a_colour_becomes_the_nearest_that_there_is() {
    let orange = Color::Rgb(255, 135, 0);
    assert_eq!(Depth::True.fit(orange), Some(orange));
    assert_eq!(Depth::Many.fit(orange), Some(Color::Indexed(208)));
    let dark_red = Color::Rgb(190, 10, 10);
    assert_eq!(Depth::Sixteen.fit(dark_red), Some(Color::Red));
    assert_eq!(
        Depth::Sixteen.fit(Color::Indexed(196)),
        Some(Color::LightRed)
    );
    assert_eq!(
        Depth::Many.fit(Color::Rgb(128, 128, 128)),
        Some(Color::Indexed(244))
    );
    assert_eq!(Depth::Sixteen.fit(Color::Cyan), Some(Color::Cyan));
    assert_eq!(Depth::None.fit(Color::Cyan), None);
}
