//! Confirming what the last visit said, point by point: never by itself, and never several at once.

use redtag_protocol::inspection::{Answer, AnswerValue};

use super::{inspection, stroke, value};
use crate::{
    app::{Entry, Stage, State, answer_words, when_day},
    keys::{Action, Place},
};

/// Takes the last visit's answer of the point one is at as this visit's, because a person has looked
/// and found the same.
pub(super) fn same_as_last(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let (Some(point), Some(view)) = (screen.point().cloned(), screen.view.as_ref()) else {
        return;
    };
    let standing = view.inspection.answer(&point.key);
    if let Some(standing) = standing.filter(|answer| !answer.is_empty()) {
        let standing = answer_words(Some(&point), standing);
        let key = state.keys.key(Place::Inspection, Action::TakeBack, true);
        let first = key.map_or_else(
            || "take that back first".to_owned(),
            |key| format!("{key} takes that back, then it can be as last time"),
        );
        return state.say(format!(
            "{} is answered already, {standing}: {first}",
            point.label
        ));
    }
    let Some(previous) = view.previous.get(&point.key).cloned() else {
        return state.say(format!(
            "{}: no earlier visit says anything here",
            point.label
        ));
    };
    if matches!(previous.answer.value, Some(AnswerValue::Signed { .. })) {
        return state.say("a signature is given anew at every visit");
    }
    let day = when_day(previous.at, &state.zone);
    let words = format!(
        "{}: as on {day}, {}",
        point.label,
        answer_words(
            Some(&point),
            &Answer {
                by_default: false,
                ..previous.answer.clone()
            }
        )
    );
    if let (Some(AnswerValue::Measured(quantity)), None) =
        (&previous.answer.value, previous.answer.condition)
    {
        // As if it were typed: what it is compared with may be another by now.
        let mut entry = Entry::new(Stage::Value, quantity.unit);
        entry.text = quantity.value.to_string();
        if let Some(screen) = state.inspection_mut() {
            screen.entry = Some(entry);
        }
        value::take(state);
        if state.inspection().is_some_and(|it| it.entry.is_some()) {
            return;
        }
    } else {
        let answer = Answer {
            by_default: false,
            reference: None,
            reference_low: None,
            ..previous.answer
        };
        stroke::answer(state, &point.key, Some(answer), Vec::new());
        inspection::marked(state);
        inspection::demand_note(state, &point.key);
    }
    if state.layers.is_empty() {
        state.say(words);
    }
}
