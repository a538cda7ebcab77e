//! Rows as they pass between the rules and an engine.

mod credentials;

use std::sync::Arc;

use redtag_protocol::{
    api::changes::Mark,
    audit::Tally,
    entity::{EntityRef, Kind},
    event,
    ids::{DeviceId, PersonId, SessionId, ShopId},
    stamp::{Seq, Stamp},
};

pub use self::credentials::{Identity, KeyCopy, Pairing, Pass, SecondFactor};
use super::Index;

/// A person who can sign in.
#[derive(Clone)]
pub struct Person {
    /// The person.
    pub id: PersonId,
    /// As typed; unique whatever the case of its letters.
    pub email: String,
    /// For people.
    pub name: String,
    /// The password's hash in PHC form.
    pub password: String,
    /// When the person was added.
    pub created: Stamp,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// A shop in the list of shops. Its settings are its own document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopRow {
    /// The shop.
    pub id: ShopId,
    /// For the operator's lists; the shop's document holds the one that counts.
    pub name: String,
    /// When it was made.
    pub created: Stamp,
}

/// A sign-in of one person on one device in one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The sign-in.
    pub id: SessionId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub shop: ShopId,
    /// On which device, now.
    pub device: DeviceId,
    /// The public half of the device's Ed25519 key; none where it is another program's that has none.
    pub device_key: Option<[u8; 32]>,
    /// Of the newest refresh token that was given out.
    pub generation: u64,
    /// The sign-in itself.
    pub created: Stamp,
    /// The last refresh.
    pub used: Stamp,
    /// When it ended, if it did.
    pub ended: Option<Stamp>,
    /// When somebody took it from the device, whose copy of the shop is then to be destroyed.
    pub revoked: Option<Stamp>,
}

/// A bench that signed in to a shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id, made with its cache.
    pub id: DeviceId,
    /// The shop it works in.
    pub shop: ShopId,
    /// Whose account it is.
    pub person: PersonId,
    /// What people call it.
    pub name: String,
    /// When it was first seen.
    pub created: Stamp,
    /// When it said that it had destroyed its key, after a sign-in on it was revoked.
    pub destroyed: Option<Stamp>,
}

/// A secret of the server itself, such as a signing key, wrapped by the caller.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// Names this one: a key id.
    pub name: String,
    /// What it is for; all of one purpose can be listed.
    pub purpose: String,
    /// Wrapped; the storage never sees the plain one.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created: Stamp,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret")
            .field("name", &self.name)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// A body or payload as stored, shared and never altered.
pub type Body = Arc<str>;

/// A document as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Kind and id.
    pub key: EntityRef,
    /// The sequence of its last change.
    pub version: Seq,
    /// [`Index::of`] the document.
    pub index: Index,
    /// JSON, byte for byte.
    pub body: Body,
}

/// A document that is no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tombstone {
    /// What it was.
    pub key: EntityRef,
    /// The sequence of its deletion.
    pub version: Seq,
    /// When, so that it can be forgotten after 180 days.
    pub at: Stamp,
    /// Whether nothing of it may be kept.
    pub erased: bool,
    /// What it was when it was deleted, so that the deletion can be undone; none of one that was
    /// erased, and none in a page of the change stream.
    pub body: Option<Body>,
}

/// An event, chained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its place.
    pub seq: Seq,
    /// The document it is about.
    pub key: EntityRef,
    /// Random.
    pub salt: [u8; 16],
    /// The chain up to and with this event.
    pub hash: [u8; 32],
    /// JSON, byte for byte; `{}` once erased.
    pub payload: Body,
    /// Once erased: the salted digest of what the payload was.
    pub digest: Option<[u8; 32]>,
}

/// How far a shop is. One row, which the writer holds locked until it commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The newest sequence; 0 before the first.
    pub seq: Seq,
    /// The chain there.
    pub hash: [u8; 32],
    /// The highest ticket number given out.
    pub ticket: u64,
    /// Cursors before this may have missed a tombstone that was forgotten since.
    pub floor: Seq,
}

/// Where a shop is, and what it amounts to there: one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tip {
    /// How far it is.
    pub head: Head,
    /// Over all documents; none where nobody has counted yet.
    pub tally: Option<Tally>,
}

/// The outcome of one numbered operation, kept for replays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The operation's number on its device.
    pub number: u64,
    /// SHA-256 of the operation's bytes as they came.
    pub digest: [u8; 32],
    /// The outcome as JSON.
    pub outcome: Body,
    /// The document whose creation was refused, if that is the outcome.
    pub refused: Option<EntityRef>,
}

/// An operation that should have created a document and was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedCreation {
    /// The document.
    pub key: EntityRef,
    /// The operation's number.
    pub number: u64,
}

/// Whose numbers a set of changes uses up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Author {
    /// The bench.
    pub device: DeviceId,
    /// The highest of its numbers that is decided now.
    pub last: u64,
    /// When.
    pub at: Stamp,
}

/// Everything that one transaction writes, besides the head.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// Documents as they are now; created or replaced. Where one was deleted its tombstone goes.
    pub documents: Vec<Stored>,
    /// Documents that are no more, each with what it leaves.
    pub gone: Vec<Tombstone>,
    /// Events whose payload becomes `{}`; one that is empty already stays as it is.
    pub erase: Vec<Emptied>,
    /// In order, without gaps, from the head's sequence on.
    pub events: Vec<Event>,
    /// Outcomes of the author's operations, in order; empty for the operator.
    pub log: Vec<Logged>,
    /// Of the outcomes; none for the operator.
    pub author: Option<Author>,
}

/// An event whose payload is emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Emptied {
    /// Which.
    pub seq: Seq,
    /// The salted digest of what the payload was, which stays.
    pub digest: [u8; 32],
}

impl Emptied {
    /// Of an event as it is stored; none where its payload is empty already.
    pub fn of(event: &Event) -> Option<Self> {
        let digest = || event::payload_digest(&event.salt, event.payload.as_bytes());
        let full = event.digest.is_none();
        full.then(|| Self {
            seq: event.seq,
            digest: digest(),
        })
    }
}

/// One row of the change stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// A document.
    Document(Stored),
    /// A tombstone.
    Gone(Tombstone),
    /// An event.
    Event(Event),
}

/// How much of the change stream is wanted at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit {
    /// At most so many sequences; at least one is always taken.
    pub seqs: u32,
    /// No further sequence is begun once the rows hold so many bytes.
    pub bytes: usize,
}

/// A piece of the change stream: all rows of whole sequences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In order; a document comes after the event of the same sequence.
    pub rows: Vec<Row>,
    /// The last sequence in it: where the next page begins.
    pub upto: Seq,
    /// The chain there.
    pub hash: [u8; 32],
    /// Whether there was more when it was read.
    pub more: bool,
    /// Over all documents at the head at which it was read; none where nobody has counted yet.
    pub tally: Option<Tally>,
}

/// A part of the copy that a bench without anything is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All documents of a kind, but of inspections those that are not open.
    Kind(Kind),
    /// Open inspections, and before those of each piece the vehicles and customers that they name.
    Open,
    /// The events of the inspections that are open, in the order of their inspections.
    History,
}

/// A piece of a [`Part`]. Within a part documents are in falling order of their ids, the newest
/// first, which no change of a document disturbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What was there at the sequence that was asked for and is there still. What has changed since
    /// is left out: its version, or its tombstone's, is a later one.
    pub rows: Vec<Row>,
    /// Where the next piece begins; none where the part is over.
    pub next: Option<Mark>,
    /// As of a [`Page`].
    pub tally: Option<Tally>,
}
