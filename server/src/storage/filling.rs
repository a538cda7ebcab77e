//! When a page of the change stream is full: one rule for all engines.

use redtag_protocol::{audit::Tally, stamp::Seq};

use super::{Event, Head, Page, PageLimit, Row, Stored, Tombstone};

/// What a line costs beside the stored text, about.
const EVENT_SIZE: usize = 160;
const DOCUMENT_SIZE: usize = 100;

/// A page while it is being read. Every sequence has one event, so the events say how far it goes;
/// the document and the tombstone of the same sequence follow their event.
pub(crate) struct Filling {
    head: Head,
    tally: Option<Tally>,
    limit: PageLimit,
    rows: Vec<Row>,
    /// The last sequence taken, and the chain there.
    last: Option<(Seq, [u8; 32])>,
    seqs: u64,
    bytes: usize,
}

impl Filling {
    /// Nothing read yet of a shop that is at this head.
    pub(crate) fn new(head: Head, tally: Option<Tally>, limit: PageLimit) -> Self {
        Self {
            head,
            tally,
            limit,
            rows: Vec::new(),
            last: None,
            seqs: 0,
            bytes: 0,
        }
    }

    /// Whether no further sequence is begun. One is always taken.
    pub(crate) fn is_full(&self) -> bool {
        self.last.is_some() && self.bytes >= self.limit.bytes
    }

    /// Bytes until it is full.
    pub(crate) fn left(&self) -> usize {
        self.limit.bytes.saturating_sub(self.bytes)
    }

    /// What a sequence cost so far, in bytes, about.
    pub(crate) fn each(&self) -> u64 {
        self.bytes as u64 / self.seqs.max(1)
    }

    /// Begins the next sequence.
    pub(crate) fn event(&mut self, event: Event) {
        self.last = Some((event.seq, event.hash));
        self.seqs += 1;
        self.bytes += event_size(&event);
        self.rows.push(Row::Event(event));
    }

    /// The document of the sequence that was begun last.
    pub(crate) fn document(&mut self, document: Stored) {
        self.bytes += document_size(&document);
        self.rows.push(Row::Document(document));
    }

    /// The tombstone of the sequence that was begun last.
    pub(crate) fn gone(&mut self, tombstone: Tombstone) {
        self.bytes += DOCUMENT_SIZE;
        self.rows.push(Row::Gone(tombstone));
    }

    /// The page.
    pub(crate) fn done(self) -> Page {
        // At the shop's end there is nothing, and the page stands where the head does.
        let (upto, hash) = self.last.unwrap_or((self.head.seq, self.head.hash));
        Page {
            rows: self.rows,
            upto,
            hash,
            more: upto < self.head.seq,
            tally: self.tally,
        }
    }
}

/// What an event adds to a page, in bytes, about.
pub(super) fn event_size(event: &Event) -> usize {
    event.payload.len() + EVENT_SIZE
}

/// What a document adds to a page, in bytes, about.
pub(super) fn document_size(document: &Stored) -> usize {
    document.body.len() + DOCUMENT_SIZE
}
