//! One page of the change stream: it and its cursor commit in one transaction.

use std::{collections::BTreeSet, sync::Arc};

use redtag_protocol::{
    api::changes::{Cursor, Document, End, Gone, Line},
    entity::{Entity, EntityRef, Kind},
    event::Link,
    stamp::{Seq, Stamp},
};
use rusqlite::Connection;

use super::{CacheError, Meta, Store, documents, events, events::Brief, outbox};

/// One answer of the change stream, whole.
#[derive(Debug, Default)]
pub struct Page {
    reset: bool,
    documents: Vec<Document>,
    gone: Vec<Gone>,
    events: Vec<Link>,
    end: Option<End>,
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
    /// Whether the page began a new copy in the place of an old one.
    pub anew: bool,
    /// The documents that changed.
    pub touched: Vec<EntityRef>,
}

impl Page {
    /// Takes a line in; true once the page is whole.
    pub fn push(&mut self, line: Line) -> bool {
        match line {
            Line::Document(it) => self.documents.push(it),
            Line::Gone(it) => self.gone.push(it),
            Line::Event(it) => self.events.push(it),
            Line::Reset => self.reset = true,
            Line::End(it) => self.end = Some(it),
        }
        self.whole()
    }

    /// Whether it leads back to where it was asked from although there is to be more.
    pub fn stands_still(&self, from: Option<&str>) -> bool {
        let end = self.end.as_ref().filter(|_| !self.reset);
        end.is_some_and(|end| end.more && Some(end.cursor.as_str()) == from)
    }

    /// Whether it comes from another life of the API's database than the cursor `from`, so that
    /// what was acknowledged may be lost there.
    pub fn restored(&self, from: Option<&str>) -> bool {
        let epoch = |cursor: &str| cursor.parse::<Cursor>().ok().map(|cursor| cursor.epoch);
        let before = from.and_then(epoch);
        let now = self.end.as_ref().and_then(|end| epoch(&end.cursor));
        self.reset || (before.is_some() && now.is_some() && before != now)
    }

    /// Whether its last line has come.
    pub fn whole(&self) -> bool {
        self.reset || self.end.is_some()
    }
}

impl Store {
    /// Takes a whole page. `now` is this machine's clock.
    ///
    /// A reset forgets the cursor only: the confirmed documents go in the transaction that brings
    /// the first new page, so that the screen is never empty in between.
    pub fn take(&mut self, page: Page, now: Stamp) -> Result<Pulled, CacheError> {
        let mut meta = self.meta.clone();
        let Some(end) = page.end.as_ref().filter(|_| !page.reset) else {
            meta.cursor = None;
            meta.seq = Seq(0);
            meta.level = Seq(0);
            self.transact(|tx| meta.write_place(tx))?;
            self.meta = meta;
            return Ok(Pulled {
                seq: Seq(0),
                more: true,
                reset: true,
                anew: false,
                touched: Vec::new(),
            });
        };
        // The first page of a new copy takes the place of whatever stood here.
        let anew = meta.cursor.is_none();
        let more = end.more;
        note_end(&mut meta, end, now);
        let briefs: Vec<Brief> = page.events.iter().map(Brief::of).collect();
        let own = self.own(&page, &briefs);
        let forgot = self.transact(|tx| {
            let forgot = anew && forget(tx)?;
            write(tx, &page, &briefs)?;
            for (place, seq) in &own {
                outbox::seen(tx, *place, *seq)?;
            }
            meta.write_place(tx)?;
            Ok(forgot)
        })?;
        self.meta = meta;
        let touched = self.remember(page, &own, forgot)?;
        Ok(Pulled {
            seq: self.meta.seq,
            more,
            reset: false,
            anew: forgot,
            touched,
        })
    }

    /// This device's own operations among the events: place in the outbox, place in the shop.
    fn own(&self, page: &Page, briefs: &[Brief]) -> Vec<(i64, Seq)> {
        let mine = |brief: &Brief| {
            let op = brief
                .actor?
                .op()
                .filter(|op| op.device == self.meta.device)?;
            let place = self.pending.place(op.device, op.number)?;
            // The same number from a cloned home is not this operation.
            let stamp = self.pending.at(place)?.operation.stamp;
            (brief.stamp == Some(stamp)).then_some(place)
        };
        page.events
            .iter()
            .zip(briefs)
            .filter_map(|(link, brief)| Some((mine(brief)?, link.seq)))
            .collect()
    }

    /// Brings memory up to what was committed.
    fn remember(
        &mut self,
        page: Page,
        own: &[(i64, Seq)],
        forgot: bool,
    ) -> Result<Vec<EntityRef>, CacheError> {
        for (place, seq) in own {
            if let Some(op) = self.pending.at_mut(*place) {
                op.seq = Some(*seq);
            }
        }
        let mut touched = BTreeSet::new();
        if forgot {
            self.refill()?;
            return Ok(Vec::new());
        }
        for document in page.documents {
            let Some(entity) = parse(&document) else {
                continue;
            };
            let key = entity.key();
            touched.insert(key);
            let entity = Arc::new(entity);
            if matches!(key.kind(), Kind::Shop | Kind::Member | Kind::Template) {
                self.warm
                    .insert(key, (document.version, Arc::clone(&entity)));
            }
            if !self.pending.touches(&key) {
                self.board.put(&entity);
            }
        }
        for gone in page.gone {
            let Some(key) = key(&gone.kind, &gone.id) else {
                continue;
            };
            touched.insert(key);
            self.warm.remove(&key);
            if !self.pending.touches(&key) {
                self.board.remove(&key);
            }
        }
        let mut again: BTreeSet<EntityRef> = touched
            .iter()
            .filter(|key| self.pending.touches(key))
            .copied()
            .collect();
        let level = self.meta.level;
        again.extend(
            self.pending
                .iter()
                .filter(|(_, op)| op.seq.is_some_and(|seq| seq <= level))
                .map(|(_, op)| op.operation.edit.target()),
        );
        again.extend(
            self.pending
                .prune(|op| op.seq.is_some_and(|seq| seq <= level)),
        );
        for key in &again {
            self.refresh(key)?;
        }
        // A template may come after its inspections.
        for id in self.board.take_uncounted() {
            self.refresh(&EntityRef::Inspection(id))?;
        }
        touched.extend(again);
        Ok(touched.into_iter().collect())
    }
}

fn note_end(meta: &mut Meta, end: &End, now: Stamp) {
    meta.cursor = Some(end.cursor.clone());
    if let Ok(cursor) = end.cursor.parse::<Cursor>() {
        meta.seq = cursor.level();
    }
    if end.more {
        // The page that says so may be the first of a new copy.
        meta.level = meta.level.min(meta.seq);
    } else {
        meta.level = meta.seq;
        meta.last_sync = Some(now);
    }
}

/// Forgets the confirmed documents and events; whether there were any.
fn forget(conn: &Connection) -> Result<bool, CacheError> {
    let documents = conn.execute("DELETE FROM documents", [])?;
    conn.execute("DELETE FROM events", [])?;
    Ok(documents > 0)
}

fn write(conn: &Connection, page: &Page, briefs: &[Brief]) -> Result<(), CacheError> {
    for it in &page.documents {
        documents::put(conn, &it.kind, &it.id, it.version, it.body.get())?;
    }
    for it in &page.gone {
        documents::remove(conn, &it.kind, &it.id)?;
    }
    for (link, brief) in page.events.iter().zip(briefs) {
        events::put(conn, link, brief)?;
    }
    Ok(())
}

fn parse(document: &Document) -> Option<Entity> {
    let kind: Kind = document.kind.parse().ok()?;
    documents::read(kind, document.body.get().as_bytes())
}

fn key(kind: &str, id: &str) -> Option<EntityRef> {
    let kind: Kind = kind.parse().ok()?;
    Some(match kind {
        Kind::Shop => EntityRef::Shop(id.parse().ok()?),
        Kind::Member => EntityRef::Member(id.parse().ok()?),
        Kind::Template => EntityRef::Template(id.parse().ok()?),
        Kind::Customer => EntityRef::Customer(id.parse().ok()?),
        Kind::Vehicle => EntityRef::Vehicle(id.parse().ok()?),
        Kind::Inspection => EntityRef::Inspection(id.parse().ok()?),
    })
}
