//! A small chart: a measurement over visits, a bar each, with value, condition and day.

use ratatui::{layout::Rect, style::Style};
use redtag_protocol::{
    ipc::{Trend, TrendValue},
    units::Quantity,
};

use super::pen::Pen;
use crate::app::{State, when_day};

/// Columns of a bar with its words: a day has ten.
const STEP: u16 = 11;
/// Columns of the bar itself.
const BAR: u16 = 4;
/// Lines below the bars: value, day.
const WORDS: u16 = 2;

/// Draws the newest values that there is room for, the newest at the right.
pub(super) fn draw(pen: &mut Pen<'_>, area: Rect, state: &State, trend: &Trend) {
    let fit = usize::from((area.width / STEP).max(1));
    let skipped = trend.values.len().saturating_sub(fit);
    let values = trend.values.get(skipped..).unwrap_or_default();
    let high = area.height.saturating_sub(WORDS);
    let heights = heights(values, trend, high);
    for (at, (value, height)) in values.iter().zip(heights).enumerate() {
        let x = area.x + u16::try_from(at).unwrap_or(u16::MAX).saturating_mul(STEP);
        if x + BAR > area.right() {
            return;
        }
        bar(
            pen,
            Rect {
                x,
                width: BAR,
                height: high,
                ..area
            },
            value,
            height,
        );
        let (letter, style) = (
            pen.theme.letter(value.condition),
            pen.theme.condition(value.condition),
        );
        let y = area.y + high;
        let shown = number(&value.value, trend);
        let took = pen.put(x, y, STEP - 3, &shown, pen.theme.title());
        pen.put(x + took + 1, y, 1, letter, style);
        let day = when_day(value.at, &state.zone);
        pen.put(x, y + 1, STEP - 1, &day, pen.theme.dim());
    }
}

/// How high each bar is, in eighths of a line; the highest value fills the height. Bars begin at
/// nought, so that half as high means half as much.
fn heights(values: &[TrendValue], trend: &Trend, lines: u16) -> Vec<u32> {
    let amounts: Vec<f64> = values.iter().map(|it| amount(&it.value, trend)).collect();
    let top = amounts.iter().copied().fold(0.0, f64::max);
    let full = f64::from(lines) * 8.0;
    amounts
        .into_iter()
        .map(|amount| {
            let part = if top > 0.0 {
                amount.max(0.0) / top
            } else {
                0.0
            };
            // Never nothing: a bar says that something was measured.
            eighths((part * full).round()).max(1)
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a height on a screen, between nought and a few hundred"
)]
fn eighths(height: f64) -> u32 {
    height.clamp(0.0, 4096.0) as u32
}

/// The amount in the trend's unit, for a height alone.
fn amount(value: &Quantity, trend: &Trend) -> f64 {
    let shown = number(value, trend);
    shown.parse().unwrap_or(0.0)
}

/// The digits in the trend's unit.
fn number(value: &Quantity, trend: &Trend) -> String {
    let shown = value.rounded_to(trend.unit).unwrap_or(*value);
    shown.value.to_string()
}

fn bar(pen: &mut Pen<'_>, area: Rect, value: &TrendValue, height: u32) {
    let theme = pen.theme;
    let style: Style = theme.count(value.condition, 1);
    for line in 0..area.height {
        let below = u32::from(line) * 8;
        let part = height.saturating_sub(below).min(8);
        let Some(glyph) = part
            .checked_sub(1)
            .and_then(|at| theme.glyphs.bars.get(usize::try_from(at).ok()?))
        else {
            return;
        };
        let y = area.bottom().saturating_sub(1 + line);
        pen.put(
            area.x,
            y,
            area.width,
            &glyph.repeat(area.width.into()),
            style,
        );
    }
}
