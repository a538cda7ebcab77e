//! What comes out of a measurement.

use std::{fmt, fmt::Write as _, time::Duration};

use serde::Serialize;

/// One measurement. Numbers that there are none of are NaN, `null` in JSON.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    /// Names it.
    pub(super) id: &'static str,
    /// What was done, and what the floor does.
    pub(super) what: String,
    /// How many rounds.
    pub(super) n: usize,
    /// The unit of median, p99, floor and spread.
    pub(super) unit: &'static str,
    /// The median of ours.
    pub(super) median: f64,
    /// The worst but one in a hundred of ours: for times the slow end, for rates too.
    pub(super) p99: f64,
    /// The floor's median.
    pub(super) floor: f64,
    /// Ours to the floor's, median to median.
    pub(super) ratio: f64,
    /// What should be reached; none where nothing is promised.
    pub(super) target: Option<f64>,
    /// Whether it is.
    pub(super) met: Option<bool>,
    /// What the target is a bound of, and which.
    pub(super) bound: Option<Bound>,
    /// How far the rounds were apart.
    pub(super) spread: Spread,
}

/// What a target bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    /// The ratio is to be at least the target.
    RatioAtLeast,
    /// The ratio is to be at most the target.
    RatioAtMost,
    /// The slow end of ours to the slow end of the floor's is to be at most the target.
    SlowRatioAtMost,
    /// The median itself is to be at most the target.
    MedianAtMost,
    /// The slow end itself is to be at most the target.
    SlowAtMost,
}

/// The least, the greatest and the slow end of each side.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) floor_min: f64,
    pub(super) floor_max: f64,
    pub(super) floor_p99: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            min: f64::NAN,
            max: f64::NAN,
            floor_min: f64::NAN,
            floor_max: f64::NAN,
            floor_p99: f64::NAN,
        }
    }
}

/// Measured times of both sides.
#[derive(Debug, Default, Clone)]
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
    pub(super) fn times(self, id: &'static str, what: impl Into<String>) -> Row {
        let scaled = |times: Vec<f64>| times.into_iter().map(|it| it * 1e3).collect();
        row(
            id,
            what,
            "ms",
            (scaled(self.ours), scaled(self.floor)),
            0.99,
        )
    }

    /// As a row of rates: each measured time did `count` of something.
    pub(super) fn rates(
        self,
        id: &'static str,
        what: impl Into<String>,
        unit: &'static str,
        count: f64,
    ) -> Row {
        let rates = |times: Vec<f64>| times.into_iter().map(|it| count / it).collect();
        row(id, what, unit, (rates(self.ours), rates(self.floor)), 0.01)
    }
}

/// Values of both sides that are no times: rates, bytes, memory.
#[derive(Debug, Default)]
pub(super) struct Values {
    ours: Vec<f64>,
    floor: Vec<f64>,
}

impl Values {
    /// One round of each side.
    pub(super) fn pair(&mut self, ours: f64, floor: f64) {
        self.ours.push(ours);
        self.floor.push(floor);
    }

    /// One round of ours, where there is no floor.
    pub(super) fn ours(&mut self, ours: f64) {
        self.ours.push(ours);
    }

    /// The median of ours.
    pub(super) fn median(&mut self) -> f64 {
        self.ours.sort_by(f64::total_cmp);
        at(&self.ours, 0.5)
    }

    /// As a row of rates, of which more is better: its `p99` is the slow end of ours, with fewer
    /// than a hundred rounds the slowest.
    pub(super) fn rates(
        self,
        id: &'static str,
        what: impl Into<String>,
        unit: &'static str,
    ) -> Row {
        row(id, what, unit, (self.ours, self.floor), 0.0)
    }

    /// As a row of what less is better of: its `p99` is the greatest but one in a hundred.
    pub(super) fn costs(
        self,
        id: &'static str,
        what: impl Into<String>,
        unit: &'static str,
    ) -> Row {
        row(id, what, unit, (self.ours, self.floor), 0.99)
    }
}

fn row(
    id: &'static str,
    what: impl Into<String>,
    unit: &'static str,
    (mut ours, mut floor): (Vec<f64>, Vec<f64>),
    slow: f64,
) -> Row {
    ours.sort_by(f64::total_cmp);
    floor.sort_by(f64::total_cmp);
    let (median, below) = (at(&ours, 0.5), at(&floor, 0.5));
    Row {
        id,
        what: what.into(),
        n: ours.len(),
        unit,
        median,
        p99: at(&ours, slow),
        floor: below,
        ratio: median / below,
        target: None,
        met: None,
        bound: None,
        spread: Spread {
            min: at(&ours, 0.0),
            max: at(&ours, 1.0),
            floor_min: at(&floor, 0.0),
            floor_max: at(&floor, 1.0),
            floor_p99: at(&floor, slow),
        },
    }
}

impl Row {
    /// What could not be measured here, and why.
    pub(super) fn without(id: &'static str, why: impl fmt::Display) -> Self {
        Self {
            what: format!("not measured: {why}"),
            ..row(id, String::new(), "", (Vec::new(), Vec::new()), 0.5)
        }
    }

    /// With what is to be reached.
    pub(super) fn bounded(mut self, bound: Bound, target: f64) -> Self {
        self.target = Some(target);
        self.bound = Some(bound);
        self.met = Some(match bound {
            Bound::RatioAtLeast => self.ratio >= target,
            Bound::RatioAtMost => self.ratio <= target,
            Bound::SlowRatioAtMost => self.p99 / self.spread.floor_p99 <= target,
            Bound::MedianAtMost => self.median <= target,
            Bound::SlowAtMost => self.p99 <= target,
        });
        self
    }

    /// With the ratio that is to be reached, for rates.
    pub(super) fn reaching(self, target: f64) -> Self {
        self.bounded(Bound::RatioAtLeast, target)
    }
}

/// The value below which this part of the sorted values lies; not a number where there is none.
fn at(sorted: &[f64], part: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index among at most some ten thousand values"
    )]
    let index = (last as f64 * part).ceil() as usize;
    sorted.get(index).copied().unwrap_or(f64::NAN)
}

/// The rows for people.
pub(super) fn table(rows: &[Row]) -> String {
    let mut out = format!(
        "{:<4} {:>5} {:>10} {:>10} {:>21} {:>10} {:>7} {:>9}  {:<8} what\n",
        "id", "n", "median", "p99", "min–max", "floor", "ratio", "target", "unit"
    );
    for row in rows {
        let target = match (row.target, row.bound) {
            (Some(target), Some(bound)) => {
                let met = if row.met == Some(true) { "ok" } else { "NO" };
                format!("{}{target} {met}", sign(bound))
            }
            _ => "–".to_owned(),
        };
        let spread = format!("{}–{}", short(row.spread.min), short(row.spread.max));
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{:<4} {:>5} {:>10} {:>10} {:>21} {:>10} {:>7} {:>9}  {:<8} {}",
            row.id,
            row.n,
            short(row.median),
            short(row.p99),
            spread,
            short(row.floor),
            short(ratio(row)),
            target,
            row.unit,
            row.what
        );
    }
    out
}

/// The ratio that the target is about.
fn ratio(row: &Row) -> f64 {
    match row.bound {
        Some(Bound::SlowRatioAtMost) => row.p99 / row.spread.floor_p99,
        _ => row.ratio,
    }
}

fn sign(bound: Bound) -> &'static str {
    match bound {
        Bound::RatioAtLeast => "≥",
        _ => "≤",
    }
}

/// As many digits as tell something.
fn short(value: f64) -> String {
    match value.abs() {
        _ if value.is_nan() => "–".to_owned(),
        size if size >= 1_000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests;
