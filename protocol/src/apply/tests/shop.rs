//! A shop with one inspection, and benches that write to it.

use std::sync::Arc;

use super::super::{Change, Context, apply};
use crate::{
    customer::CustomerWrite,
    entity::{Entity, EntityRef, World},
    field::Writer,
    ids::{CustomerId, DeviceId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Answer, Inspection, InspectionWrite},
    lifecycle::Verb,
    op::{Edit, Operation, Refusal, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
    template::{Demand, Occasion, Point, Requirement, Template, TemplateState},
};

pub(super) const CARS: &str = include_str!("../../../../assets/templates/vehicle-multipoint.toml");

/// One device with its person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bench {
    pub(super) device: DeviceId,
    pub(super) person: PersonId,
    pub(super) role: Role,
}

impl Bench {
    pub(super) fn new(n: u8, role: Role) -> Self {
        Self {
            device: DeviceId::from_parts(0, [n; 10]),
            person: PersonId::from_parts(0, [n; 10]),
            role,
        }
    }
}

/// A shop in which every accepted operation gets the next place.
#[derive(Debug, Clone)]
pub(super) struct ShopUnderTest {
    pub(super) world: World,
    pub(super) seq: Seq,
    pub(super) inspection: InspectionId,
    pub(super) customer: CustomerId,
    shop: ShopId,
    number: u64,
    clock: u64,
}

impl ShopUnderTest {
    /// A shop with a customer, a car and a fresh inspection of it.
    pub(super) fn new() -> Self {
        let template = Template::parse_toml(CARS, "vehicle-multipoint.toml").unwrap();
        let template =
            template.into_template(TemplateId::from_parts(1, [1; 10]), 1, TemplateState::Active);
        let mut world = World::new();
        world.insert(Arc::new(Entity::Template(template)));
        let mut shop = Self {
            world,
            seq: Seq(0),
            inspection: InspectionId::from_parts(1, [1; 10]),
            customer: CustomerId::from_parts(1, [1; 10]),
            shop: ShopId::from_parts(1, [1; 10]),
            number: 0,
            clock: 1_000,
        };
        let founder = Bench::new(200, Role::Owner);
        let customer = shop.customer;
        shop.accepted(
            &founder,
            Seq(0),
            Edit::CreateCustomer {
                id: customer,
                name: "Alma Testwell".to_owned(),
                phones: Vec::new(),
                emails: Vec::new(),
                consent: false,
            },
        );
        shop.accepted(
            &founder,
            Seq(0),
            Edit::CreateVehicle {
                id: VehicleId::from_parts(1, [1; 10]),
                kind: crate::vehicle::VehicleKind::Car,
                vin: None,
                plate: Some("TEST 1".to_owned()),
                serial: None,
                year: None,
                make: None,
                model: None,
                customer: Some(customer),
            },
        );
        let create = shop.create_edit();
        shop.accepted(&founder, Seq(0), create);
        shop
    }

    /// What stands and what is buried, loaded anew: which of it is named, the storage says.
    pub(super) fn forget_names(&mut self) {
        let mut world = World::new();
        let (vehicle, template) = (
            EntityRef::Vehicle(VehicleId::from_parts(1, [1; 10])),
            EntityRef::Template(TemplateId::from_parts(1, [1; 10])),
        );
        for key in [vehicle, template, EntityRef::Customer(self.customer)] {
            if let Some(entity) = self.world.entity(&key) {
                world.insert(entity.clone());
            }
        }
        let inspection = EntityRef::Inspection(self.inspection);
        if let Some(entity) = self.world.buried(&inspection) {
            world.bury(entity.clone());
        }
        self.world = world;
    }

    pub(super) fn create_edit(&self) -> Edit {
        Edit::CreateInspection {
            id: self.inspection,
            template: TemplateId::from_parts(1, [1; 10]),
            vehicle: VehicleId::from_parts(1, [1; 10]),
            customer: Some(self.customer),
            assignee: None,
            bay: None,
            concern: None,
            provisional: "~K7-1".to_owned(),
        }
    }

    pub(super) fn template_state(&mut self, state: TemplateState) {
        let mut template = self.template().clone();
        template.state = state;
        self.world.insert(Arc::new(Entity::Template(template)));
    }

    /// Makes the template ask for something at a point, which is given back.
    pub(super) fn demand(&mut self, point: &str, what: Demand, when: Occasion) -> Point {
        let mut template = self.template().clone();
        let points = template
            .sections
            .iter_mut()
            .flat_map(|section| &mut section.points);
        let point = points
            .into_iter()
            .find(|it| it.key.as_str() == point)
            .unwrap();
        point.requires.push(Requirement { what, when });
        let point = point.clone();
        self.world.insert(Arc::new(Entity::Template(template)));
        point
    }

    pub(super) fn template(&self) -> &Template {
        self.world
            .template(TemplateId::from_parts(1, [1; 10]))
            .unwrap()
    }

    pub(super) fn inspection(&self) -> Inspection {
        match self
            .world
            .entity(&EntityRef::Inspection(self.inspection))
            .unwrap()
            .as_ref()
        {
            Entity::Inspection(inspection) => (**inspection).clone(),
            other => panic!("not an inspection: {other:?}"),
        }
    }

    fn operation(&mut self, base: Seq, edit: Edit) -> Operation {
        self.number += 1;
        self.clock += 10;
        Operation {
            number: self.number,
            group: self.number,
            stamp: Stamp(self.clock),
            base,
            seen: None,
            schema: edit.schema(),
            edit,
        }
    }

    /// The number of the last operation.
    pub(super) fn last(&self) -> u64 {
        self.number
    }

    /// An operation with the context in which the API would decide it.
    pub(super) fn ready(&mut self, bench: &Bench, base: Seq, edit: Edit) -> (Operation, Context) {
        let operation = self.operation(base, edit);
        (operation, self.context(bench, Some(self.seq.next())))
    }

    fn context(&self, bench: &Bench, seq: Option<Seq>) -> Context {
        Context {
            shop: self.shop,
            person: bench.person,
            role: bench.role,
            device: bench.device,
            seq,
            ticket: seq.map(|_| 1),
        }
    }

    /// What the API would do, taken into the shop if it is accepted.
    pub(super) fn submit(
        &mut self,
        bench: &Bench,
        base: Seq,
        edit: Edit,
    ) -> Result<Change, Refusal> {
        let operation = self.operation(base, edit);
        let change = apply(
            &self.world,
            &operation,
            &self.context(bench, Some(self.seq.next())),
        )?;
        self.seq.0 += change.parts().count() as u64;
        change
            .parts()
            .for_each(|(after, ..)| self.world.take(after));
        Ok(change)
    }

    /// What a bench would foresee; nothing is taken in.
    pub(super) fn foreseen(&mut self, bench: &Bench, edit: Edit) -> Result<Change, Refusal> {
        let operation = self.operation(self.seq, edit);
        apply(&self.world, &operation, &self.context(bench, None))
    }

    pub(super) fn accepted(&mut self, bench: &Bench, base: Seq, edit: Edit) -> Verdict {
        self.submit(bench, base, edit).unwrap().verdict
    }

    pub(super) fn refused(&mut self, bench: &Bench, base: Seq, edit: Edit) -> Refusal {
        self.submit(bench, base, edit).unwrap_err()
    }

    /// Moves the inspection from where it is, seen as it is.
    pub(super) fn step(&mut self, bench: &Bench, verb: Verb) -> Result<Change, Refusal> {
        let edit = Edit::Move {
            id: self.inspection,
            verb,
            from: self.inspection().state.value,
            reason: Some("because".to_owned()),
        };
        self.submit(bench, self.seq, edit)
    }
}

pub(super) fn note(id: InspectionId, point: &str, text: &str) -> Edit {
    let write = InspectionWrite::Note {
        point: point.parse().unwrap(),
        note: Some(text.to_owned()),
    };
    Edit::Inspection { id, write }
}

pub(super) fn answer(id: InspectionId, point: &str, answer: Answer) -> Edit {
    let write = InspectionWrite::Answer {
        point: point.parse().unwrap(),
        answer: Some(answer),
    };
    Edit::Inspection { id, write }
}

pub(super) fn rename(id: CustomerId, name: &str) -> Edit {
    Edit::Customer {
        id,
        write: CustomerWrite::Name {
            name: name.to_owned(),
        },
    }
}

pub(super) fn writer_of(inspection: &Inspection, field: &str) -> Writer {
    crate::merge::Fields::side(inspection, field)
        .unwrap()
        .writer
}
