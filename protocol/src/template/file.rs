//! Reads the file form of a template.

use std::collections::HashSet;

use toml::Spanned;

use crate::{
    canned::Canned,
    ids::{ChoiceKey, TemplateId, TemplateKey},
    inspection::Recommendation,
    text,
};

use super::{
    Case, Choice, ChoiceOption, Demand, Kind, Limit, Limits, Measurement, Occasion, Point,
    PointOption, Requirement, Rule, Section, Template, TemplateState, When, check,
    raw::{
        RawCanned, RawCase, RawChoice, RawFile, RawKind, RawLimits, RawOption, RawPoint,
        RawRequirement, RawRule,
    },
};

/// The longest file, in bytes.
const MAX_FILE: usize = 256 * 1024;
const MAX_LABEL: usize = 80;
const MAX_PROSE: usize = 500;

/// A template as a file holds it: not yet a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFile {
    /// The template over all its versions.
    pub key: TemplateKey,
    /// For people.
    pub name: String,
    /// Questions of the whole inspection.
    pub choices: Vec<Choice>,
    /// In the order of work.
    pub sections: Vec<Section>,
    /// Notes for any point.
    pub canned: Vec<Canned>,
}

impl TemplateFile {
    /// Makes it one version of a template.
    pub fn into_template(self, id: TemplateId, version: u32, state: TemplateState) -> Template {
        Template {
            id,
            key: self.key,
            version,
            name: self.name,
            state,
            choices: self.choices,
            sections: self.sections,
            canned: self.canned,
            unknown: serde_json::Map::new(),
        }
    }
}

/// Why a template file is refused, whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}; nothing of the file was taken")]
pub struct TemplateFileError {
    /// The file as the caller named it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub reason: String,
}

/// What is wrong, and at which byte of the text.
type Fault = (usize, String);

pub(super) fn parse(text: &str, file: &str) -> Result<TemplateFile, TemplateFileError> {
    read(text).map_err(|(at, reason)| TemplateFileError {
        file: text::clean_line(file).into_owned(),
        line: 1 + text.bytes().take(at).filter(|b| *b == b'\n').count(),
        // A quoted piece of the file may hold anything.
        reason: text::clean_line(&reason).trim().to_owned(),
    })
}

fn read(text: &str) -> Result<TemplateFile, Fault> {
    if text.len() > MAX_FILE {
        return Err((
            0,
            format!("the file is longer than {} KiB", MAX_FILE / 1024),
        ));
    }
    let raw: RawFile = toml::from_str(text).map_err(|error| {
        (
            error.span().map_or(0, |span| span.start),
            error.message().to_owned(),
        )
    })?;
    let name_at = raw.name.span().start;
    let name = label(&raw.name.into_inner(), "the template's name").map_err(|r| (name_at, r))?;
    let mut choices: Vec<Choice> = Vec::new();
    for raw in raw.choice {
        let at = raw.key.span().start;
        let choice = choice(raw).map_err(|reason| (at, reason))?;
        if choices.iter().any(|known| known.key == choice.key) {
            return Err((at, format!("the choice “{}” is there twice", choice.key)));
        }
        choices.push(choice);
    }
    let mut sections: Vec<Section> = Vec::new();
    let mut keys = HashSet::new();
    for raw in raw.section {
        let at = raw.key.span().start;
        let key = raw.key.into_inner();
        let name = label(&raw.label, "the section's label").map_err(|reason| (at, reason))?;
        if sections.iter().any(|known| known.key == key) {
            return Err((at, format!("the section “{key}” is there twice")));
        }
        if raw.point.is_empty() {
            return Err((at, format!("the section “{key}” has no points")));
        }
        let mut section = Section {
            key,
            label: name,
            points: Vec::new(),
            canned: canned(raw.canned)?,
        };
        for mut raw in raw.point {
            let notes = canned(std::mem::take(&mut raw.canned))?;
            let at = raw.key.span().start;
            if !keys.insert(raw.key.get_ref().clone()) {
                return Err((
                    at,
                    format!("the point “{}” is there twice", raw.key.get_ref()),
                ));
            }
            let point = point(raw).and_then(|point| {
                check::point(&point, &section, &choices)?;
                Ok(point)
            });
            let point = point.map_err(|reason| (at, reason))?;
            section.points.push(Point {
                canned: notes,
                ..point
            });
        }
        sections.push(section);
    }
    if sections.is_empty() {
        return Err((0, "the template has no sections".to_owned()));
    }
    Ok(TemplateFile {
        key: raw.key,
        name,
        choices,
        sections,
        canned: canned(raw.canned)?,
    })
}

/// Canned notes, each checked with its own place in the file.
fn canned(raw: Vec<Spanned<RawCanned>>) -> Result<Vec<Canned>, Fault> {
    let read = |raw: Spanned<RawCanned>| {
        let at = raw.span().start;
        let RawCanned {
            text,
            condition,
            work,
            labour,
            parts,
        } = raw.into_inner();
        if work.is_none() && (labour.is_some() || parts.is_some()) {
            return Err((at, "labour and parts belong to a “work”".to_owned()));
        }
        let note = Canned {
            text,
            condition,
            recommendation: work.map(|text| Recommendation {
                text,
                labour: labour.unwrap_or_default(),
                parts: parts.unwrap_or_default(),
            }),
            unknown: serde_json::Map::new(),
        };
        note.check().map_err(|reason| (at, reason))?;
        Ok(note)
    };
    raw.into_iter().map(read).collect()
}

fn label(text: &str, what: &str) -> Result<String, String> {
    text::bounded(text, what, MAX_LABEL).map_err(|error| error.to_string())
}

fn prose(text: &str, what: &str) -> Result<String, String> {
    text::bounded(text, what, MAX_PROSE).map_err(|error| error.to_string())
}

fn source(text: Option<String>) -> Result<Option<String>, String> {
    text.map(|text| label(&text, "the source")).transpose()
}

/// Answers and roles are plain words as keys are, so that scripts can name them.
fn word(text: &str, what: &str) -> Result<String, String> {
    match text.parse::<ChoiceKey>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!(
            "{what} must be a plain lower-case word, such as “air_drum”"
        )),
    }
}

fn choice(raw: RawChoice) -> Result<Choice, String> {
    let key = raw.key.into_inner();
    let mut options: Vec<ChoiceOption> = Vec::new();
    for RawOption {
        value,
        label: name,
        condition,
    } in raw.options
    {
        if condition.is_some() {
            return Err("an answer of the whole inspection sets no condition".to_owned());
        }
        let value = word(&value, "an answer's value")?;
        if options.iter().any(|known| known.value == value) {
            return Err(format!("the answer “{value}” is there twice"));
        }
        options.push(ChoiceOption {
            value,
            label: label(&name, "an answer's label")?,
        });
    }
    if options.len() < 2 {
        return Err(format!("the choice “{key}” needs at least two options"));
    }
    let choice = Choice {
        key,
        label: label(&raw.label, "the label")?,
        options,
        default: raw.default,
    };
    match &choice.default {
        Some(default) if !choice.takes(default) => {
            Err("the default is not one of the options".to_owned())
        }
        _ => Ok(choice),
    }
}

fn point(raw: RawPoint) -> Result<Point, String> {
    foreign_fields(&raw)?;
    let kind = match raw.kind {
        RawKind::Condition => Kind::Condition,
        RawKind::Text => Kind::Text,
        RawKind::Measurement => Kind::Measurement(Measurement {
            unit: raw.unit.ok_or("a measurement needs its unit")?,
            units: raw.units.unwrap_or_default(),
            cases: raw
                .case
                .unwrap_or_default()
                .into_iter()
                .map(case)
                .collect::<Result<_, _>>()?,
        }),
        RawKind::Choice => Kind::Choice {
            options: raw
                .options
                .unwrap_or_default()
                .into_iter()
                .map(
                    |RawOption {
                         value,
                         label: name,
                         condition,
                     }| {
                        let value = word(&value, "an answer's value")?;
                        Ok(PointOption {
                            value,
                            label: label(&name, "an answer's label")?,
                            condition,
                        })
                    },
                )
                .collect::<Result<_, String>>()?,
        },
        RawKind::Signature => Kind::Signature {
            role: word(&raw.role.ok_or("a signature needs its role")?, "the role")?,
            statement: prose(
                &raw.statement.ok_or("a signature needs its statement")?,
                "the statement",
            )?,
            graded: raw.graded.unwrap_or(false),
        },
    };
    Ok(Point {
        key: raw.key.into_inner(),
        label: label(&raw.label, "the point's label")?,
        kind,
        requires: raw
            .requires
            .into_iter()
            .map(requirement)
            .collect::<Result<_, _>>()?,
        hint: raw.hint.map(|hint| prose(&hint, "the hint")).transpose()?,
        canned: Vec::new(),
    })
}

fn foreign_fields(raw: &RawPoint) -> Result<(), String> {
    let fields = [
        ("unit", raw.unit.is_some(), RawKind::Measurement),
        ("units", raw.units.is_some(), RawKind::Measurement),
        ("case", raw.case.is_some(), RawKind::Measurement),
        ("options", raw.options.is_some(), RawKind::Choice),
        ("role", raw.role.is_some(), RawKind::Signature),
        ("statement", raw.statement.is_some(), RawKind::Signature),
        ("graded", raw.graded.is_some(), RawKind::Signature),
    ];
    match fields
        .iter()
        .find(|(_, there, kind)| *there && *kind != raw.kind)
    {
        Some((field, ..)) => Err(format!("“{field}” does not belong to a point of this kind")),
        None => Ok(()),
    }
}

fn case(raw: RawCase) -> Result<Case, String> {
    let rule = match (raw.rule, raw.of) {
        (RawRule::DeltaToReference, Some(of)) => Rule::DeltaToReference {
            of,
            measure: raw.measure.unwrap_or_default(),
            assumed: raw.assumed,
        },
        (_, _) if raw.measure.is_some() || raw.assumed.is_some() => {
            return Err("only delta_to_reference has “measure” and “assumed”".to_owned());
        }
        (RawRule::WithinReference, Some(of)) => Rule::WithinReference { of },
        (RawRule::DeltaToReference | RawRule::WithinReference, None) => {
            return Err("the rule needs “of”: placard, stamped, rated or sidewall".to_owned());
        }
        (_, Some(_)) => return Err("“of” belongs to a rule with a reference".to_owned()),
        (RawRule::Absolute, None) => Rule::Absolute,
        (RawRule::DeltaToPrevious, None) => Rule::DeltaToPrevious,
    };
    Ok(Case {
        when: raw.when.map(|when| When {
            choice: when.choice,
            is: when.is,
        }),
        rule,
        warn: limits(raw.warn)?,
        fail: limits(raw.fail)?,
        source: source(raw.source)?,
    })
}

fn limits(raw: RawLimits) -> Result<Limits, String> {
    let norm = source(raw.source)?;
    let end = |open, closed, names: &str| match (open, closed) {
        (Some(_), Some(_)) => Err(format!("give one of {names}, not both")),
        (None, None) => Ok(None),
        (Some(value), None) | (None, Some(value)) => Ok(Some(Limit {
            value,
            inclusive: closed.is_some(),
            unit: raw.unit,
            source: norm.clone(),
        })),
    };
    Ok(Limits {
        low: end(raw.below, raw.at_most, "“below” and “at_most”")?,
        high: end(raw.above, raw.at_least, "“above” and “at_least”")?,
    })
}

fn requirement(raw: RawRequirement) -> Result<Requirement, String> {
    let what = match (raw.note, raw.photos, raw.action, raw.signature) {
        (true, None, false, None) => Demand::Note,
        (false, Some(count @ 1..=50), false, None) => Demand::Photo { count },
        (false, Some(_), false, None) => return Err("photos must be 1 to 50".to_owned()),
        (false, None, true, None) => Demand::Action,
        (false, None, false, Some(role)) => Demand::Signature {
            role: word(&role, "the role")?,
        },
        _ => {
            let reason = "a requirement is one of note, photos, action and signature";
            return Err(reason.to_owned());
        }
    };
    Ok(Requirement {
        what,
        when: raw.when.unwrap_or(Occasion::Always),
    })
}
