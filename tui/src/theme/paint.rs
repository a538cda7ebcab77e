//! What each meaning looks like: the themes that there are, and a style as people write it.

use ratatui::style::{Color, Modifier, Style};

/// A look for every meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint {
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
const DIM: Style = PLAIN.add_modifier(Modifier::DIM);
const REVERSED: Style = PLAIN.add_modifier(Modifier::REVERSED);
const UNDERLINED: Style = PLAIN.add_modifier(Modifier::UNDERLINED);

const fn badge(foreground: Color, background: Color) -> Style {
    // In its own colours on a marked line too.
    PLAIN
        .fg(foreground)
        .bg(background)
        .remove_modifier(Modifier::REVERSED)
}

/// No colour at all: weight, underlines and reverse tell what letters tell as well.
pub(super) const MONO: Paint = Paint {
    title: BOLD,
    dim: DIM,
    selected: REVERSED,
    current: BOLD,
    green: PLAIN,
    yellow: UNDERLINED,
    red: BOLD.add_modifier(Modifier::REVERSED),
    not_applicable: DIM,
    good: PLAIN,
    notice: PLAIN,
    wrong: BOLD,
    calm: PLAIN,
    key: BOLD,
    typed: BOLD.add_modifier(Modifier::UNDERLINED),
    input: UNDERLINED,
};

/// The sixteen colours of any terminal.
pub(super) const DEFAULT: Paint = Paint {
    green: badge(Color::Black, Color::Green),
    yellow: badge(Color::Black, Color::Yellow),
    red: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD),
    good: PLAIN.fg(Color::Green),
    notice: PLAIN.fg(Color::Yellow),
    wrong: BOLD.fg(Color::Red),
    calm: PLAIN.fg(Color::Cyan),
    key: BOLD.fg(Color::Cyan),
    ..MONO
};

/// For bad eyes and bad screens: bright and bold, nothing dim.
pub(super) const HIGH_CONTRAST: Paint = Paint {
    dim: PLAIN,
    selected: BOLD.add_modifier(Modifier::REVERSED),
    current: BOLD.add_modifier(Modifier::UNDERLINED),
    green: badge(Color::Black, Color::LightGreen).add_modifier(Modifier::BOLD),
    yellow: badge(Color::Black, Color::LightYellow).add_modifier(Modifier::BOLD),
    red: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED)),
    not_applicable: PLAIN,
    good: BOLD.fg(Color::LightGreen),
    notice: BOLD.fg(Color::LightYellow),
    wrong: BOLD.fg(Color::LightRed).add_modifier(Modifier::UNDERLINED),
    calm: BOLD.fg(Color::LightCyan),
    key: BOLD.fg(Color::LightCyan),
    ..MONO
};

/// For a light background, on which yellow and cyan cannot be read.
pub(super) const LIGHT: Paint = Paint {
    dim: PLAIN.fg(Color::DarkGray),
    green: badge(Color::Black, Color::Green),
    yellow: badge(Color::Black, Color::Yellow),
    red: badge(Color::White, Color::Red).add_modifier(Modifier::BOLD),
    not_applicable: PLAIN.fg(Color::DarkGray),
    good: PLAIN.fg(Color::Green),
    notice: PLAIN.fg(Color::Magenta),
    wrong: BOLD.fg(Color::Red),
    calm: PLAIN.fg(Color::Blue),
    key: BOLD.fg(Color::Blue),
    ..MONO
};

/// The names of the meanings, in the order in which they are printed.
pub(crate) const MEANINGS: [&str; 15] = [
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
