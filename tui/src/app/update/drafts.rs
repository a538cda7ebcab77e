//! Texts that are being typed are kept by the daemon, in the account's encrypted cache, and come
//! back after a dropped line or a killed client.

use redtag_protocol::{ids::InspectionId, ipc::Request};

use crate::app::{Editor, Layer, Purpose, State, Writing};

/// What a text is called where it is kept; none where it is not: a secret, a signature, a file.
fn name(writing: &Writing) -> Option<String> {
    match writing {
        Writing::Note(point) => Some(format!("note:{point}")),
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

/// What was being typed here and neither saved nor given up.
pub(super) fn kept(state: &State, writing: &Writing) -> Option<String> {
    let of = name(writing)?;
    let screen = state.inspection()?;
    if let Some(latest) = state.drafts.get(&(screen.id, of.clone())) {
        return latest.clone();
    }
    screen.told.as_ref()?.drafts.get(&of).cloned()
}

/// Keeps the text that is open, where it is not what stands already.
pub(super) fn keep(state: &mut State) {
    let Some((id, of, text)) = open(state) else {
        return;
    };
    put(state, id, of, text);
}

/// Keeps the text that is open once more: the daemon is back.
pub(super) fn again(state: &mut State) {
    if let Some((id, of, Some(text))) = open(state) {
        state.drafts.remove(&(id, of.clone()));
        put(state, id, of, Some(text));
    }
}

/// The text was saved, or given up.
pub(super) fn forget(state: &mut State, writing: &Writing) {
    let (Some(of), Some(id)) = (name(writing), state.inspection().map(|it| it.id)) else {
        return;
    };
    put(state, id, of, None);
}

/// Whether the text that is open is kept, so that leaving the client does not lose it.
pub(super) fn is_kept(editor: &Editor) -> bool {
    name(&editor.writing).is_some()
}

fn open(state: &State) -> Option<(InspectionId, String, Option<String>)> {
    let editor = state.layers.iter().rev().find_map(|layer| match layer {
        Layer::Editor(editor) => Some(editor),
        _ => None,
    })?;
    let of = name(&editor.writing)?;
    let id = state.inspection()?.id;
    let text = editor.input.text();
    let text = (text != editor.was && !text.trim().is_empty()).then(|| text.to_owned());
    Some((id, of, text))
}

fn put(state: &mut State, inspection: InspectionId, of: String, text: Option<String>) {
    let at = (inspection, of.clone());
    let kept = match state.drafts.get(&at) {
        Some(latest) => latest.clone(),
        None => state
            .inspection()
            .and_then(|it| it.told.as_ref()?.drafts.get(&of).cloned()),
    };
    if kept == text {
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
