//! Texts: notes, reasons, signatures, concern and bay.

use redtag_protocol::{
    ids::PointKey,
    inspection::{Answer, AnswerValue, InspectionWrite},
    op::Edit,
};

use super::{canned, drafts, export, inspection, jump, moves, stroke};
use crate::app::{Editor, Input, Layer, State, Writing};

/// Opens a text above the screen.
pub(super) fn open(
    state: &mut State,
    title: String,
    note: Option<String>,
    text: &str,
    writing: Writing,
) {
    let was = input(&writing, text).text().to_owned();
    // What was being typed when the line dropped or the client was killed.
    let draft = drafts::kept(state, &writing).filter(|(draft, _)| *draft != was);
    let note = match &draft {
        // What a colleague wrote meanwhile is never overwritten unseen.
        Some((_, over)) if *over != was => Some(format!(
            "{}; what you were typing is here again: Enter puts it in its place, Esc gives it up",
            changed(&was)
        )),
        Some(_) => Some("what you were typing is here again; Esc gives it up".to_owned()),
        None => note,
    };
    let typed = draft.map_or_else(|| input(&writing, text), |(it, _)| input(&writing, &it));
    let canned = match &writing {
        Writing::Note(point) => canned::notes(state, point),
        _ => Vec::new(),
    };
    state.layers.push(Layer::Editor(Editor {
        title,
        note,
        input: typed,
        was,
        writing,
        problem: None,
        canned,
        marked: None,
        sought: false,
    }));
}

/// A field for a text of this kind.
fn input(writing: &Writing, text: &str) -> Input {
    let lines = matches!(
        writing,
        Writing::Note(_) | Writing::Text(_) | Writing::Reason(_) | Writing::Concern
    );
    if lines {
        Input::lines(text)
    } else {
        Input::line(text)
    }
}

/// What to say of a text that somebody else has changed, with what stands now.
fn changed(now: &str) -> String {
    const MOST: usize = 160;
    if now.trim().is_empty() {
        return "what stood here was taken away meanwhile".to_owned();
    }
    let mut shown: String = now.replace('\n', " ").chars().take(MOST).collect();
    if now.chars().count() > MOST {
        shown.push('…');
    }
    format!("it was changed meanwhile, to “{shown}”")
}

/// What stands now where a text is typed; none where nothing can stand there.
fn standing(state: &State, writing: &Writing) -> Option<String> {
    let inspection = &state.inspection()?.view.as_ref()?.inspection;
    let stands = match writing {
        Writing::Note(point) => inspection.results.get(point).and_then(|it| it.note()),
        Writing::Text(point) => inspection.answer(point).and_then(|it| match &it.value {
            Some(AnswerValue::Text(text)) => Some(text.as_str()),
            _ => None,
        }),
        Writing::Concern => inspection.concern(),
        _ => return None,
    };
    let text = stands.unwrap_or_default();
    Some(input(writing, text).text().to_owned())
}

/// Opens the note of a point.
pub(super) fn open_note(state: &mut State, key: &PointKey, why: Option<&str>) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let label = view.template.point(key).map(|point| point.label.clone());
    let result = view.inspection.results.get(key);
    let text = result
        .and_then(|it| it.note())
        .unwrap_or_default()
        .to_owned();
    open(
        state,
        format!("Note: {}", label.unwrap_or_else(|| key.to_string())),
        why.map(ToOwned::to_owned),
        &text,
        Writing::Note(key.clone()),
    );
}

/// Enter: takes the text that is open. It stays open, with the reason, where it cannot be taken.
pub(super) fn save(state: &mut State) {
    if take_canned(state) {
        return;
    }
    let Some(Layer::Editor(editor)) = state.layers.last() else {
        return;
    };
    let writing = editor.writing.clone();
    let stands = standing(state, &writing);
    let Some(Layer::Editor(editor)) = state.layers.last_mut() else {
        return;
    };
    let text = editor.input.trimmed();
    let unchanged = editor.input.text() == editor.was;
    if writing == Writing::Jump {
        let typed = editor.input.text().to_owned();
        return jump::ask(state, &typed);
    }
    let needed = match &writing {
        Writing::Signature(_) => Some("type your name to sign, or Esc to leave it unsigned"),
        Writing::Reason(_) => Some("a reason is needed; Esc leaves the inspection as it is"),
        Writing::ExportFile(_) => Some("a file is needed; Esc exports nothing"),
        _ => None,
    };
    if let (Some(words), None) = (needed, &text) {
        editor.problem = Some(words.to_owned());
        return;
    }
    if needed.is_none() && unchanged && !writing.is_secret() {
        state.layers.pop();
        return;
    }
    if let Some(now) = stands.filter(|now| *now != editor.was && *now != editor.input.text()) {
        // Somebody else's words came while these were typed.
        editor.problem = Some(format!(
            "{}: Enter puts yours in its place, Esc leaves it",
            changed(&now)
        ));
        editor.was = now;
        return;
    }
    let taken = writing.clone();
    let written = match writing {
        Writing::Reason(verb) => {
            state.layers.pop();
            moves::make(state, verb, text);
            Ok(())
        }
        Writing::ExportFile(number) => {
            state.layers.pop();
            return export::passphrase(state, number, text.unwrap_or_default());
        }
        Writing::ExportPassphrase { number, file } => {
            // As it was typed: blanks count.
            let typed = editor.input.text().to_owned();
            state.layers.pop();
            return export::ask(state, number, file, typed);
        }
        Writing::Signature(point) => sign(state, &point, text.unwrap_or_default()),
        Writing::Text(point) => {
            let answer = text.map(|text| Answer::value(AnswerValue::Text(text)));
            answer_point(state, &point, answer)
        }
        Writing::Jump => return,
        Writing::Note(point) => write(
            state,
            &format!("note of {point}"),
            InspectionWrite::Note { point, note: text },
        ),
        Writing::Concern => write(state, "concern", InspectionWrite::Concern { concern: text }),
        Writing::Bay => {
            // Like the assignee, the bay may change after the work was handed in.
            state.layers.pop();
            let write = InspectionWrite::Bay { bay: text };
            if let Some(id) = state.inspection().map(|screen| screen.id) {
                stroke::make(
                    state,
                    "bay".to_owned(),
                    vec![Edit::Inspection { id, write }],
                );
            }
            Ok(())
        }
    };
    match written {
        Ok(()) => drafts::forget(state, &taken),
        Err(words) => {
            if let Some(Layer::Editor(editor)) = state.layers.last_mut() {
                editor.problem = Some(words);
            }
        }
    }
}

/// Takes the canned note that is marked; whether one was. What was typed to find it goes.
fn take_canned(state: &mut State) -> bool {
    let Some(Layer::Editor(editor)) = state.layers.last_mut() else {
        return false;
    };
    let found = editor
        .marked
        .and_then(|at| editor.offered().get(at).map(|it| it.note.clone()));
    let (Some(note), Writing::Note(point)) = (found, editor.writing.clone()) else {
        return false;
    };
    let was = editor.was.clone();
    // Behind what stands now, which may be another's by now.
    let before = standing(state, &Writing::Note(point.clone())).unwrap_or(was);
    if let Err(words) = stroke::may_fill(state) {
        if let Some(Layer::Editor(editor)) = state.layers.last_mut() {
            editor.problem = Some(words);
        }
        return true;
    }
    state.layers.pop();
    drafts::forget(state, &Writing::Note(point.clone()));
    canned::take(state, &point, Some(&before), &note);
    true
}

fn write(state: &mut State, words: &str, write: InspectionWrite) -> Result<(), String> {
    let id = stroke::may_fill(state)?;
    state.layers.pop();
    let edits = vec![Edit::Inspection { id, write }];
    stroke::make(state, words.to_owned(), edits);
    Ok(())
}

fn answer_point(state: &mut State, point: &PointKey, answer: Option<Answer>) -> Result<(), String> {
    stroke::may_fill(state)?;
    state.layers.pop();
    stroke::answer(state, point, answer, Vec::new());
    inspection::go_on(state);
    Ok(())
}

/// A signature keeps the condition that was set with it.
fn sign(state: &mut State, point: &PointKey, name: String) -> Result<(), String> {
    let at = state.now();
    let view = state.inspection().and_then(|it| it.view.as_ref());
    let standing = view.and_then(|view| view.inspection.answer(point).cloned());
    let answer = Answer {
        value: Some(AnswerValue::Signed { name, at }),
        ..standing.unwrap_or_default()
    };
    answer_point(state, point, Some(answer))
}
