//! Fields and values in words, for what is settled.

use std::sync::Arc;

use redtag_protocol::{
    customer::CustomerWrite,
    entity::{Entity, EntityRef},
    grade::Condition,
    ids::{ChoiceKey, CustomerId, PersonId, PointKey},
    inspection::{Answer, AnswerValue, InspectionWrite},
    ipc::AnyWrite,
    template::{Choice, Kind, Point, Template},
    vehicle::VehicleWrite,
};

use crate::cache::{CacheError, Store};

/// The names that fields and values are told by.
pub(super) struct Words {
    template: Option<Arc<Template>>,
    members: Vec<(PersonId, String)>,
    customers: Vec<(CustomerId, String)>,
}

const NOTHING: &str = "nothing";
const NO_ANSWER: &str = "not answered";

impl Words {
    /// The names that a document's values need.
    pub(super) fn of(store: &Store, entity: &Entity) -> Result<Self, CacheError> {
        let template = match entity {
            Entity::Inspection(it) => store.board().template(it.template.id).cloned(),
            _ => None,
        };
        let mut customers = Vec::new();
        let written = match entity {
            Entity::Inspection(it) => {
                let sides = it.conflicts.values().flat_map(|it| &it.sides);
                let all = sides.chain(&it.late).filter_map(|side| match side.write {
                    InspectionWrite::Customer { customer } => customer,
                    _ => None,
                });
                all.chain(it.customer()).collect()
            }
            _ => Vec::new(),
        };
        for id in written {
            if let Some(Entity::Customer(it)) = store.shown(&EntityRef::Customer(id))?.as_deref() {
                customers.push((id, it.name.value.clone()));
            }
        }
        let members = store.members().into_iter().map(|it| (it.id, it.name));
        Ok(Self {
            template,
            members: members.collect(),
            customers,
        })
    }

    /// The field: `Horn: answer`, `concern`.
    pub(super) fn title(&self, write: &AnyWrite) -> String {
        match write {
            AnyWrite::Inspection(write) => match write {
                InspectionWrite::Answer { point, .. } => format!("{}: answer", self.point(point)),
                InspectionWrite::Note { point, .. } => format!("{}: note", self.point(point)),
                InspectionWrite::Line { point, .. } => {
                    format!("{}: recommended work", self.point(point))
                }
                InspectionWrite::Choice { choice, .. } => {
                    let known = self.choice(choice);
                    known.map_or_else(|| choice.to_string(), |it| it.label.clone())
                }
                InspectionWrite::Assignee { .. } => "assignee".to_owned(),
                InspectionWrite::Bay { .. } => "bay".to_owned(),
                InspectionWrite::Concern { .. } => "concern".to_owned(),
                InspectionWrite::Customer { .. } => "customer".to_owned(),
            },
            AnyWrite::Customer(CustomerWrite::Emails { .. }) => "e-mails".to_owned(),
            AnyWrite::Customer(CustomerWrite::Phones { .. }) => "telephones".to_owned(),
            AnyWrite::Customer(CustomerWrite::Consent { .. }) => "messages".to_owned(),
            AnyWrite::Customer(CustomerWrite::Name { .. }) => "name".to_owned(),
            AnyWrite::Vehicle(VehicleWrite::Vin { .. }) => "VIN".to_owned(),
            AnyWrite::Vehicle(VehicleWrite::Serial { .. }) => "serial number".to_owned(),
            AnyWrite::Vehicle(VehicleWrite::Reference { point, .. }) => {
                format!("{}: reference", self.point(point))
            }
            AnyWrite::Vehicle(VehicleWrite::Customer { .. }) => "customer".to_owned(),
            AnyWrite::Vehicle(write) => redtag_protocol::merge::Write::field(write),
        }
    }

    /// The value: `red, 2.1 mm`, `nobody`.
    pub(super) fn value(&self, write: &AnyWrite) -> String {
        match write {
            AnyWrite::Inspection(write) => self.inspection(write),
            AnyWrite::Customer(write) => match write {
                CustomerWrite::Name { name } => name.clone(),
                CustomerWrite::Phones { phones } => list(phones),
                CustomerWrite::Emails { emails } => list(emails),
                CustomerWrite::Consent { consent: true } => "consents to messages".to_owned(),
                CustomerWrite::Consent { consent: false } => "no messages".to_owned(),
            },
            AnyWrite::Vehicle(write) => match write {
                VehicleWrite::Vin { vin } => shown(vin.as_ref()),
                VehicleWrite::Plate { plate: text }
                | VehicleWrite::Serial { serial: text }
                | VehicleWrite::Make { make: text }
                | VehicleWrite::Model { model: text } => shown(text.as_ref()),
                VehicleWrite::Year { year } => shown(year.as_ref()),
                VehicleWrite::Odometer { odometer: quantity }
                | VehicleWrite::Reference {
                    reference: quantity,
                    ..
                } => shown(quantity.as_ref()),
                VehicleWrite::Customer { linked: true, .. } => "belongs".to_owned(),
                VehicleWrite::Customer { linked: false, .. } => "no longer belongs".to_owned(),
            },
        }
    }

    fn inspection(&self, write: &InspectionWrite) -> String {
        match write {
            InspectionWrite::Answer { point, answer } => {
                let of = self.template.as_ref().and_then(|it| it.point(point));
                answer
                    .as_ref()
                    .map_or_else(|| NO_ANSWER.to_owned(), |it| told(of, it))
            }
            InspectionWrite::Note { note: text, .. }
            | InspectionWrite::Bay { bay: text }
            | InspectionWrite::Concern { concern: text } => shown(text.as_ref()),
            InspectionWrite::Choice { choice, option } => {
                let of = self.choice(choice).and_then(|it| {
                    let mut options = it.options.iter();
                    options.find(|it| Some(&it.value) == option.as_ref())
                });
                of.map_or_else(|| shown(option.as_ref()), |it| it.label.clone())
            }
            InspectionWrite::Line { recommendation, .. } => recommendation
                .as_ref()
                .map_or_else(|| "taken back".to_owned(), |it| it.text.clone()),
            InspectionWrite::Assignee { person } => name(person.as_ref(), &self.members),
            InspectionWrite::Customer { customer } => name(customer.as_ref(), &self.customers),
        }
    }

    fn choice(&self, key: &ChoiceKey) -> Option<&Choice> {
        let template = self.template.as_ref()?;
        template.choices.iter().find(|it| it.key == *key)
    }

    fn point(&self, key: &PointKey) -> String {
        let point = self.template.as_ref().and_then(|it| it.point(key));
        point.map_or_else(|| key.to_string(), |point| point.label.clone())
    }
}

/// An answer as the client's screens say it.
fn told(point: Option<&Point>, answer: &Answer) -> String {
    let value = answer.value.as_ref().map(|value| match value {
        AnswerValue::Measured(quantity) => quantity.to_string(),
        AnswerValue::Chosen(chosen) => {
            let options = match point.map(|it| &it.kind) {
                Some(Kind::Choice { options }) => options.as_slice(),
                _ => &[],
            };
            let option = options.iter().find(|it| it.value == *chosen);
            option.map_or_else(|| chosen.clone(), |it| it.label.clone())
        }
        AnswerValue::Text(text) => text.clone(),
        AnswerValue::Signed { name, .. } => format!("signed by {name}"),
    });
    let by = if answer.by_default { " by default" } else { "" };
    let condition = answer.condition.map(|it| match it {
        Condition::NotApplicable => format!("not applicable{by}"),
        other => format!("{}{by}", other.as_str()),
    });
    let parts: Vec<String> = condition.into_iter().chain(value).collect();
    if parts.is_empty() {
        return NO_ANSWER.to_owned();
    }
    parts.join(", ")
}

fn name<T: PartialEq>(id: Option<&T>, names: &[(T, String)]) -> String {
    let Some(id) = id else {
        return "nobody".to_owned();
    };
    let found = names.iter().find(|(known, _)| known == id);
    found.map_or_else(
        || "somebody unknown here".to_owned(),
        |(_, name)| name.clone(),
    )
}

fn shown<T: std::fmt::Display>(value: Option<&T>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), ToString::to_string)
}

fn list(values: &[String]) -> String {
    if values.is_empty() {
        return NOTHING.to_owned();
    }
    values.join(", ")
}

#[cfg(test)]
mod tests;
