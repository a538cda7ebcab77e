//! From what was typed to the edits of one stroke.

use redtag_protocol::{
    ids::{PointKey, VehicleId},
    inspection::{Answer, AnswerValue, InspectionWrite},
    ipc::InspectionView,
    lifecycle::{State, Verb},
    op::Edit,
    stamp::Stamp,
    template::{Choice, Kind, Measurement, Point, PointOption, Rule},
    text::{bounded, bounded_text},
    units::{Decimal, Quantity, Unit},
    vehicle::VehicleWrite,
};

use super::Args;
use crate::command::{
    fault::Fault,
    pick::{self, Field},
};

/// The longest note and text, in characters; the API refuses longer ones.
const MAX_TEXT: usize = 10_000;

/// What will be saved, and what the person should know of it.
#[derive(Debug)]
pub(crate) struct Plan {
    /// One stroke.
    pub(crate) edits: Vec<Edit>,
    /// In words.
    pub(crate) remarks: Vec<String>,
}

/// The edits that do what was typed.
pub(super) fn plan(args: &Args, view: &InspectionView, now: Stamp) -> Result<Plan, Fault> {
    let id = view.inspection.id;
    let mut plan = begin(view);
    match pick::field(&view.template, &args.point)? {
        Field::Choice(choice) => {
            let option = chosen(args, choice)?;
            let choice = choice.key.clone();
            let write = InspectionWrite::Choice { choice, option };
            plan.edits.push(Edit::Inspection { id, write });
        }
        Field::Point(point) => {
            let answer = if args.clear {
                Some(None)
            } else {
                answer(args, view, point, now)?.map(Some)
            };
            if let Some(answer) = answer {
                let references = references(view, point, answer.as_ref());
                let write = InspectionWrite::Answer {
                    point: point.key.clone(),
                    answer,
                };
                plan.edits.push(Edit::Inspection { id, write });
                plan.edits.extend(references);
            }
            if let Some(note) = &args.note {
                let write = InspectionWrite::Note {
                    point: point.key.clone(),
                    note: note_text(note)?,
                };
                plan.edits.push(Edit::Inspection { id, write });
            }
        }
    }
    let only_moves = plan
        .edits
        .iter()
        .all(|edit| matches!(edit, Edit::Move { .. }));
    if only_moves {
        return Err(Fault::usage(
            "nothing to set: give --condition, --value, --note or --clear",
        ));
    }
    Ok(plan)
}

/// The first answer begins the work; an answer to returned work takes it up again.
fn begin(view: &InspectionView) -> Plan {
    let from = view.inspection.state.value;
    let move_by = |verb: Verb| Edit::Move {
        id: view.inspection.id,
        verb,
        from,
        reason: None,
    };
    let (edits, remarks) = match from {
        State::Draft => (
            vec![move_by(Verb::Start)],
            vec!["The draft was started.".to_owned()],
        ),
        State::Returned => (
            vec![move_by(Verb::Resume)],
            vec!["The returned work was resumed.".to_owned()],
        ),
        State::InProgress => (Vec::new(), Vec::new()),
        handed_in => (
            Vec::new(),
            vec![format!(
                "The inspection is {handed_in}: the edit is kept and listed for whoever may return \
                 or reopen it, and changes nothing visible."
            )],
        ),
    };
    Plan { edits, remarks }
}

fn note_text(note: &str) -> Result<Option<String>, Fault> {
    if note.trim().is_empty() {
        return Ok(None);
    }
    bounded_text(note, "--note", MAX_TEXT)
        .map(Some)
        .map_err(|error| Fault::usage(error.to_string()))
}

fn chosen(args: &Args, choice: &Choice) -> Result<Option<String>, Fault> {
    if args.condition.is_some() || args.note.is_some() || args.reference.is_some() {
        return Err(Fault::usage(format!(
            "{} is a question of the whole inspection; it takes only --value or --clear",
            choice.key
        )));
    }
    if args.clear {
        return Ok(None);
    }
    let options = choice.options.iter().map(|it| (&it.value, &it.label));
    let Some(value) = &args.value else {
        return Err(Fault::usage(format!(
            "{}: give --value with one of: {}",
            choice.key,
            listed(options)
        )));
    };
    option(value, options).map(Some)
}

/// One of these, by its stable value or its label.
fn option<'a>(
    text: &str,
    options: impl Iterator<Item = (&'a String, &'a String)> + Clone,
) -> Result<String, Fault> {
    let text = text.trim().to_lowercase();
    options
        .clone()
        .find(|(value, label)| value.to_lowercase() == text || label.to_lowercase() == text)
        .map(|(value, _)| value.clone())
        .ok_or_else(|| Fault::usage(format!("--value: use one of: {}", listed(options))))
}

fn listed<'a>(options: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let values: Vec<&str> = options.map(|(value, _)| value.as_str()).collect();
    values.join(", ")
}

/// The answer to write; none where nothing of it was typed.
fn answer(
    args: &Args,
    view: &InspectionView,
    point: &Point,
    now: Stamp,
) -> Result<Option<Answer>, Fault> {
    if args.condition.is_none() && args.value.is_none() && args.reference.is_none() {
        return Ok(None);
    }
    let standing = view.inspection.answer(&point.key);
    let mut answer = standing.cloned().unwrap_or_default();
    // A person answers now, so it is not “by default” any more.
    answer.by_default = false;
    if let Some(text) = &args.value {
        answer.value = Some(value(text, point, now)?);
        // An override was said of the former value.
        answer.condition = None;
    }
    answer.condition = args.condition.or(answer.condition);
    if let Some(text) = &args.reference {
        let Kind::Measurement(measurement) = &point.kind else {
            return Err(Fault::usage(format!(
                "--reference: {} is not measured, so nothing is judged against a reference",
                point.key
            )));
        };
        answer.reference = Some(quantity(text, measurement, "--reference")?);
        let low = args.reference_low.as_deref();
        answer.reference_low = low
            .map(|text| quantity(text, measurement, "--reference-low"))
            .transpose()?;
    }
    if answer.is_empty() {
        return Err(Fault::usage(format!(
            "{}: a reference alone is no answer; give --value too",
            point.key
        )));
    }
    Ok(Some(answer))
}

fn value(text: &str, point: &Point, now: Stamp) -> Result<AnswerValue, Fault> {
    match &point.kind {
        Kind::Condition => Err(Fault::usage(format!(
            "--value: {} is answered by --condition alone",
            point.key
        ))),
        Kind::Measurement(measurement) => {
            quantity(text, measurement, "--value").map(AnswerValue::Measured)
        }
        Kind::Choice { options } => {
            let options = options
                .iter()
                .map(|it: &PointOption| (&it.value, &it.label));
            option(text, options).map(AnswerValue::Chosen)
        }
        Kind::Text => bounded_text(text, "--value", MAX_TEXT)
            .map(AnswerValue::Text)
            .map_err(|error| Fault::usage(error.to_string())),
        Kind::Signature { .. } => bounded(text, "--value", 200)
            .map(|name| AnswerValue::Signed { name, at: now })
            .map_err(|error| Fault::usage(error.to_string())),
    }
}

/// Digits alone are in the point's own unit.
fn quantity(text: &str, measurement: &Measurement, flag: &str) -> Result<Quantity, Fault> {
    let wrong = |error: String| Fault::usage(format!("{flag}: {error}"));
    let quantity = match text.trim().parse::<Decimal>() {
        Ok(digits) => Quantity::new(digits, measurement.unit),
        Err(bare) => {
            // Without a letter a unit was not meant: the number itself is wrong.
            if !text.contains(|c: char| c.is_alphabetic() || "%/\"″°".contains(c)) {
                return Err(wrong(bare.to_string()));
            }
            text.parse::<Quantity>()
                .map_err(|error| wrong(error.to_string()))?
        }
    };
    if measurement.accepts(quantity.unit) {
        return Ok(quantity);
    }
    let units = std::iter::once(&measurement.unit).chain(&measurement.units);
    let units: Vec<&str> = units.map(|unit: &Unit| unit.token()).collect();
    Err(wrong(format!(
        "this point takes {}, not {}",
        units.join(", "),
        quantity.unit.token()
    )))
}

/// A placard, stamped or rated value that was typed belongs to the vehicle: it is proposed at the
/// next visit.
fn references(view: &InspectionView, point: &Point, answer: Option<&Answer>) -> Vec<Edit> {
    let (Some(vehicle), Some(answer), Kind::Measurement(measurement)) =
        (&view.vehicle, answer, &point.kind)
    else {
        return Vec::new();
    };
    let chosen = view.inspection.chosen(&view.template);
    let Ok(case) = redtag_protocol::grade::case(measurement, &chosen) else {
        return Vec::new();
    };
    let kept = matches!(
        case.rule,
        Rule::DeltaToReference { .. } | Rule::WithinReference { .. }
    );
    if !kept {
        return Vec::new();
    }
    let known = |key: &PointKey| vehicle.reference(key).copied();
    let write = |key: PointKey, reference: Quantity| {
        (known(&key) != Some(reference)).then(|| edit(vehicle.id, key, reference))
    };
    let high = answer.reference.and_then(|it| write(point.key.clone(), it));
    let low = answer.reference_low.zip(point.minimum_key());
    let low = low.and_then(|(it, key)| write(key, it));
    high.into_iter().chain(low).collect()
}

fn edit(id: VehicleId, point: PointKey, reference: Quantity) -> Edit {
    let write = VehicleWrite::Reference {
        point,
        reference: Some(reference),
    };
    Edit::Vehicle { id, write }
}
