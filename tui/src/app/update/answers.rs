//! What the daemon answered.

use redtag_protocol::{
    ids::InspectionId,
    ipc::{Connection, FailureCode, InspectionView, Reply},
    op::Edit,
};

use super::{
    accounts, board, card, composing, conflicts, drafts, export, finder, form, jump, lock, narrow,
    outbox, paged, remember, subject, templates, undo,
};
use crate::{
    app::{Daemon, Purpose, Screen, Standing, State, UnsavedEdit},
    link::Error,
};

/// Takes an answer to where it belongs.
pub(super) fn take(state: &mut State, ask: u64, result: Result<Reply, Error>) {
    let Some(purpose) = state.asks.answered(ask, &mut state.effects) else {
        return;
    };
    count_waiting(state, &result);
    if let Err(Error::Failed(failure)) = &result
        && failure.code == FailureCode::Locked
        && !matches!(purpose, Purpose::Unlock(_) | Purpose::Use)
    {
        // What was asked for is asked again once the account is open; an edit goes out then.
        if let Purpose::Edit(id) = purpose {
            state.unsaved.becomes(id, Standing::Queued);
        }
        return lock::shut_out(state);
    }
    if let Some(result) = paged::whole(state, &purpose, result) {
        give(state, ask, purpose, result);
    }
}

/// Gives an answer that is whole to the part of the screen that wants it.
fn give(state: &mut State, ask: u64, purpose: Purpose, result: Result<Reply, Error>) {
    match (purpose, result) {
        (Purpose::Edit(id), Ok(Reply::Saved { .. })) => saved(state, id),
        (Purpose::Edit(id), Err(error)) => not_saved(state, id, &error),
        (Purpose::Board(query), Ok(Reply::Board(page))) => {
            if let Some(id) = state.board.take(query, page) {
                let label = state.board.marked().map(|row| row.label.clone());
                state.board.typing = false;
                if state.above.is_empty() {
                    board::show_inspection(state, id, label.unwrap_or_default());
                }
            }
        }
        (Purpose::Board(_), Err(error)) => state.board.failed(error.to_string()),
        (Purpose::Facets, result) => narrow::answered(state, result),
        (Purpose::Found(text), Ok(Reply::Found(found))) => state.board.take_found(&text, found),
        (Purpose::Find(sought, text), result) => finder::answered(state, sought, text, result),
        (Purpose::Subject(key), result) => subject::answered(state, key, result),
        (Purpose::Alike(to), result) => card::compared(state, *to, result),
        (Purpose::Jump(text), result) => jump::answered(state, &text, result),
        (Purpose::Recall, result) => remember::answered(state, result),
        (Purpose::TemplateVersions, result) => templates::answered(state, result),
        (Purpose::Accounts, result) if state.locked.is_some() => lock::accounts(state, result),
        (Purpose::Accounts, result) => accounts::answered(state, result),
        (Purpose::Unlock(account), result) => lock::tried(state, account, result),
        (Purpose::Use, result) => accounts::gone_over(state, result),
        (Purpose::Inspection(id) | Purpose::Check(id), Ok(Reply::Inspection(view))) => {
            told(state, ask, id, view);
        }
        (Purpose::Inspection(id), Err(error)) => {
            if let Some(screen) = state.inspection_mut()
                && screen.id == id
            {
                screen.trouble = Some(error.to_string());
            }
        }
        // The daemon has no such inspection: its creation was not saved.
        (Purpose::Check(id), Err(Error::Failed(_))) => form::checked(state, id, false),
        (Purpose::Timeline(id), result) => timeline(state, id, result),
        (Purpose::Status | Purpose::Sync, Ok(Reply::Status(status))) => {
            super::link::status(state, status);
        }
        (Purpose::Sync, Err(error)) => state.complain(error.to_string()),
        (
            purpose @ (Purpose::Outbox(_)
            | Purpose::OutboxTemplates
            | Purpose::OutboxMembers
            | Purpose::Retry(_)
            | Purpose::Discard(_)),
            result,
        ) => outbox::answered(state, purpose, result),
        (purpose @ (Purpose::Conflicts | Purpose::Settle(_)), result) => {
            conflicts::answered(state, purpose, result);
        }
        (Purpose::Export(file, here), result) => export::answered(state, file, here, result),
        (Purpose::Undo(id), result) => undo::answered(state, id, result, true),
        (Purpose::Redo(id), result) => undo::answered(state, id, result, false),
        (Purpose::Canned, Ok(Reply::Canned(kept))) => state.canned = kept,
        (Purpose::Draft(..), Err(Error::Failed(failure))) => state.complain(format!(
            "what you type is not kept on this machine before it is saved: {}",
            failure.words
        )),
        (
            Purpose::Undone {
                first, last, back, ..
            },
            Ok(Reply::Timeline(entries)),
        ) => {
            undo::tell(state, (first, last), back, &entries);
        }
        (
            purpose @ (Purpose::Vehicles(_)
            | Purpose::Customers(_)
            | Purpose::Owner
            | Purpose::FormAlike
            | Purpose::FormVisits
            | Purpose::Templates
            | Purpose::Provisional),
            result,
        ) => form::answered(state, purpose, result),
        (Purpose::Members, Ok(Reply::Members(members))) => {
            if let Some(form) = state.form_mut() {
                form.take_members(members);
            }
        }
        // An answer of another kind than was asked for: a daemon that does not keep to the
        // language. What is shown stays as it is.
        _ => {}
    }
}

/// With no line, what was saved waits for long, and is counted at once; the daemon's own count comes a
/// moment later. With one it is mostly sent before anybody could read that it waits.
fn count_waiting(state: &mut State, result: &Result<Reply, Error>) {
    if let Ok(Reply::Saved { first, last, .. }) = result
        && let Some(status) = &mut state.status
        && status.connection != Connection::Online
    {
        status.waiting += last.saturating_sub(*first) + 1;
        outbox::look(state);
    }
}

/// An inspection as the daemon has it.
fn told(state: &mut State, ask: u64, id: InspectionId, view: Box<InspectionView>) {
    let found = state.unsaved.seen(&view.inspection, ask);
    if found > 0 {
        state.say("looked again: it was saved after all");
    }
    form::checked(state, id, true);
    let Some(screen) = state.inspection_mut().filter(|it| it.id == id) else {
        return;
    };
    let version = view.version;
    screen.label = view.inspection.label();
    let first = screen.told.is_none();
    screen.take(view);
    remember::looked_at(state, id, version);
    state.lay_over();
    if first {
        drafts::tell(state);
    }
}

/// An edit is durable. What shows it is asked for; until then it stays laid over.
fn saved(state: &mut State, id: u64) {
    let latest = state.asks.last();
    let edit = state.unsaved.becomes(id, Standing::Saved(latest));
    // Answers come too fast for words; a move is a moment worth telling.
    let told = edit
        .filter(|edit| is_a_moment(&edit.edits))
        .map(|edit| format!("saved on this machine: {}", edit.words));
    let inspection = edit.and_then(UnsavedEdit::inspection);
    if let Some(words) = told {
        state.say(words);
    }
    if form::saved(state, id) || card::saved(state, id) || composing::saved(state, id) {
        return;
    }
    let open = state.inspection().map(|screen| screen.id);
    state.unsaved.forget_saved(open);
    if let Some(inspection) = inspection
        && open == Some(inspection)
    {
        state.ask_inspection(inspection);
    }
    state.lay_over();
}

/// A move, or a template that is offered or closed.
fn is_a_moment(edits: &[Edit]) -> bool {
    matches!(
        edits,
        [Edit::Move { .. } | Edit::PublishTemplate { .. } | Edit::CloseTemplate { .. }]
    )
}

fn not_saved(state: &mut State, id: u64, error: &Error) {
    let standing = match error {
        // The daemon never saw it: it goes out again once the daemon is back.
        Error::NotSent(_) if state.daemon != Daemon::Up => Standing::Queued,
        Error::Failed(_) | Error::NotSent(_) => Standing::Refused(error.to_string()),
        Error::Unanswered(words) => Standing::Unconfirmed(words.clone()),
    };
    let queued = standing == Standing::Queued;
    let lost = matches!(standing, Standing::Unconfirmed(_));
    let Some(edit) = state.unsaved.becomes(id, standing) else {
        return;
    };
    let inspection = edit.inspection();
    let what = edit.words.clone();
    if queued {
        state.say(format!("{what}: kept here until the daemon is back"));
    } else if lost {
        card::lost(state, id);
        composing::lost(state, id);
        if let Some(id) = inspection {
            check(state, id);
        }
        state.complain(format!(
            "{what}: the daemon did not answer; looking whether it was saved"
        ));
    } else if !form::refused(state, id, &error.to_string())
        && !card::refused(state, id, &error.to_string())
        && !composing::refused(state, id, &error.to_string())
    {
        state.complain(format!("not saved — {what}: {error} (F2 to try again)"));
    }
    state.lay_over();
}

/// Looks whether an unconfirmed edit was taken.
pub(super) fn check(state: &mut State, id: InspectionId) {
    let request = state.look_at(id);
    state.ask(Purpose::Check(id), request);
}

fn timeline(state: &mut State, id: InspectionId, result: Result<Reply, Error>) {
    let Some(Screen::Timeline(screen)) = state.above.last_mut() else {
        return;
    };
    if screen.id != id {
        return;
    }
    match result {
        Ok(Reply::Timeline(entries)) => screen.take(entries),
        Err(error) => screen.trouble = Some(error.to_string()),
        Ok(_) => {}
    }
}
