//! Documents of every kind under one roof, as they are stored and pulled.

mod world;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

pub use world::World;

use crate::{
    customer::Customer,
    field::Writer,
    ids::{CustomerId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::Inspection,
    shop::{Member, Shop},
    template::Template,
    vehicle::Vehicle,
};

/// The kind of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Kind {
    /// The shop itself.
    Shop,
    /// A member.
    Member,
    /// A template version.
    Template,
    /// A customer.
    Customer,
    /// A vehicle.
    Vehicle,
    /// An inspection.
    Inspection,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Shop,
        Self::Member,
        Self::Template,
        Self::Customer,
        Self::Vehicle,
        Self::Inspection,
    ];

    /// The kind as it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Member => "member",
            Self::Template => "template",
            Self::Customer => "customer",
            Self::Vehicle => "vehicle",
            Self::Inspection => "inspection",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no kind of document that this program knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this program knows no documents of that kind")]
pub struct UnknownKind;

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(UnknownKind)
    }
}

/// A document's kind and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum EntityRef {
    /// The shop itself.
    Shop(ShopId),
    /// A member.
    Member(PersonId),
    /// A template version.
    Template(TemplateId),
    /// A customer.
    Customer(CustomerId),
    /// A vehicle.
    Vehicle(VehicleId),
    /// An inspection.
    Inspection(InspectionId),
}

impl EntityRef {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Shop(_) => Kind::Shop,
            Self::Member(_) => Kind::Member,
            Self::Template(_) => Kind::Template,
            Self::Customer(_) => Kind::Customer,
            Self::Vehicle(_) => Kind::Vehicle,
            Self::Inspection(_) => Kind::Inspection,
        }
    }

    /// The id as sixteen bytes, as it is stored.
    pub fn id(&self) -> &[u8; 16] {
        match self {
            Self::Shop(id) => id.as_bytes(),
            Self::Member(id) => id.as_bytes(),
            Self::Template(id) => id.as_bytes(),
            Self::Customer(id) => id.as_bytes(),
            Self::Vehicle(id) => id.as_bytes(),
            Self::Inspection(id) => id.as_bytes(),
        }
    }

    /// The id as text.
    pub fn id_text(&self) -> String {
        match self {
            Self::Shop(id) => id.to_string(),
            Self::Member(id) => id.to_string(),
            Self::Template(id) => id.to_string(),
            Self::Customer(id) => id.to_string(),
            Self::Vehicle(id) => id.to_string(),
            Self::Inspection(id) => id.to_string(),
        }
    }

    /// The document of this kind with this id.
    pub fn from_parts(kind: Kind, id: [u8; 16]) -> Self {
        match kind {
            Kind::Shop => Self::Shop(ShopId::from_bytes(id)),
            Kind::Member => Self::Member(PersonId::from_bytes(id)),
            Kind::Template => Self::Template(TemplateId::from_bytes(id)),
            Kind::Customer => Self::Customer(CustomerId::from_bytes(id)),
            Kind::Vehicle => Self::Vehicle(VehicleId::from_bytes(id)),
            Kind::Inspection => Self::Inspection(InspectionId::from_bytes(id)),
        }
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.id_text())
    }
}

/// A document of any kind.
#[expect(
    clippy::large_enum_variant,
    reason = "it lives behind an Arc or for one operation"
)]
#[derive(Debug, Clone, PartialEq)]
pub enum Entity {
    /// The shop itself.
    Shop(Shop),
    /// A member.
    Member(Member),
    /// A template version.
    Template(Template),
    /// A customer.
    Customer(Customer),
    /// A vehicle.
    Vehicle(Vehicle),
    /// An inspection.
    Inspection(Box<Inspection>),
}

impl Entity {
    /// Kind and id.
    pub fn key(&self) -> EntityRef {
        match self {
            Self::Shop(it) => EntityRef::Shop(it.id),
            Self::Member(it) => EntityRef::Member(it.id),
            Self::Template(it) => EntityRef::Template(it.id),
            Self::Customer(it) => EntityRef::Customer(it.id),
            Self::Vehicle(it) => EntityRef::Vehicle(it.id),
            Self::Inspection(it) => EntityRef::Inspection(it.id),
        }
    }

    /// Reads a stored or pulled body.
    pub fn from_body(kind: Kind, body: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Shop => Self::Shop(serde_json::from_str(body)?),
            Kind::Member => Self::Member(serde_json::from_str(body)?),
            Kind::Template => Self::Template(serde_json::from_str(body)?),
            Kind::Customer => Self::Customer(serde_json::from_str(body)?),
            Kind::Vehicle => Self::Vehicle(serde_json::from_str(body)?),
            Kind::Inspection => Self::Inspection(Box::new(serde_json::from_str(body)?)),
        })
    }

    /// The body as it is stored and sent, fields of newer programs included.
    pub fn to_body(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Shop(it) => serde_json::to_string(it),
            Self::Member(it) => serde_json::to_string(it),
            Self::Template(it) => serde_json::to_string(it),
            Self::Customer(it) => serde_json::to_string(it),
            Self::Vehicle(it) => serde_json::to_string(it),
            Self::Inspection(it) => serde_json::to_string(it),
        }
    }

    /// Who wanted it gone, where an edit kept it; in a tombstone, who deleted it.
    pub fn deletion(&self) -> Option<&Writer> {
        match self {
            Self::Customer(it) => it.deletion.as_ref(),
            Self::Vehicle(it) => it.deletion.as_ref(),
            Self::Inspection(it) => it.deletion.as_ref(),
            Self::Shop(_) | Self::Member(_) | Self::Template(_) => None,
        }
    }

    /// The document that this one is an alias of.
    pub fn merged(&self) -> Option<EntityRef> {
        match self {
            Self::Customer(it) => it.merged.as_ref().map(|it| EntityRef::Customer(it.value)),
            Self::Vehicle(it) => it.merged.as_ref().map(|it| EntityRef::Vehicle(it.value)),
            _ => None,
        }
    }

    /// The duplicates that were merged into this one.
    pub fn aliases(&self) -> Vec<EntityRef> {
        match self {
            Self::Customer(it) => it
                .aliases
                .keys()
                .map(|id| EntityRef::Customer(*id))
                .collect(),
            Self::Vehicle(it) => it
                .aliases
                .keys()
                .map(|id| EntityRef::Vehicle(*id))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The vehicle and the customer that an inspection names, which keep them from being deleted.
    pub fn names(&self) -> impl Iterator<Item = EntityRef> {
        let (vehicle, customer) = match self {
            Self::Inspection(it) => (Some(it.vehicle), it.customer()),
            _ => (None, None),
        };
        let vehicle = vehicle.map(EntityRef::Vehicle);
        vehicle.into_iter().chain(customer.map(EntityRef::Customer))
    }

    /// Flags it as unwanted, or takes the flag off. Shops, members and templates are not deleted.
    pub(crate) fn flag(&mut self, deletion: Option<Writer>) {
        match self {
            Self::Customer(it) => it.deletion = deletion,
            Self::Vehicle(it) => it.deletion = deletion,
            Self::Inspection(it) => it.deletion = deletion,
            Self::Shop(_) | Self::Member(_) | Self::Template(_) => {}
        }
    }
}
