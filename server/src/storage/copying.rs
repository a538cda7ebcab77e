//! When a piece of a copy is full, and where the next one begins: one rule for all engines.

use std::collections::HashSet;

use redtag_protocol::{
    api::changes::Mark,
    audit::Tally,
    entity::{Entity, EntityRef, Kind},
    stamp::Seq,
};

use super::{
    Event, PageLimit, Piece, Row, Stored,
    filling::{document_size, event_size},
};

/// Above every id: ids begin with the time they were drawn at, and that time never comes.
pub(super) const TOP: [u8; 16] = [0xff; 16];

/// A piece while it is being read.
pub(super) struct Copying {
    upto: Seq,
    limit: PageLimit,
    rows: Vec<Row>,
    /// What was looked at last.
    last: Option<Mark>,
    seen: u32,
    bytes: usize,
    over: bool,
}

impl Copying {
    /// Nothing read yet of a part as it was at `upto`.
    pub(super) fn new(upto: Seq, limit: PageLimit) -> Self {
        Self {
            upto,
            limit,
            rows: Vec::new(),
            last: None,
            seen: 0,
            bytes: 0,
            over: false,
        }
    }

    /// How many documents may be looked at, or events taken: one at least.
    pub(super) fn most(&self) -> u32 {
        self.limit.seqs.max(1)
    }

    /// Whether it is to end here.
    pub(super) fn is_full(&self) -> bool {
        self.seen >= self.most() || (self.last.is_some() && self.bytes >= self.limit.bytes)
    }

    /// The next document of the part, with its body where it is wanted.
    pub(super) fn look(&mut self, id: [u8; 16], document: Option<Stored>) {
        self.last = Some(Mark { id, seq: Seq(0) });
        self.seen += 1;
        if let Some(document) = document {
            self.bytes += document_size(&document);
            self.rows.push(Row::Document(document));
        }
    }

    /// The next event of an inspection.
    pub(super) fn event(&mut self, event: Event) {
        self.last = Some(Mark {
            id: *event.key.id(),
            seq: event.seq,
        });
        self.seen += 1;
        self.bytes += event_size(&event);
        self.rows.push(Row::Event(event));
    }

    /// There is no more.
    pub(super) fn end(&mut self) {
        self.over = true;
    }

    /// The vehicles and customers that the inspections of this piece name, each once.
    pub(super) fn named(&self) -> Vec<EntityRef> {
        let mut known = HashSet::new();
        let inspections = self.rows.iter().filter_map(|row| match row {
            Row::Document(it) if it.key.kind() == Kind::Inspection => Some(it.index),
            _ => None,
        });
        let keys = inspections.flat_map(|index| {
            let vehicle = index.vehicle.map(EntityRef::Vehicle);
            let customer = index.customer.map(EntityRef::Customer);
            [vehicle, customer].into_iter().flatten()
        });
        keys.filter(|key| known.insert(*key)).collect()
    }

    /// What the aliases among these have become, as far as it is not among them: an inspection is to
    /// come with what its vehicle and customer are called.
    pub(super) fn become_of(named: &[Option<Stored>]) -> Vec<EntityRef> {
        let known: HashSet<EntityRef> = named.iter().flatten().map(|it| it.key).collect();
        let ends = named.iter().flatten().filter_map(|it| {
            // Few are, and these are the small documents.
            let alias = it.body.contains("\"merged\"");
            let entity = alias.then(|| Entity::from_body(it.key.kind(), &it.body).ok());
            entity.flatten()?.merged()
        });
        let ends: HashSet<EntityRef> = ends.filter(|key| !known.contains(key)).collect();
        ends.into_iter().collect()
    }

    /// Puts those before the inspections.
    pub(super) fn name(&mut self, named: Vec<Option<Stored>>) {
        let upto = self.upto;
        let named = named.into_iter().flatten();
        let named = named.filter(|it| it.version <= upto).map(Row::Document);
        self.rows.splice(..0, named);
    }

    /// The piece.
    pub(super) fn done(self, tally: Option<Tally>) -> Piece {
        Piece {
            rows: self.rows,
            next: if self.over { None } else { self.last },
            tally,
        }
    }
}
