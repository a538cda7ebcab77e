//! The rule of a measurement: its limits, and what the value is compared with.

use ratatui::style::Style;
use redtag_protocol::{
    ipc::InspectionView,
    template::{Kind, Point},
};

use super::{Row, need_words};
use crate::{
    app::{InspectionScreen, limits, reference_name},
    view::pen::{Pen, columns},
};

/// The limits that hold, and what the value is compared with.
pub(super) fn rows(
    pen: &Pen<'_>,
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
        return rows.push(("Limits", vec![(words, theme.notice())]));
    }
    let mut pieces: Vec<(String, Style)> = Vec::new();
    let mut label = "Limits";
    for (condition, words) in &rule.lines {
        let taken: u16 = pieces.iter().map(|(text, _)| columns(text)).sum();
        if taken > 0 && taken + columns(words) + 5 > room {
            rows.push((label, std::mem::take(&mut pieces)));
            label = "";
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
    rows.push((label, pieces));
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
        let words = match (high, low, rule.assumed) {
            (Some(high), Some(low), _) => format!("{name} {low} to {high}   (f changes it)"),
            (Some(high), None, _) => format!("{name} {high}   (f changes it)"),
            (None, _, Some(assumed)) => {
                format!("{name} not known, {assumed} taken   (f enters it)")
            }
            (None, _, None) => format!("{name} not known yet; it is asked with the first value"),
        };
        rows.push(("Against", vec![(words, Style::new())]));
    }
    if !measurement.units.is_empty() && screen.entry.is_none() {
        let unit = screen.unit(measurement);
        if unit != measurement.unit {
            let words = format!("typed in {} (u changes it)", unit.symbol());
            rows.push(("Unit", vec![(words, theme.dim())]));
        }
    }
}
