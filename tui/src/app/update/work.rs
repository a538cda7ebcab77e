//! Recommended work: what a point calls for, with labour and parts.

use crossterm::event::KeyEvent;
use redtag_protocol::{
    canned::Found,
    grade::Condition,
    ids::{LineId, PointKey},
    inspection::{InspectionWrite, Recommendation},
    money::Cents,
    op::Edit,
    template::Point,
};

use super::{canned, stroke};
use crate::{
    app::{Layer, Menu, MenuItem, Pick, State, WorkForm},
    keys::Action,
};

/// Shows the lines of a point, or at once a draft where there is none.
pub(super) fn open(state: &mut State, point: &Point) {
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    let Some(view) = view else { return };
    let result = view.inspection.results.get(&point.key);
    let lines: Vec<(LineId, Recommendation)> = result
        .map(|it| it.lines().map(|(id, work)| (id, work.clone())).collect())
        .unwrap_or_default();
    if lines.is_empty() {
        return draft(state, &point.key);
    }
    let mut items: Vec<MenuItem> = lines
        .into_iter()
        .map(|(line, work)| MenuItem {
            label: work.text.clone(),
            detail: format!("labour {}, parts {}", work.labour, work.parts),
            pick: Pick::Work(point.key.clone(), Some(line)),
        })
        .collect();
    items.push(MenuItem {
        label: "Another line".to_owned(),
        detail: String::new(),
        pick: Pick::Work(point.key.clone(), None),
    });
    state.layers.push(Layer::Menu(Menu {
        title: format!("Recommended work: {}", point.label),
        note: None,
        items,
        selected: 0,
    }));
}

/// Opens a line that is there, or a draft.
pub(super) fn edit(state: &mut State, key: &PointKey, line: Option<LineId>) {
    let Some(line) = line else {
        return draft(state, key);
    };
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    let found = view.and_then(|view| {
        let label = view.template.point(key)?.label.clone();
        let lines = view.inspection.results.get(key)?;
        let (_, work) = lines.lines().find(|(id, _)| *id == line)?;
        Some((label, work.clone()))
    });
    match found {
        Some((label, work)) => {
            let form = WorkForm::new((key.clone(), label), Some(line), &work);
            state.layers.push(Layer::Work(Box::new(form)));
        }
        None => state.say("this line was taken back meanwhile"),
    }
}

/// Opens a draft: what is usually done about it, or words made of the point's name.
pub(super) fn draft(state: &mut State, key: &PointKey) {
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    let Some(view) = view else { return };
    let Some(point) = view.template.point(key) else {
        return;
    };
    let condition = view.inspection.effective(point, &view.template);
    let label = point.label.clone();
    let there: Vec<String> = view
        .inspection
        .results
        .get(key)
        .map(|it| it.lines().map(|(_, work)| work.text.clone()).collect())
        .unwrap_or_default();
    let usual = canned::notes(state, key).into_iter().find_map(|found| {
        let Found { note, .. } = found;
        let fits = note.condition == condition;
        note.recommendation
            .filter(|work| fits && !there.contains(&work.text))
    });
    let work = usual.unwrap_or_else(|| Recommendation {
        text: match condition {
            Some(Condition::Red) => format!("Repair or replace: {label}"),
            Some(Condition::Yellow) => format!("Attend to: {label}"),
            _ => label.clone(),
        },
        labour: Cents::ZERO,
        parts: Cents::ZERO,
    });
    let form = WorkForm::new((key.clone(), label), None, &work);
    state.layers.push(Layer::Work(Box::new(form)));
}

/// Does what a key says to the form.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let Some(Layer::Work(form)) = state.layers.last_mut() else {
        return;
    };
    match action {
        Some(Action::Back) => drop(state.layers.pop()),
        Some(Action::NextGroup | Action::Down) => drop(form.step(true)),
        Some(Action::PreviousGroup | Action::Up) => drop(form.step(false)),
        Some(Action::Enter) => {
            if !form.step(true) {
                save(state);
            }
        }
        Some(Action::Save) => save(state),
        Some(Action::TakeBack) => take_back(state),
        _ => {
            if form.key(key) {
                form.problem = None;
            }
        }
    }
}

fn save(state: &mut State) {
    let id = match stroke::may_fill(state) {
        Ok(id) => id,
        Err(words) => return state.say(words),
    };
    let fresh = LineId::from_parts(state.now().0, state.moment.ten(0));
    let Some(Layer::Work(form)) = state.layers.last_mut() else {
        return;
    };
    let work = match form.work() {
        Ok(work) => work,
        Err((field, words)) => {
            form.at = field;
            form.problem = Some(words);
            return;
        }
    };
    let words = format!("{}: {}", form.label, work.text);
    let write = InspectionWrite::Line {
        point: form.point.clone(),
        line: form.line.unwrap_or(fresh),
        recommendation: Some(work),
    };
    state.layers.pop();
    stroke::make(state, words, vec![Edit::Inspection { id, write }]);
}

/// Takes the line back that is shown.
fn take_back(state: &mut State) {
    let id = match stroke::may_fill(state) {
        Ok(id) => id,
        Err(words) => return state.say(words),
    };
    let Some(Layer::Work(form)) = state.layers.last() else {
        return;
    };
    let Some(line) = form.line else {
        return state.say("this line is not saved yet; Esc leaves it out");
    };
    let words = format!("{}: line taken back", form.label);
    let write = InspectionWrite::Line {
        point: form.point.clone(),
        line,
        recommendation: None,
    };
    state.layers.pop();
    stroke::make(state, words, vec![Edit::Inspection { id, write }]);
    state.say("the line is taken back; u brings it again, and the timeline keeps it");
}
