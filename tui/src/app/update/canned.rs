//! Canned notes: choosing one sets note, condition and recommended work in one stroke; keeping and
//! dropping them is for whoever may write templates.

use crossterm::event::{KeyCode, KeyEvent};
use redtag_protocol::{
    canned::{Canned, Found, Kept, Scope, lookup},
    grade::Condition,
    ids::{CannedId, LineId, PointKey},
    inspection::{Answer, InspectionWrite},
    ipc::{InspectionView, Request},
    op::Edit,
    template::{Kind, Point},
};

use super::{inspection, stroke};
use crate::{
    app::{CannedList, Confirm, Deed, Input, Layer, Menu, MenuItem, Pick, Purpose, State},
    keys::Action,
};

/// Asks for the notes that the shop keeps.
pub(super) fn ask(state: &mut State) {
    state.ask(Purpose::Canned, Request::Canned);
}

/// The notes for a point of the open inspection, the nearest first.
pub(super) fn notes(state: &State, point: &PointKey) -> Vec<Found> {
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    view.map_or_else(Vec::new, |view| {
        lookup(&view.template, &state.canned, point)
    })
}

/// Shows the notes for a point.
pub(super) fn open(state: &mut State, point: &Point) {
    let all = notes(state, &point.key);
    if all.is_empty() {
        return state.say(format!(
            "there is no canned note for {}; Ctrl-K in a note keeps it as one",
            point.label
        ));
    }
    state.layers.push(Layer::Canned(CannedList {
        point: point.key.clone(),
        label: point.label.clone(),
        all,
        filter: Input::line(""),
        selected: 0,
    }));
}

/// Does what a key says to the list.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let page = i64::from(state.height / 2);
    let Some(Layer::Canned(list)) = state.layers.last_mut() else {
        return;
    };
    match action {
        Some(Action::Back) => drop(state.layers.pop()),
        Some(Action::Up) => list.step(-1),
        Some(Action::Down) => list.step(1),
        Some(Action::PageUp) => list.step(-page),
        Some(Action::PageDown) => list.step(page),
        Some(Action::Enter) => {
            let at = list.selected;
            choose(state, at);
        }
        Some(Action::Digit) => {
            let number = match key.code {
                KeyCode::Char(c) => c.to_digit(10).and_then(|it| usize::try_from(it).ok()),
                _ => None,
            };
            if let Some(at) = number.and_then(|it| it.checked_sub(1)) {
                choose(state, at);
            }
        }
        Some(Action::Discard) => ask_drop(state),
        _ => {
            if list.filter.key(key) {
                list.selected = 0;
            }
        }
    }
}

/// Takes the note with this place among those that fit.
fn choose(state: &mut State, at: usize) {
    let Some(Layer::Canned(list)) = state.layers.last() else {
        return;
    };
    let Some(found) = list.fitting().get(at).map(|it| (*it).clone()) else {
        return state.say("no canned note has these letters; Esc leaves the list");
    };
    let point = list.point.clone();
    if let Err(words) = stroke::may_fill(state) {
        return state.say(words);
    }
    state.layers.pop();
    let before = view(state).and_then(|view| {
        let note = view.inspection.results.get(&point)?.note()?;
        Some(note.to_owned())
    });
    let answered = take(state, &point, before.as_deref(), &found.note);
    let here = state.inspection().and_then(|screen| screen.point());
    if answered && here.is_some_and(|here| here.key == point) {
        inspection::go_on(state);
    }
}

fn view(state: &State) -> Option<&InspectionView> {
    state.inspection()?.view.as_deref()
}

/// Writes the note, behind the one that is there; with it the condition and the recommended work
/// that it sets, in one stroke. Whether the point got an answer by it.
pub(super) fn take(
    state: &mut State,
    key: &PointKey,
    before: Option<&str>,
    canned: &Canned,
) -> bool {
    let line = LineId::from_parts(state.now().0, state.moment.ten(0));
    let Some(view) = view(state) else {
        return false;
    };
    let Some(point) = view.template.point(key) else {
        return false;
    };
    let id = view.inspection.id;
    let label = point.label.clone();
    let edit = |write| Edit::Inspection { id, write };
    let mut edits = Vec::new();
    let answer = condition(view, point, canned.condition);
    let answered = answer.is_some();
    if let Some(answer) = answer {
        edits.push(edit(InspectionWrite::Answer {
            point: key.clone(),
            answer: Some(answer),
        }));
    }
    let text = match before.map(str::trim).filter(|it| !it.is_empty()) {
        Some(before) if before.contains(&canned.text) => before.to_owned(),
        Some(before) => format!("{before}\n{}", canned.text),
        None => canned.text.clone(),
    };
    edits.push(edit(InspectionWrite::Note {
        point: key.clone(),
        note: Some(text),
    }));
    let result = view.inspection.results.get(key);
    let there = canned.recommendation.as_ref().is_some_and(|work| {
        result.is_some_and(|it| it.lines().any(|(_, line)| line.text == work.text))
    });
    if let Some(work) = canned.recommendation.clone().filter(|_| !there) {
        edits.push(edit(InspectionWrite::Line {
            point: key.clone(),
            line,
            recommendation: Some(work),
        }));
    }
    let words = format!("{label}: {}", canned.text);
    stroke::make(state, words, edits);
    let sum = canned.recommendation.as_ref().map(|work| {
        let whole = work.labour.checked_add(work.parts).unwrap_or(work.labour);
        format!("; recommended: {} ({whole})", work.text)
    });
    state.say(format!(
        "{label}: {}{}",
        canned.text,
        sum.unwrap_or_default()
    ));
    answered
}

/// The answer with which a note's condition is set; none where it stands already, or where the
/// point takes none: a measured value grades itself.
fn condition(view: &InspectionView, point: &Point, set: Option<Condition>) -> Option<Answer> {
    let set = set?;
    let standing = view.inspection.answer(&point.key);
    let takes = match &point.kind {
        Kind::Condition => true,
        Kind::Measurement(_) => standing.is_none_or(|it| it.measured().is_none()),
        Kind::Signature { graded, .. } => *graded,
        Kind::Choice { .. } | Kind::Text => set == Condition::NotApplicable && standing.is_none(),
    };
    let stands = view.inspection.effective(point, &view.template) == Some(set)
        && standing.is_some_and(|it| !it.by_default);
    (takes && !stands).then(|| match &point.kind {
        Kind::Signature { .. } => Answer {
            condition: Some(set),
            ..standing.cloned().unwrap_or_default()
        },
        _ => Answer::condition(set),
    })
}

/// Asks for where a note that was typed is to be offered from now on.
pub(super) fn ask_scope(state: &mut State) {
    let Some(Layer::Editor(editor)) = state.layers.last() else {
        return;
    };
    let crate::app::Writing::Note(key) = &editor.writing else {
        return state.say("only a note is kept as a canned one");
    };
    let (Some(text), Some(view)) = (editor.input.trimmed(), view(state)) else {
        return state.say("type the note first");
    };
    let Some((section, point)) = view.template.points().find(|(_, it)| it.key == *key) else {
        return;
    };
    let result = view.inspection.results.get(key);
    let work = result.and_then(|it| it.lines().next().map(|(_, work)| work.clone()));
    let note = Canned {
        text,
        condition: view.inspection.effective(point, &view.template),
        recommendation: work,
        unknown: serde_json::Map::new(),
    };
    let template = view.template.key.clone();
    let scopes = [
        (
            format!("At {}", point.label),
            Scope::Point {
                template: template.clone(),
                point: key.clone(),
            },
        ),
        (
            format!("In {}", section.label),
            Scope::Section {
                template,
                section: section.key.clone(),
            },
        ),
        ("Everywhere".to_owned(), Scope::Shop),
    ];
    let sets = match (note.condition, &note.recommendation) {
        (Some(set), Some(_)) => format!("It will set {set} and the recommended work with it."),
        (Some(set), None) => format!("It will set {set} with it."),
        (None, Some(_)) => "It will set the recommended work with it.".to_owned(),
        (None, None) => "It sets no condition.".to_owned(),
    };
    let items = scopes.into_iter().map(|(label, scope)| MenuItem {
        label,
        detail: String::new(),
        pick: Pick::KeepCanned(Box::new(Kept {
            scope,
            note: note.clone(),
        })),
    });
    let menu = Menu {
        title: "Keep this note: where is it offered?".to_owned(),
        note: Some(sets),
        items: items.collect(),
        selected: 0,
    };
    state.layers.push(Layer::Menu(menu));
}

/// Keeps a note for the whole shop.
pub(super) fn keep(state: &mut State, kept: Kept) {
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let Some(shop) = account.map(|account| account.shop) else {
        return;
    };
    if let Err(words) = kept.note.check() {
        return state.complain(words);
    }
    let id = CannedId::from_parts(state.now().0, state.moment.ten(0));
    let words = format!("canned note: {}", kept.note.text);
    stroke::make(state, words, vec![Edit::AddCanned { shop, id, kept }]);
    state.say("kept as a canned note of the shop; the note itself is still to be saved (Enter)");
}

/// Asks whether the marked note, where the shop keeps it, is to go.
fn ask_drop(state: &mut State) {
    let Some(Layer::Canned(list)) = state.layers.last() else {
        return;
    };
    let Some(found) = list.fitting().get(list.selected).map(|it| (*it).clone()) else {
        return;
    };
    let Some(id) = found.id else {
        return state.say("this one comes with the template; it goes with a new version of that");
    };
    state.layers.push(Layer::Confirm(Confirm {
        title: "Drop this canned note?".to_owned(),
        lines: vec![
            found.note.text,
            "Nobody is offered it any more; where it was written it stays.".to_owned(),
        ],
        deed: Deed::DropCanned(id),
    }));
}

/// Drops a note that the shop keeps.
pub(super) fn drop_one(state: &mut State, id: CannedId) {
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let Some(shop) = account.map(|account| account.shop) else {
        return;
    };
    if let Some(Layer::Canned(list)) = state.layers.last_mut() {
        list.all.retain(|it| it.id != Some(id));
        list.step(0);
    }
    let words = "canned note dropped".to_owned();
    stroke::make(state, words, vec![Edit::DropCanned { shop, id }]);
}
