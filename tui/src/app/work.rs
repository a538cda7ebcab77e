//! A line of recommended work while it is typed.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use redtag_protocol::{
    ids::{LineId, PointKey},
    inspection::Recommendation,
    money::Cents,
};

use super::Input;

/// A line of recommended work above the screen.
#[derive(Debug)]
pub(crate) struct WorkForm {
    /// The point that calls for it.
    pub(crate) point: PointKey,
    /// What it is called.
    pub(crate) label: String,
    /// The line, where it is there already.
    pub(crate) line: Option<LineId>,
    /// What should be done.
    pub(crate) text: Input,
    /// Labour, as it is typed.
    pub(crate) labour: Input,
    /// Parts, as they are typed.
    pub(crate) parts: Input,
    /// The field one is in.
    pub(crate) at: WorkField,
    /// Whether nothing was typed in this field yet: the first digit takes the place of a proposed
    /// amount.
    fresh: bool,
    /// Why it cannot be taken.
    pub(crate) problem: Option<String>,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkField {
    /// What should be done.
    Text,
    /// Labour.
    Labour,
    /// Parts.
    Parts,
}

impl WorkField {
    /// All, in the order of typing.
    pub(crate) const ALL: [Self; 3] = [Self::Text, Self::Labour, Self::Parts];
}

impl WorkForm {
    /// A form with what is proposed or stands. One begins where something is still to be typed.
    pub(crate) fn new(
        (point, label): (PointKey, String),
        line: Option<LineId>,
        work: &Recommendation,
    ) -> Self {
        let amount = |cents: Cents| match cents {
            Cents::ZERO => Input::line(""),
            cents => Input::line(&cents.to_string()),
        };
        Self {
            point,
            label,
            line,
            text: Input::line(&work.text),
            labour: amount(work.labour),
            parts: amount(work.parts),
            at: if work.text.is_empty() {
                WorkField::Text
            } else {
                WorkField::Labour
            },
            fresh: true,
            problem: None,
        }
    }

    /// A field's text.
    pub(crate) fn input(&self, field: WorkField) -> &Input {
        match field {
            WorkField::Text => &self.text,
            WorkField::Labour => &self.labour,
            WorkField::Parts => &self.parts,
        }
    }

    /// Takes a key that types or moves; whether it was one.
    pub(crate) fn key(&mut self, key: &KeyEvent) -> bool {
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        let types = matches!(key.code, KeyCode::Char(_)) && plain;
        if types && self.fresh && self.at != WorkField::Text {
            self.input_mut().clear();
        }
        self.fresh = false;
        self.input_mut().key(key)
    }

    /// The text of the field one is in.
    pub(crate) fn input_mut(&mut self) -> &mut Input {
        match self.at {
            WorkField::Text => &mut self.text,
            WorkField::Labour => &mut self.labour,
            WorkField::Parts => &mut self.parts,
        }
    }

    /// To the next or previous field; whether there is one.
    pub(crate) fn step(&mut self, forward: bool) -> bool {
        let all = WorkField::ALL;
        let at = all.iter().position(|it| *it == self.at).unwrap_or(0);
        let next = if forward {
            at.checked_add(1)
        } else {
            at.checked_sub(1)
        };
        let found = next.and_then(|at| all.get(at).copied());
        if let Some(field) = found {
            self.at = field;
            self.fresh = true;
        }
        found.is_some()
    }

    /// What was typed, or the field that cannot be taken, and why.
    pub(crate) fn work(&self) -> Result<Recommendation, (WorkField, String)> {
        let Some(text) = self.text.trimmed() else {
            let words = "say what should be done, or leave the form with Esc";
            return Err((WorkField::Text, words.to_owned()));
        };
        Ok(Recommendation {
            text,
            labour: amount(self.labour.text()).map_err(|why| (WorkField::Labour, why))?,
            parts: amount(self.parts.text()).map_err(|why| (WorkField::Parts, why))?,
        })
    }
}

/// An amount of money as it is typed: `45`, `45.50`, `45,50`, or `4550c` in cents. Nothing is nought.
pub(crate) fn amount(text: &str) -> Result<Cents, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Cents::ZERO);
    }
    let cents = text.strip_suffix("ct").or_else(|| text.strip_suffix('c'));
    let amount = match cents.map(str::trim_end) {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            let whole = digits
                .parse()
                .map_err(|_| "the amount is too large".to_owned());
            whole.map(Cents::new)
        }
        _ => text.parse::<Cents>().map_err(|error| error.to_string()),
    }?;
    if amount < Cents::ZERO {
        return Err("an amount cannot be below nought".to_owned());
    }
    Ok(amount)
}

#[cfg(test)]
mod tests;
