//! Keys of what there is to settle.

use crossterm::event::{KeyCode, KeyEvent};
use redtag_protocol::{
    entity::EntityRef,
    ipc::{Choice, ConflictSort, Reply, Request},
};

use super::{board, outbox, subject};
use crate::{
    app::{
        Confirm, ConflictsScreen, Deed, Layer, Purpose, Screen, State, conflict_point,
        timeline_point,
    },
    keys::Action,
    link::Error,
};

/// Opens it, or comes back to it; from an inspection at what is to be settled there.
pub(super) fn open(state: &mut State) {
    let seek = match state.above.last() {
        Some(Screen::Inspection(screen)) => {
            Some((screen.id, screen.point().map(|point| point.key.clone())))
        }
        Some(Screen::Timeline(screen)) => {
            Some((screen.id, screen.marked().and_then(timeline_point)))
        }
        _ => None,
    };
    let is = |screen: &Screen| matches!(screen, Screen::Conflicts(_));
    if let Some(at) = state.above.iter().position(is) {
        state.above.truncate(at + 1);
    } else {
        state.above.push(Screen::Conflicts(Box::default()));
    }
    if let Some(screen) = state.conflicts_mut() {
        screen.seek = seek;
    }
    look(state);
}

/// Asks for what is shown, where it is in front.
pub(super) fn look(state: &mut State) {
    if matches!(state.above.last(), Some(Screen::Conflicts(_))) {
        state.ask(Purpose::Conflicts, Request::Conflicts { of: None });
    }
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let page = i64::from(state.height.saturating_sub(14).max(1));
    let Some(screen) = state.conflicts_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => screen.step(-1),
        Some(Action::Down) => screen.step(1),
        Some(Action::PageUp) => screen.step(-page),
        Some(Action::PageDown) => screen.step(page),
        Some(Action::First) => screen.step(i64::MIN),
        Some(Action::Last) => screen.step(i64::MAX),
        Some(Action::NextGroup) => screen.turn(),
        Some(Action::Back) => drop(state.above.pop()),
        Some(Action::Enter) => jump(state),
        Some(Action::Keep) => settle(state, None),
        Some(Action::Digit) => {
            let number = match key.code {
                KeyCode::Char(c) => c.to_digit(10).and_then(|it| usize::try_from(it).ok()),
                _ => None,
            };
            choose(state, number.unwrap_or(0));
        }
        Some(Action::Sync) => board::sync(state),
        Some(Action::Outbox) => outbox::open(state),
        _ => {}
    }
}

/// Takes the side with this number, from 1. A deletion is asked about first.
fn choose(state: &mut State, number: usize) {
    let Some(view) = state.conflicts_mut().and_then(|it| it.marked()) else {
        return;
    };
    let Some(side) = number.checked_sub(1).and_then(|at| view.sides.get(at)) else {
        return state.say(format!("there is no value {number} here"));
    };
    if side.write.is_some() {
        return settle(state, Some(number));
    }
    let title = format!("Delete {} after all?", view.label);
    state.layers.push(Layer::Confirm(Confirm {
        title,
        lines: vec!["What others did to it meanwhile goes with it. Its timeline stays.".to_owned()],
        deed: Deed::TakeSide(number),
    }));
}

/// Says what stands from now on: the side with this number, or none of the others.
pub(super) fn settle(state: &mut State, number: Option<usize>) {
    let Some(screen) = state.conflicts_mut() else {
        return;
    };
    let at = screen.selected;
    let Some(view) = screen.views.as_mut().and_then(|views| views.get_mut(at)) else {
        return;
    };
    if view.pending {
        return state.say("what was chosen is saved here and waits to be sent");
    }
    let side = number
        .and_then(|it| it.checked_sub(1))
        .and_then(|at| view.sides.get(at));
    let (choice, stands) = match (side, view.sort) {
        (Some(side), _) if side.write.is_none() => {
            (Choice::Side(side.op), format!("{} is deleted", view.label))
        }
        (Some(side), _) => (
            Choice::Side(side.op),
            format!("{}: {} stands", view.title, side.words),
        ),
        (None, ConflictSort::Field) => (
            Choice::Present,
            format!("{}: settled as it stands", view.title),
        ),
        (None, ConflictSort::Late) => (
            Choice::Present,
            format!("{}: what came late is dropped", view.title),
        ),
        (None, ConflictSort::Deletion) => (Choice::Present, format!("{} stays", view.label)),
    };
    // A second stroke of the key settles nothing else.
    view.pending = true;
    let request = Request::Settle {
        entity: view.entity,
        field: view.field.clone(),
        choice,
    };
    state.ask(Purpose::Settle(stands), request);
}

/// To the inspection, at the point.
fn jump(state: &mut State) {
    let Some(view) = state.conflicts_mut().and_then(|it| it.marked()) else {
        return;
    };
    let EntityRef::Inspection(id) = view.entity else {
        let key = view.entity;
        return subject::open(state, key);
    };
    let (label, point) = (view.label.clone(), conflict_point(view));
    outbox::show(state, id, label, point);
}

/// Takes an answer that is for what there is to settle.
pub(super) fn answered(state: &mut State, purpose: Purpose, result: Result<Reply, Error>) {
    match (purpose, result) {
        (Purpose::Conflicts, Ok(Reply::Conflicts(views))) => {
            if let Some(screen) = state.conflicts_mut() {
                screen.take(views);
            }
        }
        (Purpose::Conflicts, Err(error)) => {
            if let Some(screen) = state.conflicts_mut() {
                screen.trouble = Some(error.to_string());
            }
        }
        (Purpose::Settle(stands), Ok(Reply::Saved { .. })) => {
            state.say(format!(
                "{stands}; saved here, waiting to send. Every value stays in the timeline"
            ));
            look(state);
        }
        (Purpose::Settle(_), Err(error)) => {
            state.complain(format!("not settled, every value is still kept: {error}"));
            look(state);
        }
        _ => {}
    }
}

impl State {
    /// What there is to settle, where it is in front.
    pub(crate) fn conflicts_mut(&mut self) -> Option<&mut ConflictsScreen> {
        match self.above.last_mut() {
            Some(Screen::Conflicts(screen)) => Some(screen),
            _ => None,
        }
    }
}
