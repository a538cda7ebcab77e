//! Keys of the templates.

use redtag_protocol::ipc::Reply;

use super::{board, composing, paged};
use crate::{
    app::{Purpose, Screen, State, TemplatesScreen, differences},
    keys::Action,
    link::Error,
};

/// Opens them.
pub(super) fn open(state: &mut State) {
    state
        .above
        .push(Screen::Templates(Box::<TemplatesScreen>::default()));
    look(state);
}

/// Asks for what is shown, where it is in front.
pub(super) fn look(state: &mut State) {
    if matches!(state.above.last(), Some(Screen::Templates(_))) {
        paged::ask(state, Purpose::TemplateVersions);
    }
}

/// Takes an answer.
pub(super) fn answered(state: &mut State, result: Result<Reply, Error>) {
    let Some(Screen::Templates(screen)) = state.above.last_mut() else {
        return;
    };
    match result {
        Ok(Reply::TemplatePage(all)) => screen.take(all),
        Ok(_) => {}
        Err(error) => screen.trouble = Some(error.to_string()),
    }
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = i64::from(state.height.saturating_sub(14).max(1));
    let Some(Screen::Templates(screen)) = state.above.last_mut() else {
        return;
    };
    let lines = lines(screen);
    match action {
        Some(Action::Up) => screen.step(-1),
        Some(Action::Down) => screen.step(1),
        Some(Action::First) => screen.step(i64::MIN),
        Some(Action::Last) => screen.step(i64::MAX),
        Some(Action::PageUp) => screen.scroll(-page, lines),
        Some(Action::PageDown) => screen.scroll(page, lines),
        Some(Action::NextGroup) => {
            screen.changes = !screen.changes;
            screen.scroll = 0;
        }
        Some(Action::Back) => drop(state.above.pop()),
        Some(Action::Sync) => board::sync(state),
        Some(Action::Compose) => composing::begin(state),
        Some(Action::Publish) => composing::ask_publish(state),
        Some(Action::Close) => composing::ask_close(state),
        _ => {}
    }
}

/// How many lines of the marked version there are to scroll through.
fn lines(screen: &TemplatesScreen) -> usize {
    match (screen.marked(), screen.before(), screen.changes) {
        (Some(marked), Some(before), true) => differences(before, marked).len(),
        (Some(marked), ..) => marked.points().count() + marked.sections.len(),
        (None, ..) => 0,
    }
}
