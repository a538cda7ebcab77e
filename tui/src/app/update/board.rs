//! Keys of the board.

use crossterm::event::KeyEvent;
use redtag_protocol::ipc::Request;

use super::{accounts, finder, jump, narrow, remember, templates};
use crate::{
    app::{Input, InspectionScreen, Narrow, Purpose, Screen, Sought, State, Tab, day},
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
        Some(Action::NextGroup) if board.typing => {
            board.typing = false;
            note_filter(state);
        }
        Some(Action::NextGroup) => turn(state, 1),
        Some(Action::PreviousGroup) => turn(state, Tab::ALL.len() - 1),
        Some(Action::Tab(at)) => show(state, at),
        Some(Action::Filter) => board.typing = true,
        Some(Action::Older) => recall(state, true),
        Some(Action::Newer) => recall(state, false),
        Some(Action::Narrow) => narrow::open(state),
        Some(Action::Order) => narrow::orders(state),
        Some(Action::Jump) => jump::open(state),
        Some(Action::Vehicles) => finder::open(state, Sought::Vehicle),
        Some(Action::Customers) => finder::open(state, Sought::Customer),
        Some(Action::Templates) => templates::open(state),
        Some(Action::Accounts) => accounts::open(state),
        Some(Action::Looked) => remember::ask_look_at_all(state),
        Some(Action::Back) => {
            board.typing = false;
            // What somebody went to the length of typing may be wanted again. One that was recalled
            // is remembered as it is.
            if board.sought().chars().count() >= 3 && board.recalled == 0 {
                note_filter(state);
            }
            let board = &mut state.board;
            // One thing after the other: first what was typed, then what it was narrowed to.
            if board.filter.is_empty() {
                board.narrow = Narrow::default();
            }
            board.filter.clear();
            board.recalled = 0;
            board.restart();
        }
        Some(Action::New) => super::form::open(state),
        Some(Action::Sync) => sync(state),
        Some(Action::Outbox) => super::outbox::open(state),
        Some(Action::Conflicts) => super::conflicts::open(state),
        _ if board.typing => {
            let before = board.filter.text().to_owned();
            if board.filter.key(key) && board.filter.text() != before {
                board.recalled = 0;
                board.restart();
            }
        }
        _ => {}
    }
}

/// Asks for what the board shows and does not have.
pub(super) fn want(state: &mut State) {
    if state.board.tab == Tab::Today {
        state.board.day = day(state.moment.now, &state.zone);
    }
    if let Some(query) = state.board.wants() {
        let request = Request::Board(query.clone());
        state.ask(Purpose::Board(query), request);
    }
    let of = state.board.wants_found();
    if !of.is_empty() {
        let text = state.board.sought().to_owned();
        let request = Request::Found {
            text: text.clone(),
            of,
        };
        state.ask(Purpose::Found(text), request);
    }
}

/// The filter was of use: it is remembered.
fn note_filter(state: &mut State) {
    let text = state.board.sought().to_owned();
    if let Some(memory) = &mut state.memory {
        memory.note_filter(&text);
    }
    state.board.recalled = 0;
    remember::keep(state);
}

/// A filter that was of use before, or what was typed again.
fn recall(state: &mut State, older: bool) {
    let Some(memory) = &state.memory else { return };
    let filters = memory.filters();
    let board = &mut state.board;
    let at = if older {
        board.recalled + 1
    } else {
        board.recalled.saturating_sub(1)
    };
    if at > filters.len() {
        return;
    }
    let text = filters.len().checked_sub(at).and_then(|it| filters.get(it));
    board.filter = Input::line(text.map_or("", String::as_str));
    board.recalled = at;
    board.restart();
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
    let mut screen = InspectionScreen::new(id, label);
    // Where one was when it was left.
    let memory = state.memory.as_ref();
    screen.seek = memory.and_then(|memory| memory.place(id)).cloned();
    state.above.push(Screen::Inspection(Box::new(screen)));
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
        note_filter(state);
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
        remember::keep(state);
    }
}
