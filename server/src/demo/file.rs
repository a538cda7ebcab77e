//! The demo shop's file; its head comment says what each field means.

use std::collections::BTreeMap;

use redtag_protocol::{
    ids::{ChoiceKey, PointKey, TemplateKey},
    lifecycle::State,
    money::Cents,
    role::Role,
    units::Quantity,
    vehicle::VehicleKind,
    vin::Vin,
};
use serde::{Deserialize, Deserializer, de::Error as _};

pub(super) const TEXT: &str = include_str!("../../../assets/demo/shop.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) shop: Named,
    pub(super) member: Vec<Member>,
    pub(super) customer: Vec<Customer>,
    pub(super) vehicle: Vec<Vehicle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: Role,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Customer {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) phones: Vec<String>,
    pub(super) emails: Vec<String>,
    pub(super) consent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vehicle {
    pub(super) kind: VehicleKind,
    pub(super) make: String,
    pub(super) model: String,
    pub(super) year: u16,
    pub(super) vin: Option<Vin>,
    pub(super) plate: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) customers: Vec<String>,
    #[serde(default, deserialize_with = "quantities")]
    pub(super) references: BTreeMap<PointKey, Quantity>,
    pub(super) visit: Vec<Visit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Visit {
    pub(super) template: TemplateKey,
    pub(super) hours_ago: u32,
    pub(super) state: State,
    pub(super) assignee: Option<String>,
    pub(super) bay: Option<String>,
    pub(super) concern: Option<String>,
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) choices: BTreeMap<ChoiceKey, String>,
    #[serde(default)]
    pub(super) values: BTreeMap<PointKey, String>,
    #[serde(default)]
    pub(super) picks: BTreeMap<PointKey, String>,
    #[serde(default)]
    pub(super) signed: BTreeMap<PointKey, String>,
    #[serde(default)]
    pub(super) yellow: Vec<PointKey>,
    #[serde(default)]
    pub(super) red: Vec<PointKey>,
    #[serde(default)]
    pub(super) na: Vec<PointKey>,
    pub(super) unanswered_from: Option<PointKey>,
    #[serde(default)]
    pub(super) notes: BTreeMap<PointKey, String>,
    #[serde(default)]
    pub(super) lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    pub(super) point: PointKey,
    pub(super) text: String,
    pub(super) labour: Cents,
    pub(super) parts: Cents,
}

/// Quantities as one text each, as people type them.
fn quantities<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<PointKey, Quantity>, D::Error> {
    BTreeMap::<PointKey, String>::deserialize(from)?
        .into_iter()
        .map(|(point, text)| Ok((point, text.parse().map_err(D::Error::custom)?)))
        .collect()
}
