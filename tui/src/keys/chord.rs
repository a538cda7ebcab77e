//! A key with its modifiers, as it is matched and as it is named.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers. Shift is part of the character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
