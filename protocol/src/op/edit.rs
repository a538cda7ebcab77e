//! What a person does to a document.

use serde::{Deserialize, Serialize};

use crate::{
    canned::Kept,
    customer::CustomerWrite,
    entity::{EntityRef, Kind},
    field::OpRef,
    ids::{CannedId, CustomerId, InspectionId, PersonId, ShopId, TemplateId, VehicleId},
    inspection::InspectionWrite,
    lifecycle::{State, Verb},
    role::Permission,
    template::TemplateState,
    vehicle::{VehicleKind, VehicleWrite},
    vin::Vin,
};

/// What was done, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Edit {
    /// A new customer.
    CreateCustomer {
        /// Its id, made by the bench.
        id: CustomerId,
        /// Not empty.
        name: String,
        /// As typed.
        #[serde(default)]
        phones: Vec<String>,
        /// One address each.
        #[serde(default)]
        emails: Vec<String>,
        /// Whether messages are welcome.
        #[serde(default)]
        consent: bool,
    },
    /// A new vehicle with its first values.
    CreateVehicle {
        /// Its id, made by the bench.
        id: VehicleId,
        /// What sort of thing.
        kind: VehicleKind,
        /// Vehicle identification number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vin: Option<Vin>,
        /// Licence plate.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plate: Option<String>,
        /// Serial number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        serial: Option<String>,
        /// Model year.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        year: Option<u16>,
        /// Maker.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        make: Option<String>,
        /// Model.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// Whose it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
    },
    /// A new inspection, in draft.
    CreateInspection {
        /// Its id, made by the bench.
        id: InspectionId,
        /// The template version, active when the author looked.
        template: TemplateId,
        /// The vehicle.
        vehicle: VehicleId,
        /// Whom it is for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
        /// Who does it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        assignee: Option<PersonId>,
        /// Where.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bay: Option<String>,
        /// What the customer complains of.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concern: Option<String>,
        /// What it is called until the API numbers it, such as `~K7-3`.
        provisional: String,
    },
    /// One field of a customer.
    Customer {
        /// Which.
        id: CustomerId,
        /// Field and value.
        write: CustomerWrite,
    },
    /// One field of a vehicle.
    Vehicle {
        /// Which.
        id: VehicleId,
        /// Field and value.
        write: VehicleWrite,
    },
    /// One field of an inspection.
    Inspection {
        /// Which.
        id: InspectionId,
        /// Field and value.
        write: InspectionWrite,
    },
    /// Moves an inspection through its lifecycle.
    Move {
        /// Which.
        id: InspectionId,
        /// How.
        verb: Verb,
        /// The state that the author saw.
        from: State,
        /// Why, where the verb asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Settles a conflict of a customer's field.
    SettleCustomer {
        /// Which.
        id: CustomerId,
        /// Field and chosen value.
        write: CustomerWrite,
        /// The operations whose values are settled.
        settles: Vec<OpRef>,
    },
    /// Settles a conflict of a vehicle's field.
    SettleVehicle {
        /// Which.
        id: VehicleId,
        /// Field and chosen value.
        write: VehicleWrite,
        /// The operations whose values are settled.
        settles: Vec<OpRef>,
    },
    /// Settles a conflict of an inspection's field, or takes up or drops a late edit.
    SettleInspection {
        /// Which.
        id: InspectionId,
        /// Field and chosen value.
        write: InspectionWrite,
        /// The operations whose values are settled.
        settles: Vec<OpRef>,
    },
    /// Takes back a write of a customer's field by writing what stood before. Where somebody else
    /// has written the field since, that opens a conflict.
    UndoCustomer {
        /// Which.
        id: CustomerId,
        /// Field and the value from before.
        write: CustomerWrite,
        /// The write that is taken back, which the author saw standing.
        expects: OpRef,
    },
    /// Takes back a write of a vehicle's field.
    UndoVehicle {
        /// Which.
        id: VehicleId,
        /// Field and the value from before.
        write: VehicleWrite,
        /// The write that is taken back, which the author saw standing.
        expects: OpRef,
    },
    /// Takes back a write of an inspection's field.
    UndoInspection {
        /// Which.
        id: InspectionId,
        /// Field and the value from before.
        write: InspectionWrite,
        /// The write that is taken back, which the author saw standing.
        expects: OpRef,
    },
    /// Deletes a draft that was never started, or a customer or vehicle that no inspection names.
    /// Where it meets an edit that its author had not seen, the document stays and is flagged.
    Delete {
        /// Which.
        #[serde(deserialize_with = "strictly")]
        what: EntityRef,
    },
    /// Brings back what was deleted, or takes off the flag that somebody wanted it gone.
    Restore {
        /// Which.
        #[serde(deserialize_with = "strictly")]
        what: EntityRef,
    },
    /// Erases what is known of a customer, who has a right to it; never undone.
    EraseCustomer {
        /// Which.
        id: CustomerId,
    },
    /// Two customers are one: the first becomes an alias, whose edits go to the second.
    MergeCustomers {
        /// The duplicate.
        id: CustomerId,
        /// The one that stays.
        into: CustomerId,
    },
    /// Two vehicles are one: the first becomes an alias, whose edits go to the second.
    MergeVehicles {
        /// The duplicate.
        id: VehicleId,
        /// The one that stays.
        into: VehicleId,
    },
    /// Keeps a canned note for the whole shop.
    AddCanned {
        /// The shop.
        shop: ShopId,
        /// The note's id, made by the bench.
        id: CannedId,
        /// The note, and where it is offered.
        kept: Kept,
    },
    /// Drops a canned note that the shop keeps.
    DropCanned {
        /// The shop.
        shop: ShopId,
        /// Which.
        id: CannedId,
    },
    /// Writes down the next version of a template, a draft; the first one where there is none.
    DraftTemplate {
        /// The version's id, made by the bench.
        id: TemplateId,
        /// The file form, as [`crate::template::Template::parse_toml`] reads it.
        text: String,
    },
    /// Offers a version for new inspections; the one that was offered takes no new ones from then
    /// on, and those that run finish on it.
    PublishTemplate {
        /// Which version.
        id: TemplateId,
        /// The version that the author saw offered; where another one is offered by then, the edit
        /// is refused, so that nobody's publication is taken back unseen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        instead_of: Option<TemplateId>,
    },
    /// A version takes no new inspections any more; one that took none is closed for good.
    CloseTemplate {
        /// Which version.
        id: TemplateId,
        /// The state that the author saw; where it is another one by then, the edit is refused.
        from: TemplateState,
    },
}

/// A document's kind and id as an operation names it: nothing else may stand beside them.
fn strictly<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<EntityRef, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Named {
        kind: Kind,
        id: uuid::Uuid,
    }
    let Named { kind, id } = Named::deserialize(deserializer)?;
    Ok(EntityRef::from_parts(kind, id.into_bytes()))
}

impl Edit {
    /// The least [`SCHEMA`](super::SCHEMA) of an API that knows it.
    pub fn schema(&self) -> u16 {
        match self {
            Self::UndoCustomer { .. }
            | Self::UndoVehicle { .. }
            | Self::UndoInspection { .. }
            | Self::Delete { .. }
            | Self::Restore { .. }
            | Self::EraseCustomer { .. }
            | Self::MergeCustomers { .. }
            | Self::MergeVehicles { .. } => 2,
            Self::AddCanned { .. } | Self::DropCanned { .. } => 3,
            Self::DraftTemplate { .. }
            | Self::PublishTemplate { .. }
            | Self::CloseTemplate { .. } => 4,
            _ => 1,
        }
    }

    /// The field and value that an edit of an inspection writes, settling and undoing included.
    pub fn inspection_write(&self) -> Option<&InspectionWrite> {
        match self {
            Self::Inspection { write, .. }
            | Self::SettleInspection { write, .. }
            | Self::UndoInspection { write, .. } => Some(write),
            _ => None,
        }
    }

    /// The document that is edited or created, as the author named it; where that is an alias, the
    /// edit goes to [`crate::entity::World::resolve`] of it.
    pub fn target(&self) -> EntityRef {
        match self {
            Self::CreateCustomer { id, .. }
            | Self::Customer { id, .. }
            | Self::SettleCustomer { id, .. }
            | Self::UndoCustomer { id, .. }
            | Self::EraseCustomer { id }
            | Self::MergeCustomers { id, .. } => EntityRef::Customer(*id),
            Self::CreateVehicle { id, .. }
            | Self::Vehicle { id, .. }
            | Self::SettleVehicle { id, .. }
            | Self::UndoVehicle { id, .. }
            | Self::MergeVehicles { id, .. } => EntityRef::Vehicle(*id),
            Self::CreateInspection { id, .. }
            | Self::Inspection { id, .. }
            | Self::Move { id, .. }
            | Self::SettleInspection { id, .. }
            | Self::UndoInspection { id, .. } => EntityRef::Inspection(*id),
            Self::Delete { what } | Self::Restore { what } => *what,
            Self::AddCanned { shop, .. } | Self::DropCanned { shop, .. } => EntityRef::Shop(*shop),
            Self::DraftTemplate { id, .. }
            | Self::PublishTemplate { id, .. }
            | Self::CloseTemplate { id, .. } => EntityRef::Template(*id),
        }
    }

    /// Whether it creates its target.
    pub fn creates(&self) -> bool {
        matches!(
            self,
            Self::CreateCustomer { .. }
                | Self::CreateVehicle { .. }
                | Self::CreateInspection { .. }
                | Self::DraftTemplate { .. }
        )
    }

    /// What the author's role must hold.
    pub fn needs_permission(&self) -> Permission {
        match self {
            Self::CreateCustomer { .. }
            | Self::CreateVehicle { .. }
            | Self::CreateInspection { .. }
            | Self::Customer { .. }
            | Self::Vehicle { .. }
            | Self::SettleCustomer { .. }
            | Self::SettleVehicle { .. }
            | Self::UndoCustomer { .. }
            | Self::UndoVehicle { .. }
            | Self::Delete { .. }
            | Self::Restore { .. } => Permission::Create,
            Self::EraseCustomer { .. } => Permission::Own,
            Self::AddCanned { .. }
            | Self::DropCanned { .. }
            | Self::DraftTemplate { .. }
            | Self::PublishTemplate { .. }
            | Self::CloseTemplate { .. } => Permission::Templates,
            Self::MergeCustomers { .. }
            | Self::MergeVehicles { .. }
            | Self::Inspection {
                write: InspectionWrite::Assignee { .. },
                ..
            }
            | Self::SettleInspection {
                write: InspectionWrite::Assignee { .. },
                ..
            }
            | Self::UndoInspection {
                write: InspectionWrite::Assignee { .. },
                ..
            } => Permission::Review,
            Self::Inspection { .. }
            | Self::SettleInspection { .. }
            | Self::UndoInspection { .. } => Permission::Fill,
            Self::Move { verb, .. } => verb.rule().needs,
        }
    }

    /// Other documents that the rules look at, so that the caller can load them: those named by
    /// the edit itself. What else there is comes with [`crate::apply::needs`].
    pub fn mentions(&self) -> Vec<EntityRef> {
        match self {
            Self::CreateVehicle { customer, .. } => {
                customer.map(EntityRef::Customer).into_iter().collect()
            }
            Self::Vehicle { write, .. }
            | Self::SettleVehicle { write, .. }
            | Self::UndoVehicle { write, .. } => match write {
                // Who is unlinked need not be there any more.
                VehicleWrite::Customer {
                    customer,
                    linked: true,
                } => vec![EntityRef::Customer(*customer)],
                _ => Vec::new(),
            },
            Self::Inspection { write, .. }
            | Self::SettleInspection { write, .. }
            | Self::UndoInspection { write, .. } => match write {
                InspectionWrite::Customer {
                    customer: Some(customer),
                } => vec![EntityRef::Customer(*customer)],
                InspectionWrite::Assignee {
                    person: Some(person),
                } => vec![EntityRef::Member(*person)],
                _ => Vec::new(),
            },
            Self::CreateInspection {
                template,
                vehicle,
                customer,
                assignee,
                ..
            } => {
                let mut mentions =
                    vec![EntityRef::Template(*template), EntityRef::Vehicle(*vehicle)];
                mentions.extend(customer.map(EntityRef::Customer));
                mentions.extend(assignee.map(EntityRef::Member));
                mentions
            }
            Self::MergeCustomers { into, .. } => vec![EntityRef::Customer(*into)],
            Self::MergeVehicles { into, .. } => vec![EntityRef::Vehicle(*into)],
            _ => Vec::new(),
        }
    }
}
