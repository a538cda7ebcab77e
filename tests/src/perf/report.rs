//! What comes out of a measurement.

use std::{fmt::Write as _, time::Duration};

use serde::Serialize;

/// One measurement.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    /// Names it.
    pub(super) id: &'static str,
    /// What was done, and what the floor does.
    pub(super) what: String,
    /// How many rounds.
    pub(super) n: usize,
    /// The unit of the next three.
    pub(super) unit: &'static str,
    /// The median of ours.
    pub(super) median: f64,
    /// The worst but one in a hundred of ours: for times the slow end, for rates too.
    pub(super) p99: f64,
    /// The floor's median.
    pub(super) floor: f64,
    /// Ours to the floor's, median to median.
    pub(super) ratio: f64,
    /// What the ratio should reach; none where nothing is promised yet.
    pub(super) target: Option<f64>,
    /// Whether it does.
    pub(super) met: Option<bool>,
}

/// Measured times or rates of both sides.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    ours: Vec<f64>,
    floor: Vec<f64>,
}

impl Pairs {
    /// A time of ours.
    pub(super) fn ours(&mut self, took: Duration) {
        self.ours.push(took.as_secs_f64());
    }

    /// A time of the floor.
    pub(super) fn floor(&mut self, took: Duration) {
        self.floor.push(took.as_secs_f64());
    }

    /// As a row of times, in milliseconds.
    pub(super) fn times(mut self, id: &'static str, what: impl Into<String>) -> Row {
        let scale = |seconds: f64| seconds * 1e3;
        let (median, p99) = (at(&mut self.ours, 0.5), at(&mut self.ours, 0.99));
        let floor = at(&mut self.floor, 0.5);
        Row {
            id,
            what: what.into(),
            n: self.ours.len(),
            unit: "ms",
            median: scale(median),
            p99: scale(p99),
            floor: scale(floor),
            ratio: median / floor,
            target: None,
            met: None,
        }
    }

    /// As a row of rates: each measured time did `count` of something.
    pub(super) fn rates(
        mut self,
        id: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        count: f64,
    ) -> Row {
        let (median, slow) = (at(&mut self.ours, 0.5), at(&mut self.ours, 0.99));
        let floor = at(&mut self.floor, 0.5);
        Row {
            id,
            what: what.into(),
            n: self.ours.len(),
            unit,
            median: count / median,
            p99: count / slow,
            floor: count / floor,
            ratio: floor / median,
            target: None,
            met: None,
        }
    }
}

/// Rates of both sides that were counted over some time; more is better.
#[derive(Debug, Default)]
pub(super) struct Rates {
    ours: Vec<f64>,
    floor: Vec<f64>,
}

impl Rates {
    /// One round of each side.
    pub(super) fn pair(&mut self, ours: f64, floor: f64) {
        self.ours.push(ours);
        self.floor.push(floor);
    }

    /// The median of ours.
    pub(super) fn median(&mut self) -> f64 {
        at(&mut self.ours, 0.5)
    }

    /// As a row. Its `p99` is the slow end of ours: with fewer than a hundred rounds, the slowest.
    pub(super) fn row(
        mut self,
        id: &'static str,
        what: impl Into<String>,
        unit: &'static str,
    ) -> Row {
        let (median, slow) = (at(&mut self.ours, 0.5), at(&mut self.ours, 0.0));
        let floor = at(&mut self.floor, 0.5);
        Row {
            id,
            what: what.into(),
            n: self.ours.len(),
            unit,
            median,
            p99: slow,
            floor,
            ratio: median / floor,
            target: None,
            met: None,
        }
    }
}

impl Row {
    /// What could not be measured here, and why.
    pub(super) fn without(id: &'static str, why: impl std::fmt::Display) -> Self {
        Self {
            id,
            what: format!("not measured: {why}"),
            n: 0,
            unit: "",
            median: f64::NAN,
            p99: f64::NAN,
            floor: f64::NAN,
            ratio: f64::NAN,
            target: None,
            met: None,
        }
    }

    /// With the ratio that is to be reached, for rates.
    pub(super) fn reaching(mut self, target: f64) -> Self {
        self.target = Some(target);
        self.met = Some(self.ratio >= target);
        self
    }
}

/// The value below which this part of the values lies; not a number where there is none.
fn at(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index among at most some thousand values"
    )]
    let index = (last as f64 * part).ceil() as usize;
    values.get(index).copied().unwrap_or(f64::NAN)
}

/// The rows for people.
pub(super) fn table(rows: &[Row]) -> String {
    let mut out = format!(
        "{:<4} {:>6} {:>11} {:>11} {:>11} {:>7} {:>7}  {:<6} what\n",
        "id", "n", "median", "p99", "floor", "ratio", "target", "unit"
    );
    for row in rows {
        let target = match (row.target, row.met) {
            (Some(target), Some(true)) => format!("{target:.2} ok"),
            (Some(target), _) => format!("{target:.2} NO"),
            (None, _) => "–".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:<4} {:>6} {:>11.3} {:>11.3} {:>11.3} {:>7.2} {:>7}  {:<6} {}",
            row.id, row.n, row.median, row.p99, row.floor, row.ratio, target, row.unit, row.what
        );
    }
    out
}

#[cfg(test)]
mod tests;
