//! A shop for tests: one bench, one car with an earlier visit, and the templates that ship.

pub(crate) mod around;
mod client;
pub(crate) mod foreign;
mod unsent;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use redtag_protocol::{
    apply::{Context, apply},
    canned::Kept,
    entity::{Entity, EntityRef, World},
    grade::Condition,
    ids::{CannedId, CustomerId, DeviceId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Answer, AnswerValue, Counts, Inspection, InspectionWrite},
    ipc::{
        Account, BoardRow, Connection, InspectionView, Previous, SentBack, Status, SyncState,
        Touched,
    },
    lifecycle::{State as Stage, Verb},
    op::{Edit, Operation, Refusal},
    role::Role,
    shop::{Member, Settings, Shop},
    stamp::{Seq, Stamp},
    template::{Template, TemplateState},
    vehicle::{VehicleKind, VehicleWrite},
};

pub(crate) use around::other_account;
pub(crate) use client::Client;
pub(crate) use unsent::{conflicts, outbox, undone};

/// 2026-03-04 10:30 UTC.
pub(crate) const NOW: Stamp = Stamp(1_772_620_200_000);
const VISIT: Stamp = Stamp(NOW.0 - 200 * 86_400_000);

pub(crate) fn person() -> PersonId {
    PersonId::from_parts(1, [1; 10])
}

pub(crate) fn vehicle() -> VehicleId {
    VehicleId::from_parts(3, [3; 10])
}

pub(crate) fn ticket() -> InspectionId {
    InspectionId::from_parts(5, [5; 10])
}

fn shop() -> ShopId {
    ShopId::from_parts(2, [2; 10])
}

pub(crate) fn customer() -> CustomerId {
    CustomerId::from_parts(4, [4; 10])
}

fn template_id() -> TemplateId {
    TemplateId::from_parts(6, [6; 10])
}

/// A template that ships.
pub(crate) fn template(text: &str) -> Template {
    let file = Template::parse_toml(text, "template.toml").unwrap();
    file.into_template(template_id(), 1, TemplateState::Active)
}

pub(crate) const CAR: &str = include_str!("../../../assets/templates/vehicle-multipoint.toml");
pub(crate) const TRUCK: &str = include_str!("../../../assets/templates/truck-pretrip.toml");
pub(crate) const BICYCLE: &str = include_str!("../../../assets/templates/bicycle-service.toml");

/// What the daemon would hold: documents by the protocol's own rules.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) role: Role,
    /// Why the daemon says the work is open again.
    pub(crate) sent_back: Option<SentBack>,
    /// Which telling of the inspection the next view is.
    pub(crate) telling: u64,
    number: u64,
    template: Template,
}

impl Bench {
    /// A shop with one draft of this template.
    pub(crate) fn new(role: Role, text: &str) -> Self {
        let template = template(text);
        let mut world = World::new();
        world.insert(Arc::new(Entity::Template(template.clone())));
        world.insert(Arc::new(Entity::Shop(Shop {
            id: shop(),
            name: "Northside Garage".to_owned(),
            settings: Settings::default(),
            canned: BTreeMap::new(),
            unknown: serde_json::Map::new(),
        })));
        let mut bench = Self {
            world,
            role: Role::Owner,
            sent_back: None,
            telling: 1,
            number: 0,
            template,
        };
        bench.apply(&[
            Edit::CreateCustomer {
                id: customer(),
                name: "Dana Whitfield".to_owned(),
                phones: vec!["555-0142".to_owned()],
                emails: vec!["dana@example.com".to_owned()],
                consent: true,
            },
            Edit::CreateVehicle {
                id: vehicle(),
                kind: VehicleKind::Car,
                vin: Some("5FNYF5H59HB011946".parse().unwrap()),
                plate: Some("ABC-1234".to_owned()),
                serial: None,
                year: Some(2017),
                make: Some("Honda".to_owned()),
                model: Some("Pilot".to_owned()),
                customer: Some(customer()),
            },
            Edit::CreateInspection {
                id: ticket(),
                template: bench.template.id,
                vehicle: vehicle(),
                customer: Some(customer()),
                assignee: None,
                bay: Some("2".to_owned()),
                concern: Some("pulls to the left".to_owned()),
                provisional: "~K7-3".to_owned(),
            },
        ]);
        bench.role = role;
        bench
    }

    /// Applies a group; panics where the rules refuse it.
    pub(crate) fn apply(&mut self, edits: &[Edit]) {
        self.try_apply(edits).unwrap();
    }

    /// Applies a group whole, or not at all.
    pub(crate) fn try_apply(&mut self, edits: &[Edit]) -> Result<(), Refusal> {
        let mut world = self.world.clone();
        for edit in edits {
            self.number += 1;
            let operation = Operation {
                number: self.number,
                group: self.number,
                stamp: NOW,
                base: Seq(self.number),
                seen: None,
                schema: edit.schema(),
                edit: edit.clone(),
            };
            let context = Context {
                shop: shop(),
                person: person(),
                role: self.role,
                device: DeviceId::from_parts(7, [7; 10]),
                seq: Some(Seq(self.number)),
                ticket: Some(1042),
            };
            let change = apply(&world, &operation, &context)?;
            change.parts().for_each(|(after, ..)| world.take(after));
        }
        self.world = world;
        Ok(())
    }

    pub(crate) fn inspection(&self) -> Inspection {
        match self
            .world
            .entity(&EntityRef::Inspection(ticket()))
            .unwrap()
            .as_ref()
        {
            Entity::Inspection(it) => it.as_ref().clone(),
            _ => unreachable!("the key says so"),
        }
    }

    /// The canned notes that the shop keeps.
    pub(crate) fn canned(&self) -> BTreeMap<CannedId, Kept> {
        match self
            .world
            .entity(&EntityRef::Shop(shop()))
            .unwrap()
            .as_ref()
        {
            Entity::Shop(it) => it.canned.clone(),
            _ => unreachable!("the key says so"),
        }
    }

    /// What the daemon shows of the inspection.
    pub(crate) fn view(&self) -> InspectionView {
        let inspection = self.inspection();
        let vehicle = match self
            .world
            .entity(&EntityRef::Vehicle(vehicle()))
            .unwrap()
            .as_ref()
        {
            Entity::Vehicle(it) => it.clone(),
            _ => unreachable!("the key says so"),
        };
        let customer = match self
            .world
            .entity(&EntityRef::Customer(customer()))
            .unwrap()
            .as_ref()
        {
            Entity::Customer(it) => it.clone(),
            _ => unreachable!("the key says so"),
        };
        let mut previous = BTreeMap::new();
        for (point, value) in [
            ("arrival.odometer", "61200 mi"),
            ("tyres.tread.lf", "6/32 in"),
            ("tyres.tread.rf", "6/32 in"),
            ("brakes.lining.lf", "5.5 mm"),
        ] {
            let answer = Answer::value(AnswerValue::Measured(value.parse().unwrap()));
            let visit = Previous {
                answer,
                at: VISIT,
                label: "#0987".to_owned(),
            };
            previous.insert(point.parse().unwrap(), visit);
        }
        let counts = inspection.counts(&self.template);
        InspectionView {
            verbs: inspection.state.value.verbs(self.role).collect(),
            inspection,
            version: Seq(self.number),
            template: self.template.clone(),
            vehicle: Some(vehicle),
            customer: Some(customer),
            members: vec![member(person(), "Sam Rivera", self.role)],
            previous,
            counts,
            settings: Settings::default(),
            sync: SyncState::Acknowledged,
            waiting: 0,
            pending: BTreeSet::new(),
            quarantined: Vec::new(),
            drafts: BTreeMap::new(),
            sent_back: self.sent_back.clone(),
            telling: self.telling,
        }
    }
}

pub(crate) fn member(id: PersonId, name: &str, role: Role) -> Member {
    Member {
        id,
        name: name.to_owned(),
        role,
        removed: false,
        unknown: serde_json::Map::new(),
    }
}

pub(crate) fn status(role: Role) -> Status {
    Status {
        account: Some(Account {
            id: "a1".to_owned(),
            email: "sam@example.com".to_owned(),
            person: person(),
            name: "Sam Rivera".to_owned(),
            shop: shop(),
            shop_name: "Northside Garage".to_owned(),
            role,
            url: "http://127.0.0.1:1".to_owned(),
            default: true,
            secret: "key file".to_owned(),
            lease: None,
            shut: None,
            lock: None,
        }),
        connection: Connection::Online,
        cursor: None,
        seq: Seq(9),
        waiting: 0,
        sent: 0,
        quarantined: 0,
        conflicts: 0,
        last_sync: Some(NOW),
        filling: false,
        documents: 60,
        version: "0.1.0".to_owned(),
        pid: 4242,
        log: None,
        notices: Vec::new(),
        waiting_since: None,
        held: None,
        next_try: None,
        rebuilding: false,
        opened: 0,
        progress: None,
        indexed: None,
        alarm: None,
    }
}

/// A row of the board.
pub(crate) fn row(n: u64) -> BoardRow {
    let states = [
        Stage::InProgress,
        Stage::Draft,
        Stage::Returned,
        Stage::Submitted,
        Stage::Approved,
    ];
    let vehicles = [
        "2017 Honda Pilot",
        "2003 Honda Accord",
        "2020 Kia Telluride",
    ];
    let customers = ["Dana Whitfield", "Priya Natarajan", "Tomás Ibarra", ""];
    let at = |n: u64, count: usize| usize::try_from(n).unwrap() % count;
    let small = u32::try_from(n % 5).unwrap();
    BoardRow {
        id: InspectionId::from_parts(100 + n, [9; 10]),
        label: if n == 3 {
            "~K7-3".to_owned()
        } else {
            format!("#{}", 1042 - n)
        },
        state: states[at(n, states.len())],
        revision: 0,
        vehicle: vehicles[at(n, vehicles.len())].to_owned(),
        mark: if n % 4 == 2 {
            "KNDCE3LG2L5073161".to_owned()
        } else {
            format!("ABC-{}", 1200 + n)
        },
        customer: customers[at(n, customers.len())].to_owned(),
        assignee: if n.is_multiple_of(2) {
            "Sam Rivera".to_owned()
        } else {
            String::new()
        },
        bay: (n % 3).to_string(),
        template: "Multi-point vehicle inspection".to_owned(),
        created: Stamp(NOW.0 - n * n * 3_600_000 - 60_000),
        counts: Counts {
            total: 64,
            answered: small * 12,
            red: small / 2,
            yellow: small,
            green: small * 9,
            not_applicable: 0,
        },
        conflicts: u32::from(n == 7),
        late: 0,
        sync: match n {
            1 | 3 => SyncState::Waiting,
            4 => SyncState::Sent,
            _ => SyncState::Acknowledged,
        },
        touched: Some(Touched {
            seq: Some(Seq(n)),
            at: Stamp(NOW.0 - n * n * 150_000),
            who: if n.is_multiple_of(3) {
                "Ada Kerr".to_owned()
            } else {
                "Sam Rivera".to_owned()
            },
            own: !n.is_multiple_of(3),
        }),
        found: None,
        noted: false,
    }
}

/// An inspection with some points answered, for pictures.
pub(crate) fn filled(bench: &mut Bench) {
    let point = |key: &str, answer: Answer| Edit::Inspection {
        id: ticket(),
        write: InspectionWrite::Answer {
            point: key.parse().unwrap(),
            answer: Some(answer),
        },
    };
    let measured = |value: &str| Answer::value(AnswerValue::Measured(value.parse().unwrap()));
    let pressure = Answer {
        reference: Some("35 psi".parse().unwrap()),
        ..measured("30 psi")
    };
    let by_default = Answer {
        by_default: true,
        ..Answer::condition(Condition::Green)
    };
    bench.apply(&[
        Edit::Move {
            id: ticket(),
            verb: Verb::Start,
            from: Stage::Draft,
            reason: None,
        },
        point("arrival.vin", Answer::condition(Condition::Green)),
        point("arrival.warning_lamps", Answer::condition(Condition::Red)),
        point("lights.headlamps", by_default),
        point("tyres.tread.lf", measured("3.5/32 in")),
        point("tyres.tread.rf", measured("6/32 in")),
        point("tyres.pressure.lf", pressure),
        point("tyres.spare", Answer::condition(Condition::NotApplicable)),
        Edit::Inspection {
            id: ticket(),
            write: InspectionWrite::Note {
                point: "tyres.tread.lf".parse().unwrap(),
                note: Some("Inner shoulder worn; check the alignment.".to_owned()),
            },
        },
        Edit::Vehicle {
            id: vehicle(),
            write: VehicleWrite::Reference {
                point: "tyres.pressure.lf".parse().unwrap(),
                reference: Some("35 psi".parse().unwrap()),
            },
        },
    ]);
}
