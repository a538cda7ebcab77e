//! The demo shop: the file under `assets/demo`, played through the same rules as real work, with
//! stamps of the past.
//!
//! Both times of an event, the author's and that of acceptance, are those of the visit. Visits are
//! told some at a time (first all creations, then the work, then the desk), so the order of events
//! follows the clock within each inspection and nearly so between them.

mod bench;
mod file;
mod visit;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use redtag_protocol::{
    entity::{Entity, Kind},
    ids::{CustomerId, InspectionId, KeyError, PersonId, PointKey, ShopId, TemplateKey, VehicleId},
    op::Edit,
    role::Role,
    stamp::Stamp,
    template::Template,
    units::Quantity,
    vehicle::VehicleWrite,
};

use self::{
    bench::Benches,
    file::File,
    visit::{Teller, Who},
};
use crate::{
    core::{
        self,
        members::{self, MemberError},
        push::PushError,
        shops::{self, CreateError, Templates},
    },
    keys,
    storage::{Person, Storage, StorageError},
};

const HOUR: u64 = 3_600_000;

/// How many visits are told at once.
const CHAPTER: usize = 12;

/// Why the demo shop could not be made. All but a failing storage is a fault of its file.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The file.
    #[error("the demo shop's file cannot be read: {0}")]
    File(#[from] toml::de::Error),
    /// The demo, or others by its people's names.
    #[error(
        "{email} is there already, so the demo shop seems to be; nothing was made. See \
         “redtag-server shop list”, or give another demo a data directory of its own with --data"
    )]
    There {
        /// One of the demo's people.
        email: String,
    },
    /// A key that names nothing.
    #[error("the demo shop's file names {what} “{key}”, which it does not have")]
    Unknown {
        /// What it should name.
        what: &'static str,
        /// The key.
        key: String,
    },
    /// A template key that is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A value that is none.
    #[error("the demo shop's file has a value at {0} that is none: {1}")]
    Value(PointKey, String),
    /// An edit that the rules refuse.
    #[error("the demo shop's file holds an edit that is refused: {0}")]
    Refused(String),
    /// The shop.
    #[error(transparent)]
    Shop(#[from] CreateError),
    /// A member.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// The push.
    #[error(transparent)]
    Push(#[from] PushError),
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// The shop that was made.
#[derive(Debug, Clone)]
pub struct Seeded {
    /// The shop.
    pub shop: ShopId,
    /// Its name.
    pub name: String,
    /// E-mail address and role of everybody who can sign in, with the password that was given.
    pub people: Vec<(String, Role)>,
}

/// Makes the demo shop as it would be at `now`. `password` is the hash, in PHC form, of the password
/// with which all its members sign in.
///
/// # Errors
///
/// [`SeedError::There`] where the demo's people are there already; nothing is made then.
pub async fn seed(storage: &dyn Storage, now: Stamp, password: &str) -> Result<Seeded, SeedError> {
    let file: File = toml::from_str(file::TEXT)?;
    let oldest = file.vehicle.iter().flat_map(|it| &it.visit);
    let oldest = oldest.map(|it| u64::from(it.hours_ago)).max().unwrap_or(0);
    let opened = ago(now, oldest + 48);
    for member in &file.member {
        let email = member.email.clone();
        if storage.person_by_email(email.clone()).await?.is_some() {
            return Err(SeedError::There { email });
        }
    }
    let shop = shops::create(storage, &file.shop.name, Templates::Shipped, opened).await?;
    let mut benches = Benches::new(shop, opened);
    let mut people = Vec::new();
    for member in &file.member {
        let person = Person {
            id: PersonId::from_parts(opened.0, keys::random()),
            email: member.email.clone(),
            name: member.name.clone(),
            password: password.to_owned(),
            created: opened,
        };
        storage.person_create(person.clone()).await?;
        members::put(storage, shop, person.id, &person.name, member.role, opened).await?;
        benches.add(&member.key, person.id, member.role);
        people.push((person.email, member.role));
    }
    let mut story = Story {
        storage,
        now,
        benches,
        templates: templates(storage, shop).await?,
    };
    story.play(&file, ago(now, oldest + 24)).await?;
    Ok(Seeded {
        shop,
        name: file.shop.name,
        people,
    })
}

fn ago(now: Stamp, hours: u64) -> Stamp {
    Stamp(now.0.saturating_sub(hours * HOUR))
}

async fn templates(
    storage: &dyn Storage,
    shop: ShopId,
) -> Result<HashMap<TemplateKey, Template>, SeedError> {
    let mut templates = HashMap::new();
    for stored in storage.list(shop, Kind::Template).await? {
        if let Entity::Template(template) = core::entity(&stored)? {
            templates.insert(template.key.clone(), template);
        }
    }
    Ok(templates)
}

struct Story<'a> {
    storage: &'a dyn Storage,
    now: Stamp,
    benches: Benches,
    templates: HashMap<TemplateKey, Template>,
}

/// A visit with what is known of its vehicle.
struct Planned<'a> {
    visit: &'a file::Visit,
    vehicle: VehicleId,
    customer: Option<CustomerId>,
    references: &'a BTreeMap<PointKey, Quantity>,
    /// The place of the vehicle in the file.
    place: usize,
}

impl Story<'_> {
    async fn play(&mut self, file: &File, opened: Stamp) -> Result<(), SeedError> {
        let customers = self.customers(file, opened)?;
        let mut planned = self.vehicles(file, &customers, opened)?;
        self.benches.send(self.storage).await?;
        planned.sort_by_key(|it| std::cmp::Reverse(it.visit.hours_ago));
        let mut previous: HashMap<usize, BTreeMap<PointKey, Quantity>> = HashMap::new();
        for chapter in planned.chunks(CHAPTER) {
            self.chapter(chapter, &mut previous).await?;
        }
        Ok(())
    }

    fn customers<'f>(
        &mut self,
        file: &'f File,
        at: Stamp,
    ) -> Result<HashMap<&'f str, CustomerId>, SeedError> {
        let mut customers = HashMap::new();
        for customer in &file.customer {
            let id = CustomerId::from_parts(at.0, keys::random());
            customers.insert(customer.key.as_str(), id);
            let edit = Edit::CreateCustomer {
                id,
                name: customer.name.clone(),
                phones: customer.phones.clone(),
                emails: customer.emails.clone(),
                consent: customer.consent,
            };
            self.benches.desk()?.write(edit, at);
        }
        Ok(customers)
    }

    fn vehicles<'f>(
        &mut self,
        file: &'f File,
        customers: &HashMap<&str, CustomerId>,
        at: Stamp,
    ) -> Result<Vec<Planned<'f>>, SeedError> {
        let mut planned = Vec::new();
        for (place, vehicle) in file.vehicle.iter().enumerate() {
            let id = VehicleId::from_parts(at.0, keys::random());
            let owners = vehicle
                .customers
                .iter()
                .map(|key| {
                    let found = customers.get(key.as_str()).copied();
                    found.ok_or_else(|| unknown("a customer", key))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let desk = self.benches.desk()?;
            let create = Edit::CreateVehicle {
                id,
                kind: vehicle.kind,
                vin: vehicle.vin.clone(),
                plate: vehicle.plate.clone(),
                serial: vehicle.serial.clone(),
                year: Some(vehicle.year),
                make: Some(vehicle.make.clone()),
                model: Some(vehicle.model.clone()),
                customer: owners.first().copied(),
            };
            desk.write(create, at);
            let further = owners
                .iter()
                .skip(1)
                .map(|customer| VehicleWrite::Customer {
                    customer: *customer,
                    linked: true,
                });
            let references = vehicle.references.iter();
            let references = references.map(|(point, reference)| VehicleWrite::Reference {
                point: point.clone(),
                reference: Some(*reference),
            });
            for write in further.chain(references) {
                desk.write(Edit::Vehicle { id, write }, at);
            }
            planned.extend(vehicle.visit.iter().map(|visit| Planned {
                visit,
                vehicle: id,
                customer: owners.first().copied(),
                references: &vehicle.references,
                place,
            }));
        }
        Ok(planned)
    }

    /// Tells some visits: all creations, then what the technicians did, then the rest. A vehicle's
    /// next visit may fall in the same chapter: it finds the measured values of the one before.
    async fn chapter(
        &mut self,
        chapter: &[Planned<'_>],
        previous: &mut HashMap<usize, BTreeMap<PointKey, Quantity>>,
    ) -> Result<(), SeedError> {
        let mut rest = Vec::new();
        for planned in chapter {
            let visit = planned.visit;
            let created = ago(self.now, u64::from(visit.hours_ago));
            let template = self
                .templates
                .get(&visit.template)
                .ok_or_else(|| unknown("a template", visit.template.as_str()))?;
            let inspection = InspectionId::from_parts(created.0, keys::random());
            let assignee = match &visit.assignee {
                Some(key) => Some(self.benches.person(key)?),
                None => None,
            };
            let create = Edit::CreateInspection {
                id: inspection,
                template: template.id,
                vehicle: planned.vehicle,
                customer: planned.customer,
                assignee,
                bay: visit.bay.clone(),
                concern: visit.concern.clone(),
                provisional: self.benches.desk()?.label(),
            };
            self.benches.desk()?.write(create, created);
            let before = previous.entry(planned.place).or_default();
            let teller = Teller {
                visit,
                template,
                inspection,
                vehicle: planned.vehicle,
                references: planned.references,
                previous: before,
                signed_at: created,
            };
            let (deeds, measured) = teller.tell()?;
            before.extend(measured);
            rest.push((visit, created, deeds));
        }
        self.benches.send(self.storage).await?;
        for step in [Who::Technician, Who::Dispatcher, Who::Owner] {
            for (visit, created, deeds) in &rest {
                let last = deeds.last().map_or(1, |deed| u64::from(deed.step));
                // About half a minute for each answer, but never into the future.
                let pace = (self.now.0.saturating_sub(created.0) / (last + 1)).min(30_000);
                for deed in deeds.iter().filter(|deed| deed.who == step) {
                    let at = Stamp(created.0 + pace * u64::from(deed.step));
                    let bench = match (step, &visit.assignee) {
                        (Who::Technician, Some(key)) => self.benches.of(key)?,
                        (Who::Technician | Who::Dispatcher, _) => self.benches.desk()?,
                        (Who::Owner, _) => self.benches.owner()?,
                    };
                    bench.write(deed.edit.clone(), at);
                }
            }
            self.benches.send(self.storage).await?;
        }
        Ok(())
    }
}

fn unknown(what: &'static str, key: &str) -> SeedError {
    SeedError::Unknown {
        what,
        key: key.to_owned(),
    }
}
