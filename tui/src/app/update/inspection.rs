//! Keys of an inspection.

use crossterm::event::{KeyCode, KeyEvent};
use redtag_protocol::{
    grade::Condition,
    inspection::{Answer, AnswerValue, InspectionWrite},
    op::Edit,
    role::Permission,
    template::{Demand, Kind},
};

use super::{canned, carry, details, editor, moves, past, stroke, timeline, value, work};
use crate::{
    app::{Confirm, Deed, Layer, Menu, MenuItem, Pick, Screen, State, Writing},
    keys::Action,
};

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    if state.inspection().is_some_and(|it| it.entry.is_some()) {
        return value::act(state, action, key);
    }
    // Right after a yellow or red one has moved on; what belongs to it means it all the same.
    let just = state.inspection_mut().and_then(|it| it.just.take());
    if let Some(action) = action
        && walk(state, action)
    {
        return;
    }
    match action {
        Some(Action::Back) => {
            state.above.pop();
            state.unsaved.forget_saved(None);
        }
        Some(Action::Timeline) => timeline::open(state),
        Some(Action::Moves) => moves::open(state),
        Some(Action::Details) => details::open(state),
        Some(Action::Sync) => super::board::sync(state),
        Some(Action::Outbox) => super::outbox::open(state),
        Some(Action::Conflicts) => super::conflicts::open(state),
        Some(Action::Undo) => super::undo::undo(state),
        Some(Action::Redo) => super::undo::redo(state),
        Some(Action::Revisions) => past::open(state),
        Some(Action::Enter) => enter(state),
        Some(
            action @ (Action::Condition(_)
            | Action::Digit
            | Action::Note
            | Action::Canned
            | Action::Work
            | Action::SameAsLast
            | Action::TakeBack
            | Action::AllGreen
            | Action::Reference
            | Action::Unit
            | Action::Questions),
        ) => fill(state, action, key, just),
        _ => {}
    }
}

/// Moves about; whether the action was a movement.
fn walk(state: &mut State, action: Action) -> bool {
    let page = i64::from(state.height.saturating_sub(14).max(1));
    let Some(screen) = state.inspection_mut() else {
        return false;
    };
    match action {
        Action::Up => screen.step(-1),
        Action::Down => screen.step(1),
        Action::PageUp => screen.step(-page),
        Action::PageDown => screen.step(page),
        Action::First => screen.step(i64::MIN),
        Action::Last => screen.step(i64::MAX),
        Action::NextGroup => screen.step_section(true),
        Action::PreviousGroup => screen.step_section(false),
        Action::NextOpen | Action::PreviousOpen => {
            if !screen.step_open(action == Action::NextOpen) {
                state.say("every point is answered");
            }
        }
        _ => return false,
    }
    true
}

fn fill(state: &mut State, action: Action, key: &KeyEvent, just: Option<usize>) {
    if let Err(words) = stroke::may_fill(state) {
        return state.say(words);
    }
    match action {
        Action::Condition(condition) => set(state, condition),
        Action::Digit => digit(state, key),
        Action::Note | Action::Canned | Action::Work => {
            let view = state.inspection().and_then(|it| it.view.as_ref());
            let at = just.or_else(|| state.inspection().map(|it| it.at));
            let point = view.and_then(|view| Some(view.template.points().nth(at?)?.1.clone()));
            match (action, point) {
                (_, None) => {}
                (Action::Note, Some(point)) => editor::open_note(state, &point.key, None),
                (Action::Work, Some(point)) => work::open(state, &point),
                (_, Some(point)) => canned::open(state, &point),
            }
        }
        Action::SameAsLast => carry::same_as_last(state),
        Action::TakeBack => take_back(state),
        Action::AllGreen => ask_all_green(state),
        Action::Reference => value::begin_reference(state),
        Action::Unit => value::turn_unit(state),
        Action::Questions => details::questions(state),
        _ => {}
    }
}

/// Sets the condition of the point and goes on. At a measurement it overrides the graded one.
fn set(state: &mut State, condition: Condition) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let (Some(point), Some(view)) = (screen.point().cloned(), screen.view.as_ref()) else {
        return;
    };
    let not_applicable = condition == Condition::NotApplicable;
    let takes = match &point.kind {
        Kind::Condition | Kind::Measurement(_) => true,
        Kind::Signature { graded, .. } => *graded || not_applicable,
        Kind::Choice { .. } | Kind::Text => not_applicable,
    };
    if !takes {
        let wants = match &point.kind {
            Kind::Signature { .. } => "a signature: Enter signs",
            Kind::Choice { .. } => "one of its options: Enter shows them",
            _ => "a text: Enter writes it",
        };
        return state.say(format!("{} takes {wants}", point.label));
    }
    let now = view.inspection.answer(&point.key);
    let mut answer = now.cloned().unwrap_or_default();
    answer.condition = Some(condition);
    answer.by_default = false;
    if not_applicable {
        // What does not apply has no value.
        answer = Answer::condition(condition);
    }
    stroke::answer(state, &point.key, Some(answer), Vec::new());
    marked(state);
    demand_note(state, &point.key);
}

/// The point one is at was answered: on to the next, and where it is yellow or red the next key may
/// still mean it.
pub(super) fn marked(state: &mut State) {
    let found = state.inspection().and_then(|screen| {
        let view = screen.view.as_ref()?;
        let condition = view.inspection.effective(screen.point()?, &view.template);
        let bad = matches!(condition, Some(Condition::Yellow | Condition::Red));
        bad.then_some(screen.at)
    });
    go_on(state);
    if let Some(screen) = state.inspection_mut() {
        screen.just = found.filter(|at| *at != screen.at);
    }
}

/// On to the next point; at the end it says what is left.
pub(super) fn go_on(state: &mut State) {
    let Some(screen) = state.inspection_mut() else {
        return;
    };
    let last = screen.at + 1 >= screen.points().len();
    screen.step(1);
    if !last {
        return;
    }
    let left = screen
        .view
        .as_ref()
        .map_or(0, |view| view.counts.unanswered());
    state.say(match left {
        0 => "that was the last point, and every point is answered; m moves on".to_owned(),
        1 => "that was the last point; one is unanswered, o goes there".to_owned(),
        left => format!("that was the last point; {left} are unanswered, o goes to the next"),
    });
}

/// Opens the note of a point that has just been answered, where the template wants one for this
/// condition and there is none.
pub(super) fn demand_note(state: &mut State, key: &redtag_protocol::ids::PointKey) {
    let Some(view) = state.inspection().and_then(|screen| screen.view.as_ref()) else {
        return;
    };
    let missing = view.inspection.missing(&view.template, false);
    let wanted = missing
        .iter()
        .any(|it| it.point == *key && it.demand == Demand::Note);
    if wanted {
        editor::open_note(
            state,
            key,
            Some("the template asks for a note here; Esc leaves it missing"),
        );
    }
}

/// A digit begins a value at a measurement and is an option by number at a choice. Elsewhere it
/// changes nothing: a value typed one point too low must not answer the points it passes.
fn digit(state: &mut State, key: &KeyEvent) {
    let KeyCode::Char(struck) = key.code else {
        return;
    };
    let Some(point) = state.inspection().and_then(|it| it.point()).cloned() else {
        return;
    };
    let number = struck.to_digit(10).and_then(|it| usize::try_from(it).ok());
    match (&point.kind, number) {
        (Kind::Measurement(_), _) => value::begin(state, struck),
        (Kind::Choice { options }, Some(number)) => {
            let chosen = number.checked_sub(1).and_then(|at| options.get(at));
            if let Some(option) = chosen {
                let answer = Answer::value(AnswerValue::Chosen(option.value.clone()));
                stroke::answer(state, &point.key, Some(answer), Vec::new());
                go_on(state);
            }
        }
        (Kind::Choice { .. }, None) => {}
        (Kind::Condition, _) => no_number(state, &point.label, "g y r x"),
        (Kind::Signature { graded: true, .. }, _) => {
            no_number(state, &point.label, "g y r x, and Enter signs");
        }
        (Kind::Signature { .. }, _) => no_number(state, &point.label, "a signature: Enter signs"),
        (Kind::Text, _) => no_number(state, &point.label, "a text: Enter writes it"),
    }
}

fn no_number(state: &mut State, label: &str, takes: &str) {
    state.say(format!(
        "{label} takes {takes}; a number belongs to a measurement"
    ));
}

fn enter(state: &mut State) {
    let Some(point) = state.inspection().and_then(|it| it.point()).cloned() else {
        return;
    };
    let opens = matches!(
        point.kind,
        Kind::Choice { .. } | Kind::Text | Kind::Signature { .. }
    );
    if !opens {
        return go_on(state);
    }
    if let Err(words) = stroke::may_fill(state) {
        return state.say(words);
    }
    match &point.kind {
        Kind::Choice { options } => {
            let items = options.iter().map(|option| MenuItem {
                label: option.label.clone(),
                detail: option
                    .condition
                    .map_or(String::new(), |it| it.to_string().replace('_', " ")),
                pick: Pick::Answer {
                    point: point.key.clone(),
                    answer: Box::new(Answer::value(AnswerValue::Chosen(option.value.clone()))),
                },
            });
            state.layers.push(Layer::Menu(Menu {
                title: point.label.clone(),
                note: point.hint.clone(),
                items: items.collect(),
                selected: 0,
            }));
        }
        Kind::Signature {
            role, statement, ..
        } => editor::open(
            state,
            format!(
                "{}: signature of the {}",
                point.label,
                role.replace('_', " ")
            ),
            Some(statement.clone()),
            "",
            Writing::Signature(point.key.clone()),
        ),
        _ => {
            let now = state
                .inspection()
                .and_then(|it| it.view.as_ref()?.inspection.answer(&point.key).cloned());
            let text = match now.and_then(|answer| answer.value) {
                Some(AnswerValue::Text(text)) => text,
                _ => String::new(),
            };
            let writing = Writing::Text(point.key.clone());
            editor::open(
                state,
                point.label.clone(),
                point.hint.clone(),
                &text,
                writing,
            );
        }
    }
}

fn take_back(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let (Some(point), Some(view)) = (screen.point(), screen.view.as_ref()) else {
        return;
    };
    if view.inspection.answer(&point.key).is_none() {
        return state.say("there is no answer here to take back");
    }
    let (key, label) = (point.key.clone(), point.label.clone());
    stroke::answer(state, &key, None, Vec::new());
    state.say(format!("{label}: answer taken back; the timeline keeps it"));
}

/// The condition points of a section that have no answer.
fn open_conditions(state: &State, section: usize) -> Vec<redtag_protocol::ids::PointKey> {
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    let Some(view) = view else { return Vec::new() };
    let Some(section) = view.template.sections.get(section) else {
        return Vec::new();
    };
    let open = section.points.iter().filter(|point| {
        matches!(point.kind, Kind::Condition)
            && view
                .inspection
                .answer(&point.key)
                .is_none_or(Answer::is_empty)
    });
    open.map(|point| point.key.clone()).collect()
}

fn ask_all_green(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let (section, _) = screen.place();
    let points = screen.points();
    let name = points
        .get(screen.at)
        .map_or(String::new(), |(section, _)| section.label.clone());
    let count = open_conditions(state, section).len();
    if count == 0 {
        return state.say(format!(
            "{name} has no unanswered point that takes a condition"
        ));
    }
    state.layers.push(Layer::Confirm(Confirm {
        title: format!("{name}: set {count} unanswered points green?"),
        lines: vec![
            "They stay marked as green by default, not as looked at one by one.".to_owned(),
            "Measurements, choices and signatures are left as they are.".to_owned(),
        ],
        deed: Deed::AllGreen(section),
    }));
}

/// Sets all remaining condition points of a section green, in one stroke.
pub(super) fn all_green(state: &mut State, section: usize) {
    let id = match stroke::may_fill(state) {
        Ok(id) => id,
        Err(words) => return state.say(words),
    };
    let answer = Answer {
        by_default: true,
        ..Answer::condition(Condition::Green)
    };
    // A section beyond the size of a group would be refused whole: the rest keeps unanswered.
    let edits: Vec<Edit> = open_conditions(state, section)
        .into_iter()
        .take(redtag_protocol::op::MAX_GROUP - 1)
        .map(|point| Edit::Inspection {
            id,
            write: InspectionWrite::Answer {
                point,
                answer: Some(answer.clone()),
            },
        })
        .collect();
    let words = format!("{} points green by default", edits.len());
    stroke::make(state, words, edits);
    if let Some(screen) = state.inspection_mut() {
        screen.step_open_from(section);
    }
}

/// Whether the front screen is an inspection and its account may review; for what is offered.
pub(super) fn may_assign(state: &State) -> bool {
    matches!(state.above.last(), Some(Screen::Inspection(_))) && state.may(Permission::Review)
}
