//! Events: one per accepted mutation, chained by hash in the shop's order, and shown as the
//! timeline.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::{
    canned::Kept,
    customer::CustomerWrite,
    entity::EntityRef,
    field::OpRef,
    ids::{CannedId, DeviceId, PersonId},
    inspection::InspectionWrite,
    lifecycle::{State, Verb},
    op::Verdict,
    role::Role,
    shop::Settings,
    stamp::{Seq, Stamp},
    template::TemplateState,
    vehicle::VehicleWrite,
};

/// Who did it: a person at a bench, or the operator at the server's own console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Actor {
    /// A member, from a device, by an operation.
    Person {
        /// The person.
        person: PersonId,
        /// The bench.
        device: DeviceId,
        /// The operation's number there.
        number: u64,
    },
    /// A member, by a call of their own that is no operation.
    Caller {
        /// The person.
        person: PersonId,
    },
    /// Whoever runs the server.
    Operator,
}

impl Actor {
    /// The operation, where a person's operation it was.
    pub fn op(&self) -> Option<OpRef> {
        match *self {
            Self::Person { device, number, .. } => Some(OpRef { device, number }),
            Self::Caller { .. } | Self::Operator => None,
        }
    }
}

/// What an event tells: the payload that is digested into the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Happening {
    /// Who.
    pub actor: Actor,
    /// When, on the author's corrected clock.
    pub stamp: Stamp,
    /// When the API accepted it, on the API's clock; absent while it waits in a bench's outbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Stamp>,
    /// To which document.
    pub entity: EntityRef,
    /// How it was taken.
    pub verdict: Verdict,
    /// What, with before and after.
    pub what: What,
}

/// What happened, with the value before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum What {
    /// The document was created.
    Created,
    /// A customer's field was written.
    Customer {
        /// What stood.
        before: Option<CustomerWrite>,
        /// What was written.
        after: CustomerWrite,
    },
    /// A vehicle's field was written.
    Vehicle {
        /// What stood.
        before: Option<VehicleWrite>,
        /// What was written.
        after: VehicleWrite,
    },
    /// An inspection's field was written.
    Inspection {
        /// What stood.
        before: Option<InspectionWrite>,
        /// What was written.
        after: InspectionWrite,
    },
    /// The inspection was moved.
    Moved {
        /// How.
        verb: Verb,
        /// From where.
        from: State,
        /// To where.
        to: State,
        /// Why.
        reason: Option<String>,
    },
    /// A conflict was settled.
    Settled {
        /// The field.
        field: String,
        /// The operations whose values were settled.
        settles: Vec<OpRef>,
        /// The chosen value, as the field's write.
        #[cfg_attr(feature = "openapi", schema(value_type = Object))]
        after: serde_json::Value,
    },
    /// A member was added, changed or removed.
    Member {
        /// The name.
        name: String,
        /// The role; none when removed.
        role: Option<Role>,
    },
    /// A template version came or changed its state.
    Template {
        /// The version.
        version: u32,
        /// The state before; none when it came.
        before: Option<TemplateState>,
        /// The state now.
        after: TemplateState,
    },
    /// The document was deleted; where the verdict is `conflict_kept` it met an edit, stays, and is
    /// flagged.
    Deleted,
    /// The document came back after it was deleted, or is wanted by whoever was asked.
    Restored,
    /// What was known of the customer is erased, its earlier events included.
    Erased,
    /// This document is an alias of another from now on.
    Merged {
        /// The one that stays.
        into: EntityRef,
    },
    /// Another document was found to be the same as this one.
    Absorbed {
        /// The alias.
        from: EntityRef,
    },
    /// A canned note of the shop was added or dropped.
    Canned {
        /// Which.
        id: CannedId,
        /// What it was; none where it was added.
        before: Option<Kept>,
        /// What it is; none where it was dropped.
        after: Option<Kept>,
    },
    /// An owner, or whoever runs the server, chose something for the whole shop.
    Settings {
        /// What held.
        before: Settings,
        /// What holds.
        after: Settings,
    },
    /// Something was done about how the member, or a bench of the shop, gets in.
    Access {
        /// What.
        deed: Access,
    },
    /// Something that a newer program wrote.
    #[serde(other)]
    Unknown,
}

/// What was done about how somebody gets in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Access {
    /// The member's sign-in was taken from its device.
    Revoked {
        /// What people call the device; empty where nobody does.
        device: String,
    },
    /// The member has another password.
    Password,
    /// The member is asked for a second factor from now on, or no more.
    SecondFactor {
        /// Whether they are.
        on: bool,
    },
    /// The member may sign in with an account at the `OpenID` provider from now on, or no more.
    Provider {
        /// Whether they may.
        on: bool,
    },
    /// A token was made that lets one kiosk in.
    KioskToken {
        /// What the kiosk is called.
        name: String,
        /// In which role.
        role: Role,
    },
    /// The member made an access token for a script.
    TokenMade {
        /// What it is called.
        name: String,
        /// What it may do.
        scope: Scope,
        /// When it is good no more.
        expires: Stamp,
    },
    /// A token of either kind was taken back.
    TokenEnded {
        /// What it is called.
        name: String,
    },
    /// Something that a newer program wrote.
    #[serde(other)]
    Unknown,
}

/// What a script's access token may do, at most: never more than its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = TokenScope))]
pub enum Scope {
    /// Read what the person may read.
    Read,
    /// Push operations as well.
    Write,
}

impl Scope {
    /// Its name, as it is written everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Read, Self::Write]
            .into_iter()
            .find(|it| it.as_str() == text)
            .ok_or_else(|| format!("“{text}” is no scope; “read” and “write” are"))
    }
}

/// An event as it is stored and pulled: the payload as stored bytes, and its link in the chain.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// The place in the shop's order.
    pub seq: Seq,
    /// Random bytes that keep an erased payload from being guessed, in hex.
    pub salt: String,
    /// [`chain`] at this event, in hex.
    pub hash: String,
    /// The [`Happening`], byte for byte; empty object once erased.
    #[cfg_attr(feature = "openapi", schema(value_type = Happening))]
    pub payload: Box<RawValue>,
    /// Only where the payload was emptied: what [`payload_digest`] was of it, in hex, so that the
    /// chain can still be followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// The hash before a shop's first event.
pub const GENESIS: [u8; 32] = [0; 32];

/// The digest of a payload's stored bytes with its salt; what the chain holds of it.
pub fn payload_digest(salt: &[u8], payload: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update((salt.len() as u64).to_be_bytes());
    hasher.update(salt);
    hasher.update(payload);
    hasher.finalize().into()
}

/// The next link: SHA-256 over the link before, the sequence and the payload's salted digest. A
/// payload may be emptied later (erasure); its digest stays, and the chain whole.
pub fn chain(previous: &[u8; 32], seq: Seq, digest: &[u8; 32]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    hasher.update(seq.0.to_be_bytes());
    hasher.update(digest);
    hasher.finalize().into()
}
