//! The rule of a measurement: its limits, and what the value is compared with.

use ratatui::style::Style;
use redtag_protocol::{
    ipc::InspectionView,
    template::{Kind, Point},
};

use super::{Rank, Row, key, need_words};
use crate::{
    app::{InspectionScreen, State, limits, reference_name},
    keys::Action,
    view::pen::{Pen, columns},
};

/// The limits that hold, and what the value is compared with.
pub(super) fn rows(
    pen: &Pen<'_>,
    state: &State,
    screen: &InspectionScreen,
    (view, point): (&InspectionView, &Point),
    room: u16,
    rows: &mut Vec<Row>,
) {
    let theme = pen.theme;
    let Kind::Measurement(measurement) = &point.kind else {
        return;
    };
    let rule = limits(measurement, &view.inspection.chosen(&view.template));
    if let Some(need) = &rule.need {
        let words = need_words(view, point, need);
        return rows.push(Row::words(Rank::Rule, "Limits", words, theme.notice()));
    }
    let mut pieces: Vec<(String, Style)> = Vec::new();
    let (mut label, mut rank) = ("Limits", Rank::Rule);
    for (condition, words) in &rule.lines {
        let taken: u16 = pieces.iter().map(|(text, _)| columns(text)).sum();
        if taken > 0 && taken + columns(words) + 5 > room {
            rows.push(Row::new(rank, label, std::mem::take(&mut pieces)));
            (label, rank) = ("", Rank::More);
        }
        let gap = if pieces.is_empty() { "" } else { "   " };
        let condition = Some(*condition);
        pieces.push((gap.to_owned(), Style::new()));
        pieces.push((
            theme.letter(condition).to_owned(),
            theme.count(condition, 1),
        ));
        pieces.push((format!(" {words}"), Style::new()));
    }
    if rule.lines.is_empty() {
        pieces.push(("none".to_owned(), theme.dim()));
    }
    rows.push(Row::new(rank, label, pieces));
    if let Some(reference) = rule.reference {
        let name = reference_name(reference);
        let answer = view.inspection.answer(&point.key);
        let vehicle = view.vehicle.as_ref();
        let high = answer
            .and_then(|answer| answer.reference)
            .or_else(|| vehicle?.reference(&point.key).copied());
        let low = answer.and_then(|answer| answer.reference_low).or_else(|| {
            let key = point.minimum_key()?;
            vehicle?.reference(&key).copied()
        });
        let by = |does: &str| {
            let key = key(pen, state, Action::Reference);
            key.map_or_else(String::new, |key| format!("   ({key} {does} it)"))
        };
        let words = match (high, low, rule.assumed) {
            (Some(high), Some(low), _) => format!("{name} {low} to {high}{}", by("changes")),
            (Some(high), None, _) => format!("{name} {high}{}", by("changes")),
            (None, _, Some(assumed)) => {
                format!("{name} not known, {assumed} taken{}", by("enters"))
            }
            (None, _, None) => format!("{name} not known yet; it is asked with the first value"),
        };
        rows.push(Row::words(Rank::Rule, "Against", words, Style::new()));
    }
    if !measurement.units.is_empty() && screen.entry.is_none() {
        let unit = screen.unit(measurement);
        if unit != measurement.unit {
            let key = key(pen, state, Action::Unit);
            let key = key.map_or_else(String::new, |key| format!(" ({key} changes it)"));
            let words = format!("typed in {}{key}", unit.symbol());
            rows.push(Row::words(Rank::More, "Unit", words, theme.dim()));
        }
    }
}
