//! Creating what the form describes, and what became of it.

use redtag_protocol::{ids::InspectionId, ipc::Request};

use super::super::remember;
use crate::app::{
    Confirm, Deed, Field, InspectionScreen, Layer, Purpose, Saving, Screen, Standing, State,
};

/// Creates: checks what can be checked, then asks for the provisional number.
pub(super) fn create(state: &mut State) {
    let moment = state.moment;
    let Some(form) = state.form_mut() else { return };
    if let Err((field, words)) = form.edits(String::new(), &moment) {
        form.at = field;
        form.problem = Some(words);
        return;
    }
    if let Some((true, words)) = form.vin_words()
        && !form.vin_accepted
        && form.fields().contains(&Field::Vin)
    {
        state.layers.push(Layer::Confirm(Confirm {
            title: "Create with this VIN all the same?".to_owned(),
            lines: vec![words],
            deed: Deed::CreateAnyway,
        }));
        return;
    }
    form.saving = Saving::Numbering;
    state.ask(Purpose::Provisional, Request::Provisional);
}

/// The VIN was looked at and stands.
pub(in crate::app::update) fn create_anyway(state: &mut State) {
    if let Some(form) = state.form_mut() {
        form.vin_accepted = true;
        create(state);
    }
}

/// An edit is durable: if it is the form's, the form gives way to the inspection.
pub(in crate::app::update) fn saved(state: &mut State, edit: u64) -> bool {
    let Some(form) = state.form_mut() else {
        return false;
    };
    let Saving::Sent(unsaved, id) = form.saving else {
        return false;
    };
    if unsaved != edit {
        return false;
    }
    shown(state, id);
    true
}

fn shown(state: &mut State, id: InspectionId) {
    let used = state.form_mut().and_then(|form| {
        let template = form.templates.as_ref()?.get(form.template)?;
        Some(template.key.to_string())
    });
    if let (Some(memory), Some(used)) = (&mut state.memory, used) {
        memory.template = Some(used);
    }
    remember::keep(state);
    state.above.pop();
    let created = state.unsaved.iter().find(|it| it.inspection() == Some(id));
    let label = created
        .and_then(|edit| edit.words.strip_prefix("new inspection "))
        .unwrap_or_default()
        .to_owned();
    state.unsaved.forget_saved(None);
    state.board.stale();
    state.say(format!("{label} is saved on this machine"));
    let screen = InspectionScreen::new(id, label);
    state.above.push(Screen::Inspection(Box::new(screen)));
    state.ask_inspection(id);
}

/// An edit was refused: if it is the form's, the form is open again with what was typed.
pub(in crate::app::update) fn refused(state: &mut State, edit: u64, words: &str) -> bool {
    let Some(form) = state.form_mut() else {
        return false;
    };
    if !matches!(form.saving, Saving::Sent(unsaved, _) if unsaved == edit) {
        return false;
    }
    form.saving = Saving::No;
    form.problem = Some(format!("not created: {words}"));
    // The form holds all of it.
    state.unsaved.discard(edit);
    true
}

/// It is known whether an inspection is there whose creation was not answered.
pub(in crate::app::update) fn checked(state: &mut State, id: InspectionId, there: bool) {
    let Some(form) = state.form_mut() else { return };
    let Saving::Sent(edit, expected) = form.saving else {
        return;
    };
    if expected != id {
        return;
    }
    if there {
        state.unsaved.becomes(edit, Standing::Saved(0));
        shown(state, id);
    } else {
        refused(
            state,
            edit,
            "the daemon went away before it was saved; create it again",
        );
    }
}
