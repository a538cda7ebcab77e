//! The last changes of one shop.

use std::collections::{BTreeMap, HashMap, VecDeque};

use redtag_protocol::{entity::EntityRef, ids::PersonId, role::Role, stamp::Seq};

use crate::storage::{Changes, Event, Filling, Head, Page, PageLimit, Row, Stored, Tip, Tombstone};

/// What an event or a document takes beside its text, in bytes, about.
const EACH: usize = 256;

/// A place in a shop's chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) seq: Seq,
    pub(super) hash: [u8; 32],
}

impl From<&Head> for Point {
    fn from(head: &Head) -> Self {
        Self {
            seq: head.seq,
            hash: head.hash,
        }
    }
}

/// All that happened after one place in the chain, up to another.
pub(super) struct Kept {
    begin: Point,
    end: Point,
    /// Without a gap, from the one after the beginning to the end.
    events: VecDeque<Event>,
    /// Documents and tombstones by the sequence of their last change, and where each one is.
    rows: BTreeMap<Seq, Row>,
    versions: HashMap<EntityRef, Seq>,
    /// Members as of the end, as far as they are known.
    roles: HashMap<PersonId, Role>,
    bytes: usize,
}

impl Kept {
    /// Nothing has happened yet.
    pub(super) fn at(point: Point) -> Self {
        Self {
            begin: point,
            end: point,
            events: VecDeque::new(),
            rows: BTreeMap::new(),
            versions: HashMap::new(),
            roles: HashMap::new(),
            bytes: 0,
        }
    }

    /// Where the shop is.
    pub(super) fn end(&self) -> Point {
        self.end
    }

    /// What it takes, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Goes on to another place by these changes, which erase nothing.
    pub(super) fn take(&mut self, to: Point, changes: Changes) {
        for event in changes.events {
            self.bytes += event.payload.len() + EACH;
            self.events.push_back(event);
        }
        for document in changes.documents {
            self.set(document.key, document.version, Row::Document(document));
        }
        for tombstone in changes.gone {
            self.set(tombstone.key, tombstone.version, Row::Gone(tombstone));
        }
        self.end = to;
    }

    fn set(&mut self, key: EntityRef, version: Seq, row: Row) {
        if let EntityRef::Member(person) = key {
            self.roles.remove(&person);
        }
        if let Some(before) = self.versions.insert(key, version) {
            self.drop_row(before);
        }
        self.bytes += size(&row);
        self.rows.insert(version, row);
    }

    fn drop_row(&mut self, version: Seq) -> Option<EntityRef> {
        let row = self.rows.remove(&version)?;
        self.bytes -= size(&row);
        match row {
            Row::Document(Stored { key, .. }) | Row::Gone(Tombstone { key, .. }) => Some(key),
            Row::Event(_) => None,
        }
    }

    /// Forgets the oldest changes until the rest takes so much.
    pub(super) fn trim(&mut self, most: usize) {
        while self.bytes > most
            && let Some(event) = self.events.pop_front()
        {
            self.bytes -= event.payload.len() + EACH;
            self.begin = Point {
                seq: event.seq,
                hash: event.hash,
            };
            if let Some(key) = self.drop_row(event.seq) {
                self.versions.remove(&key);
            }
        }
    }

    /// Whether the chain went through this place and what came after is here.
    pub(super) fn passed(&self, seq: Seq, hash: [u8; 8]) -> bool {
        if seq == self.begin.seq {
            return self.begin.hash.starts_with(&hash);
        }
        let at = seq.0.checked_sub(self.begin.seq.0 + 1);
        let event = at
            .and_then(|at| usize::try_from(at).ok())
            .and_then(|at| self.events.get(at));
        event.is_some_and(|it| it.seq == seq && it.hash.starts_with(&hash))
    }

    /// The page after a place that it [passed](Self::passed).
    pub(super) fn page(&self, tip: &Tip, after: Seq, limit: PageLimit) -> Page {
        let mut filling = Filling::new(tip.head, tip.tally, limit);
        let known = after.0.saturating_sub(self.begin.seq.0);
        let known = usize::try_from(known).unwrap_or(usize::MAX);
        let most = usize::try_from(limit.seqs.max(1)).unwrap_or(usize::MAX);
        for event in self.events.iter().skip(known).take(most) {
            if filling.is_full() {
                break;
            }
            filling.event(event.clone());
            match self.rows.get(&event.seq) {
                Some(Row::Document(it)) => filling.document(it.clone()),
                Some(Row::Gone(it)) => filling.gone(it.clone()),
                Some(Row::Event(_)) | None => {}
            }
        }
        filling.done()
    }

    /// A member's role at the end, as far as it is known.
    pub(super) fn role(&self, person: PersonId) -> Option<Role> {
        self.roles.get(&person).copied()
    }

    /// Keeps a role at the end.
    pub(super) fn learn(&mut self, person: PersonId, role: Role) {
        self.roles.insert(person, role);
    }
}

fn size(row: &Row) -> usize {
    EACH + match row {
        Row::Document(it) => it.body.len(),
        Row::Gone(_) | Row::Event(_) => 0,
    }
}
