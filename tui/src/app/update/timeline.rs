//! Keys of the timeline.

use redtag_protocol::ipc::Request;

use crate::{
    app::{Purpose, Screen, State, TimelineScreen},
    keys::Action,
    words::Labels,
};

/// Opens the timeline of the inspection that is open.
pub(super) fn open(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let Some(view) = &screen.view else { return };
    let id = screen.id;
    let timeline = TimelineScreen {
        id,
        label: screen.label.clone(),
        labels: Labels::of(view),
        entries: None,
        selected: 0,
        trouble: None,
    };
    state.above.push(Screen::Timeline(Box::new(timeline)));
    state.ask(Purpose::Timeline(id), Request::Timeline { id });
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = i64::from(state.height.saturating_sub(8).max(1));
    if action == Some(Action::Back) {
        state.above.pop();
        return;
    }
    let Some(screen) = state.timeline_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => screen.step(-1),
        Some(Action::Down) => screen.step(1),
        Some(Action::PageUp) => screen.step(-page),
        Some(Action::PageDown) => screen.step(page),
        Some(Action::First) => screen.step(i64::MIN),
        Some(Action::Last) => screen.step(i64::MAX),
        _ => {}
    }
}
