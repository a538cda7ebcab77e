//! Esc and the key after it, where a slow line brings them together: a terminal sends Alt as an Esc
//! before the key, so the two cannot be told apart.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::{app::State, keys::Place};

/// The key that came with an Esc; none where the two mean something as Alt, and none where an Esc that
/// nobody struck would give up what is being typed.
pub(super) fn after(state: &State, key: &KeyEvent) -> Option<KeyEvent> {
    let place = state.place();
    let types = matches!(
        place,
        Place::Value
            | Place::Editor
            | Place::Work
            | Place::New
            | Place::Card
            | Place::Filter
            | Place::Finder
            | Place::Palette
            | Place::Canned
    );
    let struck = matches!(
        key.code,
        KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab | KeyCode::Backspace
    );
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    if types || !struck || !alt || state.keys.find(place, key).is_some() {
        return None;
    }
    let modifiers = key.modifiers.difference(KeyModifiers::ALT);
    Some(KeyEvent::new(key.code, modifiers))
}

#[cfg(test)]
mod tests;
