//! What things look like. Views ask for a meaning, never for a colour; a condition always has a
//! letter as well, so nothing is told by colour alone.

mod depth;
mod glyphs;
mod paint;

use std::fmt;

use ratatui::style::{Modifier, Style};
use redtag_protocol::{grade::Condition, lifecycle::State, text};

pub(crate) use depth::Depth;
pub(crate) use glyphs::Glyphs;
pub(crate) use paint::{MEANINGS, Paint, parse, words};

use crate::app::Tone;

/// A theme: what every meaning looks like on this terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Theme {
    paint: Paint,
    /// Marks and lines.
    pub(crate) glyphs: &'static Glyphs,
}

/// The themes that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Name {
    /// For a black background.
    #[default]
    Default,
    /// White on black whatever the terminal has; bright and bold, nothing dim.
    HighContrast,
    /// For a white background.
    Light,
    /// No colour at all.
    Mono,
}

impl Name {
    /// Every theme.
    pub(crate) const ALL: [Self; 4] = [Self::Default, Self::HighContrast, Self::Light, Self::Mono];

    /// The theme of this name.
    pub(crate) fn called(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }

    /// Its name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::HighContrast => "high-contrast",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }

    /// What it looks like where there are so many colours.
    pub(crate) fn paint(self, depth: Depth) -> Paint {
        match (self, depth) {
            (Self::Default, Depth::Sixteen) => paint::DEFAULT_SIXTEEN,
            (Self::Default, _) => paint::DEFAULT,
            (Self::HighContrast, _) => paint::HIGH_CONTRAST,
            (Self::Light, Depth::Sixteen) => paint::LIGHT_SIXTEEN,
            (Self::Light, _) => paint::LIGHT,
            (Self::Mono, _) => paint::MONO,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Theme {
    /// With colours or, as `NO_COLOR` asks, without; with marks of ASCII alone where the terminal
    /// has no others.
    #[cfg(test)]
    pub(crate) fn new(colour: bool, ascii: bool) -> Self {
        let name = if colour { Name::Default } else { Name::Mono };
        Self::of(name.paint(Depth::Many), Depth::Many, ascii)
    }

    /// A look on a terminal with so many colours, with marks of ASCII alone where it has no others.
    pub(crate) fn of(paint: Paint, depth: Depth, ascii: bool) -> Self {
        let paint = paint.fitted(depth);
        let glyphs = if ascii {
            &glyphs::ASCII
        } else {
            &glyphs::UNICODE
        };
        Self { paint, glyphs }
    }

    /// Text from outside, without anything that steers a terminal or deceives an eye, spelled with
    /// what the terminal has.
    pub(crate) fn text(&self, outside: &str) -> String {
        let clean = text::clean_line(outside);
        if self.glyphs.ascii {
            glyphs::to_ascii(&clean)
        } else {
            clean.into_owned()
        }
    }

    /// The whole screen, below everything else.
    pub(crate) fn screen(self) -> Style {
        self.paint.screen
    }

    /// The title of a screen or box.
    pub(crate) fn title(self) -> Style {
        self.paint.title
    }

    /// What stands in the background: headings of columns, hints.
    pub(crate) fn dim(self) -> Style {
        self.paint.dim
    }

    /// The marked line.
    pub(crate) fn selected(self) -> Style {
        self.paint.selected
    }

    /// The marked line of a list that does not have the keys.
    pub(crate) fn current(self) -> Style {
        self.paint.current
    }

    /// The badge of a condition; none while there is no answer.
    pub(crate) fn condition(self, condition: Option<Condition>) -> Style {
        match condition {
            None => Style::new(),
            Some(Condition::Green) => self.paint.green,
            Some(Condition::Yellow) => self.paint.yellow,
            Some(Condition::Red) => self.paint.red,
            Some(Condition::NotApplicable) => self.paint.not_applicable,
        }
    }

    /// The letter of a condition that always stands with its colour.
    pub(crate) fn letter(self, condition: Option<Condition>) -> &'static str {
        match condition {
            None => self.glyphs.open,
            Some(Condition::Green) => "G",
            Some(Condition::Yellow) => "Y",
            Some(Condition::Red) => "R",
            Some(Condition::NotApplicable) => "N",
        }
    }

    /// A count of points with a condition.
    pub(crate) fn count(self, condition: Option<Condition>, count: u32) -> Style {
        if count == 0 {
            return self.dim();
        }
        match condition {
            Some(Condition::Red) => self.wrong(),
            Some(Condition::Yellow) => self.notice(),
            Some(Condition::Green) => self.good(),
            _ => Style::new(),
        }
    }

    /// The state of an inspection.
    pub(crate) fn state(self, state: State) -> Style {
        match state {
            State::Draft | State::Closed | State::Void => self.dim(),
            State::Returned => self.notice().add_modifier(Modifier::BOLD),
            State::Submitted => self.paint.calm,
            State::Approved | State::Published | State::Decided => self.good(),
            State::InProgress => Style::new(),
        }
    }

    /// All is well.
    pub(crate) fn good(self) -> Style {
        self.paint.good
    }

    /// Something to know, on its way or waiting.
    pub(crate) fn notice(self) -> Style {
        self.paint.notice
    }

    /// Something is wrong.
    pub(crate) fn wrong(self) -> Style {
        self.paint.wrong
    }

    /// A message to the person.
    pub(crate) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Calm => self.paint.calm,
            Tone::Wrong => self.wrong(),
        }
    }

    /// A key.
    pub(crate) fn key(self) -> Style {
        self.paint.key
    }

    /// What is being typed.
    pub(crate) fn typed(self) -> Style {
        self.paint.typed
    }

    /// The room of a field that is typed in.
    pub(crate) fn input(self) -> Style {
        self.paint.input
    }

    /// A tab.
    pub(crate) fn tab(self, active: bool) -> Style {
        if active {
            self.paint.selected.add_modifier(Modifier::BOLD)
        } else {
            Style::new()
        }
    }
}

#[cfg(test)]
mod tests;
