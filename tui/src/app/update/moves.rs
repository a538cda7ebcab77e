//! Moving an inspection through its lifecycle, as the role allows.

use redtag_protocol::{
    ids::PointKey,
    inspection::{Inspection, Missing},
    ipc::InspectionView,
    lifecycle::{RULES, State as Stage, Verb},
    op::Edit,
    role::{Permission, Role},
    template::Demand,
};

use super::{editor, stroke, work};
use crate::app::{
    Confirm, Deed, Layer, Menu, MenuItem, Pick, State, Writing, sent_back_words, verb_words,
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
    let whose = whose(state, view);
    let theirs = |verb: Verb| verb == Verb::Submit && whose.is_some();
    let mut items: Vec<MenuItem> = phase
        .verbs(role)
        .filter(|verb| !theirs(*verb))
        .map(|verb| MenuItem {
            label: capital(verb.as_str()),
            detail: verb_words(verb).to_owned(),
            pick: Pick::Move(verb),
        })
        .collect();
    let mine = items.len();
    if let Some(whose) = whose.filter(|_| phase.verbs(role).any(|verb| verb == Verb::Submit)) {
        items.push(MenuItem {
            label: capital(Verb::Submit.as_str()),
            detail: format!("not yours: it is assigned to {whose}"),
            pick: Pick::Why(not_yours(&whose)),
        });
    }
    items.extend(others(phase, role));
    if items.is_empty() {
        return state.say(format!(
            "this inspection is {phase}: nobody moves it on from here"
        ));
    }
    let counts = view.counts;
    let missing = view
        .inspection
        .missing(&view.template, view.settings.demand_photos);
    let note = match (counts.unanswered(), missing.len()) {
        (0, 0) => "every point is answered".to_owned(),
        (open, 0) => format!("{open} of {} points are unanswered", counts.total),
        (0, gone) => lacking(gone),
        (open, gone) => format!("{open} points are unanswered, {}", lacking(gone)),
    };
    let back = view.sent_back.as_ref().map(sent_back_words);
    let mut note: Vec<String> = back.into_iter().chain([note]).collect();
    if mine == 0 {
        note.push(format!(
            "As a {role} there is nothing for you to move on here; this is what others may do."
        ));
    }
    note.extend(unsettled(&view.inspection));
    let note = note.join("\n");
    state.layers.push(Layer::Menu(Menu {
        title: format!("{} is {phase}: move it on", view.inspection.label()),
        note: Some(note),
        items,
        selected: 0,
    }));
}

/// Whose work it is, where only they or a reviewer may hand it in.
fn whose(state: &State, view: &InspectionView) -> Option<String> {
    let assignee = view.inspection.assignee()?;
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let mine = account.is_some_and(|account| account.person == assignee);
    if mine || state.may(Permission::Review) {
        return None;
    }
    let member = view.members.iter().find(|member| member.id == assignee);
    Some(member.map_or_else(|| "somebody else".to_owned(), |it| it.name.clone()))
}

fn not_yours(whose: &str) -> String {
    format!("it is assigned to {whose}, who must submit it; or ask a dispatcher")
}

fn lacking(count: usize) -> String {
    match count {
        1 => "1 required thing is missing".to_owned(),
        many => format!("{many} required things are missing"),
    }
}

/// What others may do from here, with who they are: why it is not offered.
fn others(phase: Stage, role: Role) -> impl Iterator<Item = MenuItem> {
    let rules = RULES.iter();
    let theirs = rules.filter(move |rule| rule.from.contains(&phase) && !role.may(rule.needs));
    theirs.map(move |rule| {
        let may = Role::ALL.into_iter().filter(|it| it.may(rule.needs));
        let who: Vec<String> = may
            .map(|it| match it {
                Role::Owner => format!("an {it}"),
                _ => format!("a {it}"),
            })
            .collect();
        let who = who.join(" or ");
        let verb = rule.verb;
        MenuItem {
            label: capital(verb.as_str()),
            detail: format!("not yours: {who}"),
            pick: Pick::Why(format!(
                "{}: {}; {who} may, not a {role}",
                capital(verb.as_str()),
                verb_words(verb)
            )),
        }
    })
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
    if let Some(whose) = whose(state, view) {
        state.say(not_yours(&whose));
        return false;
    }
    let missing = view
        .inspection
        .missing(&view.template, view.settings.demand_photos);
    if !missing.is_empty() {
        list_missing(state, missing);
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

/// What is missing, all of it; the first is marked, and Enter goes there.
fn list_missing(state: &mut State, missing: Vec<Missing>) {
    let title = match missing.len() {
        1 => "Not submitted: something is missing".to_owned(),
        many => format!("Not submitted: {many} things are missing"),
    };
    let items = missing.into_iter().map(|it| MenuItem {
        detail: match &it.demand {
            Demand::Note => "a note".to_owned(),
            Demand::Photo { count: 1 } => "a photo".to_owned(),
            Demand::Photo { count } => format!("{count} photos"),
            Demand::Action => "recommended work".to_owned(),
            Demand::Signature { role } => format!("signature: {}", role.replace('_', " ")),
        },
        pick: Pick::Missing(it.point, it.demand),
        label: it.label,
    });
    state.layers.push(Layer::Menu(Menu {
        title,
        note: Some("Enter goes there and begins it.".to_owned()),
        items: items.collect(),
        selected: 0,
    }));
}

/// Goes to a point where something is missing, and begins what is.
pub(super) fn go_to_missing(state: &mut State, point: &PointKey, demand: &Demand) {
    let Some(screen) = state.inspection_mut() else {
        return;
    };
    let at = screen.points().iter().position(|(_, it)| it.key == *point);
    let Some(at) = at else { return };
    screen.at = at;
    match demand {
        Demand::Note => {
            let why = "the template asks for a note here";
            editor::open_note(state, point, Some(why));
        }
        Demand::Action => work::draft(state, point),
        Demand::Photo { .. } => state.say("photos cannot be taken in this version yet"),
        Demand::Signature { .. } => state.say("Enter signs"),
    }
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
