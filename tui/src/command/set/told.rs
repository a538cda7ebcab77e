//! What was taken, in words: a person must see that a slip of the finger became something else.

use redtag_protocol::{
    condition::Condition,
    grade::{Grade, Need},
    inspection::{Answer, AnswerValue, InspectionWrite},
    ipc::InspectionView,
    op::Edit,
    template::{Kind, Point},
};

use crate::command::words;

/// What the edits of one stroke say of its point or question, such as
/// `Tread LR: 5/32 in, green (within limits)`.
pub(super) fn told(edits: &[Edit], view: &InspectionView) -> String {
    let writes = edits.iter().filter_map(|edit| match edit {
        Edit::Inspection { write, .. } => Some(write),
        _ => None,
    });
    let mut of = None;
    let mut said = Vec::new();
    for write in writes {
        match write {
            InspectionWrite::Answer { point, answer } => {
                let known = view.template.point(point);
                of = of.or_else(|| known.map(|it| it.label.clone()));
                said.push(match (answer, known) {
                    (Some(answer), Some(point)) => answered(answer, point, view),
                    _ => "the answer was taken back".to_owned(),
                });
            }
            InspectionWrite::Note { point, note } => {
                let known = view.template.point(point);
                of = of.or_else(|| known.map(|it| it.label.clone()));
                said.push(match note {
                    Some(note) => format!("note “{note}”"),
                    None => "the note was cleared".to_owned(),
                });
            }
            InspectionWrite::Choice { choice, option } => {
                let known = view.template.choice(choice);
                of = of.or_else(|| known.map(|it| it.label.clone()));
                let label = option.as_ref().and_then(|option| {
                    let mut options = known?.options.iter();
                    options.find(|it| it.value == *option)
                });
                said.push(match (label, option) {
                    (Some(it), _) => it.label.clone(),
                    (None, Some(option)) => option.clone(),
                    (None, None) => "the answer was taken back".to_owned(),
                });
            }
            other => said.push(words::value(other, view)),
        }
    }
    let said = said.join(", ");
    of.map_or(said.clone(), |of| format!("{of}: {said}"))
}

/// The value in its unit, the condition that counts, and what made it.
fn answered(answer: &Answer, point: &Point, view: &InspectionView) -> String {
    let mut parts = Vec::new();
    parts.extend(answer.value.as_ref().map(|it| value(it, point)));
    parts.extend(match (&answer.reference, &answer.reference_low) {
        (Some(high), Some(low)) => Some(format!("against {low} to {high}")),
        (Some(one), None) | (None, Some(one)) => Some(format!("against {one}")),
        (None, None) => None,
    });
    let chosen = view.inspection.chosen(&view.template);
    let grade = answer.grade(point, &chosen);
    parts.extend(match (answer.condition, grade) {
        (Some(set), Some(_)) => Some(format!("{} (set by hand)", spoken(set))),
        (None, Some(Grade::Graded { condition, why })) => {
            Some(format!("{} ({why})", spoken(condition)))
        }
        (None, Some(Grade::Needs(need))) => Some(missing(&need, view)),
        (_, None) => answer.effective(point, &chosen).map(spoken),
    });
    parts.join(", ")
}

fn value(value: &AnswerValue, point: &Point) -> String {
    if let (AnswerValue::Chosen(chosen), Kind::Choice { options }) = (value, &point.kind) {
        let option = options.iter().find(|it| it.value == *chosen);
        return option.map_or_else(|| chosen.clone(), |it| it.label.clone());
    }
    words::spoken(value)
}

fn spoken(condition: Condition) -> String {
    condition.as_str().replace('_', " ")
}

/// Why there is no condition yet, and what gives one.
fn missing(need: &Need, view: &InspectionView) -> String {
    let why = match need {
        Need::Choice(key) => {
            let label = view.template.choice(key).map(|it| it.label.clone());
            let label = label.unwrap_or_else(|| key.to_string());
            format!("“{label}” is not answered; set {key} with --value")
        }
        Need::Reference => "it needs --reference".to_owned(),
        Need::Previous => "there is no earlier visit to compare with".to_owned(),
        Need::Case => "the template has no limits for this case".to_owned(),
    };
    format!("no condition yet ({why})")
}
