//! What was written, in words for people: one place for the screens and the command line.
//!
//! The words are not clean for a terminal yet; whoever puts them there strips them.

use redtag_protocol::{
    customer::CustomerWrite,
    entity::EntityRef,
    event::Access,
    ids::{ChoiceKey, CustomerId, PersonId, PointKey},
    inspection::{InspectionWrite, Recommendation},
    ipc::InspectionView,
    merge::Write as _,
    money::Cents,
    op::Edit,
    shop::Member,
    template::{Choice, Point, Template},
    vehicle::VehicleWrite,
};

use crate::app;

/// The names of things that edits and events name by key or id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    templates: Vec<Template>,
    members: Vec<Member>,
    customers: Vec<(CustomerId, String)>,
}

impl Labels {
    /// The names that an inspection's view brings along.
    pub(crate) fn of(view: &InspectionView) -> Self {
        let customer = view.customer.as_ref();
        Self {
            templates: vec![view.template.clone()],
            members: view.members.clone(),
            customers: customer
                .map(|it| (it.id, it.name.value.clone()))
                .into_iter()
                .collect(),
        }
    }

    /// The names of a whole shop. A point is named as the newest version of a template that has
    /// it does: keys are stable over versions.
    pub(crate) fn of_shop(mut templates: Vec<Template>, members: Vec<Member>) -> Self {
        templates.sort_by_key(|it| std::cmp::Reverse(it.version));
        Self {
            templates,
            members,
            customers: Vec::new(),
        }
    }

    fn point(&self, key: &PointKey) -> Option<&Point> {
        self.templates.iter().find_map(|it| it.point(key))
    }

    fn choice(&self, key: &ChoiceKey) -> Option<&Choice> {
        self.templates.iter().find_map(|it| it.choice(key))
    }

    /// A point's name.
    pub(crate) fn label(&self, key: &PointKey) -> String {
        self.point(key)
            .map_or_else(|| key.to_string(), |point| point.label.clone())
    }

    /// A person's name.
    pub(crate) fn person(&self, id: PersonId) -> String {
        let member = self.members.iter().find(|member| member.id == id);
        member.map_or_else(|| "somebody".to_owned(), |member| member.name.clone())
    }

    fn customer(&self, id: CustomerId) -> String {
        let known = self.customers.iter().find(|(known, _)| *known == id);
        known.map_or_else(|| "another customer".to_owned(), |(_, name)| name.clone())
    }
}

/// What an edit does, on one line: `Tread LF: 4/32 in`, `created`, `submit`.
pub(crate) fn edit(edit: &Edit, labels: &Labels) -> String {
    let joined = |(what, value): (String, Option<String>)| match value {
        Some(value) => format!("{what}: {value}"),
        None => format!("{what}: taken back"),
    };
    match edit {
        Edit::CreateCustomer { name, .. } => format!("created: {name}"),
        Edit::CreateVehicle { .. } | Edit::CreateInspection { .. } => "created".to_owned(),
        Edit::Customer { write, .. } => joined(customer(write)),
        Edit::Vehicle { write, .. } => joined(vehicle(write, labels)),
        Edit::Inspection { write, .. } => joined(inspection(write, labels)),
        Edit::Move { verb, reason, .. } => match reason {
            Some(reason) => format!("{verb}: {reason}"),
            None => verb.to_string(),
        },
        Edit::SettleCustomer { write, .. } => format!("settled {}", joined(customer(write))),
        Edit::SettleVehicle { write, .. } => format!("settled {}", joined(vehicle(write, labels))),
        Edit::SettleInspection { write, .. } => {
            format!("settled {}", joined(inspection(write, labels)))
        }
        Edit::UndoCustomer { write, .. } => format!("undone, {}", joined(customer(write))),
        Edit::UndoVehicle { write, .. } => format!("undone, {}", joined(vehicle(write, labels))),
        Edit::UndoInspection { write, .. } => {
            format!("undone, {}", joined(inspection(write, labels)))
        }
        Edit::Delete { .. } => "deleted".to_owned(),
        Edit::Restore { .. } => "brought back".to_owned(),
        Edit::EraseCustomer { .. } => "erased what was known of the customer".to_owned(),
        Edit::MergeCustomers { .. } => "merged into another customer".to_owned(),
        Edit::MergeVehicles { .. } => "merged into another vehicle".to_owned(),
        Edit::AddCanned { kept, .. } => format!("canned note: {}", kept.note.text),
        Edit::DropCanned { .. } => "canned note dropped".to_owned(),
        Edit::DraftTemplate { text, .. } => match Template::parse_toml(text, "the template") {
            Ok(file) => format!("draft of the template {}", file.name),
            Err(_) => "draft of a template".to_owned(),
        },
        Edit::PublishTemplate { .. } => "template published".to_owned(),
        Edit::CloseTemplate { .. } => "template closed".to_owned(),
    }
}

/// The field that an edit writes, such as `answer:tyres.tread.lf`; none where it writes no single
/// field.
pub(crate) fn field(edit: &Edit) -> Option<String> {
    match edit {
        Edit::Customer { write, .. }
        | Edit::SettleCustomer { write, .. }
        | Edit::UndoCustomer { write, .. } => Some(write.field()),
        Edit::Vehicle { write, .. }
        | Edit::SettleVehicle { write, .. }
        | Edit::UndoVehicle { write, .. } => Some(write.field()),
        Edit::Inspection { write, .. }
        | Edit::SettleInspection { write, .. }
        | Edit::UndoInspection { write, .. } => Some(write.field()),
        Edit::Move { .. } => Some("state".to_owned()),
        Edit::CreateCustomer { .. }
        | Edit::CreateVehicle { .. }
        | Edit::CreateInspection { .. }
        | Edit::Delete { .. }
        | Edit::Restore { .. }
        | Edit::EraseCustomer { .. }
        | Edit::MergeCustomers { .. }
        | Edit::MergeVehicles { .. }
        | Edit::AddCanned { .. }
        | Edit::DropCanned { .. }
        | Edit::DraftTemplate { .. }
        | Edit::PublishTemplate { .. }
        | Edit::CloseTemplate { .. } => None,
    }
}

/// What kind of thing a document is.
pub(crate) fn kind(target: &EntityRef) -> &'static str {
    target.kind().as_str()
}

/// An inspection's field and its value; no value where it is cleared.
pub(crate) fn inspection(write: &InspectionWrite, labels: &Labels) -> (String, Option<String>) {
    use InspectionWrite as W;
    match write {
        W::Answer { point, answer } => (
            labels.label(point),
            answer
                .as_ref()
                .map(|answer| app::answer_words(labels.point(point), answer)),
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
            recommendation.as_ref().map(work),
        ),
        W::Choice { choice, option } => {
            let question = labels.choice(choice);
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
            customer.map(|customer| labels.customer(customer)),
        ),
    }
}

fn quoted(text: Option<&String>) -> Option<String> {
    text.map(|text| format!("“{}”", text.replace('\n', " ")))
}

/// A line of recommended work with its prices.
pub(crate) fn work(work: &Recommendation) -> String {
    let Recommendation {
        text,
        labour,
        parts,
    } = work;
    if *labour == Cents::ZERO && *parts == Cents::ZERO {
        return text.clone();
    }
    format!("{text} (labour {labour}, parts {parts})")
}

/// A customer's field and its value.
pub(crate) fn customer(write: &CustomerWrite) -> (String, Option<String>) {
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

/// A vehicle's field and its value; no value where it is cleared.
pub(crate) fn vehicle(write: &VehicleWrite, labels: &Labels) -> (String, Option<String>) {
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

/// What was done about how somebody gets in.
pub(crate) fn access(deed: &Access) -> String {
    match deed {
        Access::Revoked { device } if device.is_empty() => "revoked a sign-in".to_owned(),
        Access::Revoked { device } => format!("revoked the sign-in on {device}"),
        Access::Password => "another password".to_owned(),
        Access::SecondFactor { on: true } => "a second factor from now on".to_owned(),
        Access::SecondFactor { on: false } => "no second factor any more".to_owned(),
        Access::Provider { on: true } => "an account at the OpenID provider from now on".to_owned(),
        Access::Provider { on: false } => "no account at the OpenID provider any more".to_owned(),
        Access::KioskToken { name, role } => format!("a token for the kiosk {name}, as {role}"),
        Access::TokenMade { name, scope, .. } => {
            format!("made the access token {name}, to {scope}")
        }
        Access::TokenEnded { name } => format!("took the token {name} back"),
        Access::Unknown => "something that a newer program wrote".to_owned(),
    }
}
