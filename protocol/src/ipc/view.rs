//! What the daemon shows: documents with the outbox applied, joined and counted for one screen.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::look::{Found, Touched};
use crate::{
    customer::Customer,
    event::{Actor, Happening},
    ids::{InspectionId, PersonId, PointKey, ShopId},
    inspection::{Answer, Counts, Inspection},
    lifecycle::{State, Verb},
    op::{Edit, Refusal},
    role::Role,
    shop::{Member, Settings},
    stamp::{Seq, Stamp},
    template::Template,
    vehicle::Vehicle,
};

/// One person in one shop on one API, with its cache.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Names it on this machine.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// The person.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// The shop.
    pub shop: ShopId,
    /// The shop's name.
    pub shop_name: String,
    /// The role, as last heard.
    pub role: Role,
    /// The API.
    pub url: String,
    /// Whether commands use it when none is named.
    pub default: bool,
    /// How the cache's key is kept, in words.
    pub secret: String,
    /// Until when this machine may show its copy of the shop without having heard from the API, on this
    /// machine's clock. Version 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Stamp>,
    /// Why its cache cannot be opened and what to do; none where it is open. Nothing is known
    /// then of what is unsent in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shut: Option<String>,
    /// What is between this connection and the account; none where nothing is and it has no PIN.
    /// Version 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<Lock>,
}

/// The lock of an account, as one connection finds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Lock {
    /// This connection has shown the PIN.
    Open,
    /// It is to be shown first.
    Locked,
    /// Too many wrong ones: the next try is taken only after so many seconds.
    Waiting {
        /// Seconds from now, at least 1.
        seconds: u64,
    },
    /// Wrong so often that only a full sign-in opens it.
    Spent,
    /// This machine has not heard from the API for so long that it shows its copy of the shop to
    /// nobody. What is unsent is there; hearing from the API opens it.
    Lapsed,
}

/// How the line to the API stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Connection {
    /// The last call succeeded.
    Online,
    /// The first call is on its way.
    Connecting,
    /// The last call failed for a reason that passes.
    Offline {
        /// Why, in words.
        why: String,
        /// When the next try is.
        next_try: Option<Stamp>,
    },
    /// The sign-in has ended; edits queue until the next one.
    SignedOut {
        /// Why, in words.
        why: String,
    },
    /// Nobody has signed in.
    NoAccount,
}

/// How things stand for the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The account.
    pub account: Option<Account>,
    /// The line to the API.
    pub connection: Connection,
    /// The cursor, opaque.
    pub cursor: Option<String>,
    /// The sequence that the cursor stands for.
    pub seq: Seq,
    /// Operations saved here and not yet sent.
    pub waiting: u64,
    /// Operations sent and not yet acknowledged.
    pub sent: u64,
    /// Operations that the API refused.
    pub quarantined: u64,
    /// How many things there are to settle, as many as [`super::Request::Conflicts`] gives: fields in
    /// conflict, fields with edits that came late, deletions that met an edit.
    pub conflicts: u64,
    /// When the cache was last level with the API, on this machine's clock.
    pub last_sync: Option<Stamp>,
    /// Whether the first copy of the shop is still on its way.
    pub filling: bool,
    /// Documents in the cache.
    pub documents: u64,
    /// The daemon's version.
    pub version: String,
    /// The daemon's process id.
    pub pid: u32,
    /// Where its log lies.
    pub log: Option<String>,
    /// What the person should know, such as an unprotected key.
    pub notices: Vec<String>,
    /// When the oldest edit that waits was saved, on the corrected clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<Stamp>,
    /// Why the queue does not move, in words; none while it moves or nothing waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// When the next try is, where one waits, on this machine's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try: Option<Stamp>,
    /// Whether a new copy of the shop is being made beside the one that is shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rebuilding: bool,
    /// While a copy is on its way: how many documents came, and of how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<(u64, u64)>,
    /// While the texts are being indexed for search: how many documents are, and of how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexed: Option<(u64, u64)>,
    /// The timeline's chain does not hold: what was found, and when. Stays until the account is
    /// signed in anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
    /// In the answer to a wait for synchronisation alone: how many of the things to settle came
    /// about since such a wait last ended with everything in, with a value that was written on this
    /// machine. Version 2.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub opened: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_nought(count: &u64) -> bool {
    *count == 0
}

/// Where edits of something are on their way. The words are different and mean it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// Nothing of this machine's is on its way: the API has durably acknowledged everything.
    #[default]
    Acknowledged,
    /// Saved on this machine, waiting to be sent.
    Waiting,
    /// Sent, not yet acknowledged.
    Sent,
    /// The API refused something; it is kept here.
    Refused,
}

impl SyncState {
    /// The honest word for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Waiting => "saved here, waiting to send",
            Self::Sent => "sent",
            Self::Refused => "refused, kept here",
        }
    }
}

/// A page of the board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketPage {
    /// The rows.
    pub rows: Vec<BoardRow>,
    /// How many match the query.
    pub matched: u64,
    /// How many inspections there are.
    pub total: u64,
}

/// An inspection on the board. Texts are clean of control characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoardRow {
    /// Which.
    pub id: InspectionId,
    /// `#1042` or `~K7-3`.
    pub label: String,
    /// Where it stands.
    pub state: State,
    /// How often it was reopened.
    pub revision: u32,
    /// The vehicle's year, maker and model.
    pub vehicle: String,
    /// Plate, VIN or serial number.
    pub mark: String,
    /// The customer's name, or empty.
    pub customer: String,
    /// The assignee's name, or empty.
    pub assignee: String,
    /// Where, or empty.
    pub bay: String,
    /// The template's name.
    pub template: String,
    /// When it was created.
    pub created: Stamp,
    /// Points by condition.
    pub counts: Counts,
    /// Fields in conflict.
    pub conflicts: u32,
    /// Edits that came too late.
    pub late: u32,
    /// Where this machine's edits are.
    pub sync: SyncState,
    /// The last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub touched: Option<Touched>,
    /// Why it matches a query, where no other column shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Found>,
    /// Whether a word of the query was found in its notes, concern or answers alone:
    /// [`super::Request::Found`] tells where.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub noted: bool,
}

/// What the last visit said of a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// The answer.
    pub answer: Answer,
    /// When that inspection was created.
    pub at: Stamp,
    /// That inspection's number.
    pub label: String,
}

/// One inspection with all that is shown beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InspectionView {
    /// The document with this machine's edits applied.
    pub inspection: Inspection,
    /// Its version, as last pulled: the base of edits.
    pub version: Seq,
    /// Its template.
    pub template: Template,
    /// Its vehicle, where known.
    pub vehicle: Option<Vehicle>,
    /// Its customer, where known.
    pub customer: Option<Customer>,
    /// Members by id, for names.
    pub members: Vec<Member>,
    /// The last visit's answers by point.
    pub previous: BTreeMap<PointKey, Previous>,
    /// Points by condition.
    pub counts: Counts,
    /// What this account may do next.
    pub verbs: Vec<Verb>,
    /// The shop's settings.
    pub settings: Settings,
    /// Where this machine's edits of the inspection are.
    pub sync: SyncState,
    /// How many of its operations wait.
    pub waiting: u64,
    /// Fields with an edit that is not acknowledged, as in [`crate::merge::Write::field`].
    pub pending: BTreeSet<String>,
    /// Refused operations on it, kept as a marked overlay.
    pub quarantined: Vec<Quarantined>,
    /// Texts that were being typed on this machine, by what they are, as the client named it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drafts: BTreeMap<String, String>,
    /// Why the work is open again: from its return or reopening until it is handed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_back: Option<SentBack>,
    /// Which telling of a watched inspection it is: a [`super::Difference`] goes on from there.
    /// Nought where it is not watched. Version 6.
    #[serde(default, skip_serializing_if = "is_nought")]
    pub telling: u64,
}

/// Why work that was handed in is open again: the latest return or reopening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentBack {
    /// How: returned or reopened.
    pub verb: Verb,
    /// The person's name.
    pub who: String,
    /// The reason as it was written; may have several lines.
    pub reason: String,
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Its place in the shop's order; none while it waits here.
    pub seq: Option<Seq>,
    /// The person's name, or the operator.
    pub who: String,
    /// Who, for programs.
    pub actor: Actor,
    /// What; none where a newer program wrote it in a way that this one cannot read.
    pub happening: Option<Happening>,
    /// Where it is, if it is this machine's.
    pub sync: SyncState,
}

/// A document's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// The lines, the newest first.
    pub entries: Vec<TimelineEntry>,
    /// Why some of it is missing, in words; none where all of it is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// An operation that the API refused. Its effect is shown as an overlay, never lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// Its number when it was refused.
    pub number: u64,
    /// The first number of its group.
    pub group: u64,
    /// What was done.
    pub edit: Edit,
    /// On the author's clock.
    pub stamp: Stamp,
    /// Why it was refused.
    pub refusal: Refusal,
}
