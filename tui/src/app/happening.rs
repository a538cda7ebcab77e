//! What happened, in words for the timeline.

use std::fmt::Write as _;

use redtag_protocol::{
    customer::CustomerWrite,
    event::{Happening, What},
    ids::{PersonId, PointKey},
    inspection::InspectionWrite,
    ipc::InspectionView,
    op::Verdict,
    shop::Member,
    template::{Point, Template},
    vehicle::VehicleWrite,
};

use super::describe;

/// The names of things that events name by key or id.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    template: Template,
    members: Vec<Member>,
    customer: Option<String>,
}

impl Labels {
    /// The names that an inspection's view brings along.
    pub(crate) fn of(view: &InspectionView) -> Self {
        Self {
            template: view.template.clone(),
            members: view.members.clone(),
            customer: view.customer.as_ref().map(|it| it.name.value.clone()),
        }
    }

    fn point(&self, key: &PointKey) -> Option<&Point> {
        self.template.point(key)
    }

    fn label(&self, key: &PointKey) -> String {
        self.point(key)
            .map_or_else(|| key.to_string(), |point| point.label.clone())
    }

    fn person(&self, id: PersonId) -> String {
        let member = self.members.iter().find(|member| member.id == id);
        member.map_or_else(|| "somebody".to_owned(), |member| member.name.clone())
    }
}

/// What happened, for one line and for the lines below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Story {
    /// What was touched: `Tread LF`.
    pub(crate) what: String,
    /// What stood before.
    pub(crate) before: Option<String>,
    /// What stands after.
    pub(crate) after: Option<String>,
    /// Why, or how it was taken.
    pub(crate) more: Option<String>,
    /// Whether a conflict was opened by it.
    pub(crate) conflict: bool,
}

impl Story {
    /// One line: `Tread LF: 6/32 in → 4/32 in`.
    pub(crate) fn line(&self, arrow: &str) -> String {
        // Writing to a string cannot fail.
        let mut line = self.what.clone();
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => {
                let _ = write!(line, ": {before} {arrow} {after}");
            }
            (None, Some(after)) => {
                let _ = write!(line, ": {after}");
            }
            (Some(before), None) => {
                let _ = write!(line, ": {before} {arrow} taken back");
            }
            (None, None) => {}
        }
        if let Some(more) = &self.more {
            let _ = write!(line, " ({more})");
        }
        line
    }
}

/// Tells an event. None: a newer program wrote it in a way that this one cannot read.
pub(crate) fn story(happening: Option<&Happening>, labels: &Labels) -> Story {
    let Some(happening) = happening else {
        return Story {
            what: "something that this version of Redtag cannot read".to_owned(),
            ..Story::default()
        };
    };
    let mut story = match &happening.what {
        What::Created => told("created"),
        What::Inspection { before, after } => {
            let (what, after) = inspection(after, labels);
            let before = before.as_ref().and_then(|it| inspection(it, labels).1);
            change(what, before, after)
        }
        What::Customer { before, after } => {
            let (what, after) = customer(after);
            change(what, before.as_ref().and_then(|it| customer(it).1), after)
        }
        What::Vehicle { before, after } => {
            let (what, after) = vehicle(after, labels);
            let before = before.as_ref().and_then(|it| vehicle(it, labels).1);
            change(what, before, after)
        }
        What::Moved {
            verb,
            from,
            to,
            reason,
        } => Story {
            more: reason.clone(),
            ..change(
                verb.to_string(),
                Some(from.words().to_owned()),
                Some(to.words().to_owned()),
            )
        },
        What::Settled { field, after, .. } => {
            let write = serde_json::from_value::<InspectionWrite>(after.clone()).ok();
            match write {
                Some(write) => {
                    let (what, after) = inspection(&write, labels);
                    change(format!("settled {what}"), None, after)
                }
                None => told(&format!("settled {field}")),
            }
        }
        What::Member { name, role } => {
            let role = role.map_or("removed".to_owned(), |role| role.to_string());
            change(format!("member {name}"), None, Some(role))
        }
        What::Template { version, after, .. } => change(
            format!("template version {version}"),
            None,
            Some(format!("{after:?}").to_lowercase()),
        ),
        What::Unknown => told("something that this version of Redtag cannot read"),
    };
    match happening.verdict {
        Verdict::ConflictKept => {
            story.conflict = true;
            story.more.get_or_insert_with(|| {
                "met another bench's edit or came too late; both values are kept".to_owned()
            });
        }
        Verdict::Applied | Verdict::Merged => {}
    }
    story
}

fn told(words: &str) -> Story {
    Story {
        what: words.to_owned(),
        ..Story::default()
    }
}

fn change(what: String, before: Option<String>, after: Option<String>) -> Story {
    Story {
        what,
        before,
        after,
        ..Story::default()
    }
}

/// The field and its value; no value where it is cleared.
fn inspection(write: &InspectionWrite, labels: &Labels) -> (String, Option<String>) {
    use InspectionWrite as W;
    match write {
        W::Answer { point, answer } => (
            labels.label(point),
            answer
                .as_ref()
                .map(|answer| describe::answer(labels.point(point), answer)),
        ),
        W::Note { point, note } => (
            format!("{}, note", labels.label(point)),
            quoted(note.as_ref()),
        ),
        W::Line {
            point,
            recommendation,
            ..
        } => (
            format!("{}, recommended work", labels.label(point)),
            recommendation.as_ref().map(|line| line.text.clone()),
        ),
        W::Choice { choice, option } => {
            let question = labels.template.choice(choice);
            let name = question.map_or_else(|| choice.to_string(), |it| it.label.clone());
            let option = option.as_ref().map(|value| {
                question
                    .and_then(|it| it.options.iter().find(|it| it.value == *value))
                    .map_or_else(|| value.clone(), |it| it.label.clone())
            });
            (name, option)
        }
        W::Assignee { person } => (
            "assignee".to_owned(),
            person.map(|person| labels.person(person)),
        ),
        W::Bay { bay } => ("bay".to_owned(), bay.clone()),
        W::Concern { concern } => ("concern".to_owned(), quoted(concern.as_ref())),
        W::Customer { customer } => (
            "customer".to_owned(),
            customer.map(|_| {
                let name = labels.customer.clone();
                name.unwrap_or_else(|| "another customer".to_owned())
            }),
        ),
    }
}

fn quoted(text: Option<&String>) -> Option<String> {
    text.map(|text| format!("“{}”", text.replace('\n', " ")))
}

fn customer(write: &CustomerWrite) -> (String, Option<String>) {
    match write {
        CustomerWrite::Name { name } => ("customer's name".to_owned(), Some(name.clone())),
        CustomerWrite::Phones { phones } => ("telephone".to_owned(), Some(phones.join(", "))),
        CustomerWrite::Emails { emails } => ("e-mail".to_owned(), Some(emails.join(", "))),
        CustomerWrite::Consent { consent } => {
            let words = if *consent { "given" } else { "not given" };
            ("consent to messages".to_owned(), Some(words.to_owned()))
        }
    }
}

fn vehicle(write: &VehicleWrite, labels: &Labels) -> (String, Option<String>) {
    use VehicleWrite as W;
    match write {
        W::Vin { vin } => ("VIN".to_owned(), vin.as_ref().map(ToString::to_string)),
        W::Plate { plate } => ("plate".to_owned(), plate.clone()),
        W::Serial { serial } => ("serial number".to_owned(), serial.clone()),
        W::Year { year } => ("year".to_owned(), year.map(|year| year.to_string())),
        W::Make { make } => ("make".to_owned(), make.clone()),
        W::Model { model } => ("model".to_owned(), model.clone()),
        W::Odometer { odometer } => (
            "odometer".to_owned(),
            odometer.as_ref().map(ToString::to_string),
        ),
        W::Customer { linked, .. } => {
            let words = if *linked {
                "linked"
            } else {
                "no longer linked"
            };
            ("customer".to_owned(), Some(words.to_owned()))
        }
        W::Reference { point, reference } => (
            format!("{}, reference", labels.label(point)),
            reference.as_ref().map(ToString::to_string),
        ),
    }
}
