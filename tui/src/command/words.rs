//! What was written and what happened, in words.

use redtag_protocol::{
    customer::CustomerWrite,
    event::What,
    ids::{PersonId, PointKey},
    inspection::{Answer, AnswerValue, InspectionWrite},
    ipc::{InspectionView, TimelineEntry},
    op::Verdict,
    vehicle::VehicleWrite,
};

use super::output::moment;
use crate::words::access;

/// What the entry tells.
pub(crate) fn told(entry: &TimelineEntry, view: &InspectionView) -> String {
    let Some(happening) = &entry.happening else {
        return "something that a newer program wrote".to_owned();
    };
    let said = match &happening.what {
        What::Created => "created it".to_owned(),
        What::Moved {
            verb,
            from,
            to,
            reason,
        } => {
            let why = reason.as_ref().map(|why| format!(": {why}"));
            format!("{verb}, {from} → {to}{}", why.unwrap_or_default())
        }
        What::Inspection { before, after } => {
            let after = written(after, view);
            match before.as_ref().map(|before| value(before, view)) {
                Some(before) => format!("{after} (was {before})"),
                None => after,
            }
        }
        What::Customer { after, .. } => customer(after),
        What::Vehicle { after, .. } => vehicle(after),
        What::Settled { field, .. } => format!("settled the conflict of {field}"),
        What::Member { name, role } => match role {
            Some(role) => format!("member {name} is {role}"),
            None => format!("member {name} was removed"),
        },
        What::Template { version, after, .. } => format!("template version {version}: {after:?}"),
        What::Deleted if happening.verdict == Verdict::ConflictKept => {
            "wanted it deleted".to_owned()
        }
        What::Deleted => "deleted it".to_owned(),
        What::Restored => "brought it back".to_owned(),
        What::Erased => "erased what was known of the customer".to_owned(),
        What::Merged { into } => format!("merged it into another {}", into.kind()),
        What::Absorbed { from } => format!("merged another {} into it", from.kind()),
        What::Canned {
            after: Some(kept), ..
        } => format!("canned note: {}", kept.note.text),
        What::Canned { after: None, .. } => "dropped a canned note".to_owned(),
        What::Settings { before, after } if before.device_codes != after.device_codes => {
            let word = if after.device_codes { "" } else { "not " };
            format!("devices are {word}let in by a code from now on")
        }
        What::Settings { before, after }
            if before.demand_second_factor != after.demand_second_factor =>
        {
            let not = if after.demand_second_factor {
                ""
            } else {
                "not "
            };
            format!("a second factor is {not}demanded of owners and dispatchers from now on")
        }
        What::Settings { after, .. } if after.demand_photos => {
            "photos are demanded from now on".to_owned()
        }
        What::Settings { .. } => "photos are not demanded from now on".to_owned(),
        What::Access { deed } => access(deed),
        What::Unknown => "something that a newer program wrote".to_owned(),
    };
    match happening.verdict {
        Verdict::ConflictKept => format!("{said} [kept beside another value]"),
        Verdict::Applied | Verdict::Merged => said,
    }
}

fn written(write: &InspectionWrite, view: &InspectionView) -> String {
    format!("{} → {}", field(write, view), value(write, view))
}

fn label(point: &PointKey, view: &InspectionView) -> String {
    let found = view.template.point(point);
    found.map_or_else(|| point.to_string(), |point| point.label.clone())
}

/// The field that is written, by its label.
pub(crate) fn field(write: &InspectionWrite, view: &InspectionView) -> String {
    use InspectionWrite as W;
    match write {
        W::Answer { point, .. } => label(point, view),
        W::Note { point, .. } => format!("note on {}", label(point, view)),
        W::Line { point, .. } => format!("work for {}", label(point, view)),
        W::Choice { choice, .. } => {
            let found = view.template.choice(choice);
            found.map_or_else(|| choice.to_string(), |choice| choice.label.clone())
        }
        W::Assignee { .. } => "assignee".to_owned(),
        W::Bay { .. } => "bay".to_owned(),
        W::Concern { .. } => "concern".to_owned(),
        W::Customer { .. } => "customer".to_owned(),
    }
}

/// The value that is written.
pub(crate) fn value(write: &InspectionWrite, view: &InspectionView) -> String {
    use InspectionWrite as W;
    let none = || "nothing".to_owned();
    match write {
        W::Answer { answer, .. } => answer.as_ref().map_or_else(none, answered),
        W::Note { note, .. } => note.as_ref().map_or_else(none, |it| format!("“{it}”")),
        W::Line { recommendation, .. } => recommendation
            .as_ref()
            .map_or_else(none, |it| it.text.clone()),
        W::Choice { option: text, .. } | W::Bay { bay: text } | W::Concern { concern: text } => {
            text.clone().unwrap_or_else(none)
        }
        W::Assignee { person } => person.map_or_else(|| "nobody".to_owned(), |it| name(it, view)),
        W::Customer { customer } => match (customer, &view.customer) {
            (None, _) => "nobody".to_owned(),
            (Some(id), Some(known)) if known.id == *id => known.name.value.clone(),
            (Some(id), _) => id.to_string(),
        },
    }
}

/// The person's name, or the id where the name is not known.
pub(crate) fn name(person: PersonId, view: &InspectionView) -> String {
    let member = view.members.iter().find(|member| member.id == person);
    member.map_or_else(|| person.to_string(), |member| member.name.clone())
}

/// A value by itself.
pub(crate) fn spoken(value: &AnswerValue) -> String {
    match value {
        AnswerValue::Measured(quantity) => quantity.to_string(),
        AnswerValue::Chosen(text) | AnswerValue::Text(text) => text.clone(),
        AnswerValue::Signed { name, at } => format!("signed by {name}, {}", moment(*at)),
    }
}

fn answered(answer: &Answer) -> String {
    let value = answer.value.as_ref().map(spoken);
    let against = answer.reference.map(|it| format!("against {it}"));
    let condition = answer.condition.map(|condition| condition.to_string());
    let by_default = answer.by_default.then(|| "by default".to_owned());
    let parts: Vec<String> = [value, against, condition, by_default]
        .into_iter()
        .flatten()
        .collect();
    parts.join(", ")
}

fn customer(write: &CustomerWrite) -> String {
    match write {
        CustomerWrite::Name { name } => format!("the customer's name → {name}"),
        CustomerWrite::Phones { phones } => {
            format!("the customer's telephones → {}", phones.join(", "))
        }
        CustomerWrite::Emails { emails } => {
            format!("the customer's addresses → {}", emails.join(", "))
        }
        CustomerWrite::Consent { consent: true } => "the customer agreed to messages".to_owned(),
        CustomerWrite::Consent { consent: false } => "the customer wants no messages".to_owned(),
    }
}

fn vehicle(write: &VehicleWrite) -> String {
    use VehicleWrite as W;
    let (field, value) = match write {
        W::Vin { vin } => ("VIN", vin.as_ref().map(ToString::to_string)),
        W::Plate { plate } => ("plate", plate.clone()),
        W::Serial { serial } => ("serial number", serial.clone()),
        W::Year { year } => ("year", year.map(|year| year.to_string())),
        W::Make { make } => ("maker", make.clone()),
        W::Model { model } => ("model", model.clone()),
        W::Odometer { odometer } => ("odometer", odometer.map(|it| it.to_string())),
        W::Customer { linked: true, .. } => return "the vehicle got a customer".to_owned(),
        W::Customer { linked: false, .. } => return "the vehicle lost a customer".to_owned(),
        W::Reference { point, reference } => {
            let value = reference.map_or_else(|| "nothing".to_owned(), |it| it.to_string());
            return format!("the vehicle's reference for {point} → {value}");
        }
    };
    let value = value.unwrap_or_else(|| "nothing".to_owned());
    format!("the vehicle's {field} → {value}")
}
