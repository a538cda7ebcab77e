//! Saving what a person did: checked against local state, numbered, stamped, and committed with
//! its line of the timeline in one transaction.

use redtag_protocol::{
    apply::Context,
    entity::EntityRef,
    event::{Actor, Happening},
    ids::InspectionId,
    ipc::{Failure, FailureCode},
    op::{Edit, MAX_BATCH_BYTES, MAX_GROUP, Operation, PLACES, Refusal, RefusalCode},
    stamp::{Seq, Stamp},
};
use rusqlite::Connection;

use super::{CacheError, Meta, PendingOp, Scratch, Stage, Store, outbox, reference};

/// How far ahead of the corrected clock a stamp may be, in milliseconds.
const AHEAD: u64 = 60_000;

/// This machine's clock, as an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock(pub Stamp);

/// Edits that are durable now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The number of the first operation.
    pub first: u64,
    /// The number of the last.
    pub last: u64,
    /// The inspection that was touched, where it was one.
    pub inspection: Option<InspectionId>,
    /// The documents that changed.
    pub touched: Vec<EntityRef>,
}

/// Edits that were not saved; nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The rules refuse an edit.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The cache failed.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The group is empty or too large.
    #[error("{0}")]
    Group(String),
    /// The API does not know such an edit, as it said last: it would hold up all that comes after it.
    #[error(
        "the server of this shop was too old for {0} when it was last heard; ask whoever runs it to \
         upgrade it, or synchronise first where that was done. Nothing was changed"
    )]
    TooOld(&'static str),
}

impl From<SaveError> for Failure {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Refused(refusal) => {
                let code = match refusal.code {
                    RefusalCode::NotAllowed => FailureCode::NotAllowed,
                    RefusalCode::NotFound => FailureCode::NotFound,
                    _ => FailureCode::Invalid,
                };
                let mut failure = Self::new(code, refusal.words);
                failure.refusal = Some(refusal.code);
                failure
            }
            SaveError::Group(words) => Self::new(FailureCode::Invalid, words),
            SaveError::TooOld(_) => Self::new(FailureCode::Remote, error.to_string()),
            SaveError::Cache(error) => error.into(),
        }
    }
}

impl From<CacheError> for Failure {
    fn from(error: CacheError) -> Self {
        let words = if error.disk_full() {
            "the disk is full, so this was not saved; what was saved before is safe. Free some \
             space and try again"
                .to_owned()
        } else if error.damaged() {
            tracing::error!(%error, "the cache is damaged");
            "this was not done: this machine's copy of the shop is damaged. It is set aside now, \
             what is unsent is taken over, and the rest is fetched again. Try again in a moment"
                .to_owned()
        } else {
            tracing::error!(%error, "the cache failed");
            format!("this was not done, what was saved before is safe: {error}")
        };
        Self::new(FailureCode::Internal, words)
    }
}

/// An operation to save, its line of the timeline, its length in bytes, and what it touches.
type Line = (Operation, Happening, usize, Vec<EntityRef>);

impl Store {
    /// Saves edits as one group. Durable when it returns.
    pub fn save(&mut self, edits: Vec<Edit>, clock: Clock) -> Result<Saved, SaveError> {
        self.save_and(edits, clock, &|_| Ok(()))
    }

    /// Saves edits as one group and does something else in the same transaction, both or neither.
    pub(super) fn save_and(
        &mut self,
        edits: Vec<Edit>,
        clock: Clock,
        also: &dyn Fn(&Connection) -> Result<(), CacheError>,
    ) -> Result<Saved, SaveError> {
        if edits.is_empty() || edits.len() > MAX_GROUP {
            return Err(SaveError::Group(format!(
                "one stroke holds 1 to {MAX_GROUP} edits, not {}",
                edits.len()
            )));
        }
        if let Some(edit) = edits.iter().find(|it| it.schema() > self.meta.schema) {
            return Err(SaveError::TooOld(what(edit)));
        }
        let mut meta = self.meta.clone();
        let stamp = next_stamp(&mut meta, clock);
        let first = meta.next;
        let mut scratch = Scratch::new(self);
        let mut lines = Vec::with_capacity(edits.len());
        for edit in edits {
            let edit = reference::fill(&scratch, edit)?;
            let base = self.base(&mut scratch, &edit)?;
            // An API that did not say that it knows this would refuse the edit for it.
            let says = base > Seq(0) && meta.schema >= PLACES;
            let seen = meta.copies.seen.filter(|_| says);
            let operation = Operation {
                number: meta.next,
                group: first,
                stamp,
                base,
                seen,
                schema: Operation::least(&edit, seen.as_ref()),
                edit,
            };
            meta.next += 1;
            lines.push(self.try_out(&mut scratch, operation)?);
        }
        // All of a stroke or nothing of it, also at an API that does not know the newest of it.
        let schema = lines.iter().map(|line| line.0.schema).max();
        for (operation, ..) in &mut lines {
            operation.schema = schema.unwrap_or(operation.schema);
        }
        let bytes: usize = lines.iter().map(|line| line.2).sum();
        if bytes > MAX_BATCH_BYTES / 2 {
            return Err(SaveError::Group(
                "that is too much for one stroke; save it in smaller parts".to_owned(),
            ));
        }
        let changed = scratch.into_changed();
        let places = self.transact(|tx| {
            meta.write_counters(tx)?;
            also(tx)?;
            lines
                .iter()
                .map(|(operation, happening, ..)| {
                    outbox::insert(tx, meta.device, operation, happening)
                })
                .collect::<Result<Vec<_>, _>>()
        })?;
        let saved = Saved {
            first,
            last: meta.next - 1,
            inspection: lines
                .iter()
                .find_map(|(operation, ..)| match operation.edit.target() {
                    EntityRef::Inspection(id) => Some(id),
                    _ => None,
                }),
            touched: changed.keys().copied().collect(),
        };
        self.meta = meta;
        for (place, (operation, _, _, touches)) in places.into_iter().zip(lines) {
            self.pending.insert(
                place,
                PendingOp {
                    device: self.meta.device,
                    operation,
                    stage: Stage::Waiting,
                    seq: None,
                    unsure: 0,
                },
            );
            for key in touches {
                self.pending.note(place, key);
            }
        }
        for (key, entity) in changed {
            match &entity {
                Some(entity) => self.board.put(entity),
                None => self.board.remove(&key),
            }
            self.overlay.insert(key, entity);
        }
        Ok(saved)
    }

    /// The version that the author has seen: of the confirmed document, 0 where there is none.
    fn base(&self, scratch: &mut Scratch<'_>, edit: &Edit) -> Result<Seq, CacheError> {
        let target = scratch.target(edit)?;
        if edit.creates() {
            return Ok(Seq(0));
        }
        let confirmed = self.confirmed(&target)?;
        Ok(confirmed.map_or(Seq(0), |(version, _)| version))
    }

    fn try_out(&self, scratch: &mut Scratch<'_>, operation: Operation) -> Result<Line, SaveError> {
        let context = Context {
            shop: self.meta.shop,
            person: self.meta.person,
            role: self.role(),
            device: self.meta.device,
            seq: None,
            ticket: None,
        };
        let unmade = self.is_unmade(&operation.edit.target()) && !operation.edit.creates();
        let change = match scratch.apply(&operation, &context)? {
            Err(refusal) if unmade => Err(Refusal::new(
                refusal.code,
                "the API refused to create this, and it is kept on this machine alone: try that again \
                 or give it up first (`redtag outbox`)",
            )),
            done => done,
        }?;
        let happening = Happening {
            actor: Actor::Person {
                person: self.meta.person,
                device: self.meta.device,
                number: operation.number,
            },
            stamp: operation.stamp,
            accepted: None,
            entity: change.after.key(),
            verdict: change.verdict,
            what: change.what.clone(),
        };
        let touches = change.parts().map(|(after, ..)| after.key()).collect();
        let bytes = serde_json::to_vec(&operation)
            .map_err(CacheError::from)?
            .len();
        Ok((operation, happening, bytes, touches))
    }
}

/// What people call what an older API may not know.
fn what(edit: &Edit) -> &'static str {
    match edit {
        Edit::DraftTemplate { .. } | Edit::PublishTemplate { .. } | Edit::CloseTemplate { .. } => {
            "templates that are written here"
        }
        Edit::AddCanned { .. } | Edit::DropCanned { .. } => "canned notes of the shop's own",
        _ => "this",
    }
}

/// The corrected clock, later than every stamp before it unless that one is more than a minute
/// ahead: then the clock was wrong, and the stamp waits for it.
fn next_stamp(meta: &mut Meta, clock: Clock) -> Stamp {
    let now = clock.0.0.saturating_add_signed(meta.offset);
    let later = meta.stamp.0.saturating_add(1);
    let stamp = Stamp(now.max(later.min(now.saturating_add(AHEAD))));
    meta.stamp = stamp;
    stamp
}
