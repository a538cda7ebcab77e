//! Keys of the timeline.

use redtag_protocol::ipc::Request;

use crate::{
    app::{Purpose, Screen, State, TimelineScreen, timeline_point},
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
        at: screen.point().map(|point| point.key.clone()),
        only: None,
        selected: 0,
        trouble: None,
    };
    state.above.push(Screen::Timeline(Box::new(timeline)));
}

/// Whether it is in front.
pub(super) fn is_front(state: &State) -> bool {
    matches!(state.above.last(), Some(Screen::Timeline(_)))
}

/// Asks for what is shown, where it is in front: it was opened, or something that was above it, such
/// as what there is to settle, has been left.
pub(super) fn look(state: &mut State) {
    if let Some(Screen::Timeline(screen)) = state.above.last() {
        let id = screen.id;
        state.ask(Purpose::Timeline(id), Request::Timeline { id });
    }
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = i64::from(state.height.saturating_sub(8).max(1));
    match action {
        Some(Action::Back) => return drop(state.above.pop()),
        Some(Action::Conflicts) => return super::conflicts::open(state),
        Some(Action::Enter) => return jump(state),
        _ => {}
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
        Some(Action::OnlyThis) => {
            let marked = screen.marked().and_then(timeline_point);
            let only = if screen.only.is_some() { None } else { marked };
            if only.is_none() && screen.only.is_none() {
                return state.say("the marked line is about no point");
            }
            screen.filter(only);
        }
        Some(Action::OnlyHere) => {
            let here = screen.at.clone();
            screen.filter(here);
        }
        _ => {}
    }
}

/// Back to the inspection, at the point that the marked line is about.
fn jump(state: &mut State) {
    let Some(screen) = state.timeline_mut() else {
        return;
    };
    let Some(point) = screen.marked().and_then(timeline_point) else {
        return state.say("the marked line is about no point");
    };
    state.above.pop();
    if let Some(screen) = state.inspection_mut() {
        screen.seek = Some(point);
        screen.go();
    }
}
