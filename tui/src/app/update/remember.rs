//! What is remembered of the account, and what was looked at.

use redtag_protocol::{
    ids::InspectionId,
    ipc::{Reply, Request},
    stamp::Seq,
};

use crate::{
    app::{Confirm, Deed, Effect, Layer, Memory, Purpose, State},
    link::Error,
};

/// Asks what was remembered of the account that is shown from now on.
pub(super) fn begin(state: &mut State) {
    state.memory = None;
    state.kept = None;
    state.ask(Purpose::Recall, Request::Recall);
}

/// Takes what was remembered. Of a daemon that remembers nothing, nothing is.
pub(super) fn answered(state: &mut State, result: Result<Reply, Error>) {
    let text = match result {
        Ok(Reply::Remembered(text)) => text,
        Err(Error::Failed(_)) => None,
        // Where the daemon has gone away it is asked again once that is back.
        Ok(_) | Err(_) => return,
    };
    let mut memory = text.as_deref().map(Memory::read).unwrap_or_default();
    state.board.begin(&memory);
    memory.set_tab(state.board.tab);
    state.memory = Some(memory);
    state.kept = text;
}

/// After every message: what the memory says of the board, and the board of the memory. What has
/// changed goes to the daemon.
pub(super) fn follow(state: &mut State) {
    let copied = state.status.as_ref().filter(|status| !status.filling);
    let seq = copied.map(|status| status.seq);
    let here = state.inspection().and_then(|screen| {
        let point = screen.point()?;
        Some((screen.id, point.key.clone()))
    });
    let Some(memory) = &mut state.memory else {
        return;
    };
    if let Some((id, point)) = here {
        memory.be_at(id, &point);
    }
    if memory.since.is_none()
        && let Some(seq) = seq
    {
        // The first time: what was there before is no news.
        memory.look_at_all(seq);
    }
    let board = &mut state.board;
    board.looked = memory.since.unwrap_or(Seq(u64::MAX));
    memory.set_tab(board.tab);
    memory.sort = board.sort;
    if memory.narrow != board.narrow {
        memory.narrow = board.narrow.clone();
    }
}

/// The section of an inspection in which one is: whoever leaves it finds it again.
pub(super) fn section(state: &State) -> Option<(InspectionId, usize)> {
    let screen = state.inspection()?;
    screen.view.as_ref()?;
    Some((screen.id, screen.place().0))
}

/// Has the daemon remember what changed.
pub(super) fn keep(state: &mut State) {
    follow(state);
    let Some(memory) = &mut state.memory else {
        return;
    };
    if let Some(row) = state.board.marked() {
        memory.marked = Some(row.id);
    }
    let text = memory.text();
    if text.is_some()
        && text != state.kept
        && let Some(text) = text
    {
        state.kept = Some(text.clone());
        state.ask(Purpose::Remember, Request::Remember { text });
    }
}

/// An inspection is shown as of this place in the shop's order.
pub(super) fn looked_at(state: &mut State, id: InspectionId, seq: Seq) {
    if let Some(memory) = &mut state.memory {
        memory.look_at(id, seq);
    }
}

/// Asks whether everything is to count as looked at: the key means something else in an inspection,
/// and a slip would take away what the shift begins with.
pub(super) fn ask_look_at_all(state: &mut State) {
    state.layers.push(Layer::Confirm(Confirm {
        title: "Count everything as looked at?".to_owned(),
        lines: vec![
            "The marks of what others changed go away, and the tab New is empty.".to_owned(),
            "Nothing brings them back; the inspections themselves stay as they are.".to_owned(),
        ],
        deed: Deed::LookedAtAll,
    }));
}

/// Everything counts as looked at.
pub(super) fn look_at_all(state: &mut State) {
    let Some(seq) = state.status.as_ref().map(|status| status.seq) else {
        return;
    };
    // The board may be ahead of the last word of how things stand.
    let seq = state.board.latest().map_or(seq, |latest| latest.max(seq));
    let Some(memory) = &mut state.memory else {
        return;
    };
    memory.look_at_all(seq);
    state.board.restart();
    state.say("everything up to now counts as looked at");
    keep(state);
}

/// Leaves; the daemon hears first where one was.
pub(super) fn leave(state: &mut State) {
    keep(state);
    state.effects.push(Effect::Quit);
}
