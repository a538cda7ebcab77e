//! Keys of the board.

use crossterm::event::KeyEvent;
use redtag_protocol::ipc::Request;

use crate::{
    app::{InspectionScreen, Purpose, Screen, State, Tab},
    keys::Action,
};

/// Does what a key says; keys without a meaning type the filter where it is being typed.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let page = i64::from(state.board.page());
    let board = &mut state.board;
    match action {
        Some(Action::Up) => board.step(-1),
        Some(Action::Down) => board.step(1),
        Some(Action::PageUp) => board.step(-page),
        Some(Action::PageDown) => board.step(page),
        Some(Action::First) => board.step(i64::MIN),
        Some(Action::Last) => board.end(),
        Some(Action::Enter) => open(state),
        Some(Action::NextGroup) if board.typing => board.typing = false,
        Some(Action::NextGroup) => turn(state, 1),
        Some(Action::PreviousGroup) => turn(state, Tab::ALL.len() - 1),
        Some(Action::Tab(at)) => show(state, at),
        Some(Action::Filter) => board.typing = true,
        Some(Action::Back) => {
            board.typing = false;
            board.filter.clear();
            board.restart();
        }
        Some(Action::New) => super::form::open(state),
        Some(Action::Sync) => sync(state),
        Some(Action::Outbox) => super::outbox::open(state),
        Some(Action::Conflicts) => super::conflicts::open(state),
        _ if board.typing => {
            let before = board.filter.text().to_owned();
            if board.filter.key(key) && board.filter.text() != before {
                board.restart();
            }
        }
        _ => {}
    }
}

/// Pasted text, as a scanner gives it, is a filter.
pub(super) fn paste(state: &mut State, text: &str) {
    state.board.typing = true;
    state.board.filter.paste(text.trim());
    state.board.restart();
}

/// Synchronises now and says so.
pub(super) fn sync(state: &mut State) {
    state.ask(Purpose::Sync, Request::Sync { wait: false });
    state.say("asked the daemon to synchronise now");
}

/// Shows an inspection above what is there.
pub(super) fn show_inspection(
    state: &mut State,
    id: redtag_protocol::ids::InspectionId,
    label: String,
) {
    state
        .above
        .push(Screen::Inspection(Box::new(InspectionScreen::new(
            id, label,
        ))));
    state.ask_inspection(id);
    super::canned::ask(state);
}

fn open(state: &mut State) {
    // Somebody who types a number and Enter means the inspection with that number, also when its
    // answer is still on the way.
    // The same where the mark is on a row that is still on its way.
    let awaited = state.board.marked().is_none() && state.board.matched > 0;
    if awaited || !state.board.is_current() {
        state.board.open_on_answer = true;
        return;
    }
    let marked = state.board.marked().map(|row| (row.id, row.label.clone()));
    if let Some((id, label)) = marked {
        state.board.typing = false;
        // Opening chooses it: the mark is on it when one comes back.
        state.board.step(0);
        show_inspection(state, id, label);
    }
}

fn turn(state: &mut State, by: usize) {
    let at = Tab::ALL.iter().position(|tab| *tab == state.board.tab);
    show(state, (at.unwrap_or(0) + by) % Tab::ALL.len());
}

fn show(state: &mut State, at: usize) {
    if let Some(tab) = Tab::ALL.get(at) {
        state.board.tab = *tab;
        state.board.restart();
    }
}
