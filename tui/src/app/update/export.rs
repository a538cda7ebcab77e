//! Keeping unsent work in a file.

use redtag_protocol::ipc::{Exported, Passphrase, Reply, Request};

use super::editor;
use crate::{
    app::{Effect, Layer, Menu, MenuItem, Pick, Purpose, State, Writing},
    link::Error,
};

/// Asks what is to be exported.
pub(super) fn open(state: &mut State) {
    let Some(screen) = state.outbox_mut() else {
        return;
    };
    let Some(marked) = screen.marked() else {
        return state.say("there is nothing to export: everything is acknowledged");
    };
    let number = marked.number;
    let (one, all) = (screen.stroke().len(), screen.total.unwrap_or(0));
    let edits = |count: u64| match count {
        1 => "1 edit".to_owned(),
        many => format!("{many} edits"),
    };
    let item = |label: &str, count: u64, number| MenuItem {
        label: label.to_owned(),
        detail: edits(count),
        pick: Pick::Export(number),
    };
    let one = u64::try_from(one).unwrap_or(u64::MAX);
    state.layers.push(Layer::Menu(Menu {
        title: "Keep in a file".to_owned(),
        note: Some(
            "Nothing changes here: what waits is sent all the same. “redtag outbox adopt FILE” \
             takes a file over on another bench."
                .to_owned(),
        ),
        items: vec![
            item("Everything that is unsent or refused", all.into(), None),
            item("What is marked, with its stroke", one, Some(number)),
        ],
        selected: 0,
    }));
}

/// Asks for the file.
pub(super) fn to_file(state: &mut State, number: Option<u64>) {
    editor::open(
        state,
        "Into which file".to_owned(),
        Some("A new file; only you can read it.".to_owned()),
        "redtag-work.age",
        Writing::ExportFile(number),
    );
}

/// Asks for the passphrase.
pub(super) fn passphrase(state: &mut State, number: Option<u64>, file: String) {
    editor::open(
        state,
        format!("Passphrase for {file}"),
        Some(
            "Nobody can open the file without it. Leave it empty for a plain file, which whoever \
             has it can read."
                .to_owned(),
        ),
        "",
        Writing::ExportPassphrase { number, file },
    );
}

/// Asks the daemon for the text.
pub(super) fn ask(state: &mut State, number: Option<u64>, file: String, passphrase: String) {
    let passphrase = (!passphrase.is_empty()).then_some(Passphrase(passphrase));
    let request = Request::Export { number, passphrase };
    state.ask(Purpose::Export(file, None), request);
}

/// Takes the text to where it is to lie, once all of it is here.
pub(super) fn answered(
    state: &mut State,
    file: String,
    here: Option<Box<Exported>>,
    result: Result<Reply, Error>,
) {
    match result {
        Ok(Reply::Exported(mut exported)) => {
            if let Some(mut here) = here {
                here.text.push_str(&exported.text);
                exported.text = here.text;
            }
            if exported.rest > 0 {
                let at = exported.text.len() as u64;
                let purpose = Purpose::Export(file, Some(Box::new(exported)));
                return state.ask(purpose, Request::ExportRest { at });
            }
            state.effects.push(Effect::Keep {
                file,
                text: exported.text,
                edits: exported.edits,
            });
        }
        Err(error) => state.complain(format!("nothing was exported: {error}")),
        Ok(_) => {}
    }
}

/// The file lies there, or does not.
pub(super) fn kept(state: &mut State, file: &str, edits: u64, failed: Option<String>) {
    match (failed, edits) {
        (Some(why), _) => state.complain(format!("nothing was exported: {why}")),
        (None, 1) => state.say(format!("1 edit is in {file}; nothing changed here")),
        (None, many) => state.say(format!("{many} edits are in {file}; nothing changed here")),
    }
}
