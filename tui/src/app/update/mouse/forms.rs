//! Clicks in the form for a new inspection.

use super::strike;
use crate::{
    app::{Field, Saving, State, update::form},
    keys::Action,
};

/// A field was clicked: one is in it. A second click creates, or takes the next of a field's values.
pub(super) fn click(state: &mut State, at: usize) {
    let Some(form) = state.form_mut() else { return };
    let Some(field) = form.fields().get(at).copied() else {
        return;
    };
    if form.saving != Saving::No {
        return;
    }
    if form.at != field {
        form.problem = None;
        form.enter_on_answer = false;
        form.at = field;
        return form::search(state);
    }
    if field == Field::Create {
        strike(state, Action::Enter);
    } else if field.cycles() {
        strike(state, Action::Next);
    }
}

/// Marks one of the matches below a field; whether it was marked already.
pub(super) fn mark(state: &mut State, at: usize) -> bool {
    let Some(form) = state.form_mut() else {
        return false;
    };
    if form.saving != Saving::No {
        return false;
    }
    match form::marks(form) {
        Some((selected, last)) => selected.replace(at.min(last)) == Some(at),
        None => false,
    }
}
