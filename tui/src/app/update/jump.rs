//! Straight to a number, plate or VIN that is typed or scanned.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Hit, Reply, Request},
};

use super::{outbox, subject};
use crate::{
    app::{Editor, Input, Layer, Menu, MenuItem, Pick, Purpose, State, Writing},
    link::Error,
};

/// Opens the line in which it is typed.
pub(super) fn open(state: &mut State) {
    let is = |layer: &Layer| matches!(layer, Layer::Editor(it) if it.writing == Writing::Jump);
    if state.layers.iter().any(is) {
        return;
    }
    if state.has_typed_form() {
        return state.say("save the form or leave it first; what you typed would be lost");
    }
    state.layers.push(Layer::Editor(Editor {
        title: "Go to".to_owned(),
        note: Some("a ticket number, plate, VIN or serial number, typed or scanned".to_owned()),
        input: Input::line(""),
        was: String::new(),
        writing: Writing::Jump,
        problem: None,
        canned: Vec::new(),
        marked: None,
        sought: false,
    }));
}

/// Enter: the daemon is asked what that names.
pub(super) fn ask(state: &mut State, text: &str) {
    if text.trim().is_empty() {
        state.layers.pop();
        return;
    }
    let text = text.to_owned();
    state.ask(Purpose::Jump(text.clone()), Request::Jump { text });
}

/// Goes there, or offers what it may be.
pub(super) fn answered(state: &mut State, text: &str, result: Result<Reply, Error>) {
    let Some(Layer::Editor(editor)) = state.layers.last_mut() else {
        return;
    };
    // Something else was typed meanwhile, or the line was left.
    if editor.writing != Writing::Jump || editor.input.text() != text {
        return;
    }
    let mut hits = match result {
        Ok(Reply::Hits(hits)) => hits,
        Ok(_) => return,
        Err(error) => {
            editor.problem = Some(error.to_string());
            return;
        }
    };
    match hits.len() {
        0 => {
            // The next scan begins anew.
            editor.problem = Some(format!(
                "nothing here is called “{}”; / on the board finds parts of words too",
                text.trim()
            ));
            editor.input.clear();
        }
        1 => {
            state.layers.pop();
            go(state, hits.remove(0));
        }
        _ => {
            state.layers.pop();
            let item = |hit: Hit| MenuItem {
                label: hit.label.clone(),
                detail: hit.detail.clone(),
                pick: Pick::Hit(hit),
            };
            state.layers.push(Layer::Menu(Menu {
                title: format!("“{}” is", text.trim()),
                note: None,
                items: hits.into_iter().map(item).collect(),
                selected: 0,
            }));
        }
    }
}

/// Shows it: of a vehicle the inspection at the bench where there is one and no other.
pub(super) fn go(state: &mut State, hit: Hit) {
    match (hit.entity, hit.open) {
        (EntityRef::Inspection(id), _) => outbox::show(state, id, hit.label, None),
        (_, Some(id)) => outbox::show(state, id, String::new(), None),
        (key, None) => subject::open(state, key),
    }
}
