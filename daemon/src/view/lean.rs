//! What the board needs of a document, read from its body without the rest: borrowed where it can
//! be, counted where the template is known. It is also stored beside the documents, so that the
//! board stands at once when the daemon starts.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use redtag_protocol::{
    customer::Customer,
    entity::{Entity, EntityRef, Kind},
    field::Register,
    ids::{ChoiceKey, CustomerId, InspectionId, PersonId, PointKey, TemplateId, VehicleId},
    inspection::{Answer, Counts, Inspection},
    lifecycle::State,
    stamp::Stamp,
    template::{Point, Template},
    vehicle::Vehicle,
};
use serde::{Deserialize, Serialize};

mod body;
mod touched;

pub(super) use touched::LeanTouch;

/// Begins a stored row. Another one is not read but worked out again from the body.
const VERSION: u8 = 2;

/// What the board needs of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lean<'a> {
    /// Of a customer.
    Customer(#[serde(borrow)] LeanCustomer<'a>),
    /// Of a vehicle.
    Vehicle(#[serde(borrow)] LeanVehicle<'a>),
    /// Of an inspection.
    Inspection(#[serde(borrow)] LeanInspection<'a>),
}

/// What the board needs of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeanCustomer<'a> {
    pub(super) id: CustomerId,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    /// Telephones and addresses, a line each.
    #[serde(borrow)]
    pub(super) contact: Cow<'a, str>,
    pub(super) merged: Option<CustomerId>,
    /// Fields in conflict, and a deletion that met an edit.
    pub(super) conflicts: u32,
}

/// What the board needs of a vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeanVehicle<'a> {
    pub(super) id: VehicleId,
    pub(super) year: Option<u16>,
    /// Maker and model; where they and the year are unknown, what sort of thing it is.
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) plate: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) vin: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) serial: Cow<'a, str>,
    pub(super) merged: Option<VehicleId>,
    /// Fields in conflict, and a deletion that met an edit.
    pub(super) conflicts: u32,
    /// Whose it is.
    pub(super) owners: Vec<CustomerId>,
}

/// What the board needs of an inspection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeanInspection<'a> {
    pub(super) id: InspectionId,
    pub(super) number: Option<u64>,
    #[serde(borrow)]
    pub(super) provisional: Cow<'a, str>,
    pub(super) template: TemplateId,
    pub(super) vehicle: VehicleId,
    pub(super) customer: Option<CustomerId>,
    pub(super) assignee: Option<PersonId>,
    #[serde(borrow)]
    pub(super) bay: Cow<'a, str>,
    pub(super) state: State,
    pub(super) revision: u32,
    pub(super) created: Stamp,
    /// None where the template had not come yet.
    pub(super) counts: Option<Counts>,
    /// Fields in conflict, and a deletion that met an edit.
    pub(super) conflicts: u32,
    pub(super) late: u32,
    pub(super) touched: LeanTouch,
}

/// A template with its points by key.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) template: Arc<Template>,
    /// Places of sections and points, by the points' keys.
    points: Vec<(PointKey, usize, usize)>,
    total: u32,
}

impl Form {
    fn new(template: Template) -> Self {
        let mut points = Vec::new();
        for (s, section) in template.sections.iter().enumerate() {
            for (p, point) in section.points.iter().enumerate() {
                points.push((point.key.clone(), s, p));
            }
        }
        let total = count(points.len());
        points.sort();
        Self {
            template: Arc::new(template),
            points,
            total,
        }
    }

    fn point(&self, key: &str) -> Option<&Point> {
        let at = self
            .points
            .binary_search_by(|(point, ..)| point.as_str().cmp(key))
            .ok()?;
        let (_, section, point) = self.points.get(at)?;
        self.template.sections.get(*section)?.points.get(*point)
    }

    /// As [`Inspection::counts`], from the answers alone.
    fn counts(&self, answers: &[(Cow<'_, str>, Answer)], choices: &Choices<'_>) -> Counts {
        use redtag_protocol::grade::Condition;
        let mut counts = Counts {
            total: self.total,
            ..Counts::default()
        };
        let choice = |key: &ChoiceKey| {
            let given = choices.iter().find(|(name, _)| *name == key.as_str());
            self.template
                .answer(key, given.map(|(_, option)| option.as_ref()))
        };
        for (key, answer) in answers {
            let Some(point) = self.point(key) else {
                continue;
            };
            if answer.is_empty() {
                continue;
            }
            counts.answered += 1;
            match answer.effective(point, &choice) {
                Some(Condition::Red) => counts.red += 1,
                Some(Condition::Yellow) => counts.yellow += 1,
                Some(Condition::Green) => counts.green += 1,
                Some(Condition::NotApplicable) => counts.not_applicable += 1,
                None => {}
            }
        }
        counts
    }
}

type Choices<'a> = [(Cow<'a, str>, Cow<'a, str>)];

/// The templates that are known, for counting. Cheap to hand to another thread.
#[derive(Debug, Clone, Default)]
pub struct Forms(Arc<HashMap<TemplateId, Form>>);

impl Forms {
    /// Takes a template version in.
    pub fn put(&mut self, template: &Template) {
        let mut all: HashMap<TemplateId, Form> = HashMap::new();
        // A shop has few, and they change seldom.
        for form in self.0.values() {
            all.insert(form.template.id, Form::new(form.template.as_ref().clone()));
        }
        all.insert(template.id, Form::new(template.clone()));
        self.0 = Arc::new(all);
    }

    /// Takes a template version out.
    pub(super) fn remove(&mut self, id: TemplateId) {
        let all = self.0.values().filter(|form| form.template.id != id);
        let all = all.map(|form| (form.template.id, Form::new(form.template.as_ref().clone())));
        self.0 = Arc::new(all.collect());
    }

    /// A template version.
    pub(super) fn form(&self, id: TemplateId) -> Option<&Form> {
        self.0.get(&id)
    }
}

impl<'a> Lean<'a> {
    /// Reads a body. None where the board needs nothing of this kind alone (shop, member and
    /// template come whole), or the body cannot be read by this program.
    pub fn read(kind: Kind, body: &'a str, forms: &Forms) -> Option<Self> {
        match kind {
            Kind::Shop | Kind::Member | Kind::Template => None,
            Kind::Customer => body::customer(body).map(Self::Customer),
            Kind::Vehicle => body::vehicle(body).map(Self::Vehicle),
            Kind::Inspection => body::inspection(body, forms).map(Self::Inspection),
        }
    }

    /// The same of a whole document.
    pub fn of(entity: &'a Entity, forms: &Forms) -> Option<Self> {
        match entity {
            Entity::Shop(_) | Entity::Member(_) | Entity::Template(_) => None,
            Entity::Customer(it) => Some(Self::Customer(customer(it))),
            Entity::Vehicle(it) => Some(Self::Vehicle(vehicle(it))),
            Entity::Inspection(it) => Some(Self::Inspection(inspection(it, forms))),
        }
    }

    /// What it is of.
    pub fn key(&self) -> EntityRef {
        match self {
            Self::Customer(it) => EntityRef::Customer(it.id),
            Self::Vehicle(it) => EntityRef::Vehicle(it.id),
            Self::Inspection(it) => EntityRef::Inspection(it.id),
        }
    }

    /// Whether nothing is missing: an inspection may have come before its template.
    pub fn complete(&self) -> bool {
        !matches!(self, Self::Inspection(it) if it.counts.is_none())
    }

    /// As it is stored.
    pub fn to_row(&self) -> Option<Vec<u8>> {
        postcard::to_extend(self, vec![VERSION]).ok()
    }

    /// Reads a stored row; none where another program stored it.
    pub fn from_row(row: &'a [u8]) -> Option<Self> {
        let (&VERSION, rest) = row.split_first()? else {
            return None;
        };
        postcard::from_bytes(rest).ok()
    }
}

fn customer(it: &Customer) -> LeanCustomer<'_> {
    let contact: Vec<&str> = it
        .phones
        .value
        .iter()
        .chain(&it.emails.value)
        .map(String::as_str)
        .collect();
    LeanCustomer {
        id: it.id,
        name: Cow::Borrowed(&it.name.value),
        contact: Cow::Owned(contact.join("\n")),
        merged: it.merged.as_ref().map(|it| it.value),
        conflicts: count(it.conflicts.len()) + u32::from(it.deletion.is_some()),
    }
}

fn vehicle(it: &Vehicle) -> LeanVehicle<'_> {
    fn set<T>(it: Option<&Register<Option<T>>>) -> Option<&T> {
        it.and_then(|it| it.value.as_ref())
    }
    let year = set(it.year.as_ref()).copied();
    let make = set(it.make.as_ref()).map(String::as_str);
    let model = set(it.model.as_ref()).map(String::as_str);
    LeanVehicle {
        id: it.id,
        year,
        name: name(year, make, model, it.kind.as_str()),
        plate: it.plate().unwrap_or_default().into(),
        vin: it.vin().map_or("", |vin| vin.as_str()).into(),
        serial: it.serial().unwrap_or_default().into(),
        merged: it.merged.as_ref().map(|it| it.value),
        conflicts: count(it.conflicts.len()) + u32::from(it.deletion.is_some()),
        owners: it.owners().collect(),
    }
}

/// Maker and model as far as they are known, else the kind where the year is unknown too.
fn name<'a>(
    year: Option<u16>,
    make: Option<&'a str>,
    model: Option<&'a str>,
    kind: &'static str,
) -> Cow<'a, str> {
    match (make, model) {
        (Some(make), Some(model)) => format!("{make} {model}").into(),
        (Some(one), None) | (None, Some(one)) => one.into(),
        (None, None) if year.is_none() => kind.into(),
        (None, None) => "".into(),
    }
}

fn inspection<'a>(it: &'a Inspection, forms: &Forms) -> LeanInspection<'a> {
    LeanInspection {
        id: it.id,
        number: it.number,
        provisional: Cow::Borrowed(&it.provisional),
        template: it.template.id,
        vehicle: it.vehicle,
        customer: it.customer(),
        assignee: it.assignee(),
        bay: it.bay().unwrap_or_default().into(),
        state: it.state.value,
        revision: it.revision,
        created: it.created.stamp,
        counts: forms
            .form(it.template.id)
            .map(|form| it.counts(&form.template)),
        conflicts: count(it.conflicts.len()) + u32::from(it.deletion.is_some()),
        late: count(it.late.len()),
        touched: LeanTouch::of(it),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub use body::texts;

#[cfg(test)]
mod tests;
