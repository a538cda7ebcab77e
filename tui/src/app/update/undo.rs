//! Taking back what was done last.

use redtag_protocol::ipc::{Reply, Request, TimelineEntry};

use crate::{
    app::{Purpose, State, Story, story},
    link::Error,
    words::Labels,
};

/// Asks for what was taken back last to be done again.
pub(super) fn redo(state: &mut State) {
    let Some(inspection) = state.inspection().map(|screen| screen.id) else {
        return;
    };
    if state.unsaved.at_risk() > 0 {
        return state.say("an edit is still being saved; what was taken back before stays so");
    }
    state.ask(Purpose::Redo(inspection), Request::Redo { inspection });
}

/// Asks for the last stroke of this bench on the open inspection to be taken back.
pub(super) fn undo(state: &mut State) {
    let Some(inspection) = state.inspection().map(|screen| screen.id) else {
        return;
    };
    if state.unsaved.at_risk() > 0 {
        return state.say("an edit is still being saved; then u takes it back");
    }
    let request = Request::Undo {
        inspection,
        number: None,
    };
    state.ask(Purpose::Undo(inspection), request);
}

/// It is taken back or done again, or is not. What it was is read from the timeline.
pub(super) fn answered(
    state: &mut State,
    id: redtag_protocol::ids::InspectionId,
    result: Result<Reply, Error>,
    back: bool,
) {
    let done = if back { "taken back" } else { "done again" };
    match result {
        Ok(Reply::Saved { first, last, .. }) => {
            state.say(format!("{done}; saved here, waiting to send"));
            state.ask_inspection(id);
            state.ask(
                Purpose::Undone {
                    id,
                    first,
                    last,
                    back,
                },
                Request::Timeline { id },
            );
        }
        Err(error) => state.complain(format!("not {done}: {error}")),
        Ok(_) => {}
    }
}

/// Says what the undo wrote.
pub(super) fn tell(
    state: &mut State,
    (first, last): (u64, u64),
    back: bool,
    entries: &[TimelineEntry],
) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let labels = Labels::of(view);
    let mine = |entry: &&TimelineEntry| {
        let op = entry.actor.op();
        entry.seq.is_none() && op.is_some_and(|op| (first..=last).contains(&op.number))
    };
    let told: Vec<String> = entries
        .iter()
        .filter(mine)
        .map(|entry| what(story(entry.happening.as_ref(), &labels), back))
        .collect();
    if !told.is_empty() {
        let done = if back { "taken back" } else { "done again" };
        state.say(format!("{done}: {}; waiting to send", told.join(", ")));
    }
}

/// What was taken back, and what stands again; or what was done again.
fn what(story: Story, back: bool) -> String {
    let Story {
        what,
        before,
        after,
        ..
    } = story;
    if !back {
        return match after {
            Some(after) => format!("{what}: {after}"),
            None => what,
        };
    }
    match (before, after) {
        (Some(before), Some(after)) => format!("{what}: {before}, {after} again"),
        (Some(before), None) => format!("{what}: {before}"),
        (None, Some(after)) => format!("{what}: {after} again"),
        (None, None) => what,
    }
}
