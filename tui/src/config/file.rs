//! Reading `client.toml`: every entry by itself, so that one that is wrong spoils no other.

use std::{borrow::Cow, path::Path};

use ratatui::style::Style;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Config, Problem};
use crate::{
    keys::{Action, Chord, Keymap, Override, Place},
    theme::{self, MEANINGS, Name},
};

/// Takes what the text says.
pub(super) fn parse(file: &Path, text: &str) -> Config {
    let mut reader = Reader {
        text,
        config: Config {
            file: file.to_owned(),
            theme: None,
            styles: Vec::new(),
            ascii: None,
            mouse: None,
            keys: Keymap::default(),
            problems: Vec::new(),
        },
        overrides: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = error.span().map_or(0, |span| span.start);
        reader.problem(at, error.message().to_owned());
    }
    reader.top(table.get_ref());
    reader.finish()
}

struct Reader<'a> {
    text: &'a str,
    config: Config,
    /// Other keys, with where each stands in the text.
    overrides: Vec<(usize, Override)>,
}

impl Reader<'_> {
    fn problem(&mut self, at: usize, words: String) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        self.config.problems.push(Problem { line, words });
    }

    fn top(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let at = key.span().start;
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("theme", DeValue::String(name)) => match Name::called(name) {
                    Some(theme) => self.config.theme = Some(theme),
                    None => self.problem(
                        at,
                        format!(
                            "there is no theme “{name}”; there are {}",
                            Name::ALL.map(Name::as_str).join(", ")
                        ),
                    ),
                },
                ("glyphs", DeValue::String(name)) => match name.as_ref() {
                    "auto" => self.config.ascii = None,
                    "ascii" => self.config.ascii = Some(true),
                    "unicode" => self.config.ascii = Some(false),
                    other => self.problem(
                        at,
                        format!("glyphs are “auto”, “ascii” or “unicode”, not “{other}”"),
                    ),
                },
                ("mouse", DeValue::Boolean(mouse)) => self.config.mouse = Some(*mouse),
                ("style", DeValue::Table(styles)) => self.styles(styles),
                ("keys", DeValue::Table(places)) => self.places(places),
                (name @ ("theme" | "glyphs"), _) => {
                    self.problem(at, format!("“{name}” is a text in quotes"));
                }
                ("mouse", _) => self.problem(at, "“mouse” is true or false".to_owned()),
                (name @ ("style" | "keys"), _) => {
                    self.problem(at, format!("“{name}” is a table, as in [{name}]"));
                }
                (other, _) => self.problem(
                    at,
                    format!("“{other}” is unknown; there are theme, glyphs, mouse, style and keys"),
                ),
            }
        }
    }

    fn styles(&mut self, styles: &DeTable<'_>) {
        for (key, value) in styles {
            let at = key.span().start;
            let name = key.get_ref().as_ref();
            let Some(meaning) = MEANINGS.into_iter().find(|it| *it == name) else {
                self.problem(
                    at,
                    format!(
                        "there is no meaning “{name}”; there are {}",
                        MEANINGS.join(", ")
                    ),
                );
                continue;
            };
            match style(value.get_ref()) {
                Ok(style) => self.config.styles.push((meaning, style)),
                Err(words) => self.problem(value.span().start, words),
            }
        }
    }

    fn places(&mut self, places: &DeTable<'_>) {
        for (key, value) in places {
            let at = key.span().start;
            let name = key.get_ref().as_ref();
            let Some(place) = Place::ALL.into_iter().find(|it| it.id() == name) else {
                let known: Vec<_> = Place::ALL.into_iter().map(Place::id).collect();
                let words = format!("there is no place “{name}”; there are {}", known.join(", "));
                self.problem(at, words);
                continue;
            };
            let DeValue::Table(actions) = value.get_ref() else {
                self.problem(at, format!("“{name}” is a table, as in [keys.{name}]"));
                continue;
            };
            for (key, value) in actions {
                self.action(place, key, value);
            }
        }
    }

    fn action(&mut self, place: Place, key: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) {
        let at = key.span().start;
        let name = key.get_ref().as_ref();
        let mut known = place.bindings().iter().filter(|it| !it.is_fixed());
        let Some(binding) = known.find(|it| it.action.id() == name) else {
            return self.problem(at, unknown(place, name));
        };
        match chords(value) {
            Ok(chords) => {
                let action = binding.action;
                self.overrides.push((
                    at,
                    Override {
                        place,
                        action,
                        chords,
                    },
                ));
            }
            Err((at, words)) => self.problem(at, words),
        }
    }

    fn finish(mut self) -> Config {
        let overrides: Vec<Override> = self.overrides.iter().map(|(_, it)| it.clone()).collect();
        let (keys, refused) = Keymap::with(&overrides);
        self.config.keys = keys;
        for (number, words) in refused {
            let at = self.overrides.get(number).map_or(0, |(at, _)| *at);
            self.problem(at, words);
        }
        self.config.problems.sort();
        self.config
    }
}

fn style(value: &DeValue<'_>) -> Result<Style, String> {
    match value {
        DeValue::String(text) => theme::parse(text),
        _ => Err("a style is a text in quotes, such as \"bold white on red\"".to_owned()),
    }
}

/// One key, or several; none takes every key away.
fn chords(value: &Spanned<DeValue<'_>>) -> Result<Vec<Chord>, (usize, String)> {
    let one = |it: &Spanned<DeValue<'_>>| match it.get_ref() {
        DeValue::String(text) => text
            .parse::<Chord>()
            .map_err(|error| (it.span().start, error.to_string())),
        _ => Err((
            it.span().start,
            "keys are a text in quotes, or several: \"n\", [\"n\", \"Insert\"]".to_owned(),
        )),
    };
    match value.get_ref() {
        DeValue::Array(several) => several.iter().map(one).collect(),
        _ => one(value).map(|chord| vec![chord]),
    }
}

fn unknown(place: Place, name: &str) -> String {
    let fixed = place.bindings().iter().filter(|it| it.is_fixed());
    if fixed.map(|it| it.action).any(|it: Action| it.id() == name) {
        return format!("“{name}”: digits mean themselves and cannot be changed");
    }
    let known: Vec<String> = place
        .bindings()
        .iter()
        .filter(|it| !it.is_fixed())
        .map(|it| it.action.id())
        .collect();
    format!(
        "there is no action “{name}” at this place; there are {}",
        known.join(", ")
    )
}
