//! How an answer becomes a group of edits.

use redtag_protocol::{
    ids::{InspectionId, PointKey},
    inspection::{Answer, InspectionWrite},
    lifecycle::{State as Stage, Verb},
    op::Edit,
    role::Permission,
};

use crate::app::{State, answer_words};

/// Whether points may be filled in; if not, why, for the message line.
pub(super) fn may_fill(state: &State) -> Result<InspectionId, String> {
    let Some(screen) = state.inspection() else {
        return Err("no inspection is open".to_owned());
    };
    let Some(view) = &screen.view else {
        return Err("the inspection is still being fetched".to_owned());
    };
    if !state.may(Permission::Fill) {
        return Err("your role may look at inspections, not fill them in".to_owned());
    }
    let phase = view.inspection.state.value;
    if !phase.takes_edits() {
        let next = match phase {
            Stage::Submitted | Stage::Approved => "a dispatcher can return it (m)",
            _ => "an owner can reopen it (m)",
        };
        return Err(format!(
            "this inspection is {phase}: its points are closed; {next}"
        ));
    }
    Ok(screen.id)
}

/// Takes edits of the open inspection, shows them at once, and sends them in their turn. The work
/// is begun, or taken up again, in the same stroke where it was not under way.
pub(super) fn make(state: &mut State, words: String, mut edits: Vec<Edit>) {
    let answers = |edit: &Edit| {
        matches!(
            edit,
            Edit::Inspection {
                write: InspectionWrite::Answer {
                    answer: Some(_),
                    ..
                },
                ..
            }
        )
    };
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    if let Some(view) = view
        && edits.iter().any(answers)
    {
        let from = view.inspection.state.value;
        let verb = match from {
            Stage::Draft => Some(Verb::Start),
            Stage::Returned => Some(Verb::Resume),
            _ => None,
        };
        if let Some(verb) = verb {
            let begin = Edit::Move {
                id: view.inspection.id,
                verb,
                from,
                reason: None,
            };
            edits.insert(0, begin);
        }
    }
    state.unsaved.push(words, edits);
    state.lay_over();
}

/// Answers a point, with more edits in the same stroke before it.
pub(super) fn answer(
    state: &mut State,
    point: &PointKey,
    answer: Option<Answer>,
    before: Vec<Edit>,
) {
    let id = match may_fill(state) {
        Ok(id) => id,
        Err(words) => return state.say(words),
    };
    let words = words_of(state, point, answer.as_ref());
    let mut edits = before;
    edits.push(Edit::Inspection {
        id,
        write: InspectionWrite::Answer {
            point: point.clone(),
            answer,
        },
    });
    make(state, words, edits);
}

fn words_of(state: &State, point: &PointKey, answer: Option<&Answer>) -> String {
    let view = state.inspection().and_then(|screen| screen.view.as_ref());
    let found = view.and_then(|view| view.template.point(point));
    let label = found.map_or_else(|| point.to_string(), |point| point.label.clone());
    match answer {
        Some(answer) => format!("{label}: {}", answer_words(found, answer)),
        None => format!("{label}: taken back"),
    }
}
