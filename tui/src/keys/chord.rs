//! A key with its modifiers, as it is matched and as it is named.

use std::str::FromStr;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Chord {
    code: KeyCode,
    ctrl: bool,
    alt: bool,
}

impl Chord {
    /// A key alone.
    pub(super) const fn key(code: KeyCode) -> Self {
        Self {
            code,
            ctrl: false,
            alt: false,
        }
    }

    /// A character.
    pub(super) const fn char(c: char) -> Self {
        Self::key(KeyCode::Char(c))
    }

    /// A character with Ctrl.
    pub(super) const fn ctrl(c: char) -> Self {
        Self {
            code: KeyCode::Char(c),
            ctrl: true,
            alt: false,
        }
    }

    /// A key with Alt.
    pub(super) const fn alt(code: KeyCode) -> Self {
        Self {
            code,
            ctrl: false,
            alt: true,
        }
    }

    /// The chord that was struck.
    pub(crate) fn of(key: &KeyEvent) -> Self {
        let code = match key.code {
            // Some terminals send Shift+Tab as Tab with a modifier.
            KeyCode::Tab if key.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Self {
            code,
            ctrl: key.modifiers.contains(KeyModifiers::CONTROL),
            alt: key.modifiers.contains(KeyModifiers::ALT),
        }
    }

    /// The same key without caps lock; none where it is no capital letter.
    pub(super) fn lower(self) -> Option<Self> {
        let KeyCode::Char(c) = self.code else {
            return None;
        };
        let lower = c.to_ascii_lowercase();
        (lower != c).then_some(Self {
            code: KeyCode::Char(lower),
            ..self
        })
    }

    /// The key event that this chord is.
    pub(crate) fn event(self) -> KeyEvent {
        let mut modifiers = KeyModifiers::NONE;
        modifiers.set(KeyModifiers::CONTROL, self.ctrl);
        modifiers.set(KeyModifiers::ALT, self.alt);
        KeyEvent::new(self.code, modifiers)
    }

    /// Whether it is a character without Ctrl or Alt: it is typed where one types.
    pub(crate) fn is_typed(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && !self.ctrl && !self.alt
    }

    /// The chord for people; `ascii` where the terminal has no arrows.
    pub(crate) fn name(self, ascii: bool) -> String {
        let key = match self.code {
            KeyCode::Up if ascii => "Up".to_owned(),
            KeyCode::Down if ascii => "Down".to_owned(),
            KeyCode::Left if ascii => "Left".to_owned(),
            KeyCode::Right if ascii => "Right".to_owned(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::Delete => "Del".to_owned(),
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(c) if self.ctrl => c.to_ascii_uppercase().to_string(),
            KeyCode::Char(c) => c.to_string(),
            KeyCode::F(number) => format!("F{number}"),
            code => format!("{code:?}"),
        };
        match (self.ctrl, self.alt) {
            (true, _) => format!("Ctrl-{key}"),
            (_, true) => format!("Alt-{key}"),
            _ => key,
        }
    }
}

/// Several chords for people, such as `↑ k`.
pub(crate) fn names(chords: &[Chord], ascii: bool) -> String {
    let names: Vec<String> = chords.iter().map(|chord| chord.name(ascii)).collect();
    // Ten digits read better as a range.
    if names.len() > 9 && names.iter().any(|name| name == "9") {
        let mut names: Vec<String> = names.into_iter().filter(|n| !is_digit(n)).collect();
        names.insert(0, "0-9".to_owned());
        return names.join(" ");
    }
    names.join(" ")
}

fn is_digit(name: &str) -> bool {
    name.len() == 1 && name.starts_with(|c: char| c.is_ascii_digit())
}

/// A chord that is none, in words that say why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct NoChord(String);

/// As people write it: `n`, `N`, `?`, `F5`, `Up`, `Space`, `Ctrl-P`, `Alt-Enter`, `Shift-Tab`. Names
/// of keys and modifiers in any case; a `+` parts as well as a `-`.
impl FromStr for Chord {
    type Err = NoChord;

    fn from_str(text: &str) -> Result<Self, NoChord> {
        let mut rest = text;
        let (mut ctrl, mut alt, mut shift) = (false, false, false);
        // The last character is the key, whatever it is: `Ctrl--`.
        while let Some(at) = rest.find(['-', '+']).filter(|at| at + 1 < rest.len()) {
            match rest[..at].to_lowercase().as_str() {
                "ctrl" | "control" | "c" => ctrl = true,
                "alt" | "meta" | "a" => alt = true,
                "shift" | "s" => shift = true,
                other => {
                    return Err(NoChord(format!(
                        "“{text}”: “{other}” is none of Ctrl, Alt and Shift"
                    )));
                }
            }
            rest = &rest[at + 1..];
        }
        let mut code = code(rest).ok_or_else(|| {
            NoChord(format!(
                "“{text}” is no key; keys are written as n, N, ?, F5, Up, Space, Ctrl-P, Alt-Enter"
            ))
        })?;
        code = match (code, shift) {
            (KeyCode::Tab, true) => KeyCode::BackTab,
            (KeyCode::BackTab, _) | (_, false) => code,
            (KeyCode::Char(c), true) => KeyCode::Char(c.to_ascii_uppercase()),
            (_, true) => {
                return Err(NoChord(format!(
                    "“{text}”: few terminals tell Shift from nothing with this key"
                )));
            }
        };
        if ctrl && let KeyCode::Char(c) = code {
            let c = c.to_ascii_lowercase();
            let same = match c {
                'i' => Some("Tab"),
                'm' => Some("Enter"),
                '[' => Some("Esc"),
                'h' => Some("Backspace"),
                _ => None,
            };
            if let Some(same) = same {
                return Err(NoChord(format!(
                    "“{text}”: a terminal sends the same for {same}"
                )));
            }
            code = KeyCode::Char(c);
        }
        Ok(Self { code, ctrl, alt })
    }
}

fn code(name: &str) -> Option<KeyCode> {
    let mut chars = name.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control() && c != ' ').then_some(KeyCode::Char(c));
    }
    let lower = name.to_lowercase();
    if let Some(number) = lower.strip_prefix('f').and_then(|it| it.parse().ok()) {
        return (1..=12).contains(&number).then_some(KeyCode::F(number));
    }
    Some(match lower.as_str() {
        "space" => KeyCode::Char(' '),
        "enter" | "return" => KeyCode::Enter,
        "esc" | "escape" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "del" | "delete" => KeyCode::Delete,
        "ins" | "insert" => KeyCode::Insert,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" | "pageup" => KeyCode::PageUp,
        "pgdn" | "pgdown" | "pagedown" => KeyCode::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
