//! One open inspection.

use std::collections::HashMap;

use redtag_protocol::{
    ids::{InspectionId, PointKey},
    ipc::{Difference, Followed, InspectionView},
    template::{Kind, Measurement, Point, Section},
    units::{Quantity, Unit},
};

/// One open inspection: sections, points and what is being typed.
#[derive(Debug)]
pub(crate) struct InspectionScreen {
    /// Which.
    pub(crate) id: InspectionId,
    /// What people call it, known before the inspection is.
    pub(crate) label: String,
    /// The inspection as the daemon told it last.
    pub(crate) told: Option<Box<InspectionView>>,
    /// The same with what is not saved laid over it: this is shown.
    pub(crate) view: Option<Box<InspectionView>>,
    /// The point one is at, counted over all sections.
    pub(crate) at: usize,
    /// A value that is being typed.
    pub(crate) entry: Option<Entry>,
    /// Why there is nothing to show.
    pub(crate) trouble: Option<String>,
    /// The unit that was last typed in, by the unit that the template proposes.
    pub(crate) units: HashMap<Unit, Unit>,
    /// The point to go to once the inspection is here.
    pub(crate) seek: Option<PointKey>,
    /// The point that the last key found yellow or red, where one has moved on from it: the next
    /// key may still mean it.
    pub(crate) just: Option<usize>,
}

/// A value that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// What is typed.
    pub(crate) stage: Stage,
    /// The characters.
    pub(crate) text: String,
    /// The unit that they will be taken in, unless they name one.
    pub(crate) unit: Unit,
    /// The value that was typed before its reference.
    pub(crate) value: Option<Quantity>,
    /// The reference that was typed before its lower end.
    pub(crate) reference: Option<Quantity>,
    /// Why it cannot be taken.
    pub(crate) problem: Option<String>,
}

/// What is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The measured value.
    Value,
    /// The placard's, stamped or rated value, or the maximum of a printed range.
    Reference,
    /// The minimum of a printed range.
    Low,
}

impl InspectionScreen {
    /// An inspection about to be shown.
    pub(crate) fn new(id: InspectionId, label: String) -> Self {
        Self {
            id,
            label,
            told: None,
            view: None,
            at: 0,
            entry: None,
            trouble: None,
            units: HashMap::new(),
            seek: None,
            just: None,
        }
    }

    /// Takes what the daemon told.
    pub(crate) fn take(&mut self, view: Box<InspectionView>) {
        self.told = Some(view);
        self.trouble = None;
    }

    /// Takes what became of it since; false where it must be read anew.
    pub(crate) fn follow(&mut self, difference: Difference) -> bool {
        let followed = self.told.as_mut().map(|told| told.follow(difference));
        if let (Some(Followed::Taken), Some(told)) = (followed, &self.told) {
            self.label = told.inspection.label();
        }
        matches!(followed, Some(Followed::Taken | Followed::Old))
    }

    /// Every point with its section, in the order of work.
    pub(crate) fn points(&self) -> Vec<(&Section, &Point)> {
        let view = self.view.as_ref();
        view.map_or_else(Vec::new, |view| view.template.points().collect())
    }

    /// The point one is at.
    pub(crate) fn point(&self) -> Option<&Point> {
        let view = self.view.as_ref()?;
        view.template.points().nth(self.at).map(|(_, point)| point)
    }

    /// The measurement that the point is answered by.
    pub(crate) fn measurement(&self) -> Option<&Measurement> {
        match &self.point()?.kind {
            Kind::Measurement(measurement) => Some(measurement),
            _ => None,
        }
    }

    /// Goes to the point that is sought, where it is here.
    pub(crate) fn go(&mut self) {
        if self.view.is_none() {
            return;
        }
        let Some(sought) = self.seek.take() else {
            return;
        };
        if let Some(at) = self.points().iter().position(|(_, it)| it.key == sought) {
            self.at = at;
        }
    }

    /// The number of the section one is in, and of the point in it.
    pub(crate) fn place(&self) -> (usize, usize) {
        let Some(view) = &self.view else {
            return (0, 0);
        };
        let mut left = self.at;
        for (number, section) in view.template.sections.iter().enumerate() {
            if left < section.points.len() {
                return (number, left);
            }
            left -= section.points.len();
        }
        (0, 0)
    }

    /// Moves by so many points, to the first or last at most.
    pub(crate) fn step(&mut self, by: i64) {
        let last = self.points().len().saturating_sub(1);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let at = i64::try_from(self.at).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.at = usize::try_from(place).unwrap_or(0);
    }

    /// Moves to the first point of the next or previous section.
    pub(crate) fn step_section(&mut self, forward: bool) {
        let (section, within) = self.place();
        let Some(view) = &self.view else { return };
        let sections = &view.template.sections;
        let target = match (forward, within) {
            (true, _) if section + 1 < sections.len() => section + 1,
            (true, _) => return,
            // Back to the head of this section first.
            (false, within) if within > 0 => section,
            (false, _) => section.saturating_sub(1),
        };
        self.at = sections[..target].iter().map(|it| it.points.len()).sum();
    }

    /// Moves to the first point of a section.
    pub(crate) fn go_to_section(&mut self, section: usize) {
        let Some(view) = &self.view else { return };
        let sections = &view.template.sections;
        if section < sections.len() {
            self.at = sections[..section].iter().map(|it| it.points.len()).sum();
        }
    }

    /// Moves to the next or previous point without an answer, round the end; whether there is one.
    pub(crate) fn step_open(&mut self, forward: bool) -> bool {
        let Some(view) = &self.view else {
            return false;
        };
        let points: Vec<&Point> = view.template.points().map(|(_, point)| point).collect();
        let count = points.len();
        let open = |at: usize| {
            view.inspection
                .answer(&points[at].key)
                .is_none_or(redtag_protocol::inspection::Answer::is_empty)
        };
        let order = (1..=count).map(|by| {
            if forward {
                (self.at + by) % count
            } else {
                (self.at + count - by) % count
            }
        });
        let found = order.into_iter().find(|at| open(*at));
        if let Some(at) = found {
            self.at = at;
        }
        found.is_some()
    }

    /// Moves to the first point without an answer of a section; where it has none, to the next one
    /// of the sections after it.
    pub(crate) fn step_open_from(&mut self, section: usize) {
        let Some(view) = &self.view else { return };
        let before = view.template.sections.iter().take(section);
        let head: usize = before.map(|it| it.points.len()).sum();
        let count = self.points().len();
        let stood = self.at;
        // One step before the head, so that the head itself is looked at first.
        self.at = (head + count).saturating_sub(1) % count.max(1);
        if !self.step_open(true) {
            self.at = stood;
        }
    }

    /// The unit to type a measurement in.
    pub(crate) fn unit(&self, measurement: &Measurement) -> Unit {
        let last = self.units.get(&measurement.unit).copied();
        last.filter(|unit| measurement.accepts(*unit))
            .unwrap_or(measurement.unit)
    }
}

impl Entry {
    /// An empty entry.
    pub(crate) fn new(stage: Stage, unit: Unit) -> Self {
        Self {
            stage,
            text: String::new(),
            unit,
            value: None,
            reference: None,
            problem: None,
        }
    }

    /// The unit behind what was typed; nothing where the text names one itself.
    pub(crate) fn suffix(&self) -> String {
        match self.unit {
            _ if !self.text.trim().chars().all(is_numeric) => String::new(),
            // “4 1/32 in” would be read as a little over four inches.
            Unit::ThirtySecondInch if !self.text.is_empty() => "/32 in".to_owned(),
            unit => format!(" {}", unit.symbol()),
        }
    }

    /// What was typed, as a value: digits in the entry's unit, or digits with a unit of their own.
    pub(crate) fn quantity(&self) -> Result<Quantity, String> {
        let text = self.text.trim();
        if let Some(words) = self.grouped(text) {
            return Err(words);
        }
        if text.chars().all(is_numeric) {
            let value = text.parse().map_err(|error| format!("{error}"))?;
            return Ok(Quantity::new(value, self.unit));
        }
        text.parse().map_err(|error| format!("{error}"))
    }
}

impl Entry {
    /// What to ask back where a comma may stand between thousands: in a distance driven, `48,211`
    /// is more likely that than forty-eight and a bit.
    fn grouped(&self, text: &str) -> Option<String> {
        let end = text.find(|c| !is_numeric(c)).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let unit = match unit.trim() {
            "" => self.unit,
            named => named.parse().ok()?,
        };
        let (before, after) = number.split_once(',')?;
        let digits = |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_digit());
        let thousands = digits(before) && digits(after) && after.len() == 3;
        let driven = matches!(unit, Unit::Mile | Unit::Kilometre);
        (thousands && driven).then(|| {
            format!("{number}: type {before}{after}, or {before}.{after} if you mean the decimals")
        })
    }
}

fn is_numeric(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | '−' | '.' | ',')
}

/// The unit after this one among those that a measurement takes.
pub(crate) fn next_unit(measurement: &Measurement, unit: Unit) -> Unit {
    let mut all = vec![measurement.unit];
    all.extend(&measurement.units);
    let at = all.iter().position(|it| *it == unit).unwrap_or(0);
    all[(at + 1) % all.len()]
}
