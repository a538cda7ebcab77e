//! Templates: written in the person's own editor, offered, closed.

use redtag_protocol::{
    entity::EntityRef,
    ids::{TemplateId, TemplateKey},
    op::Edit,
    template::{Template, TemplateFile, TemplateFileError, TemplateState},
    text,
};

use super::templates;
use crate::app::{
    Composed, Composing, Confirm, Deed, Effect, Layer, Menu, MenuItem, Pick, Screen, State,
    differences,
};

/// Hands the marked version to the editor, or what was being written before.
pub(super) fn begin(state: &mut State) {
    if state.composing.is_none() {
        let Some(marked) = marked(state) else { return };
        let offered = offered(state, &marked.key);
        state.composing = Some(Composing::of(&marked, offered));
    }
    hand_over(state);
}

fn hand_over(state: &mut State) {
    let Some(it) = &mut state.composing else {
        return;
    };
    if it.away || it.saving.is_some() {
        return;
    }
    it.away = true;
    state.effects.push(Effect::Compose {
        name: it.of.key.to_string(),
        text: it.text.clone(),
        file: it.file.clone(),
        line: it.line,
    });
}

/// The editor has ended.
pub(super) fn taken(state: &mut State, file: Option<String>, result: Result<String, String>) {
    let Some(it) = &mut state.composing else {
        // Another account is shown by now; what was written is not of it.
        if let Some(file) = file {
            state.say(format!("what you wrote lies in {file}"));
        }
        return;
    };
    it.away = false;
    it.file = file;
    it.line = None;
    let text = match result {
        Ok(text) => text,
        Err(words) => {
            if it.file.is_none() {
                state.composing = None;
                return state.complain(words);
            }
            let words = format!("{words}; {}", it.place());
            return state.complain(words);
        }
    };
    it.text = text;
    match Template::parse_toml(&it.text, "the template") {
        Err(error) => ask_again(state, &error),
        Ok(file) if it.of.says(&file) => {
            let words = format!(
                "nothing changed: it says what version {} says",
                it.of.version
            );
            forget(state);
            state.say(words);
        }
        Ok(file) => ask_what_for(state, file),
    }
}

/// What cannot be read is shown with its line, and goes back to the editor if the person likes.
fn ask_again(state: &mut State, error: &TemplateFileError) {
    let Some(it) = &mut state.composing else {
        return;
    };
    it.line = Some(error.line);
    let line = it.text.lines().nth(error.line.saturating_sub(1));
    let line = text::clean_line(line.unwrap_or_default()).trim().to_owned();
    let shown = if line.is_empty() {
        String::new()
    } else {
        format!(" — it says: {line}")
    };
    let note = format!("Line {}: {}{shown}", error.line, error.reason);
    let again = item("go on editing", "at that line", Composed::Again);
    offer(state, "The template cannot be taken yet", note, again, &[]);
}

fn ask_what_for(state: &mut State, file: TemplateFile) {
    let Some(it) = &state.composing else { return };
    let other = it.of.key != file.key;
    let (title, note) = if other {
        let title = format!("{}: another template", file.key);
        (
            title,
            "The key is new, so this becomes a template of its own.".to_owned(),
        )
    } else {
        let after = file.into_template(it.of.id, it.of.version, it.of.state);
        let count = differences(&it.of, &after).len();
        let changes = match count {
            1 => "one change".to_owned(),
            many => format!("{many} changes"),
        };
        (
            format!("{}: {changes}", it.of.key),
            format!(
                "Compared with version {}; running inspections keep theirs.",
                it.of.version
            ),
        )
    };
    let draft = item("keep it as a draft", "nobody uses it yet", Composed::Draft);
    let publish = item("publish it", "for new inspections", Composed::Publish);
    let again = item("go on editing", "", Composed::Again);
    offer(state, &title, note, draft, &[publish, again]);
}

fn item(label: &str, detail: &str, what: Composed) -> MenuItem {
    MenuItem {
        label: label.to_owned(),
        detail: detail.to_owned(),
        pick: Pick::Composed(what),
    }
}

fn offer(state: &mut State, title: &str, note: String, first: MenuItem, more: &[MenuItem]) {
    let mut items = vec![first];
    items.extend_from_slice(more);
    items.push(item(
        "leave it for later",
        "e goes on with it",
        Composed::Leave,
    ));
    items.push(item(
        "give it up",
        "what you wrote is lost",
        Composed::GiveUp,
    ));
    state.layers.push(Layer::Menu(Menu {
        title: title.to_owned(),
        note: Some(note),
        items,
        selected: 0,
    }));
}

/// A line of the menu was taken.
pub(super) fn choose(state: &mut State, what: Composed) {
    match what {
        Composed::Again => hand_over(state),
        Composed::Draft => save(state, false),
        Composed::Publish => save(state, true),
        Composed::Leave => {
            if let Some(it) = &state.composing {
                let words = format!("left for later: {}; e goes on with it", it.place());
                state.say(words);
            }
        }
        Composed::GiveUp => {
            forget(state);
            state.say("given up; the templates are as they were");
        }
    }
}

fn save(state: &mut State, publish: bool) {
    let id = TemplateId::from_parts(state.now().0, state.moment.ten(0));
    let Some(it) = &state.composing else { return };
    // Of another key nothing was seen before.
    let key = Template::parse_toml(&it.text, "the template").map(|file| file.key);
    let instead_of = match key {
        Ok(key) if key != it.of.key => offered(state, &key),
        _ => it.offered,
    };
    let Some(it) = &mut state.composing else {
        return;
    };
    let mut edits = vec![Edit::DraftTemplate {
        id,
        text: it.text.clone(),
    }];
    if publish {
        edits.push(Edit::PublishTemplate { id, instead_of });
    }
    let what = if publish {
        "published"
    } else {
        "kept as a draft"
    };
    let words = format!("template {} {what}", it.of.key);
    it.saving = Some(state.unsaved.push(words, edits));
}

/// An edit is durable: if it is the one that saves what was written, that is done with.
pub(super) fn saved(state: &mut State, edit: u64) -> bool {
    if state.composing.as_ref().and_then(|it| it.saving) != Some(edit) {
        return false;
    }
    let made = state.unsaved.iter().find(|it| it.id == edit);
    let words = made.map(|it| it.words.clone()).unwrap_or_default();
    let made = made.and_then(|it| it.edits.first()).map(Edit::target);
    if let (Some(EntityRef::Template(id)), Some(Screen::Templates(screen))) =
        (made, state.above.last_mut())
    {
        screen.wanted = Some(id);
    }
    forget(state);
    state.unsaved.forget_saved(None);
    state.say(format!("{words}: saved on this machine"));
    templates::look(state);
    true
}

/// An edit was refused: if it is the one that saves what was written, the text is there still.
pub(super) fn refused(state: &mut State, edit: u64, words: &str) -> bool {
    let Some(it) = &mut state.composing else {
        return false;
    };
    if it.saving != Some(edit) {
        return false;
    }
    it.saving = None;
    let words = format!("not saved: {words}; {}, e goes on with it", it.place());
    state.unsaved.discard(edit);
    state.complain(words);
    true
}

/// It is not known whether it was saved: the text stays, and the edit is among what is not saved.
pub(super) fn lost(state: &mut State, edit: u64) {
    if let Some(it) = &mut state.composing
        && it.saving == Some(edit)
    {
        it.saving = None;
    }
}

/// Neither text nor file is wanted any more.
fn forget(state: &mut State) {
    if let Some(it) = state.composing.take()
        && let Some(file) = it.file
    {
        state.effects.push(Effect::Remove { file });
    }
}

/// Asks whether the marked version is to be offered.
pub(super) fn ask_publish(state: &mut State) {
    let Some(it) = taken_one(state) else { return };
    if it.state == TemplateState::Active {
        return state.say("this version is offered for new inspections already");
    }
    ask(
        state,
        format!("Publish version {} of {}?", it.version, it.key),
        "New inspections use it. The version before takes no new ones; those that run finish on it.",
        Deed::Publish(it.id),
    );
}

/// Asks whether the marked version is to take no inspections any more.
pub(super) fn ask_close(state: &mut State) {
    let Some(it) = taken_one(state) else { return };
    let means = match it.state {
        TemplateState::Active => "It takes no new inspections; those that run finish on it.",
        TemplateState::Draft | TemplateState::Closing => "It is closed; p offers it again.",
        TemplateState::Closed => return state.say("this version is closed already"),
    };
    ask(
        state,
        format!("Close version {} of {}?", it.version, it.key),
        means,
        Deed::Close(it.id),
    );
}

/// The marked version. Of one that the API refused nothing can be done but what is done with refused
/// edits.
fn taken_one(state: &mut State) -> Option<Template> {
    let Some(Screen::Templates(screen)) = state.above.last() else {
        return None;
    };
    let marked = screen.marked()?.clone();
    if screen.is_refused(&marked) {
        state.say(
            "the server refused this version; the outbox says why, and tries it again or gives it up",
        );
        return None;
    }
    Some(marked)
}

fn ask(state: &mut State, title: String, means: &str, deed: Deed) {
    state.layers.push(Layer::Confirm(Confirm {
        title,
        lines: vec![means.to_owned()],
        deed,
    }));
}

/// Offers a version.
pub(super) fn publish(state: &mut State, id: TemplateId) {
    let words = format!("{} is published", named(state, id));
    let instead_of = chosen(state, id).and_then(|it| offered(state, &it.key));
    state
        .unsaved
        .push(words, vec![Edit::PublishTemplate { id, instead_of }]);
}

/// Closes a version.
pub(super) fn close(state: &mut State, id: TemplateId) {
    let words = format!("{} takes no new inspections", named(state, id));
    let Some(from) = chosen(state, id).map(|it| it.state) else {
        return state.say("the list has changed; look again");
    };
    state
        .unsaved
        .push(words, vec![Edit::CloseTemplate { id, from }]);
}

fn named(state: &State, id: TemplateId) -> String {
    match chosen(state, id) {
        Some(it) => format!("version {} of {}", it.version, it.key),
        None => "the template".to_owned(),
    }
}

fn chosen(state: &State, id: TemplateId) -> Option<Template> {
    marked(state).filter(|it| it.id == id)
}

fn offered(state: &State, key: &TemplateKey) -> Option<TemplateId> {
    match state.above.last() {
        Some(Screen::Templates(screen)) => screen.offered(key),
        _ => None,
    }
}

fn marked(state: &State) -> Option<Template> {
    match state.above.last() {
        Some(Screen::Templates(screen)) => screen.marked().cloned(),
        _ => None,
    }
}
