//! Taking a page in: it and its cursor commit in one transaction, and memory follows.

use std::collections::BTreeSet;

use redtag_protocol::{
    audit::Tally,
    entity::EntityRef,
    event::Link,
    stamp::{Seq, Stamp},
};
use rusqlite::{Transaction, TransactionBehavior};

use super::{
    CacheError, Meta, Prepared, Pulled, Stage, Store, audit,
    chain::Joint,
    copies::Copies,
    documents,
    events::{self, Row},
    gone, outbox, search,
};
use crate::view::{Board, Lean};

/// What a page does beside its rows.
#[derive(Debug, Default)]
struct Effect {
    /// Whether it goes into the copy that is shown.
    shows: bool,
    /// Whether the copy that was built is shown from here on.
    swap: bool,
    /// Where this machine's operations without an outcome stand: place in the outbox, in the shop.
    seen: Vec<(i64, Seq)>,
    /// The places of operations whose effect the shown copy holds now.
    covered: Vec<i64>,
    /// What was deleted while edits of this machine wait on it.
    buried: Vec<EntityRef>,
    /// Why another copy is begun.
    anew: Option<&'static str>,
}

impl Store {
    /// Takes a whole page, as it came or prepared elsewhere. `now` is this machine's clock.
    ///
    /// A reset begins another copy beside the one that is shown, which stays until that is whole.
    /// Whatever happens, the outbox stays.
    pub fn take(&mut self, page: impl Into<Prepared>, now: Stamp) -> Result<Pulled, CacheError> {
        let page = page.into();
        let Some(end) = &page.end else {
            self.begin_anew("the API asked for it")?;
            return Ok(Pulled {
                seq: Seq(0),
                more: true,
                reset: true,
                anew: false,
                touched: Vec::new(),
            });
        };
        let mut meta = self.meta.clone();
        let filled = audit::note_end(&mut meta, &page, end, now);
        let mut effect = Effect {
            shows: !meta.copies.rebuilding(),
            swap: filled && meta.copies.rebuilding(),
            ..Effect::default()
        };
        if effect.shows {
            effect.seen = self.own_told(&page);
        }
        self.tell_durability()?;
        let tx = Transaction::new_unchecked(&self.conn, TransactionBehavior::Immediate)?;
        self.write(&tx, &page, &mut meta, &mut effect)?;
        if effect.swap {
            meta.copies.swap(end.cursor.parse().ok().as_ref());
            self.settle_swap(&tx, &meta, &mut effect)?;
        }
        for (place, seq) in &effect.seen {
            outbox::seen(&tx, *place, *seq)?;
        }
        if filled {
            meta.level = meta.seq;
            meta.last_sync = Some(now);
            effect.covered = self.pending.covered(meta.level, effect.swap);
            outbox::cover(&tx, &effect.covered)?;
            effect.anew = audit::compare(&tx, &mut meta, end, now)?;
        }
        if let Some(why) = effect.anew {
            let holds = documents::any(&tx, meta.copies.shown)?;
            begin(&mut meta, why, holds);
        }
        meta.write_place(&tx)?;
        tx.commit()?;
        self.expected = end.documents;
        self.remember(page, meta, &effect, filled)
    }

    /// Begins another copy of the shop, beside the one that is shown.
    pub fn begin_anew(&mut self, why: &str) -> Result<(), CacheError> {
        tracing::warn!(why, "the shop is fetched anew");
        let mut meta = self.meta.clone();
        let holds = documents::any(&self.conn, meta.copies.shown)?;
        begin(&mut meta, why, holds);
        self.transact(|tx| meta.write_place(tx))?;
        self.meta = meta;
        self.next_board = Some(Board::default());
        Ok(())
    }

    /// This device's own operations among the events: place in the outbox, place in the shop.
    pub(super) fn own_told(&self, page: &Prepared) -> Vec<(i64, Seq)> {
        let found = page.events.iter().filter_map(|event| {
            let (op, stamp) = event.op?;
            let place = self.pending.place(op.device, op.number)?;
            // The same number from a cloned home is not this operation.
            let same = self.pending.at(place)?.operation.stamp == stamp;
            same.then_some((place, event.row.seq))
        });
        found.collect()
    }

    /// Writes a page's rows into the copy that is pulled.
    fn write(
        &self,
        tx: &Transaction<'_>,
        page: &Prepared,
        meta: &mut Meta,
        effect: &mut Effect,
    ) -> Result<(), CacheError> {
        let into = meta.copies.pulled;
        let building = self.meta.copies.filling || meta.copies.filling || meta.copies.rebuilding();
        let mut tally = meta.copies.tally.map(Tally::from);
        let mut count = |change: &dyn Fn(&mut Tally)| {
            if let Some(tally) = &mut tally {
                change(tally);
            }
        };
        count(&|tally| {
            tally.documents = tally.documents.wrapping_add(page.added.documents);
            tally.sum.0 = tally.sum.0.wrapping_add(page.added.sum.0);
        });
        for it in &page.documents {
            let former = documents::put(tx, (into, building), &it.key, it.version, &it.packed)?;
            if let Some(former) = former {
                count(&|tally| it.key.take_out(tally, former));
            } else if let Some(row) = it.row.as_deref().filter(|_| it.complete) {
                search::keep_row(tx, into, tx.last_insert_rowid(), row)?;
            }
            let back = it.key.entity().filter(|key| self.gone.contains_key(key));
            if let Some(key) = back.filter(|_| effect.shows) {
                gone::forget(tx, &key)?;
            }
        }
        for it in &page.gone {
            let removed = documents::remove(tx, into, &it.key)?;
            if let Some((former, _)) = &removed {
                count(&|tally| it.key.take_out(tally, *former));
            }
            let Some(key) = it.key.entity() else { continue };
            if it.erased {
                erase(tx, &meta.copies, &key)?;
            } else if let Some((_, packed)) = removed.filter(|_| effect.shows && self.waits(&key)) {
                gone::put(tx, &key, it.version, &packed)?;
                effect.buried.push(key);
            }
        }
        for it in &page.events {
            it.row.put(tx, into)?;
        }
        meta.copies.tally = tally.map(Into::into);
        Ok(())
    }

    /// Whether an edit of this machine without an outcome touches a document.
    fn waits(&self, key: &EntityRef) -> bool {
        self.pending.of(key).any(|op| op.stage != Stage::Acked)
    }

    /// Works out anew what depends on which copy is shown: it may be of another life of the
    /// database, whose places are other ones.
    fn settle_swap(
        &self,
        tx: &Transaction<'_>,
        meta: &Meta,
        effect: &mut Effect,
    ) -> Result<(), CacheError> {
        outbox::unsee(tx)?;
        for key in self.pending.keys() {
            for ((op, stamp), seq) in events::ops(tx, meta.copies.shown, &key)? {
                let place = self.pending.place(op.device, op.number);
                let found = place.and_then(|place| Some((place, self.pending.at(place)?)));
                if let Some((place, op)) = found
                    && op.operation.stamp == stamp
                    && op.stage != Stage::Acked
                {
                    effect.seen.push((place, seq));
                }
            }
            let there = documents::packed(tx, meta.copies.shown, &key)?.is_some();
            if there {
                gone::forget(tx, &key)?;
            } else if self.waits(&key)
                && let Some((_, packed)) = documents::packed(tx, self.meta.copies.shown, &key)?
            {
                // Nothing that was saved before has seen that it is not there, whatever numbers
                // the other life of the database counted with.
                let bases = self.pending.of(&key).map(|op| op.operation.base);
                let seen = bases.max().unwrap_or_default();
                gone::put(tx, &key, meta.seq.max(seen).next(), &packed)?;
            }
        }
        Ok(())
    }

    /// Brings memory up to what was committed.
    fn remember(
        &mut self,
        page: Prepared,
        meta: Meta,
        effect: &Effect,
        filled: bool,
    ) -> Result<Pulled, CacheError> {
        self.meta = meta;
        let mut touched = BTreeSet::new();
        let mut again = BTreeSet::new();
        for it in &page.gone {
            let Some(key) = it.key.entity().filter(|_| it.erased || effect.shows) else {
                continue;
            };
            self.warm.remove(&key);
            self.gone.remove(&key);
            self.board.remove(&key);
            touched.insert(key);
        }
        for key in &effect.buried {
            self.unearth(key)?;
        }
        self.show(page, effect.shows, &mut touched);
        if effect.swap {
            self.show_next_copy()?;
        } else {
            for (place, seq) in &effect.seen {
                if let Some(op) = self.pending.at_mut(*place) {
                    op.seq = Some(*seq);
                    again.insert(op.operation.edit.target());
                }
            }
            again.extend(self.pending.take_out(&effect.covered));
            if filled {
                self.pending.count_page();
            }
            again.extend(touched.iter().filter(|key| self.pending.touches(key)));
            // A template may come after its inspections.
            let uncounted = self.board.take_uncounted();
            again.extend(uncounted.into_iter().map(EntityRef::Inspection));
            self.refresh(&again)?;
            self.review_refused(touched.iter())?;
            touched.extend(again);
        }
        if effect.anew.is_some() {
            self.next_board = Some(Board::default());
        }
        Ok(Pulled {
            seq: self.meta.seq,
            more: !filled || effect.anew.is_some(),
            reset: false,
            anew: effect.swap,
            touched: touched.into_iter().collect(),
        })
    }

    /// Puts a page's documents on the board of the copy that they went into.
    fn show(&mut self, page: Prepared, shows: bool, touched: &mut BTreeSet<EntityRef>) {
        for document in page.documents {
            let lean = document.row.as_deref().and_then(Lean::from_row);
            let (Some(key), true) = (
                document.key.entity(),
                lean.is_some() || document.entity.is_some(),
            ) else {
                continue;
            };
            let put = |board: &mut Board| {
                if let Some(entity) = &document.entity {
                    board.put(entity);
                }
                if let Some(lean) = &lean {
                    board.put_lean(lean);
                }
            };
            if !shows {
                if let Some(board) = &mut self.next_board {
                    put(board);
                }
                continue;
            }
            touched.insert(key);
            self.gone.remove(&key);
            if !self.pending.touches(&key) {
                put(&mut self.board);
            }
            if let Some(entity) = document.entity {
                self.warm.insert(key, (document.version, entity));
            }
        }
    }

    /// Shows the copy that was built: with the board that grew beside it, where it did.
    fn show_next_copy(&mut self) -> Result<(), CacheError> {
        match self.next_board.take() {
            Some(board) => {
                self.board = board;
                self.refill_warm(false)?;
                self.refill_pending()?;
                let uncounted = self.board.take_uncounted();
                let uncounted: BTreeSet<_> =
                    uncounted.into_iter().map(EntityRef::Inspection).collect();
                self.refresh(&uncounted)
            }
            None => self.refill(),
        }
    }

    /// Takes the whole timeline of a document, fetched on its own. The cursor stays. That of one
    /// which is not here is left out: it may have been erased while the answer was on its way.
    pub fn take_timeline(&mut self, key: &EntityRef, links: &[Link]) -> Result<(), CacheError> {
        let shown = self.meta.copies.shown;
        self.transact(|tx| {
            if documents::packed(tx, shown, key)?.is_none() {
                return Ok(());
            }
            for link in links {
                Row::of(link, Some(*key), Joint::of(link)).put(tx, shown)?;
            }
            events::mark_whole(tx, shown, key)
        })
    }

    /// Whether all of a document's timeline is here: pulled from its first event on, or fetched.
    pub fn timeline_whole(&self, key: &EntityRef) -> Result<bool, CacheError> {
        // Its first event may be here before the others are.
        let filling = self.meta.copies.filling && !self.meta.copies.rebuilding();
        Ok(!filling && events::whole(&self.conn, self.meta.copies.shown, key)?)
    }

    /// Drops a bite of what is left of old copies; whether more may be left. For when there is
    /// nothing else to do.
    pub fn sweep(&mut self) -> Result<bool, CacheError> {
        const BITE: u32 = 400;
        if !self.meta.copies.leftovers {
            return Ok(false);
        }
        let mut meta = self.meta.clone();
        let kept = [meta.copies.shown, meta.copies.pulled];
        // A power cut may take a bite back: it is dropped again.
        let left = self.lazily(|store| {
            store.transact(|tx| {
                let left = documents::drop_old(tx, kept, BITE)?;
                meta.copies.leftovers = left;
                if !left {
                    meta.write_place(tx)?;
                }
                Ok(left)
            })
        })?;
        self.meta = meta;
        Ok(left)
    }
}

/// The next page is the first of another copy.
fn begin(meta: &mut Meta, why: &str, shown_holds: bool) {
    meta.copies.begin(why, shown_holds);
    meta.cursor = None;
    meta.seq = Seq(0);
    if !meta.copies.rebuilding() {
        meta.level = Seq(0);
    }
}

/// Takes out all that is known of a customer, in every copy. What waits in the outbox goes out and
/// is refused.
fn erase(tx: &Transaction<'_>, copies: &Copies, key: &EntityRef) -> Result<(), CacheError> {
    let mut generations = vec![copies.shown, copies.pulled];
    generations.dedup();
    for generation in generations {
        documents::remove(tx, generation, &key.into())?;
        events::erase(tx, generation, &key.into())?;
    }
    gone::forget(tx, key)?;
    outbox::scrub(tx, key)?;
    super::quarantine::scrub(tx, key)
}
