//! What each meaning looks like: the themes that there are, and a style as people write it.

use ratatui::style::{Color, Modifier, Style};

/// A look for every meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
    /// The whole screen; plain: as the terminal has it.
    pub(crate) screen: Style,
    /// The title of a screen or box.
    pub(crate) title: Style,
    /// What stands in the background.
    pub(crate) dim: Style,
    /// The marked line.
    pub(crate) selected: Style,
    /// The marked line of a list that does not have the keys.
    pub(crate) current: Style,
    /// The badge of green.
    pub(crate) green: Style,
    /// The badge of yellow.
    pub(crate) yellow: Style,
    /// The badge of red.
    pub(crate) red: Style,
    /// The badge of not applicable.
    pub(crate) not_applicable: Style,
    /// All is well.
    pub(crate) good: Style,
    /// Something to know, on its way or waiting.
    pub(crate) notice: Style,
    /// Something is wrong.
    pub(crate) wrong: Style,
    /// A message, calmly.
    pub(crate) calm: Style,
    /// A key.
    pub(crate) key: Style,
    /// What is being typed.
    pub(crate) typed: Style,
    /// The room of a field that is typed in.
    pub(crate) input: Style,
}

const PLAIN: Style = Style::new();
const BOLD: Style = PLAIN.add_modifier(Modifier::BOLD);
const REVERSED: Style = PLAIN.add_modifier(Modifier::REVERSED);
const UNDERLINED: Style = PLAIN.add_modifier(Modifier::UNDERLINED);

const fn badge(foreground: Color, background: Color) -> Style {
    // In its own colours on a marked line too.
    PLAIN
        .fg(foreground)
        .bg(background)
        .remove_modifier(Modifier::REVERSED)
}

// No theme asks for faint text: how faint it is differs from terminal to terminal, and the Linux
// console shows it at 2.8:1. No theme makes one of the eight darker colours bold either: many
// terminals then show its brighter sister, which on white nobody reads. `tests/contrast.rs` holds
// every theme to 4.5:1, on all three common tables of the sixteen colours.

/// No colour at all: weight, underlines and reverse tell what letters tell as well.
pub(super) const MONO: Paint = Paint {
    screen: PLAIN,
    title: BOLD,
    dim: PLAIN,
    selected: REVERSED,
    current: BOLD,
    green: PLAIN,
    yellow: UNDERLINED,
    red: BOLD.add_modifier(Modifier::REVERSED),
    not_applicable: PLAIN,
    good: PLAIN,
    notice: PLAIN,
    wrong: BOLD,
    calm: PLAIN,
    key: BOLD,
    typed: BOLD.add_modifier(Modifier::UNDERLINED),
    input: UNDERLINED,
};

/// For a black background, with the sixteen colours of any terminal. Not the darker green and
/// yellow where it matters: yellow is brown on the Linux console.
pub(super) const DEFAULT_SIXTEEN: Paint = Paint {
    green: badge(Color::Black, Color::LightGreen),
    yellow: badge(Color::Black, Color::LightYellow),
    red: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD),
    good: PLAIN.fg(Color::Green),
    notice: PLAIN.fg(Color::LightYellow),
    wrong: BOLD.fg(Color::LightRed),
    calm: PLAIN.fg(Color::Cyan),
    key: BOLD.fg(Color::LightCyan),
    ..MONO
};

/// The same with a grey for what stands in the background.
pub(super) const DEFAULT: Paint = Paint {
    dim: PLAIN.fg(Color::Indexed(245)),
    not_applicable: PLAIN.fg(Color::Indexed(245)),
    ..DEFAULT_SIXTEEN
};

/// For bad eyes and bad screens, white on black on every terminal: bright and bold, nothing dim.
pub(super) const HIGH_CONTRAST: Paint = Paint {
    screen: badge(Color::White, Color::Black),
    selected: BOLD.add_modifier(Modifier::REVERSED),
    current: BOLD.add_modifier(Modifier::UNDERLINED),
    green: badge(Color::Black, Color::LightGreen),
    yellow: badge(Color::Black, Color::LightYellow),
    red: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
    good: BOLD.fg(Color::LightGreen),
    notice: BOLD.fg(Color::LightYellow),
    // Black is no black in every table: light red on it could not be read there.
    wrong: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD),
    calm: BOLD.fg(Color::LightCyan),
    key: BOLD.fg(Color::LightCyan),
    ..MONO
};

/// For a white background, with the sixteen colours of any terminal: no green, yellow or cyan of
/// theirs can be read on it.
pub(super) const LIGHT_SIXTEEN: Paint = Paint {
    green: badge(Color::Black, Color::LightGreen),
    yellow: badge(Color::Black, Color::LightYellow),
    red: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD),
    good: BOLD,
    notice: PLAIN.fg(Color::Magenta),
    wrong: UNDERLINED.fg(Color::Red),
    calm: PLAIN.fg(Color::Blue),
    key: PLAIN.fg(Color::Blue),
    ..MONO
};

/// The same with colours that are dark enough to be bold.
pub(super) const LIGHT: Paint = Paint {
    dim: PLAIN.fg(Color::Indexed(240)),
    not_applicable: PLAIN.fg(Color::Indexed(240)),
    good: PLAIN.fg(Color::Indexed(22)),
    notice: PLAIN.fg(Color::Indexed(90)),
    wrong: BOLD.fg(Color::Indexed(124)),
    calm: PLAIN.fg(Color::Indexed(19)),
    key: BOLD.fg(Color::Indexed(19)),
    ..LIGHT_SIXTEEN
};

/// The names of the meanings, in the order in which they are printed.
pub(crate) const MEANINGS: [&str; 16] = [
    "screen",
    "title",
    "dim",
    "selected",
    "current",
    "green",
    "yellow",
    "red",
    "not-applicable",
    "good",
    "notice",
    "wrong",
    "calm",
    "key",
    "typed",
    "input",
];

impl Paint {
    /// The look of a meaning by its name.
    pub(crate) fn meaning(&mut self, name: &str) -> Option<&mut Style> {
        Some(match name {
            "screen" => &mut self.screen,
            "title" => &mut self.title,
            "dim" => &mut self.dim,
            "selected" => &mut self.selected,
            "current" => &mut self.current,
            "green" => &mut self.green,
            "yellow" => &mut self.yellow,
            "red" => &mut self.red,
            "not-applicable" => &mut self.not_applicable,
            "good" => &mut self.good,
            "notice" => &mut self.notice,
            "wrong" => &mut self.wrong,
            "calm" => &mut self.calm,
            "key" => &mut self.key,
            "typed" => &mut self.typed,
            "input" => &mut self.input,
            _ => return None,
        })
    }

    /// The same for a terminal with these colours.
    pub(super) fn fitted(mut self, depth: super::Depth) -> Self {
        for name in MEANINGS {
            if let Some(style) = self.meaning(name) {
                style.fg = style.fg.and_then(|it| depth.fit(it));
                style.bg = style.bg.and_then(|it| depth.fit(it));
            }
        }
        self
    }
}

const WEIGHTS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underlined", Modifier::UNDERLINED),
    ("reversed", Modifier::REVERSED),
];

/// A style as people write it: `bold white on red`, `#ff8800`, `underlined`, `plain`.
pub(crate) fn parse(text: &str) -> Result<Style, String> {
    let mut style = Style::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if word == "plain" {
            continue;
        }
        if let Some((_, weight)) = WEIGHTS.iter().find(|(name, _)| *name == word) {
            style = style.add_modifier(*weight);
            continue;
        }
        let behind = word == "on";
        let name = if behind {
            words.next().ok_or("a colour is missing behind “on”")?
        } else {
            word
        };
        let colour: Color = name.parse().map_err(|_| {
            format!(
                "“{name}” is neither a colour (red, light-red, 0 to 255, #ff8800) nor one of plain, \
                 bold, dim, italic, underlined and reversed"
            )
        })?;
        style = if behind {
            // A badge keeps its colours on a marked line.
            style.bg(colour).remove_modifier(Modifier::REVERSED)
        } else {
            style.fg(colour)
        };
    }
    Ok(style)
}

/// A style as [`parse`] takes it.
pub(crate) fn words(style: &Style) -> String {
    let mut words: Vec<String> = WEIGHTS
        .iter()
        .filter(|(_, weight)| style.add_modifier.contains(*weight))
        .map(|(name, _)| (*name).to_owned())
        .collect();
    words.extend(style.fg.map(colour));
    words.extend(style.bg.map(|it| format!("on {}", colour(it))));
    if words.is_empty() {
        return "plain".to_owned();
    }
    words.join(" ")
}

/// `LightRed` as `light-red`.
fn colour(colour: Color) -> String {
    match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Color::Indexed(number) => number.to_string(),
        named => {
            let mut out = String::new();
            for c in format!("{named}").chars() {
                if c.is_ascii_uppercase() && !out.is_empty() {
                    out.push('-');
                }
                out.push(c.to_ascii_lowercase());
            }
            out
        }
    }
}
