//! What every message does. One file per screen; this one only hands on.

mod accounts;
mod answers;
mod board;
mod canned;
mod card;
mod carry;
mod composing;
mod conflicts;
mod details;
mod drafts;
mod editor;
mod escape;
mod export;
mod finder;
mod form;
mod inspection;
mod jump;
mod layers;
mod link;
mod lock;
mod mouse;
mod moves;
mod narrow;
mod outbox;
mod paged;
mod palette;
mod past;
mod remember;
mod standing;
mod stroke;
mod subject;
mod templates;
mod timeline;
mod undo;
mod value;
mod work;

pub(crate) use value::foresee;

use super::{Confirm, Daemon, Deed, Effect, Layer, Message, Moment, Screen, State, Tone};
use crate::keys::{Action, Binding};
use crossterm::event::{KeyCode, KeyEvent};

/// Takes a message; returns what is to be done outside.
pub(crate) fn update(state: &mut State, message: Message, moment: Moment) -> Vec<Effect> {
    state.moment = moment;
    let timeline_stood = timeline::is_front(state);
    let section = remember::section(state);
    match message {
        Message::Key(key) if state.locked.is_some() => lock::strike(state, &key),
        Message::Mouse(_) | Message::Paste(_) if state.locked.is_some() => {}
        Message::Key(key) => {
            lock::active(state);
            strike(state, &key);
        }
        Message::Mouse(mouse) => {
            lock::active(state);
            mouse::take(state, mouse);
        }
        Message::Paste(text) => {
            lock::active(state);
            paste(state, &text);
        }
        Message::Resize { width, height } => {
            state.width = width;
            state.height = height;
            state.board.fit(height);
        }
        Message::Answer { ask, result } => answers::take(state, ask, *result),
        Message::Link(event) => link::take(state, event),
        Message::Kept {
            file,
            edits,
            failed,
        } => export::kept(state, &file, edits, failed),
        Message::Composed { file, text } => composing::taken(state, file, text),
        Message::NoShell => state.say("no shell waits here, so Redtag stays in the foreground"),
        Message::Clock => {}
    }
    if state.locked.as_ref().is_some_and(|it| !it.may_leave) {
        // Nothing is asked for that would not be answered, and what was said may say too much.
        standing::remember(state);
        state.said = None;
        return std::mem::take(&mut state.effects);
    }
    if state.daemon == Daemon::Up {
        state.unsaved.send(&mut state.asks, &mut state.effects);
    }
    if !timeline_stood {
        timeline::look(state);
    }
    remember::follow(state);
    if section.is_some() && section != remember::section(state) {
        remember::keep(state);
    }
    if state.above.is_empty() {
        board::want(state);
    }
    link::unwatch(state);
    standing::remember(state);
    std::mem::take(&mut state.effects)
}

fn strike(state: &mut State, key: &KeyEvent) {
    if let Some(second) = escape::after(state, key) {
        strike(state, &KeyCode::Esc.into());
        return strike(state, &second);
    }
    if let Some(status) = &state.status {
        state.noticed.clone_from(&status.notices);
    }
    let binding = state.keys.find(state.place(), key);
    // What was said last has been read. What went wrong stands until something else is said or
    // the person goes on.
    if state
        .said
        .as_ref()
        .is_some_and(|said| said.tone == Tone::Calm)
        || binding.is_some()
    {
        state.said = None;
    }
    perform(state, binding, key);
}

/// Does what a line of the table says, however it was chosen; without one, the key is typed.
fn perform(state: &mut State, binding: Option<&'static Binding>, key: &KeyEvent) {
    if let Some(binding) = binding
        && let Some(role) = state.role()
        && !role.may(binding.needs)
    {
        return state.say(format!(
            "a {role} may look, not do this; an owner can give you another role"
        ));
    }
    let action = binding.map(|binding| binding.action);
    match action {
        Some(Action::Quit) => quit(state),
        Some(Action::Suspend) => state.effects.push(Effect::Suspend),
        Some(Action::Redraw) => state.effects.push(Effect::Redraw),
        Some(Action::Lock) => lock::now(state),
        Some(Action::Help) => {
            let place = state.place();
            state.layers.push(Layer::Help { place, scroll: 0 });
        }
        Some(Action::Unsaved) => layers::show_unsaved(state),
        Some(Action::Palette) => palette::open(state),
        Some(Action::Standing) => standing::open(state),
        Some(Action::Jump) if state.layers.is_empty() => jump::open(state),
        action if !state.layers.is_empty() => layers::act(state, action, key),
        action => match state.above.last() {
            None => board::act(state, action, key),
            Some(Screen::Inspection(_)) => inspection::act(state, action, key),
            Some(Screen::Timeline(_)) => timeline::act(state, action),
            Some(Screen::New(_)) => form::act(state, action, key),
            Some(Screen::Outbox(_)) => outbox::act(state, action),
            Some(Screen::Conflicts(_)) => conflicts::act(state, action, key),
            Some(Screen::Past(_)) => past::act(state, action),
            Some(Screen::Finder(_)) => finder::act(state, action, key),
            Some(Screen::Subject(_)) => subject::act(state, action),
            Some(Screen::Card(_)) => card::act(state, action, key),
            Some(Screen::Templates(_)) => templates::act(state, action),
        },
    }
}

fn paste(state: &mut State, text: &str) {
    if let Some(layer) = state.layers.last_mut() {
        match layer {
            Layer::Editor(editor) => {
                editor.input.paste(text);
                drafts::keep(state);
            }
            Layer::Canned(list) => list.filter.paste(text),
            Layer::Work(form) => form.input_mut().paste(text),
            Layer::Palette(palette) => {
                palette.input.paste(text.trim());
                palette.look();
            }
            _ => {}
        }
        return;
    }
    match state.above.last() {
        None => board::paste(state, text),
        Some(Screen::Inspection(_)) => value::paste(state, text),
        Some(Screen::New(_)) => form::paste(state, text),
        Some(Screen::Finder(_)) => finder::paste(state, text),
        Some(Screen::Card(_)) => card::paste(state, text),
        Some(
            Screen::Timeline(_)
            | Screen::Outbox(_)
            | Screen::Conflicts(_)
            | Screen::Past(_)
            | Screen::Subject(_)
            | Screen::Templates(_),
        ) => {}
    }
}

/// Leaves, after a question where something would be lost.
fn quit(state: &mut State) {
    let at_risk = state.unsaved.at_risk();
    let typing = state.layers.iter().any(|layer| match layer {
        Layer::Editor(editor) => editor.input.text() != editor.was && !drafts::is_kept(editor),
        Layer::Work(_) => true,
        _ => false,
    });
    let form = state.has_typed_form();
    let mut lines = Vec::new();
    match at_risk {
        0 => {}
        1 => lines.push("One edit is not saved on this machine yet and would be lost.".to_owned()),
        many => lines.push(format!(
            "{many} edits are not saved on this machine yet and would be lost."
        )),
    }
    if let Some(it) = &state.composing {
        lines.push(format!(
            "The template that you were writing is not saved; {}.",
            it.place()
        ));
    }
    if typing || form {
        lines.push("What you have typed here is not saved and would be lost.".to_owned());
    }
    if lines.is_empty() {
        return remember::leave(state);
    }
    let asked = matches!(state.layers.last(), Some(Layer::Confirm(it)) if it.deed == Deed::Quit);
    if !asked {
        state.layers.push(Layer::Confirm(Confirm {
            title: "Leave Redtag?".to_owned(),
            lines,
            deed: Deed::Quit,
        }));
    }
}

#[cfg(test)]
mod tests;
