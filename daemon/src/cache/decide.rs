//! What a person decides about a refused stroke: try it again, or give it up.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Failure, FailureCode},
    op::Edit,
};

use super::{
    CacheError, Clock, Saved, Store, adopted,
    along::{Placed, along},
    quarantine::{self, Refused},
};

impl Store {
    /// Saves the refused stroke of this number anew, on what stands now, with those that were refused
    /// together with it: the creation that it depends on, and what depends on that. Each leaves
    /// quarantine in the transaction that saves it, and stays there when the rules refuse it on this
    /// machine already; where they refuse the first, none is saved.
    /// The number is an edit's place, as it is listed.
    pub fn retry(&mut self, number: u64, clock: Clock) -> Result<Saved, Failure> {
        let mut all: Option<Saved> = None;
        for stroke in self.bundle(number)? {
            match (self.retry_stroke(stroke, clock), &mut all) {
                (Ok(saved), None) => all = Some(saved),
                (Ok(saved), Some(all)) => {
                    all.last = saved.last;
                    all.inspection = all.inspection.or(saved.inspection);
                    all.touched.extend(saved.touched);
                }
                (Err(failure), None) => return Err(failure),
                (Err(failure), Some(_)) => {
                    tracing::warn!("what depends on an edit that was tried again stays: {failure}");
                }
            }
        }
        all.ok_or_else(|| not_found(number))
    }

    fn retry_stroke(&mut self, stroke: Vec<Refused>, clock: Clock) -> Result<Saved, Failure> {
        let places: Vec<i64> = stroke.iter().map(|it| it.place).collect();
        let edits: Vec<Edit> = stroke.into_iter().map(|it| it.operation.edit).collect();
        let keys: Vec<EntityRef> = edits.iter().map(Edit::target).collect();
        let saved = self.save_and(edits, clock, &|conn| quarantine::release(conn, &places))?;
        self.released(&keys)?;
        Ok(saved)
    }

    /// Gives the refused edit of this number up, and with it those that are nothing without it; what
    /// they were about is given back. The rest of its stroke stays. An export that holds them can
    /// bring them back.
    pub fn discard(&mut self, number: u64) -> Result<Vec<EntityRef>, Failure> {
        let mut going = quarantine::rows(&self.conn)?;
        let rows: Vec<Placed<'_>> = going.iter().map(Refused::placed).collect();
        let named = along(&rows, number);
        going.retain(|it| named.contains(&it.place.unsigned_abs()));
        if going.is_empty() {
            return Err(not_found(number));
        }
        let places: Vec<i64> = going.iter().map(|it| it.place).collect();
        let mut keys: Vec<EntityRef> = going.iter().map(|it| it.operation.edit.target()).collect();
        self.transact(|tx| {
            for it in &going {
                adopted::give_up(tx, it.device, &it.operation)?;
            }
            quarantine::release(tx, &places)
        })?;
        self.released(&keys)?;
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    /// The strokes that were refused together with the one of this number, in order.
    fn bundle(&self, number: u64) -> Result<Vec<Vec<Refused>>, Failure> {
        let mut strokes = quarantine::strokes(&self.conn)?;
        let named = |stroke: &Vec<Refused>| {
            let number = i64::try_from(number);
            stroke.iter().any(|it| Ok(it.place) == number)
        };
        let mut root = strokes
            .iter()
            .position(named)
            .ok_or_else(|| not_found(number))?;
        while let Some(parent) = strokes[..root]
            .iter()
            .rposition(|it| depends(&strokes[root], it))
        {
            root = parent;
        }
        let mut bundle: Vec<Vec<Refused>> = Vec::new();
        for stroke in strokes.drain(root..) {
            if bundle.is_empty() || bundle.iter().any(|it| depends(&stroke, it)) {
                bundle.push(stroke);
            }
        }
        Ok(bundle)
    }

    fn released(&mut self, keys: &[EntityRef]) -> Result<(), CacheError> {
        for key in keys {
            if let Some(count) = self.refused.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    self.refused.remove(key);
                }
            }
        }
        self.fill_unmade()
    }
}

/// Whether something in the stroke was refused because the other one was, which should have created
/// the document.
fn depends(stroke: &[Refused], on: &[Refused]) -> bool {
    let parents = stroke
        .iter()
        .filter_map(|it| Some((it.device, it.refusal.parent?)));
    parents.into_iter().any(|parent| {
        on.iter()
            .any(|it| (it.device, it.operation.number) == parent)
    })
}

fn not_found(number: u64) -> Failure {
    Failure::new(
        FailureCode::NotFound,
        format!("no refused edit has the number {number}; `redtag outbox` lists those there are"),
    )
}
