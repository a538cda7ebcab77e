//! Finding an action by its words.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::{
    app::{Layer, Palette, Reach, State},
    keys::Action,
};

/// Lines of a page.
const PAGE: isize = 8;

/// Opens the palette over what is in front.
pub(super) fn open(state: &mut State) {
    // Not from what is open above a screen: that is finished or left first.
    let above = !state.above.is_empty() && state.layers.is_empty();
    let palette = Palette::over(&state.keys, state.place(), state.role(), above);
    state.layers.push(Layer::Palette(palette));
}

/// Does what a key says; letters narrow the list.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let Some(Layer::Palette(palette)) = state.layers.last_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => palette.step(-1),
        Some(Action::Down) => palette.step(1),
        Some(Action::PageUp) => palette.step(-PAGE),
        Some(Action::PageDown) => palette.step(PAGE),
        Some(Action::Back) => drop(state.layers.pop()),
        Some(Action::Enter) => choose(state),
        _ => {
            let before = palette.input.text().to_owned();
            if palette.input.key(key) && palette.input.text() != before {
                palette.look();
            }
        }
    }
}

/// Does what is marked, where the palette was opened.
pub(super) fn choose(state: &mut State) {
    let Some(Layer::Palette(palette)) = state.layers.last() else {
        return;
    };
    let Some(offer) = palette.marked() else {
        return;
    };
    let (binding, at) = (offer.binding, offer.at);
    let nothing = KeyEvent::new(KeyCode::Null, KeyModifiers::NONE);
    let key = offer.chords.first().map_or(nothing, |it| it.event());
    state.layers.pop();
    if at == Reach::Board && !go_to_board(state) {
        return;
    }
    super::perform(state, Some(binding), &key);
}

/// Leaves the screens above the board; not where something was typed that is nowhere else.
fn go_to_board(state: &mut State) -> bool {
    let typing = state.inspection().is_some_and(|it| it.entry.is_some());
    if typing || state.has_typed_form() {
        state.complain(
            "what you are typing here is not saved: save it, or leave it with Esc, and choose again",
        );
        return false;
    }
    state.above.clear();
    state.unsaved.forget_saved(None);
    state.board.typing = false;
    true
}
