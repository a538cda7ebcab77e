//! Keys of the outbox.

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    inspection::InspectionWrite,
    ipc::{Outgoing, Reply, Request, SyncState},
    op::Edit,
};

use super::{board, export, paged, subject};
use crate::{
    app::{Confirm, Deed, Layer, OutboxScreen, Purpose, Screen, State, WINDOW},
    keys::Action,
    link::Error,
    words,
};

/// Opens it, or comes back to it.
pub(super) fn open(state: &mut State) {
    let is = |screen: &Screen| matches!(screen, Screen::Outbox(_));
    if let Some(at) = state.above.iter().position(is) {
        state.above.truncate(at + 1);
    } else {
        state.above.push(Screen::Outbox(Box::default()));
    }
    paged::ask(state, Purpose::OutboxTemplates);
    state.ask(Purpose::OutboxMembers, Request::Members);
    look(state);
}

/// Asks for what is shown, where the outbox is in front.
pub(super) fn look(state: &mut State) {
    let Some(Screen::Outbox(screen)) = state.above.last() else {
        return;
    };
    let offset = screen.window();
    let request = Request::Outbox {
        offset,
        limit: WINDOW,
    };
    state.ask(Purpose::Outbox(offset), request);
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = i64::from(state.height.saturating_sub(11).max(1));
    let Some(screen) = state.outbox_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => screen.step(-1),
        Some(Action::Down) => screen.step(1),
        Some(Action::PageUp) => screen.step(-page),
        Some(Action::PageDown) => screen.step(page),
        Some(Action::First) => screen.step(i64::MIN),
        Some(Action::Last) => screen.step(i64::MAX),
        Some(Action::Back) => drop(state.above.pop()),
        Some(Action::Enter) => jump(state),
        Some(Action::Retry) => retry(state),
        Some(Action::Discard) => ask_discard(state),
        Some(Action::Export) => export::open(state),
        Some(Action::Sync) => board::sync(state),
        Some(Action::Conflicts) => super::conflicts::open(state),
        _ => {}
    }
    if state.outbox_mut().is_some_and(|screen| screen.is_short()) {
        look(state);
    }
}

/// The marked row, where a person may decide about it; else says why not.
fn refused(state: &mut State) -> Option<Outgoing> {
    let marked = state.outbox_mut()?.marked()?.clone();
    match marked.sync {
        SyncState::Refused => return Some(marked),
        SyncState::Sent => state.say("it is on its way; the server's answer comes by itself"),
        _ => state.say("it waits and goes out by itself, it is safe here; s tries now"),
    }
    None
}

fn retry(state: &mut State) {
    if let Some(row) = refused(state) {
        let request = Request::Retry { number: row.number };
        state.ask(Purpose::Retry(row.number), request);
    }
}

fn ask_discard(state: &mut State) {
    let Some(row) = refused(state) else { return };
    let Some(screen) = state.outbox_mut() else {
        return;
    };
    let told = |row: &&Outgoing| {
        let what = words::edit(&row.edit, &screen.labels);
        format!("{}  {what}", row.label)
    };
    let mut lines: Vec<String> = screen.going().iter().take(6).map(told).collect();
    let all = 1 + row.with.len();
    if all > lines.len() {
        let more = all - lines.len();
        lines.push(format!("and {more} more that are nothing without it"));
    }
    lines.push("It is on this machine and nowhere else. e keeps it in a file first.".to_owned());
    state.layers.push(Layer::Confirm(Confirm {
        title: "Give it up for good?".to_owned(),
        lines,
        deed: Deed::DiscardStroke(row.number),
    }));
}

/// Gives a refused stroke up.
pub(super) fn discard(state: &mut State, number: u64) {
    state.ask(Purpose::Discard(number), Request::Discard { number });
}

/// To the inspection, at the point.
fn jump(state: &mut State) {
    let Some(row) = state.outbox_mut().and_then(|screen| screen.marked()) else {
        return;
    };
    let EntityRef::Inspection(id) = row.entity else {
        let key = row.entity;
        return subject::open(state, key);
    };
    let point = match &row.edit {
        Edit::Inspection { write, .. } | Edit::SettleInspection { write, .. } => {
            InspectionWrite::point(write).cloned()
        }
        _ => None,
    };
    let label = row.label.clone();
    show(state, id, label, point);
}

/// Shows an inspection at a point: one that lies below already comes to the front.
pub(super) fn show(
    state: &mut State,
    id: InspectionId,
    label: String,
    point: Option<redtag_protocol::ids::PointKey>,
) {
    let is = |screen: &Screen| matches!(screen, Screen::Inspection(it) if it.id == id);
    if let Some(at) = state.above.iter().position(is) {
        state.above.truncate(at + 1);
        state.ask_inspection(id);
    } else {
        board::show_inspection(state, id, label);
    }
    if let Some(screen) = state.inspection_mut() {
        screen.seek = point.or(screen.seek.take());
        screen.go();
    }
}

/// Takes an answer that is for the outbox.
pub(super) fn answered(state: &mut State, purpose: Purpose, result: Result<Reply, Error>) {
    match (purpose, result) {
        (Purpose::Outbox(from), Ok(Reply::Outbox(page))) => {
            if let Some(screen) = state.outbox_mut() {
                screen.take(from, page);
                // The list has become shorter than where one was.
                if screen.is_short() && screen.window() != from {
                    look(state);
                }
            }
        }
        (Purpose::Outbox(_), Err(error)) => {
            if let Some(screen) = state.outbox_mut() {
                screen.trouble = Some(error.to_string());
            }
        }
        (Purpose::OutboxTemplates, Ok(Reply::TemplatePage(all))) => {
            if let Some(screen) = state.outbox_mut() {
                screen.take_templates(all.templates);
            }
        }
        (Purpose::OutboxMembers, Ok(Reply::Members(members))) => {
            if let Some(screen) = state.outbox_mut() {
                screen.take_members(members);
            }
        }
        (Purpose::Retry(_), Ok(Reply::Saved { .. })) => {
            state.say("saved here as a new edit, waiting to send");
            look(state);
        }
        (Purpose::Retry(_), Err(error)) => {
            state.complain(format!("not tried again, and still kept here: {error}"));
        }
        (Purpose::Discard(_), Ok(Reply::Done)) => {
            state.say("given up; nothing else was touched");
            look(state);
        }
        (Purpose::Discard(_), Err(error)) => {
            state.complain(format!("not given up, it is still here: {error}"));
        }
        _ => {}
    }
}

impl State {
    /// The outbox, where it is in front.
    pub(crate) fn outbox_mut(&mut self) -> Option<&mut OutboxScreen> {
        match self.above.last_mut() {
            Some(Screen::Outbox(screen)) => Some(screen),
            _ => None,
        }
    }
}
