//! Texts that are being typed are kept by the daemon, in the account's encrypted cache, and come
//! back after a dropped line or a killed client.

use redtag_protocol::{ids::InspectionId, ipc::Request};

use crate::{
    app::{Editor, Layer, Purpose, State, Writing, note_name},
    keys::{Action, Place},
};

/// What a text is called where it is kept; none where it is not: a secret, a signature, a file.
fn name(writing: &Writing) -> Option<String> {
    match writing {
        Writing::Note(point) => Some(note_name(point)),
        Writing::Text(point) => Some(format!("text:{point}")),
        Writing::Reason(verb) => Some(format!("reason:{verb}")),
        Writing::Concern => Some("concern".to_owned()),
        Writing::Signature(_)
        | Writing::Bay
        | Writing::Jump
        | Writing::ExportFile(_)
        | Writing::ExportPassphrase { .. } => None,
    }
}

/// What a text is called that stood where another is typed: kept beside it, so that it is known
/// whether a colleague has changed it since. None is kept where nothing stood.
fn over(of: &str) -> String {
    format!("{of} over")
}

/// What was being typed here and neither saved nor given up, and what stood when it was begun.
pub(super) fn kept(state: &State, writing: &Writing) -> Option<(String, String)> {
    let of = name(writing)?;
    let text = state.draft(&of)?.to_owned();
    let over = state.draft(&over(&of)).unwrap_or_default().to_owned();
    Some((text, over))
}

/// Says at which points notes were being typed, to whoever opens the inspection.
pub(super) fn tell(state: &mut State) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let points = screen.points();
    let mut typed = points.iter().filter(|(_, it)| state.is_half_typed(&it.key));
    let Some((_, first)) = typed.next() else {
        return;
    };
    let more = match typed.count() {
        0 => String::new(),
        more => format!(" and at {more} more"),
    };
    let key = state.keys.key(Place::Inspection, Action::Note, true);
    let key = key.map_or_else(String::new, |key| format!("; {key} there goes on with it"));
    state.say(format!(
        "a note was being typed at {}{more}{key}",
        first.label
    ));
}

/// Keeps the text that is open, where it is not what stands already.
pub(super) fn keep(state: &mut State) {
    let Some(open) = open(state) else {
        return;
    };
    put(state, open.id, over(&open.of), open.over);
    put(state, open.id, open.of, open.text);
}

/// Keeps the text that is open once more: the daemon is back.
pub(super) fn again(state: &mut State) {
    let Some(open) = open(state).filter(|open| open.text.is_some()) else {
        return;
    };
    for (of, text) in [(over(&open.of), open.over), (open.of, open.text)] {
        state.drafts.remove(&(open.id, of.clone()));
        put(state, open.id, of, text);
    }
}

/// The text was saved, or given up.
pub(super) fn forget(state: &mut State, writing: &Writing) {
    let (Some(of), Some(id)) = (name(writing), state.inspection().map(|it| it.id)) else {
        return;
    };
    put(state, id, over(&of), None);
    put(state, id, of, None);
}

/// Whether the text that is open is kept, so that leaving the client does not lose it.
pub(super) fn is_kept(editor: &Editor) -> bool {
    name(&editor.writing).is_some()
}

/// The text that is open.
struct Open {
    id: InspectionId,
    of: String,
    /// What is typed; none where it is what stands, or nothing.
    text: Option<String>,
    /// What stands, where something else is typed.
    over: Option<String>,
}

fn open(state: &State) -> Option<Open> {
    let editor = state.layers.iter().rev().find_map(|layer| match layer {
        Layer::Editor(editor) => Some(editor),
        _ => None,
    })?;
    let of = name(&editor.writing)?;
    let id = state.inspection()?.id;
    let text = editor.input.text();
    let text = (text != editor.was && !text.trim().is_empty()).then(|| text.to_owned());
    let over = (text.is_some() && !editor.was.is_empty()).then(|| editor.was.clone());
    Some(Open { id, of, text, over })
}

fn put(state: &mut State, inspection: InspectionId, of: String, text: Option<String>) {
    let at = (inspection, of.clone());
    if state.draft(&of) == text.as_deref() {
        return;
    }
    state.drafts.insert(at, text.clone());
    let purpose = Purpose::Draft(inspection, of.clone());
    let request = Request::Draft {
        inspection,
        of,
        text,
    };
    state.ask(purpose, request);
}
