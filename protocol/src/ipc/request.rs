//! What a client may ask.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    conflict::Choice,
    lock::Pin,
    look::{BoardSort, Likeness},
    unsent::Passphrase,
};
use crate::{
    api::{password, second_factor::Wish, tokens},
    entity::EntityRef,
    ids::{CustomerId, InspectionId, PassId, PersonId, SessionId, ShopId, VehicleId},
    lifecycle::State,
    op::Edit,
    stamp::{Seq, Stamp},
};

/// A numbered request; its reply carries the same number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromClient {
    /// Chosen by the client, unique on the connection.
    pub id: u64,
    /// The account, by e-mail address or id; the default one where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// What is asked.
    pub request: Request,
}

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// How things stand. Reply: `Status`.
    Status,
    /// Signs an account in and makes its cache. Reply: `Account`.
    SignIn(SignIn),
    /// Begins to wait until a person with a browser lets this bench in. Reply: `Pairing`. Version 7.
    Pair(Pair),
    /// Waits for that person's word, on the connection that began it; whoever closes the connection
    /// gives up. Makes the account's cache. Reply: `Account`. Version 7.
    Paired,
    /// Ends a sign-in and removes the cache. Refused while edits are unsent, unless `discard` was
    /// said or everything is in an export that lies on the disk. Reply: `Done`.
    SignOut {
        /// Whether unsent edits may be lost.
        discard: bool,
        /// The receipt of an [`super::Exported`] that is durable where a person put it. Refused
        /// where anything was saved since. Version 2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        exported: Option<String>,
    },
    /// Begins, confirms or gives up the second factor of who would sign in so; nobody is signed in.
    /// Reply: `SecondFactor`. Version 7.
    SecondFactor {
        /// Who, with the password anew.
        who: SignIn,
        /// What is to be done.
        wish: Wish,
    },
    /// Whether the account's person has a second factor, as the API says. Reply: `Standing`.
    /// Version 7.
    Standing,
    /// Who is signed in to the account's shop on what, as the API says. Reply: `Sessions`. Version 7.
    Sessions,
    /// Takes a sign-in from its device, which then destroys its copy of the shop. Reply: `Done`.
    /// Version 7.
    Revoke {
        /// Which.
        session: SessionId,
    },
    /// A new password for the account's person, whose other sign-ins end. Reply: `Done`. Version 7.
    Password(NewPassword),
    /// The access tokens of scripts in the account's shop, as the API says. Reply: `Tokens`. Version 8.
    Tokens,
    /// Another access token for a script. Reply: `Token`. Version 8.
    NewToken(tokens::Request),
    /// Takes an access token back. Reply: `Done`. Version 8.
    EndToken {
        /// Which.
        token: PassId,
    },
    /// The accounts of this daemon. Reply: `Accounts`.
    Accounts,
    /// Makes an account the default. Reply: `Account`.
    Use {
        /// E-mail address or id.
        account: String,
    },
    /// Inspections for the board. Reply: `Board`.
    Board(BoardQuery),
    /// Finds one inspection by number, provisional number or id. Reply: `Inspection`.
    Find {
        /// `1042`, `#1042`, `~K7-3` or an id.
        ticket: String,
    },
    /// One inspection with all that is shown beside it. Reply: `Inspection`.
    Inspection {
        /// Which.
        id: InspectionId,
    },
    /// The same, and it stays on the client's screen: as long as this connection is told of changes,
    /// it is told what became of this inspection in the same message. One at a time; another one, or
    /// the same again, takes its place. Reply: `Inspection`. Version 6.
    Watch {
        /// Which.
        id: InspectionId,
    },
    /// No inspection is on the client's screen any more. Reply: `Done`. Version 6.
    Unwatch,
    /// The timeline of one inspection, the newest first. Reply: `Timeline`.
    Timeline {
        /// Which.
        id: InspectionId,
    },
    /// Vehicles that match a text (VIN, plate, serial, maker, model; empty: all), at most `limit`.
    /// Reply: `Vehicles`.
    Vehicles {
        /// The text.
        text: String,
        /// At most this many.
        limit: u32,
    },
    /// Customers that match a text (name, telephone, e-mail; empty: all), at most `limit`.
    /// Reply: `Customers`.
    Customers {
        /// The text.
        text: String,
        /// At most this many.
        limit: u32,
    },
    /// All template versions, where they are no more than a message carries. Reply: `Templates`.
    Templates,
    /// Template versions, by key and the newest version first, as many as a message carries well, and
    /// drafts that the API refused. Reply: `TemplatePage`. Version 8.
    TemplatePage {
        /// How many to skip.
        offset: u32,
    },
    /// The members of the shop, removed ones too. Reply: `Members`.
    Members,
    /// The device code and next count for a provisional number. Reply: `Provisional`.
    Provisional,
    /// Saves edits as one group. Replied to only once they are durable. Reply: `Saved`.
    Edit {
        /// One stroke of a person, at most [`crate::op::MAX_GROUP`].
        edits: Vec<Edit>,
    },
    /// Tries to synchronise now. With `wait`, the reply comes when nothing waits any more or the
    /// try failed. Reply: `Status`.
    Sync {
        /// Whether to wait.
        wait: bool,
    },
    /// What the API refused and how it is kept. Reply: `Quarantine`.
    Quarantine,
    /// Tries a refused stroke again, as a new one on what stands now: the whole group that the
    /// number belongs to. It leaves quarantine only when it is saved. Reply: `Saved`.
    Retry {
        /// The number of one of its operations, as [`super::Outgoing`] gives it.
        number: u64,
    },
    /// Gives a refused edit up for good, with those that are nothing without it:
    /// [`super::Outgoing::with`].
    /// Reply: `Done`.
    Discard {
        /// The number of one of its operations, as [`super::Outgoing`] gives it.
        number: u64,
    },
    /// What the API has not taken: what waits, what is on its way and what was refused, in order.
    /// Reply: `Outbox`. Version 2.
    Outbox {
        /// How many rows to skip.
        offset: u32,
        /// How many to give, at most 1,000.
        limit: u32,
    },
    /// A text with everything that waits, is on its way or was refused. Nothing changes here.
    /// Reply: `Exported`. Version 2.
    Export {
        /// Only the stroke that has this number, as [`super::Outgoing`] gives it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u64>,
        /// Encrypts the text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<Passphrase>,
    },
    /// The next part of the export that this connection asked for last. Reply: `Exported`, with the
    /// same count and receipt. Version 2.
    ExportRest {
        /// How many bytes of it are here.
        at: u64,
    },
    /// A part of a text that is too large for one message, before the [`Self::Adopt`] with the last
    /// one. Kept with this connection. Reply: `Done`. Version 2.
    AdoptPart {
        /// The part.
        text: String,
        /// How many bytes were sent before it; nought begins anew.
        at: u64,
    },
    /// Takes an export over: its edits are saved here as this account's own. Doing it twice is the
    /// same. Reply: `Adopted`. Version 2.
    Adopt {
        /// An [`super::Exported`]'s text, or the last part of it.
        text: String,
        /// How many bytes were sent before it in parts.
        #[serde(default, skip_serializing_if = "num_traits::Zero::is_zero")]
        after: u64,
        /// What it was encrypted with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passphrase: Option<Passphrase>,
    },
    /// What there is to settle: of one document, or of all. Reply: `Conflicts`. Version 2.
    Conflicts {
        /// Only of this document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<EntityRef>,
    },
    /// Settles a [`super::ConflictView`]. Replied to only once it is durable. Reply: `Saved`.
    /// Version 2.
    Settle {
        /// The document.
        entity: EntityRef,
        /// The view's field; empty for the document as a whole.
        field: String,
        /// What stands from now on.
        choice: Choice,
    },
    /// Takes back what was last done on this machine to an inspection, or one stroke of it.
    /// Replied to only once that is durable. Reply: `Saved`. Version 2.
    Undo {
        /// The inspection.
        inspection: InspectionId,
        /// A number of the stroke; none: the last stroke that can be taken back.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u64>,
    },
    /// Does again what [`Self::Undo`] took back last on this machine, as long as nothing else was
    /// done to the inspection since. Replied to only once that is durable. Reply: `Saved`.
    /// Version 4.
    Redo {
        /// The inspection.
        inspection: InspectionId,
    },
    /// Keeps a text that is being typed, or forgets it, so that it is there again after the line or
    /// the client is gone: [`super::InspectionView::drafts`]. It stays on this machine, in the
    /// account's cache. Reply: `Done`. Version 4.
    Draft {
        /// The inspection.
        inspection: InspectionId,
        /// What is typed, as the client names it; at most 200 characters.
        of: String,
        /// The text; none where it was saved or given up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
    },
    /// The canned notes that the shop keeps. Reply: `Canned`. Version 4.
    Canned,
    /// The timeline of any document, the newest first, as far as it is here: the answer waits for no
    /// network. What is missing, as of a closed inspection, is asked of the API behind that and told
    /// as a change. Reply: `History`. Version 2.
    History {
        /// Which.
        of: EntityRef,
    },
    /// How many inspections of these states there are by state, bay and assignee. Reply: `Facets`.
    /// Version 4.
    Facets {
        /// Only these states; empty: all.
        states: Vec<State>,
        /// Only those of the account.
        mine: bool,
    },
    /// Where a text stands in the notes, concerns and answers of inspections, at most 100 of them.
    /// Reply: `Found`. Version 4.
    Found {
        /// As in [`BoardQuery::text`].
        text: String,
        /// Which.
        of: Vec<InspectionId>,
    },
    /// One vehicle with its history. Reply: `Vehicle`. Version 4.
    Vehicle {
        /// Which.
        id: VehicleId,
    },
    /// One customer with the history. Reply: `Customer`. Version 4.
    Customer {
        /// Which.
        id: CustomerId,
    },
    /// Vehicles and customers that may be the same as one that is described. Reply: `Alike`.
    /// Version 4.
    Alike(Likeness),
    /// What a typed or scanned text names exactly: an inspection by number, provisional number or
    /// id, a vehicle by plate, VIN or serial number. Reply: `Hits`. Version 4.
    Jump {
        /// The text, as it was typed or scanned.
        text: String,
    },
    /// Keeps a text of the client's with the account, encrypted and only here: where it was, what
    /// it looked for. The former one goes. Reply: `Done`. Version 4.
    Remember {
        /// At most [`super::REMEMBERED`] bytes.
        text: String,
    },
    /// The text that was kept last. Reply: `Remembered`. Version 4.
    Recall,
    /// The configuration in force and where each value comes from. Reply: `Settings`. Version 5.
    Settings,
    /// Looks at whatever this daemon stands on: secrets, caches, disk, clock, API. May take some
    /// seconds. Names no person and no shop where it need not. Reply: `Examined`. Version 5.
    Examine,
    /// From now on, pushes on this connection. Reply: `Status`.
    Subscribe,
    /// Opens an account that has a PIN for this connection; shows anew that a person is there where
    /// it is open already. Wrong PINs are counted, on the disk. Reply: `Status`. Version 7.
    Unlock {
        /// Another account than the request's, by e-mail address or id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
        /// What was typed.
        pin: Pin,
    },
    /// Locks the account for this connection at once. Reply: `Status`. Version 7.
    Lock,
    /// Gives the account a PIN, or takes it away. Where it has one, this connection must have shown
    /// it, or signed in, within the last minute. Every other connection is locked by it.
    /// Reply: `Done`. Version 7.
    SetPin {
        /// The new one; none: no PIN any more.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pin: Option<Pin>,
    },
    /// A person is at this client: the idle lock begins anew. Reply: `Done`. Version 7.
    Active,
    /// Stops the daemon cleanly. Reply: `Done`.
    Stop,
}

/// What a sign-in needs. `Debug` shows neither password nor code.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The API's address, `https://…`, or `http://` on loopback.
    pub url: String,
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// A code of the second factor, where the person has one. Version 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// An enrolment token in the place of address and password, which are empty then. Version 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enroll: Option<String>,
    /// The shop, where the person belongs to several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shop: Option<ShopId>,
    /// Whether the key may lie in a plain file where no secret store is found.
    #[serde(default)]
    pub insecure_storage: bool,
    /// A file of certificates (PEM) to trust besides the usual ones; its path on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// The PIN of the account, if it has one, is forgotten with this sign-in. Version 7.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forget_pin: bool,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn")
            .field("url", &self.url)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// What being let in by a code needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// As of a [`SignIn`].
    pub url: String,
    /// As of a [`SignIn`].
    #[serde(default)]
    pub insecure_storage: bool,
    /// As of a [`SignIn`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
}

/// A new password. `Debug` shows nothing of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NewPassword(pub password::Request);

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// Which inspections, and which part of the list. Open ones first, then the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BoardQuery {
    /// Words that must all occur, anywhere, in number, plate, VIN, serial, vehicle, customer,
    /// assignee or bay, or, from three letters on, as a whole word in notes, concern and answers in
    /// words (the last word also as the beginning of one); case and accents of Latin letters do not
    /// matter.
    pub text: String,
    /// Only these states; empty: all.
    pub states: Vec<State>,
    /// Only this assignee.
    pub assignee: Option<TicketFilter>,
    /// How many matches to skip.
    pub offset: u32,
    /// How many to give, at most 1,000.
    pub limit: u32,
    /// In which order. Version 4.
    #[serde(skip_serializing_if = "BoardSort::is_usual")]
    pub sort: BoardSort,
    /// Only of this bay; empty: only those without one. Version 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bay: Option<String>,
    /// Only what was created or changed then or later. Version 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Stamp>,
    /// Only what another person changed last, after this place in the shop's order. Version 4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub news: Option<Seq>,
}

/// Whose inspections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketFilter {
    /// Those of the account.
    Mine,
    /// Nobody's.
    Unassigned,
    /// This person's.
    Person(PersonId),
}
