//! What things look like. Views ask for a meaning, never for a colour; a condition always has a
//! letter as well, so nothing is told by colour alone.

mod glyphs;

use ratatui::style::{Color, Modifier, Style};
use redtag_protocol::{grade::Condition, lifecycle::State, text};

pub(crate) use glyphs::Glyphs;

use crate::app::Tone;

/// A theme: the 16 colours of any terminal, or none at all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Theme {
    colour: bool,
    /// Marks and lines.
    pub(crate) glyphs: &'static Glyphs,
}

#[expect(
    clippy::unused_self,
    reason = "a look that all themes share today is still the theme's to choose"
)]
impl Theme {
    /// With colours or, as `NO_COLOR` asks, without; with marks of ASCII alone where the terminal
    /// has no others.
    pub(crate) fn new(colour: bool, ascii: bool) -> Self {
        let glyphs = if ascii {
            &glyphs::ASCII
        } else {
            &glyphs::UNICODE
        };
        Self { colour, glyphs }
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

    fn in_colour(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    /// The title of a screen or box.
    pub(crate) fn title(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What stands in the background: headings of columns, hints.
    pub(crate) fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// The marked line.
    pub(crate) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The marked line of a list that does not have the keys.
    pub(crate) fn current(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The badge of a condition; none while there is no answer.
    pub(crate) fn condition(self, condition: Option<Condition>) -> Style {
        let badge = |colour| {
            if self.colour {
                // In its own colours on a marked line too.
                Style::new()
                    .fg(Color::Black)
                    .bg(colour)
                    .remove_modifier(Modifier::REVERSED)
            } else {
                Style::new()
            }
        };
        match condition {
            None => Style::new(),
            Some(Condition::Green) => badge(Color::Green),
            Some(Condition::Yellow) => {
                let style = badge(Color::Yellow);
                if self.colour {
                    style
                } else {
                    style.add_modifier(Modifier::UNDERLINED)
                }
            }
            Some(Condition::Red) => {
                let style = badge(Color::Red).add_modifier(Modifier::BOLD);
                if self.colour {
                    style.fg(Color::White)
                } else {
                    style.add_modifier(Modifier::REVERSED)
                }
            }
            Some(Condition::NotApplicable) => self.dim(),
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
            Some(Condition::Red) => self.in_colour(Color::Red).add_modifier(Modifier::BOLD),
            Some(Condition::Yellow) => self.in_colour(Color::Yellow),
            Some(Condition::Green) => self.in_colour(Color::Green),
            _ => Style::new(),
        }
    }

    /// The state of an inspection.
    pub(crate) fn state(self, state: State) -> Style {
        match state {
            State::Draft | State::Closed | State::Void => self.dim(),
            State::Returned => self.in_colour(Color::Yellow).add_modifier(Modifier::BOLD),
            State::Submitted => self.in_colour(Color::Cyan),
            State::Approved | State::Published | State::Decided => self.in_colour(Color::Green),
            State::InProgress => Style::new(),
        }
    }

    /// All is well.
    pub(crate) fn good(self) -> Style {
        self.in_colour(Color::Green)
    }

    /// Something to know, on its way or waiting.
    pub(crate) fn notice(self) -> Style {
        self.in_colour(Color::Yellow)
    }

    /// Something is wrong.
    pub(crate) fn wrong(self) -> Style {
        self.in_colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// A message to the person.
    pub(crate) fn tone(self, tone: Tone) -> Style {
        match tone {
            Tone::Calm => self.in_colour(Color::Cyan),
            Tone::Wrong => self.wrong(),
        }
    }

    /// A key.
    pub(crate) fn key(self) -> Style {
        self.in_colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What is being typed.
    pub(crate) fn typed(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    }

    /// The room of a field that is typed in.
    pub(crate) fn input(self) -> Style {
        Style::new().add_modifier(Modifier::UNDERLINED)
    }

    /// A tab.
    pub(crate) fn tab(self, active: bool) -> Style {
        if active {
            Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
        } else {
            Style::new()
        }
    }
}
