//! Moving an inspection through its lifecycle, as the role allows.

use redtag_protocol::{
    inspection::Inspection,
    lifecycle::{State as Stage, Verb},
    op::Edit,
    role::Permission,
};

use super::{editor, stroke};
use crate::app::{
    Confirm, Deed, Layer, Menu, MenuItem, Pick, Said, State, Tone, Writing, verb_words,
};

/// Shows what the account may do next with the open inspection.
pub(super) fn open(state: &mut State) {
    let (Some(role), Some(view)) = (
        state.role(),
        state.inspection().and_then(|it| it.view.as_ref()),
    ) else {
        return;
    };
    let phase = view.inspection.state.value;
    let items: Vec<MenuItem> = phase
        .verbs(role)
        .map(|verb| MenuItem {
            label: capital(verb.as_str()),
            detail: verb_words(verb).to_owned(),
            pick: Pick::Move(verb),
        })
        .collect();
    if items.is_empty() {
        return state.say(format!(
            "this inspection is {phase}; as a {role} there is nothing to move on here"
        ));
    }
    let counts = view.counts;
    let missing = view
        .inspection
        .missing(&view.template, view.settings.demand_photos);
    let note = match (counts.unanswered(), missing.len()) {
        (0, 0) => "every point is answered".to_owned(),
        (open, 0) => format!("{open} of {} points are unanswered", counts.total),
        (0, gone) => format!("{gone} required things are missing"),
        (open, gone) => format!("{open} points are unanswered, {gone} required things are missing"),
    };
    let mut note = vec![note];
    note.extend(unsettled(&view.inspection));
    let note = note.join("\n");
    state.layers.push(Layer::Menu(Menu {
        title: format!("{} is {phase}: move it on", view.inspection.label()),
        note: Some(note),
        items,
        selected: 0,
    }));
}

/// What is to be looked at before the inspection is moved on: conflicts, edits that came late, and
/// that somebody wanted it gone.
fn unsettled(inspection: &Inspection) -> Vec<String> {
    let conflicts = match inspection.conflicts.len() {
        0 => None,
        1 => Some("1 field is in conflict: both values are kept".to_owned()),
        many => Some(format!(
            "{many} fields are in conflict: both values are kept"
        )),
    };
    let late = match inspection.late.len() {
        0 => None,
        1 => Some("1 edit came too late and is kept beside what stands".to_owned()),
        many => Some(format!(
            "{many} edits came too late and are kept beside what stands"
        )),
    };
    let deletion = inspection
        .deletion
        .map(|_| "somebody wanted it deleted meanwhile: it stays until that is settled".to_owned());
    conflicts.into_iter().chain(late).chain(deletion).collect()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A verb was chosen: asks for what it needs first.
pub(super) fn choose(state: &mut State, verb: Verb) {
    if verb.rule().reason {
        let words = verb_words(verb).to_owned();
        let title = format!("{}: why", capital(verb.as_str()));
        return editor::open(state, title, Some(words), "", Writing::Reason(verb));
    }
    if verb == Verb::Submit && !may_submit(state) {
        return;
    }
    make(state, verb, None);
}

/// Whether the inspection can be handed in as it is. Goes to what is missing, and asks where
/// points are unanswered.
fn may_submit(state: &mut State) -> bool {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return false;
    };
    let me = state
        .status
        .as_ref()
        .and_then(|status| Some(status.account.as_ref()?.person));
    let others = view
        .inspection
        .assignee()
        .is_some_and(|who| Some(who) != me);
    if others && !state.may(Permission::Review) {
        state.say("it is assigned to somebody else, who must submit it; or ask a dispatcher");
        return false;
    }
    let missing = view
        .inspection
        .missing(&view.template, view.settings.demand_photos);
    if let Some(first) = missing.first() {
        let rest = match missing.len() {
            1 => String::new(),
            more => format!(", and {} more", more - 1),
        };
        let words = format!("not submitted: missing is {}{rest}", first.words());
        let point = first.point.clone();
        let at = view.template.points().position(|(_, it)| it.key == point);
        if let (Some(screen), Some(at)) = (state.inspection_mut(), at) {
            screen.at = at;
        }
        state.said = Some(Said {
            tone: Tone::Wrong,
            words,
        });
        return false;
    }
    let open = view.counts.unanswered();
    if open == 0 {
        return true;
    }
    let points = if open == 1 { "point is" } else { "points are" };
    let mut lines = vec![
        format!("{open} of {} {points} unanswered.", view.counts.total),
        "No goes to the first of them.".to_owned(),
    ];
    let unsettled = unsettled(&view.inspection);
    lines.extend(unsettled.into_iter().map(|words| format!("{words}.")));
    state.layers.push(Layer::Confirm(Confirm {
        title: "Submit as it is?".to_owned(),
        lines,
        deed: Deed::Submit,
    }));
    false
}

/// Goes to the first point without an answer.
pub(super) fn to_first_open(state: &mut State) {
    if let Some(screen) = state.inspection_mut() {
        screen.at = screen.points().len().saturating_sub(1);
        screen.step_open(true);
    }
}

/// Moves the open inspection.
pub(super) fn make(state: &mut State, verb: Verb, reason: Option<String>) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let from: Stage = view.inspection.state.value;
    let id = view.inspection.id;
    let label = view.inspection.label();
    let words = format!("{label}: {verb}, from {from} to {}", verb.rule().to);
    let edit = Edit::Move {
        id,
        verb,
        from,
        reason,
    };
    stroke::make(state, words, vec![edit]);
}
