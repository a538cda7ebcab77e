//! What the link tells by itself.

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Difference, Push, Request, Status},
};

use super::paged;
use crate::{
    app::{Daemon, Purpose, Screen, Standing, State, UnsavedEdit},
    link::Event,
};

/// Takes an event of the link.
pub(super) fn take(state: &mut State, event: Event) {
    match event {
        Event::Up { ipc, .. } => {
            state.daemon = Daemon::Up;
            state.ipc = ipc;
            state.ask(Purpose::Status, Request::Status);
            if state.locked.as_ref().is_none_or(|it| it.may_leave) {
                fresh(state);
            } else {
                state.ask(Purpose::Accounts, Request::Accounts);
            }
        }
        Event::Down { words } => state.daemon = Daemon::Down(words),
        Event::Push(Push::Status(status)) => self::status(state, status),
        Event::Push(Push::Changed {
            documents,
            difference,
        }) => {
            let followed = difference.is_some_and(|it| follow(state, *it));
            look_again(state, &documents, followed);
            super::outbox::look(state);
            super::conflicts::look(state);
        }
        Event::Push(Push::Locked { account }) => {
            if state.shown_of.as_ref() == Some(&account) {
                super::lock::shut_out(state);
            }
        }
        Event::Push(Push::Stopping) => {
            state.daemon = Daemon::Down("the daemon is stopping".to_owned());
        }
    }
}

/// Asks for all that is shown: the line stands anew, or the account is open again.
pub(super) fn fresh(state: &mut State) {
    look_again(state, &[], false);
    super::drafts::again(state);
    super::outbox::look(state);
    super::conflicts::look(state);
    if state.shown_of.is_some() && state.memory.is_none() {
        super::remember::begin(state);
    }
    // Edits whose answer was lost with the old connection.
    let lost: Vec<InspectionId> = state
        .unsaved
        .iter()
        .filter(|edit| matches!(edit.standing, Standing::Unconfirmed(_)))
        .filter_map(UnsavedEdit::inspection)
        .collect();
    for id in lost {
        super::answers::check(state, id);
    }
}

/// Takes how things stand.
pub(super) fn status(state: &mut State, status: Box<Status>) {
    if super::lock::told(state, &status) {
        return;
    }
    let known = |status: &Status| status.account.as_ref().map(|it| (it.id.clone(), it.role));
    let before = state.status.as_deref().and_then(known);
    let after = known(&status);
    let changed = before != after;
    if let Some((now, _)) = after {
        state.unsaved.belongs_to(now.clone());
        let former = state.shown_of.replace(now);
        if former.is_some() && former != state.shown_of {
            // Nothing of one account is ever visible in another.
            state.forget_account();
        }
        if former != state.shown_of || state.status.is_none() {
            super::remember::begin(state);
        }
    }
    let counts = |status: &Status| {
        (
            status.waiting,
            status.sent,
            status.quarantined,
            status.conflicts,
        )
    };
    let news = if changed {
        None
    } else {
        state.status.as_deref().and_then(|it| news(it, &status))
    };
    let moved = state.status.as_deref().map(counts) != Some(counts(&status));
    state.status = Some(status);
    if let Some(words) = news {
        state.complain(words);
    }
    if moved {
        super::outbox::look(state);
        super::conflicts::look(state);
    }
    if changed {
        super::canned::ask(state);
        state.board.stale();
        state.lay_over();
    }
}

/// What a person must hear of at once: something was refused, or met another bench's edit.
fn news(before: &Status, now: &Status) -> Option<String> {
    if now.quarantined > before.quarantined {
        let edits = match now.quarantined - before.quarantined {
            1 => "1 edit was".to_owned(),
            many => format!("{many} edits were"),
        };
        return Some(format!(
            "{edits} refused by the server and kept here; w says why, nothing is lost"
        ));
    }
    if now.conflicts > before.conflicts {
        return Some(
            "an edit met another bench's, or came late: every value is kept; ! shows them"
                .to_owned(),
        );
    }
    None
}

/// Takes in what became of the open inspection; false where it must be read anew.
fn follow(state: &mut State, difference: Difference) -> bool {
    let (id, version) = (difference.of(), difference.version);
    let Some(screen) = state.inspection_mut().filter(|it| it.id == id) else {
        return false;
    };
    if !screen.follow(difference) {
        return false;
    }
    super::remember::looked_at(state, id, version);
    state.lay_over();
    true
}

/// Nothing need be told of an inspection that is not on the screen any more.
pub(super) fn unwatch(state: &mut State) {
    if state.inspection().is_none() && state.watched.take().is_some() {
        state.ask(Purpose::Unwatch, Request::Unwatch);
    }
}

/// Documents are not what they were: what is shown of them is asked for again, but for the open
/// inspection where it was `followed`. An empty list means any of them.
fn look_again(state: &mut State, documents: &[EntityRef], followed: bool) {
    state.board.stale();
    let touched = |screen: &crate::app::InspectionScreen| {
        let view = screen.told.as_ref();
        documents.is_empty()
            || documents.iter().any(|document| match document {
                EntityRef::Inspection(id) => *id == screen.id,
                EntityRef::Vehicle(id) => view.is_some_and(|view| view.inspection.vehicle == *id),
                EntityRef::Customer(id) => {
                    view.is_some_and(|view| view.inspection.customer() == Some(*id))
                }
                EntityRef::Shop(_) | EntityRef::Member(_) | EntityRef::Template(_) => true,
            })
    };
    if let Some(id) = state.inspection().filter(|it| touched(it)).map(|it| it.id) {
        if !followed {
            state.ask_inspection(id);
        }
        if let Some(Screen::Timeline(_)) = state.above.last() {
            state.ask(Purpose::Timeline(id), Request::Timeline { id });
        }
    }
    let shop_changed = documents.iter().any(|it| matches!(it, EntityRef::Shop(_)));
    // Before an inspection is open, so that a list of them is whole from the first key on: one that
    // grew while it is shown would put another note under a number.
    if documents.is_empty() || shop_changed {
        super::canned::ask(state);
    }
    super::finder::look(state);
    super::subject::look(state);
    super::templates::look(state);
    let template_changed = documents
        .iter()
        .any(|it| matches!(it, EntityRef::Template(_)));
    if (documents.is_empty() || template_changed) && state.form_mut().is_some() {
        paged::ask(state, Purpose::Templates);
    }
}
