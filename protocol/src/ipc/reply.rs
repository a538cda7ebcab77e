//! What the daemon answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Push,
    conflict::ConflictView,
    look::{CustomerView, Facets, Found, Hit, VehicleView},
    machine::{Finding, Setting},
    unsent::{Adopted, Exported, OutboxPage},
    view::{Account, History, InspectionView, Quarantined, Status, TicketPage, TimelineEntry},
};
use crate::{
    api::{
        second_factor::{Answer, Standing},
        sessions::Session,
        tokens::{Made, Token},
    },
    canned::Kept,
    customer::Customer,
    ids::{CannedId, InspectionId, TemplateId},
    op::RefusalCode,
    shop::Member,
    template::Template,
    vehicle::Vehicle,
};

/// Everything that comes from the daemon after its greeting.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "each is made once, encoded and dropped; a box would be one more for every reply"
)]
pub enum FromDaemon {
    /// The answer to the request with this number.
    Reply {
        /// The request's number.
        id: u64,
        /// The answer.
        result: Result<Reply, Failure>,
    },
    /// News, to who subscribed.
    Push(Push),
}

/// What a bench shows that waits to be let in. `Debug` never shows the code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pairing {
    /// The page on which the code is typed.
    pub page: String,
    /// The code, such as `BCDF-GHJK`.
    pub code: String,
    /// Seconds until it is good no more.
    pub left: u64,
}

impl std::fmt::Debug for Pairing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pairing")
            .field("page", &self.page)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// A part of the shop's template versions.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TemplatePage {
    /// By key, the newest version first.
    pub templates: Vec<Template>,
    /// How many were skipped.
    pub offset: u32,
    /// How many there are; where it is another than a part before this one said, one begins anew.
    pub total: u32,
    /// Those among them that the API refused: they lie in quarantine alone, and are offered to
    /// nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<TemplateId>,
}

impl TemplatePage {
    /// All of them, as of a daemon that tells of no refused ones.
    pub fn of(templates: Vec<Template>) -> Self {
        Self {
            total: u32::try_from(templates.len()).unwrap_or(u32::MAX),
            templates,
            ..Self::default()
        }
    }

    /// Those that the API did not refuse.
    pub fn taken(mut self) -> Vec<Template> {
        let refused = &self.refused;
        self.templates.retain(|it| !refused.contains(&it.id));
        self.templates
    }
}

/// A successful answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is done.
    Done,
    /// How things stand.
    Status(Box<Status>),
    /// One account.
    Account(Account),
    /// What a person types, and where.
    Pairing(Pairing),
    /// All accounts.
    Accounts(Vec<Account>),
    /// A page of the board.
    Board(TicketPage),
    /// One inspection.
    Inspection(Box<InspectionView>),
    /// A timeline, the newest first.
    Timeline(Vec<TimelineEntry>),
    /// Vehicles.
    Vehicles(Vec<Vehicle>),
    /// Customers.
    Customers(Vec<Customer>),
    /// Template versions.
    Templates(Vec<Template>),
    /// A part of the template versions. Version 8.
    TemplatePage(TemplatePage),
    /// Members.
    Members(Vec<Member>),
    /// A provisional number to use.
    Provisional(String),
    /// The edits are durable on this machine.
    Saved {
        /// The number of the first operation.
        first: u64,
        /// The number of the last.
        last: u64,
        /// The inspection that was touched, where it was one.
        inspection: Option<InspectionId>,
    },
    /// Refused operations.
    Quarantine(Vec<Quarantined>),
    /// A part of the outbox.
    Outbox(OutboxPage),
    /// A text to keep.
    Exported(Exported),
    /// An export was taken over.
    Adopted(Adopted),
    /// What there is to settle, by document.
    Conflicts(Vec<ConflictView>),
    /// A document's timeline.
    History(History),
    /// The canned notes that the shop keeps.
    Canned(BTreeMap<CannedId, Kept>),
    /// Inspections by state, bay and assignee.
    Facets(Facets),
    /// Where a text stands; inspections in which it does not are left out.
    Found(Vec<(InspectionId, Found)>),
    /// One vehicle.
    Vehicle(Box<VehicleView>),
    /// One customer.
    Customer(Box<CustomerView>),
    /// What may be the same.
    Alike {
        /// Vehicles.
        vehicles: Vec<Vehicle>,
        /// Customers.
        customers: Vec<Customer>,
    },
    /// What a text names, the likeliest first.
    Hits(Vec<Hit>),
    /// What was kept for the client; none where nothing was.
    Remembered(Option<String>),
    /// The configuration in force.
    Settings(Vec<Setting>),
    /// What was found.
    Examined(Vec<Finding>),
    /// What was done with a second factor; its secrets are shown this once.
    SecondFactor(Answer),
    /// How things stand with a second factor.
    Standing(Standing),
    /// Who is signed in on what, the newest first.
    Sessions(Vec<Session>),
    /// The access tokens of scripts, the newest first.
    Tokens(Vec<Token>),
    /// An access token that was made.
    Token(Made),
}

/// Why a request was not done, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The request cannot be read, or a value in it is wrong.
    Invalid,
    /// Nobody is signed in.
    NotSignedIn,
    /// There is no such thing.
    NotFound,
    /// The role does not hold the permission.
    NotAllowed,
    /// The account has a PIN, which is to be shown first. Version 7.
    Locked,
    /// The network is needed and not there.
    Offline,
    /// Unsent edits stand in the way.
    Unsent,
    /// The secret store cannot keep the key; consent to a key file may help.
    NoSecretStore,
    /// The API said no.
    Remote,
    /// A fault of this machine; the log has it.
    Internal,
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{words}")]
pub struct Failure {
    /// For programs.
    pub code: FailureCode,
    /// For people: what failed, what is safe, what to do next.
    pub words: String,
    /// With a refused edit: why, in the protocol's own terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalCode>,
    /// With a choice of shops: what there is to choose from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shops: Vec<crate::api::sign_in::Membership>,
    /// Where the API said no: its own word for it, see [`crate::api::error::code`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<String>,
}

impl Failure {
    /// A failure in words.
    pub fn new(code: FailureCode, words: impl Into<String>) -> Self {
        Self {
            code,
            words: words.into(),
            refusal: None,
            shops: Vec::new(),
            remote: None,
        }
    }
}
