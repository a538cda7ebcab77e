//! A shop on a real database, and benches that push to it.

mod changes;
mod copies;
mod devices;
mod members;
mod templates;

use redtag_protocol::{
    api::ops::{Answer, Outcome},
    entity::{Entity, EntityRef, Kind},
    ids::{CustomerId, DeviceId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Inspection, InspectionWrite},
    lifecycle::{State, Verb},
    op::{Edit, Operation, Refusal, RefusalCode, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
    vehicle::VehicleKind,
};
use serde_json::value::{RawValue, to_raw_value};

use super::{
    entity, members as people,
    push::{PushError, Pushed, Recent, Sender, push},
    shops::{self, Templates},
    templates as versions,
};
use crate::{
    keys::random,
    storage::{
        Control as _, Person, Shops as _,
        conformance::Place as _,
        sqlite::{SqliteStorage, tests::Here},
    },
};

pub(crate) const NOW: Stamp = Stamp(1_800_000_000_000);

/// A shop with the shipped templates, an owner and a technician.
pub(crate) struct Stage {
    pub(crate) here: Here,
    pub(crate) storage: SqliteStorage,
    pub(crate) recent: Recent,
    pub(crate) shop: ShopId,
    pub(crate) owner: PersonId,
    pub(crate) technician: PersonId,
    pub(crate) template: TemplateId,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let here = Here::new();
        let storage = here.open().await;
        let shop = shops::create(&storage, "Quayside", Templates::Shipped, NOW)
            .await
            .unwrap();
        let owner = member(&storage, shop, "olga", Role::Owner).await;
        let technician = member(&storage, shop, "tomas", Role::Technician).await;
        let versions = versions::list(&storage, shop).await.unwrap();
        let cars = versions
            .iter()
            .find(|it| it.key.as_str() == "vehicle-multipoint");
        Self {
            here,
            shop,
            owner,
            technician,
            template: cars.unwrap().id,
            recent: Recent::default(),
            storage,
        }
    }

    pub(crate) fn bench(&self, person: PersonId) -> Bench {
        Bench {
            sender: Sender {
                person,
                shop: self.shop,
                device: DeviceId::from_parts(NOW.0, random()),
            },
            number: 0,
        }
    }

    pub(crate) async fn push(&self, bench: &Bench, ops: &[Box<RawValue>]) -> Answer {
        self.try_push(bench, ops).await.unwrap().answer
    }

    pub(crate) async fn try_push(
        &self,
        bench: &Bench,
        ops: &[Box<RawValue>],
    ) -> Result<Pushed, PushError> {
        push(&self.storage, &self.recent, bench.sender, ops, NOW).await
    }

    pub(crate) async fn seq(&self) -> Seq {
        self.storage.head(self.shop).await.unwrap().seq
    }

    pub(crate) async fn inspection(&self, id: InspectionId) -> Inspection {
        let key = EntityRef::Inspection(id);
        let found = self.storage.documents(self.shop, vec![key]).await.unwrap();
        match entity(found[0].as_ref().unwrap()).unwrap() {
            Entity::Inspection(it) => *it,
            _ => unreachable!(),
        }
    }

    pub(crate) async fn count(&self, kind: Kind) -> usize {
        self.storage.list(self.shop, kind).await.unwrap().len()
    }
}

pub(crate) async fn member(
    storage: &SqliteStorage,
    shop: ShopId,
    name: &str,
    role: Role,
) -> PersonId {
    let person = Person {
        id: PersonId::from_parts(NOW.0, random()),
        email: format!("{name}@example.com"),
        name: name.to_owned(),
        password: "hash".to_owned(),
        created: NOW,
    };
    storage.person_create(person.clone()).await.unwrap();
    people::put(storage, shop, person.id, name, role, NOW)
        .await
        .unwrap();
    person.id
}

/// A device with its count.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) sender: Sender,
    pub(crate) number: u64,
}

impl Bench {
    /// The next operation, a group of its own.
    pub(crate) fn op(&mut self, base: Seq, edit: Edit) -> Box<RawValue> {
        let group = self.number + 1;
        self.grouped(group, base, edit)
    }

    /// The next operation, in a group.
    pub(crate) fn grouped(&mut self, group: u64, base: Seq, edit: Edit) -> Box<RawValue> {
        self.number += 1;
        to_raw_value(&Operation {
            number: self.number,
            group,
            stamp: NOW,
            base,
            seen: None,
            schema: SCHEMA,
            edit,
        })
        .unwrap()
    }
}

pub(crate) fn vehicle(id: VehicleId) -> Edit {
    Edit::CreateVehicle {
        id,
        kind: VehicleKind::Car,
        vin: None,
        plate: Some("TEST 1".to_owned()),
        serial: None,
        year: None,
        make: None,
        model: None,
        customer: None,
    }
}

pub(crate) fn customer(id: CustomerId, name: &str) -> Edit {
    Edit::CreateCustomer {
        id,
        name: name.to_owned(),
        phones: Vec::new(),
        emails: Vec::new(),
        consent: false,
    }
}

pub(crate) fn inspection(id: InspectionId, template: TemplateId, vehicle: VehicleId) -> Edit {
    Edit::CreateInspection {
        id,
        template,
        vehicle,
        customer: None,
        assignee: None,
        bay: None,
        concern: None,
        provisional: "~K7-1".to_owned(),
    }
}

pub(crate) fn bay(id: InspectionId, bay: &str) -> Edit {
    let bay = Some(bay.to_owned());
    Edit::Inspection {
        id,
        write: InspectionWrite::Bay { bay },
    }
}

pub(crate) fn note(id: InspectionId, note: &str) -> Edit {
    Edit::Inspection {
        id,
        write: InspectionWrite::Note {
            point: "lights.horn".parse().unwrap(),
            note: Some(note.to_owned()),
        },
    }
}

pub(crate) fn go(id: InspectionId, verb: Verb, from: State) -> Edit {
    Edit::Move {
        id,
        verb,
        from,
        reason: verb.rule().reason.then(|| "because".to_owned()),
    }
}

pub(crate) fn new_vehicle() -> VehicleId {
    VehicleId::from_parts(NOW.0, random())
}

pub(crate) fn new_inspection() -> InspectionId {
    InspectionId::from_parts(NOW.0, random())
}

pub(crate) fn new_customer() -> CustomerId {
    CustomerId::from_parts(NOW.0, random())
}

/// The refusal of an outcome that is one.
pub(crate) fn refusal(answer: &Answer, place: usize) -> &Refusal {
    match &answer.outcomes[place].outcome {
        Outcome::Refused { refusal } => refusal,
        accepted @ Outcome::Accepted { .. } => unreachable!("{accepted:?}"),
    }
}

pub(crate) fn code(answer: &Answer, place: usize) -> RefusalCode {
    refusal(answer, place).code
}

pub(crate) fn accepted(answer: &Answer) -> usize {
    let taken = |outcome: &Outcome| matches!(outcome, Outcome::Accepted { .. });
    let outcomes = answer.outcomes.iter();
    outcomes.filter(|it| taken(&it.outcome)).count()
}
