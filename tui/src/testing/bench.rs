//! Documents and views that tests look at.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{
    customer::Customer,
    field::{Register, Writer},
    ids::{CustomerId, DeviceId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::{Counts, Inspection, TemplateRef},
    ipc::{Account, Connection, InspectionView, Status, SyncState},
    lifecycle::State,
    role::Role,
    shop::{Member, Settings},
    stamp::{Seq, Stamp},
    template::{Template, TemplateState},
    vehicle::{Vehicle, VehicleKind},
};

fn sixteen(last: u8) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[15] = last;
    bytes
}

fn writer() -> Writer {
    Writer {
        seq: Some(Seq(7)),
        device: DeviceId::from_bytes(sixteen(9)),
        number: 1,
        stamp: Stamp(1_700_000_000_000),
        person: PersonId::from_bytes(sixteen(1)),
    }
}

/// A register that somebody wrote.
pub(crate) fn register<T>(value: T) -> Register<T> {
    Register {
        value,
        writer: writer(),
    }
}

/// The bicycle template as it ships.
pub(crate) fn template() -> Template {
    let text = include_str!("../../../assets/templates/bicycle-service.toml");
    Template::parse_toml(text, "bicycle-service.toml")
        .unwrap()
        .into_template(TemplateId::from_bytes(sixteen(3)), 2, TemplateState::Active)
}

/// A technician's account.
pub(crate) fn account() -> Account {
    Account {
        id: "a1".to_owned(),
        email: "tech@example.com".to_owned(),
        person: PersonId::from_bytes(sixteen(1)),
        name: "Tess Tester".to_owned(),
        shop: ShopId::from_bytes(sixteen(2)),
        shop_name: "North".to_owned(),
        role: Role::Technician,
        url: "http://127.0.0.1:1".to_owned(),
        default: true,
        secret: "key file".to_owned(),
        lease: None,
        shut: None,
        lock: None,
    }
}

/// Online, with nothing unsent.
pub(crate) fn status() -> Status {
    Status {
        account: Some(account()),
        connection: Connection::Online,
        cursor: Some("c7".to_owned()),
        seq: Seq(7),
        waiting: 0,
        sent: 0,
        quarantined: 0,
        conflicts: 0,
        last_sync: Some(Stamp(1_700_000_000_000)),
        filling: false,
        documents: 12,
        version: "9.9.9".to_owned(),
        pid: 42,
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

/// A bicycle's inspection in this state, with nothing answered.
pub(crate) fn view(state: State) -> InspectionView {
    let template = template();
    let mut vehicle = Vehicle::new(VehicleId::from_bytes(sixteen(5)), VehicleKind::Bicycle);
    vehicle.serial = Some(register(Some("WTU123".to_owned())));
    let role = Role::Technician;
    InspectionView {
        inspection: Inspection {
            id: InspectionId::from_bytes(sixteen(4)),
            number: Some(1042),
            provisional: "~K7-3".to_owned(),
            template: TemplateRef {
                id: template.id,
                key: template.key.clone(),
                version: template.version,
            },
            vehicle: vehicle.id,
            created: writer(),
            state: register(state),
            revision: 0,
            customer: Some(register(Some(CustomerId::from_bytes(sixteen(6))))),
            assignee: Some(register(Some(PersonId::from_bytes(sixteen(1))))),
            bay: None,
            concern: Some(register(Some("squeaks".to_owned()))),
            choices: BTreeMap::new(),
            results: BTreeMap::new(),
            conflicts: BTreeMap::new(),
            late: Vec::new(),
            deletion: None,
            past: Vec::new(),
            unknown: serde_json::Map::new(),
        },
        version: Seq(7),
        template,
        vehicle: Some(vehicle),
        customer: None,
        members: vec![
            member(1, "Tess Tester", Role::Technician),
            member(8, "Dora Desk", Role::Dispatcher),
        ],
        previous: BTreeMap::new(),
        counts: Counts::default(),
        verbs: state.verbs(role).collect(),
        settings: Settings::default(),
        sync: SyncState::Acknowledged,
        waiting: 0,
        pending: BTreeSet::new(),
        quarantined: Vec::new(),
        drafts: BTreeMap::new(),
        sent_back: None,
        telling: 0,
    }
}

/// A customer of this name.
pub(crate) fn customer(last: u8, name: &str) -> Customer {
    Customer {
        id: CustomerId::from_bytes(sixteen(last)),
        name: register(name.to_owned()),
        phones: register(Vec::new()),
        emails: register(Vec::new()),
        consent: register(false),
        merged: None,
        aliases: BTreeMap::new(),
        deletion: None,
        conflicts: BTreeMap::new(),
        unknown: serde_json::Map::new(),
    }
}

fn member(last: u8, name: &str, role: Role) -> Member {
    Member {
        id: PersonId::from_bytes(sixteen(last)),
        name: name.to_owned(),
        role,
        removed: false,
        unknown: serde_json::Map::new(),
    }
}
