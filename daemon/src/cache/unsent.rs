//! What the API has not taken, as a text that outlives this cache: exported, and taken over by
//! another one.

use std::collections::BTreeMap;

use redtag_protocol::{
    entity::EntityRef,
    event::{Actor, Happening},
    ids::{DeviceId, PersonId, ShopId},
    ipc::{Adopted, Failure, FailureCode},
    op::{Edit, Operation, Refusal, RefusalCode},
    stamp::Stamp,
};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    CacheError, Clock, PendingOp, SaveError, Store, adopted, chain, outbox, quarantine, salvage,
};

/// The version of the format below. A newer one is refused, an older one is read for ever.
const VERSION: u32 = 1;

/// Everything unsent, in the order in which it was saved. As JSON:
///
/// ```json
/// {"redtag_export": 1, "shop": "019a…", "person": "019a…", "device": "019a…",
///  "strokes": [{"operations": [{"number": 7, "group": 7, "stamp": 1700000000000, "base": 12,
///                               "schema": 1, "edit": {"do": "inspection", …}}],
///               "refusal": {"code": "not_allowed", "words": "…"}}]}
/// ```
///
/// A stroke is what was done at once; `refusal` is there where the API refused it, and is its first
/// operation's. Operations are as [`Operation`] writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    #[serde(rename = "redtag_export")]
    version: u32,
    shop: ShopId,
    person: PersonId,
    device: DeviceId,
    strokes: Vec<Stroke>,
}

/// What was done at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Stroke {
    /// The device that numbered it, where it is not the export's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    device: Option<DeviceId>,
    operations: Vec<Operation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
}

impl Export {
    /// How many edits it holds.
    pub fn edits(&self) -> u64 {
        let all = self.strokes.iter().map(|stroke| stroke.operations.len());
        u64::try_from(all.sum::<usize>()).unwrap_or(u64::MAX)
    }

    /// How many strokes it holds.
    pub fn strokes(&self) -> usize {
        self.strokes.len()
    }

    /// The text, without encryption.
    pub fn text(&self) -> Result<String, CacheError> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads a text that [`Self::text`] gave.
    ///
    /// # Errors
    ///
    /// In words, where it is none, or one of a newer program.
    pub fn read(text: &str) -> Result<Self, Failure> {
        #[derive(Deserialize)]
        struct Any {
            redtag_export: u32,
        }
        let odd = |error: serde_json::Error| {
            Failure::new(
                FailureCode::Invalid,
                format!("that is no export of unsent edits, or it is damaged: {error}"),
            )
        };
        let any: Any = serde_json::from_str(text).map_err(odd)?;
        if any.redtag_export > VERSION {
            let words = "that export was written by a newer program; update this one";
            return Err(Failure::new(FailureCode::Invalid, words));
        }
        serde_json::from_str(text).map_err(odd)
    }
}

impl Store {
    /// Everything that waits, is on its way or was refused, or the one stroke that holds the edit
    /// that is listed under `number`.
    /// Nothing changes.
    pub fn export(&self, number: Option<u64>) -> Result<Export, CacheError> {
        let all = self.unsent()?;
        let wanted = number.map(|number| {
            let named = all.iter().find(|it| it.place == number);
            named.map(|it| it.stroke)
        });
        let mut strokes: BTreeMap<u64, Stroke> = BTreeMap::new();
        for it in all {
            if wanted.is_some_and(|wanted| wanted != Some(it.stroke)) {
                continue;
            }
            let stroke = strokes.entry(it.stroke).or_insert_with(|| Stroke {
                device: (it.device != self.meta.device).then_some(it.device),
                operations: Vec::new(),
                refusal: it.refusal,
            });
            stroke.operations.push(it.operation);
        }
        let strokes: Vec<Stroke> = strokes.into_values().collect();
        Ok(Export {
            version: VERSION,
            shop: self.meta.shop,
            person: self.meta.person,
            device: self.meta.device,
            strokes,
        })
    }

    /// Stands for exactly what is unsent or refused now: the same only while nothing was saved,
    /// decided or given up since.
    pub fn receipt(&self) -> Result<String, CacheError> {
        let mut digest = Sha256::new();
        for stroke in self.export(None)?.strokes {
            digest.update([u8::from(stroke.refusal.is_some())]);
            for operation in &stroke.operations {
                digest.update(serde_json::to_vec(operation)?);
            }
        }
        Ok(chain::hex(&digest.finalize()[..16]))
    }

    /// Takes an export over: each stroke is saved as one's own, on what stands now. What is here
    /// already or was taken over before is left out; what the rules refuse goes to quarantine with
    /// the reason. Each stroke is durable by itself, so that doing it again goes on.
    pub fn adopt(&mut self, text: &str, clock: Clock) -> Result<Adopted, Failure> {
        let export = Export::read(text)?;
        let mut done = nothing_adopted();
        for at in 0..export.strokes().max(1) {
            self.adopt_one(&export, at, clock, &mut done)?;
        }
        Ok(done)
    }

    /// Takes over the stroke at this place of an export, which is one durable commit, and counts
    /// what became of it.
    pub fn adopt_one(
        &mut self,
        export: &Export,
        at: usize,
        clock: Clock,
        done: &mut Adopted,
    ) -> Result<(), Failure> {
        if export.shop != self.meta.shop {
            let words = "that export is of another shop; take it over in an account of that shop";
            return Err(Failure::new(FailureCode::Invalid, words));
        }
        match export.strokes.get(at) {
            Some(stroke) => self.adopt_stroke(export, stroke, clock, done),
            None => Ok(()),
        }
    }

    fn adopt_stroke(
        &mut self,
        export: &Export,
        stroke: &Stroke,
        clock: Clock,
        done: &mut Adopted,
    ) -> Result<(), Failure> {
        let device = stroke.device.unwrap_or(export.device);
        let mut wanted = Vec::new();
        let given_up = adopted::given_up(&self.conn)?;
        for operation in &stroke.operations {
            // What a person gave up, a person brings back.
            let back = given_up.iter().any(|it| it.is(device, operation));
            if !back && self.knows(device, operation)? {
                done.known += 1;
            } else {
                wanted.push(operation.clone());
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let count = wanted.len() as u64;
        let edits = wanted.iter().map(|it| it.edit.clone()).collect();
        let mark = |conn: &Connection| adopted::mark(conn, device, &wanted);
        match self.save_and(edits, clock, &mark) {
            Ok(_) => done.saved += count,
            Err(SaveError::Refused(refusal)) => {
                self.quarantine_foreign(device, &wanted, &refusal, clock.0)?;
                done.refused += count;
            }
            // Tried again once the server is another.
            Err(SaveError::TooOld(what)) => {
                let words = SaveError::TooOld(what).to_string();
                let refusal = Refusal::new(RefusalCode::Invalid, words);
                self.quarantine_foreign(device, &wanted, &refusal, clock.0)?;
                done.refused += count;
            }
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    /// Whether an operation is here, was taken over before, or has done its work already.
    fn knows(&self, device: DeviceId, operation: &Operation) -> Result<bool, CacheError> {
        if outbox::holds(&self.conn, device, operation)?
            || adopted::holds(&self.conn, device, operation)?
        {
            return Ok(true);
        }
        // It got another number since the export.
        let target = operation.edit.target();
        let same = |it: &PendingOp| {
            it.operation.stamp == operation.stamp && it.operation.edit == operation.edit
        };
        if self.pending.of(&target).any(same) {
            return Ok(true);
        }
        // Acknowledged here so long ago that it is not kept any more. Where something else has its
        // number it is of a cloned home, and not known.
        if device == self.meta.device
            && operation.number < self.meta.next
            && !outbox::numbered(&self.conn, device, operation.number)?
            && !salvage::has_holes(&self.conn, device)?
        {
            return Ok(true);
        }
        // The API took it, and only its answer was lost.
        Ok(operation.edit.creates() && self.local(&target)?.is_some())
    }

    /// Puts a stroke of another cache into quarantine here.
    fn quarantine_foreign(
        &mut self,
        device: DeviceId,
        operations: &[Operation],
        refusal: &Refusal,
        at: Stamp,
    ) -> Result<(), CacheError> {
        let person = self.meta.person;
        let keys: Vec<EntityRef> = operations.iter().map(|it| it.edit.target()).collect();
        self.transact(|tx| {
            for operation in operations {
                let happening = told(person, device, operation);
                let place = outbox::insert(tx, device, operation, &happening)?;
                quarantine::take(tx, place, refusal, at)?;
            }
            adopted::mark(tx, device, operations)
        })?;
        for key in keys {
            *self.refused.entry(key).or_default() += 1;
        }
        self.fill_unmade()
    }
}

/// Where the count of what was taken over begins.
pub fn nothing_adopted() -> Adopted {
    Adopted {
        saved: 0,
        known: 0,
        refused: 0,
    }
}

/// The line of the timeline for an operation that was never applied here.
fn told(person: PersonId, device: DeviceId, operation: &Operation) -> Happening {
    use redtag_protocol::{event::What, op::Verdict};
    let what = match &operation.edit {
        Edit::Inspection { write, .. } => What::Inspection {
            before: None,
            after: write.clone(),
        },
        Edit::Customer { write, .. } => What::Customer {
            before: None,
            after: write.clone(),
        },
        Edit::Vehicle { write, .. } => What::Vehicle {
            before: None,
            after: write.clone(),
        },
        edit if edit.creates() => What::Created,
        _ => What::Unknown,
    };
    Happening {
        actor: Actor::Person {
            person,
            device,
            number: operation.number,
        },
        stamp: operation.stamp,
        accepted: None,
        entity: operation.edit.target(),
        verdict: Verdict::Applied,
        what,
    }
}
