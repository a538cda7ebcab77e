//! Typing a measured value: digits, a unit, Enter, and the next point.

mod far;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use redtag_protocol::{
    grade::{self, Grade, Need, References},
    inspection::{Answer, AnswerValue},
    ipc::InspectionView,
    op::Edit,
    template::{Measurement, Point},
    text,
    units::Quantity,
    vehicle::VehicleWrite,
};

use super::{details, inspection, stroke};
use crate::{
    app::{Entry, InspectionScreen, Stage, State, limits},
    keys::Action,
};

/// The longest entry: twelve digits, a sign, a mark and a unit.
const LONGEST: usize = 24;

/// Begins a value with its first character.
pub(super) fn begin(state: &mut State, first: char) {
    let Some(screen) = state.inspection_mut() else {
        return;
    };
    let Some(measurement) = screen.measurement() else {
        return;
    };
    let mut entry = Entry::new(Stage::Value, screen.unit(measurement));
    entry.text.push(first);
    screen.entry = Some(entry);
}

/// Begins the placard's, stamped or rated value.
pub(super) fn begin_reference(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let (Some(measurement), Some(view)) = (screen.measurement(), screen.view.as_ref()) else {
        return state.say("this point is compared with no other value");
    };
    let rule = limits(measurement, &view.inspection.chosen(&view.template));
    if rule.reference.is_none() {
        return state.say("this point is compared with no placard, stamped or rated value");
    }
    let unit = screen.unit(measurement);
    if let Some(screen) = state.inspection_mut() {
        screen.entry = Some(Entry::new(Stage::Reference, unit));
    }
}

/// The next unit for this kind of measurement, from now on.
pub(super) fn turn_unit(state: &mut State) {
    let Some(screen) = state.inspection_mut() else {
        return;
    };
    let Some(measurement) = screen.measurement() else {
        return state.say("only a measurement has a unit");
    };
    let proposed = measurement.unit;
    let now = screen
        .entry
        .as_ref()
        .map_or_else(|| screen.unit(measurement), |entry| entry.unit);
    let next = crate::app::next_unit(measurement, now);
    screen.units.insert(proposed, next);
    if let Some(entry) = &mut screen.entry {
        entry.unit = next;
    } else {
        state.say(format!("values are taken in {next} now"));
    }
}

/// A caliper or scanner that pastes is as good as one that types.
pub(super) fn paste(state: &mut State, pasted: &str) {
    if stroke::may_fill(state).is_err() {
        return;
    }
    let pasted = text::clean_line(pasted.trim()).into_owned();
    let Some(screen) = state.inspection_mut() else {
        return;
    };
    let Some(measurement) = screen.measurement() else {
        return;
    };
    let unit = screen.unit(measurement);
    let entry = screen
        .entry
        .get_or_insert_with(|| Entry::new(Stage::Value, unit));
    entry.problem = None;
    let room = LONGEST.saturating_sub(entry.text.chars().count());
    entry.text.extend(pasted.chars().take(room));
}

/// Does what a key says while a value is typed.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    match action {
        Some(Action::Back) => {
            if let Some(screen) = state.inspection_mut()
                && !screen.entry.as_mut().is_some_and(step_back)
            {
                screen.entry = None;
            }
        }
        Some(Action::Unit) => turn_unit(state),
        Some(Action::Enter) => take(state),
        Some(Action::TakeBack) => {
            let Some(screen) = state.inspection_mut() else {
                return;
            };
            let Some(entry) = &mut screen.entry else {
                return;
            };
            entry.problem = None;
            let popped = entry.text.pop();
            let gone = match entry.stage {
                Stage::Value => entry.text.is_empty(),
                Stage::Reference | Stage::Low => popped.is_none() && !step_back(entry),
            };
            if gone {
                screen.entry = None;
            }
        }
        _ => type_in(state, key),
    }
}

/// Back to what was typed before this, with its text: from a range's minimum to its maximum, from
/// the reference to the value. Whether there was something before it.
fn step_back(entry: &mut Entry) -> bool {
    let (stage, before) = match (entry.stage, entry.reference, entry.value) {
        (Stage::Low, Some(high), _) => (Stage::Reference, high),
        (Stage::Reference | Stage::Low, _, Some(value)) => (Stage::Value, value),
        _ => return false,
    };
    if stage == Stage::Reference {
        entry.reference = None;
    }
    entry.stage = stage;
    entry.text = before.value.to_string();
    entry.unit = before.unit;
    entry.problem = None;
    true
}

fn type_in(state: &mut State, key: &KeyEvent) {
    let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
    let KeyCode::Char(c) = key.code else { return };
    let entry = state.inspection_mut().and_then(|it| it.entry.as_mut());
    if let Some(entry) = entry
        && plain
        && !text::is_hidden(c)
        && entry.text.chars().count() < LONGEST
    {
        entry.problem = None;
        entry.text.push(c);
    }
}

/// What the value will be compared with, as far as it is known: what was just typed, what the
/// vehicle carries, what the answer carries already.
fn references(
    view: &InspectionView,
    point: &Point,
    entry: &Entry,
) -> (Option<Quantity>, Option<Quantity>, bool) {
    let redtag_protocol::template::Kind::Measurement(measurement) = &point.kind else {
        return (None, None, false);
    };
    let rule = limits(measurement, &view.inspection.chosen(&view.template));
    let answer = view.inspection.answer(&point.key);
    if rule.previous {
        let previous = view.previous.get(&point.key);
        let last = previous.and_then(|it| it.answer.measured()).copied();
        return (last, None, false);
    }
    if rule.reference.is_none() {
        return (None, None, false);
    }
    let vehicle = view.vehicle.as_ref();
    let known = vehicle.and_then(|it| it.reference(&point.key)).copied();
    let kept = answer.and_then(|it| it.reference);
    let low = point
        .minimum_key()
        .and_then(|key| vehicle?.reference(&key).copied())
        .or_else(|| answer.and_then(|it| it.reference_low));
    (entry.reference.or(known).or(kept), low, rule.range)
}

fn measurement(screen: &InspectionScreen) -> Option<(Point, Measurement)> {
    Some((screen.point()?.clone(), screen.measurement()?.clone()))
}

/// What the value that is being typed would be graded, for showing it at once.
pub(crate) fn foresee(screen: &InspectionScreen) -> Option<Grade> {
    let entry = screen.entry.as_ref()?;
    let view = screen.view.as_ref()?;
    let (point, measurement) = measurement(screen)?;
    let typed = entry.quantity().ok();
    let (reference, low, _) = references(view, &point, entry);
    let (value, reference, low) = match entry.stage {
        Stage::Value => (typed?, reference, low),
        Stage::Reference => (entry.value?, typed.or(reference), low),
        Stage::Low => (entry.value?, reference, typed.or(low)),
    };
    let references = References {
        value: reference.as_ref(),
        low: low.as_ref(),
    };
    let choice = view.inspection.chosen(&view.template);
    grade::grade_between(&measurement, &value, references, &choice).ok()
}

/// Takes what was typed: the value, then its reference where the rule needs one that is not known.
pub(super) fn take(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let (Some(mut entry), Some(view)) = (screen.entry.clone(), screen.view.as_ref()) else {
        return;
    };
    let Some((point, measurement)) = measurement(screen) else {
        return;
    };
    let optional = entry.stage != Stage::Value;
    let typed = match entry.quantity() {
        _ if optional && entry.text.trim().is_empty() => None,
        Ok(quantity) if quantity.to(measurement.unit).is_ok() => Some(quantity),
        Ok(quantity) => {
            let words = format!(
                "{} is measured in {}, not in {}",
                point.label, measurement.unit, quantity.unit
            );
            return refuse(state, words);
        }
        Err(words) => return refuse(state, words),
    };
    let (reference, low, range) = references(view, &point, &entry);
    match entry.stage {
        Stage::Value => {
            entry.value = typed;
            let Some(value) = typed else { return };
            // The question stands beside the value; the same value again is the answer.
            let question = format!("{value} is far from what is usual here; Enter again takes it");
            if far::is_far(view, &point, &measurement, &value)
                && entry.problem.as_ref() != Some(&question)
            {
                return refuse(state, question);
            }
            let references = References {
                value: reference.as_ref(),
                low: low.as_ref(),
            };
            let graded = {
                let choice = view.inspection.chosen(&view.template);
                grade::grade_between(&measurement, &value, references, &choice)
            };
            match graded {
                Err(error) => return refuse(state, error.to_string()),
                Ok(Grade::Needs(Need::Choice(question))) => {
                    return details::question(state, &question, true);
                }
                Ok(Grade::Needs(Need::Reference)) => {
                    entry.stage = Stage::Reference;
                    entry.text.clear();
                    entry.problem = None;
                    return put(state, entry);
                }
                Ok(_) => {}
            }
            save(state, &point, Some(value), (reference, None), (low, None));
        }
        Stage::Reference => {
            if range && typed.is_some() {
                entry.reference = typed;
                entry.stage = Stage::Low;
                entry.text.clear();
                entry.problem = None;
                return put(state, entry);
            }
            let value = entry.value;
            save(
                state,
                &point,
                value,
                (typed.or(reference), typed),
                (low, None),
            );
        }
        Stage::Low => {
            let (value, high) = (entry.value, entry.reference);
            save(
                state,
                &point,
                value,
                (reference, high),
                (typed.or(low), typed),
            );
        }
    }
}

fn put(state: &mut State, entry: Entry) {
    if let Some(screen) = state.inspection_mut() {
        screen.entry = Some(entry);
    }
}

/// The entry stays as it was typed, with the reason beside it.
fn refuse(state: &mut State, words: String) {
    let entry = state.inspection_mut().and_then(|it| it.entry.as_mut());
    if let Some(entry) = entry {
        entry.problem = Some(words);
    }
}

/// A reference: what it is compared with, and what of it was typed now and belongs to the vehicle.
type Known = (Option<Quantity>, Option<Quantity>);

/// Saves the value with what it is compared with, and a reference that was typed to the vehicle,
/// in one stroke. Without a value, only the reference, and the answer that stands with it.
fn save(state: &mut State, point: &Point, value: Option<Quantity>, high: Known, low: Known) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let vehicle = view.inspection.vehicle;
    let standing = view.inspection.answer(&point.key).cloned();
    let mut before = Vec::new();
    let keys = [
        (Some(point.key.clone()), high.1),
        (point.minimum_key(), low.1),
    ];
    for (key, typed) in keys {
        if let (Some(point), Some(reference)) = (key, typed) {
            before.push(Edit::Vehicle {
                id: vehicle,
                write: VehicleWrite::Reference {
                    point,
                    reference: Some(reference),
                },
            });
        }
    }
    if let Some(screen) = state.inspection_mut() {
        screen.entry = None;
    }
    let answer = match (value, standing) {
        (Some(value), _) => Answer::value(AnswerValue::Measured(value)),
        (None, Some(standing)) if standing.measured().is_some() => standing,
        (None, _) => {
            if !before.is_empty() {
                let words = format!("{}: reference", point.label);
                stroke::make(state, words, before);
                state.say("kept with the vehicle; the next visit will propose it too");
            }
            return;
        }
    };
    let answer = Answer {
        reference: high.0,
        reference_low: low.0,
        ..answer
    };
    stroke::answer(state, &point.key, Some(answer), before);
    inspection::marked(state);
    inspection::demand_note(state, &point.key);
}
