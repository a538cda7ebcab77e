//! How things stand, and what was said before.

use crate::{
    app::{Layer, State},
    keys::Action,
};

/// So many things that were said are kept.
const KEPT: usize = 50;

/// Shows it, once.
pub(super) fn open(state: &mut State) {
    let open = |layer: &Layer| matches!(layer, Layer::Standing { .. });
    if !state.layers.iter().any(open) {
        state.layers.push(Layer::Standing { scroll: 0 });
    }
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = state.height.saturating_sub(6).max(1);
    let Some(Layer::Standing { scroll }) = state.layers.last_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => *scroll = scroll.saturating_sub(1),
        Some(Action::Down) => *scroll = scroll.saturating_add(1),
        Some(Action::PageUp) => *scroll = scroll.saturating_sub(page),
        Some(Action::PageDown) => *scroll = scroll.saturating_add(page),
        Some(Action::Sync) => super::board::sync(state),
        Some(Action::Back) => drop(state.layers.pop()),
        _ => {}
    }
}

/// Keeps what was said, so that it can be read again after the key that took it away.
pub(super) fn remember(state: &mut State) {
    let Some(said) = &state.said else { return };
    if state.told.back().is_some_and(|(_, last)| last == said) {
        return;
    }
    let entry = (state.moment.now, said.clone());
    state.told.push_back(entry);
    if state.told.len() > KEPT {
        state.told.pop_front();
    }
}
