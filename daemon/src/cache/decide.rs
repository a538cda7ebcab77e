//! What a person decides about a refused stroke: try it again, or give it up.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Failure, FailureCode},
    op::Edit,
};

use super::{
    Clock, Saved, Store, adopted,
    quarantine::{self, Refused},
};

impl Store {
    /// Saves the refused stroke of this number anew, on what stands now. It leaves quarantine in
    /// the same transaction, and stays there when the rules refuse it on this machine already.
    /// The number is an edit's place, as it is listed.
    pub fn retry(&mut self, number: u64, clock: Clock) -> Result<Saved, Failure> {
        let stroke = self.stroke(number)?;
        let places: Vec<i64> = stroke.iter().map(|it| it.place).collect();
        let edits: Vec<Edit> = stroke.into_iter().map(|it| it.operation.edit).collect();
        let keys: Vec<EntityRef> = edits.iter().map(Edit::target).collect();
        let saved = self.save_and(edits, clock, &|conn| quarantine::release(conn, &places))?;
        self.released(&keys);
        Ok(saved)
    }

    /// Gives the refused stroke of this number up; what it was about is given back. An export that
    /// holds it can bring it back.
    pub fn discard(&mut self, number: u64) -> Result<Vec<EntityRef>, Failure> {
        let stroke = self.stroke(number)?;
        let places: Vec<i64> = stroke.iter().map(|it| it.place).collect();
        let mut keys: Vec<EntityRef> = stroke.iter().map(|it| it.operation.edit.target()).collect();
        self.transact(|tx| {
            for it in &stroke {
                adopted::give_up(tx, it.device, &it.operation)?;
            }
            quarantine::release(tx, &places)
        })?;
        self.released(&keys);
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    fn stroke(&self, number: u64) -> Result<Vec<Refused>, Failure> {
        let stroke = quarantine::group(&self.conn, number)?;
        if stroke.is_empty() {
            return Err(Failure::new(
                FailureCode::NotFound,
                format!(
                    "no refused edit has the number {number}; `redtag outbox` lists those there are"
                ),
            ));
        }
        Ok(stroke)
    }

    fn released(&mut self, keys: &[EntityRef]) {
        for key in keys {
            if let Some(count) = self.refused.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    self.refused.remove(key);
                }
            }
        }
    }
}
