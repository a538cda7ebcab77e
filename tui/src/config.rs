//! What a person set for the client on this machine: `client.toml` in the directory of the
//! configuration, a part of what there is to set. What cannot be taken is said with its line, and the
//! rest holds: nobody is kept from their work by a typing error.

mod file;
mod print;

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

pub(crate) use print::{keys as print_keys, theme as print_theme};

use crate::{
    keys::Keymap,
    paths::Paths,
    theme::{Depth, Name, Paint, Theme},
};

/// What was set.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file, whether it is there or not.
    pub(crate) file: PathBuf,
    /// The theme that the file asks for.
    theme: Option<Name>,
    /// Styles over it, by their meaning.
    styles: Vec<(&'static str, ratatui::style::Style)>,
    /// Whether marks are of ASCII alone; none: as the terminal is.
    ascii: Option<bool>,
    /// Whether the mouse is used; none: where the terminal has it.
    mouse: Option<bool>,
    /// The keys.
    pub(crate) keys: Keymap,
    /// What could not be taken.
    pub(crate) problems: Vec<Problem>,
}

/// Something in the file that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// The line, from 1; 0 where it is about the whole file.
    pub(crate) line: usize,
    /// What is wrong.
    pub(crate) words: String,
}

impl Config {
    /// Reads the file, where there is one.
    pub(crate) fn read(paths: &Paths) -> Self {
        let file = paths.config().join("client.toml");
        match fs::read_to_string(&file) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::parse(&file, ""),
            Err(error) => {
                let mut config = Self::parse(&file, "");
                let words = format!("it cannot be read, so nothing of it holds: {error}");
                config.problems.push(Problem { line: 0, words });
                config
            }
        }
    }

    /// Takes what the text says.
    pub(crate) fn parse(file: &Path, text: &str) -> Self {
        file::parse(file, text)
    }

    /// The theme for this terminal. `REDTAG_THEME` and `REDTAG_GLYPHS` go before the file;
    /// `NO_COLOR` and a dumb terminal mean no colour whatever is asked for; the Linux console and a
    /// locale without UTF-8 mean ASCII where nothing else is asked for.
    pub(crate) fn theme(&self, variable: impl Fn(&str) -> Option<String>) -> Theme {
        let name = self.name(&variable);
        // Without colours the weights of the mono theme tell what colours would.
        let (name, depth) = match (name, Depth::of(&variable)) {
            (Name::Mono, _) | (_, Depth::None) => (Name::Mono, Depth::None),
            (name, depth) => (name, depth),
        };
        let asked = variable("REDTAG_GLYPHS");
        let ascii = match asked.as_deref() {
            Some("ascii") => true,
            Some("unicode") => false,
            _ => self.ascii.unwrap_or_else(|| is_ascii(&variable)),
        };
        Theme::of(self.paint(name, depth), depth, ascii)
    }

    /// The theme that is asked for.
    fn name(&self, variable: impl Fn(&str) -> Option<String>) -> Name {
        let asked = variable("REDTAG_THEME");
        let asked = asked.as_deref().and_then(Name::called);
        asked.or(self.theme).unwrap_or_default()
    }

    /// A theme's look with what was set over it.
    fn paint(&self, name: Name, depth: Depth) -> Paint {
        let mut paint = name.paint(depth);
        for (meaning, style) in &self.styles {
            if let Some(place) = paint.meaning(meaning) {
                *place = *style;
            }
        }
        paint
    }

    /// Whether the mouse is used where nothing is asked for: not on terminals that have none, and not
    /// below GNU screen, which keeps a lone Esc to itself while it tells of the mouse. `REDTAG_MOUSE`
    /// goes before the file.
    pub(crate) fn mouse(&self, variable: impl Fn(&str) -> Option<String>) -> bool {
        let term = variable("TERM").unwrap_or_default();
        // tmux calls itself screen as well where nobody told it otherwise.
        let below_screen =
            variable("STY").is_some() || term.starts_with("screen") && variable("TMUX").is_none();
        let asked = variable("REDTAG_MOUSE");
        match asked.as_deref() {
            Some("on") => true,
            Some("off") => false,
            _ => self
                .mouse
                .unwrap_or(term != "linux" && term != "dumb" && !below_screen),
        }
    }

    /// What could not be taken, in one line each, with file and line.
    pub(crate) fn complaints(&self) -> impl Iterator<Item = String> {
        let file = self.file.display();
        self.problems.iter().map(move |it| match it.line {
            0 => format!("{file}: {}", it.words),
            line => format!("{file}:{line}: {}", it.words),
        })
    }
}

/// Whether a terminal takes nothing but ASCII, as far as the environment says.
pub(crate) fn is_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let term = variable("TERM").unwrap_or_default();
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(&variable)
        .find(|value| !value.is_empty());
    // No locale at all says nothing about the terminal; nearly every one speaks UTF-8.
    let other_charset = locale.is_some_and(|locale| {
        let locale = locale.to_lowercase();
        let bare = matches!(locale.as_str(), "c" | "posix");
        bare || locale.contains('.') && !locale.contains("utf-8") && !locale.contains("utf8")
    });
    term == "linux" || term == "dumb" || other_charset
}

#[cfg(test)]
mod tests;
