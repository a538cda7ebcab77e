//! One page of the change stream: as it comes, and prepared for the cache's thread.

use std::sync::Arc;

use redtag_protocol::{
    api::changes::{Cursor, Document, End, Gone, Line, LineError, UnreadDocument},
    audit::Tally,
    entity::{Entity, EntityRef, Kind},
    event::Link,
    field::OpRef,
    packed,
    stamp::{Seq, Stamp},
};

use super::{
    chain::Joint,
    documents,
    events::{self, Brief},
    key::Key,
};
use crate::view::{Forms, Lean};

/// One answer of the change stream, read line by line. This is most of the work of a page, and needs
/// no cache but the templates that came before it.
#[derive(Debug, Default)]
pub struct Page {
    forms: Forms,
    read: Prepared,
    reset: bool,
}

/// A page whose documents are read and packed, which may be done on any thread: what is left for
/// the cache's own is the database.
#[derive(Debug, Default)]
pub struct Prepared {
    pub(super) documents: Vec<Doc>,
    /// Every document counted in.
    pub(super) added: Tally,
    pub(super) gone: Vec<Tomb>,
    pub(super) events: Vec<Event>,
    /// None where the API asked to begin anew.
    pub(super) end: Option<End>,
}

/// A document, packed.
#[derive(Debug)]
pub(super) struct Doc {
    pub(super) key: Key,
    pub(super) version: Seq,
    pub(super) packed: Vec<u8>,
    /// What the board needs of it, as it is stored.
    pub(super) row: Option<Vec<u8>>,
    /// Whether nothing is missing in it.
    pub(super) complete: bool,
    /// The whole document, of the few that everything needs. Neither is there where a newer program
    /// wrote it.
    pub(super) entity: Option<Arc<Entity>>,
}

/// A deletion.
#[derive(Debug)]
pub(super) struct Tomb {
    pub(super) key: Key,
    pub(super) version: Seq,
    pub(super) erased: bool,
}

/// An event, packed.
#[derive(Debug)]
pub(super) struct Event {
    pub(super) row: events::Row,
    /// The operation it tells of.
    pub(super) op: Option<(OpRef, Stamp)>,
}

/// What a page brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// How far the cache is now.
    pub seq: Seq,
    /// Whether there is more.
    pub more: bool,
    /// Whether the API asked to begin anew; then nothing else was taken.
    pub reset: bool,
    /// Whether another copy is shown now, so that anything may look different.
    pub anew: bool,
    /// The documents that changed.
    pub touched: Vec<EntityRef>,
}

impl Page {
    /// Nothing read yet, with the templates that came before.
    pub fn after(forms: Forms) -> Self {
        Self {
            forms,
            ..Self::default()
        }
    }

    /// Reads a line, without its line end.
    ///
    /// # Errors
    ///
    /// [`LineError`] where it is none.
    pub fn read(&mut self, line: &[u8]) -> Result<(), LineError> {
        // A body that is read whole needs not be walked through before.
        if let Some(it) = UnreadDocument::split(line)
            && let Some(doc) = Doc::unread(&it, &self.forms)
        {
            self.read.added.add(it.kind, it.id, it.version);
            self.read.documents.push(doc);
        } else {
            self.push(&Line::parse(line)?);
        }
        Ok(())
    }

    /// Takes a line in; true once the page is whole.
    pub fn push(&mut self, line: &Line) -> bool {
        match line {
            Line::Document(it) => {
                self.read.added.add(&it.kind, &it.id, it.version);
                let doc = Doc::of(it, &self.forms);
                if let Some(Entity::Template(template)) = doc.entity.as_deref() {
                    self.forms.put(template);
                }
                self.read.documents.push(doc);
            }
            Line::Gone(it) => self.read.gone.push(Tomb::of(it)),
            Line::Event(it) => self.read.events.push(Event::of(it)),
            Line::Reset => self.reset = true,
            Line::End(it) => self.read.end = Some(it.clone()),
        }
        self.reset || self.read.end.is_some()
    }

    /// What it came to, and the templates that a page after it may need.
    pub fn done(mut self) -> (Prepared, Forms) {
        if self.reset {
            self.read.end = None;
        }
        (self.read, self.forms)
    }
}

impl From<Page> for Prepared {
    fn from(page: Page) -> Self {
        page.done().0
    }
}

impl Prepared {
    /// Whether it comes from another life of the API's database than the cursor `from`, so that
    /// what was acknowledged may be lost there.
    pub fn restored(&self, from: Option<&str>) -> bool {
        let epoch = |cursor: &str| cursor.parse::<Cursor>().ok().map(|cursor| cursor.epoch);
        let before = from.and_then(epoch);
        let now = self.end.as_ref().and_then(|end| epoch(&end.cursor));
        self.end.is_none() || (before.is_some() && now.is_some() && before != now)
    }
}

impl Doc {
    fn of(document: &Document, forms: &Forms) -> Self {
        let key = Key::of(&document.kind, &document.id);
        let text = document.body.get();
        // Filed under another id than its own it could never be found again.
        let (mut entity, mut row, mut complete) = (None, None, false);
        match key.kind() {
            Some(kind) if is_whole(kind) => {
                let found = documents::parse(kind, text);
                entity = found.filter(|it| Some(it.key()) == key.entity());
            }
            Some(kind) => {
                let found = Lean::read(kind, text, forms);
                let found = found.filter(|it| Some(it.key()) == key.entity());
                complete = found.as_ref().is_some_and(Lean::complete);
                row = found.and_then(|lean| lean.to_row());
                if row.is_none() {
                    tracing::warn!(%kind, "a document cannot be read by this program; it is kept");
                }
            }
            None => {}
        }
        Self {
            row,
            complete,
            packed: packed::pack(text),
            version: document.version,
            entity: entity.map(Arc::new),
            key,
        }
    }

    /// One of those of which there are many, where nothing about it is unusual.
    fn unread(document: &UnreadDocument<'_>, forms: &Forms) -> Option<Self> {
        let key = Key::of(document.kind, document.id);
        let kind = key.kind().filter(|kind| !is_whole(*kind))?;
        let lean = Lean::read(kind, document.body, forms)?;
        if Some(lean.key()) != key.entity() {
            return None;
        }
        Some(Self {
            complete: lean.complete(),
            row: Some(lean.to_row()?),
            packed: packed::pack(document.body),
            version: document.version,
            entity: None,
            key,
        })
    }
}

/// Whether everything needs documents of this kind, so that they are kept whole.
fn is_whole(kind: Kind) -> bool {
    matches!(kind, Kind::Shop | Kind::Member | Kind::Template)
}

impl Tomb {
    fn of(gone: &Gone) -> Self {
        Self {
            key: Key::of(&gone.kind, &gone.id),
            version: gone.version,
            erased: gone.erased,
        }
    }
}

impl Event {
    fn of(link: &Link) -> Self {
        let brief = Brief::of(link.payload.get());
        Self {
            row: events::Row::of(link, brief.entity, Joint::of(link)),
            op: brief.op(),
        }
    }
}
