//! Keys of the revisions that reopening ended.

use crate::{
    app::{PastScreen, Screen, State},
    keys::Action,
};

/// Shows the newest revision that was ended.
pub(super) fn open(state: &mut State) {
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    let Some(view) = view else { return };
    if view.inspection.past.is_empty() {
        return state.say("this inspection was never reopened: there is no earlier revision");
    }
    let at = state.inspection().map_or(0, |screen| screen.at);
    let past = PastScreen { revision: 0, at };
    state.above.push(Screen::Past(past));
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = i64::from(state.height.saturating_sub(10).max(1));
    let (points, revisions) = state
        .inspection()
        .and_then(|screen| screen.view.as_ref())
        .map_or((0, 0), |view| {
            (view.template.points().count(), view.inspection.past.len())
        });
    let Some(Screen::Past(screen)) = state.above.last_mut() else {
        return;
    };
    match action {
        Some(Action::Back) => drop(state.above.pop()),
        Some(Action::Up) => screen.step(-1, points),
        Some(Action::Down) => screen.step(1, points),
        Some(Action::PageUp) => screen.step(-page, points),
        Some(Action::PageDown) => screen.step(page, points),
        Some(Action::First) => screen.step(i64::MIN, points),
        Some(Action::Last) => screen.step(i64::MAX, points),
        Some(Action::NextGroup) => screen.revision = (screen.revision + 1) % revisions.max(1),
        Some(Action::PreviousGroup) => {
            let count = revisions.max(1);
            screen.revision = (screen.revision + count - 1) % count;
        }
        _ => {}
    }
}
