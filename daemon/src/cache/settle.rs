//! What there is to settle, and the edits that settle it; what can be taken back.

use redtag_protocol::{
    entity::{Entity, EntityRef},
    event::Happening,
    field::OpRef,
    ids::InspectionId,
    ipc::{Choice, Failure, FailureCode},
    op::Edit,
    settle::{self, Stand},
};

use super::{
    CacheError, Clock, Saved, Stage, Store,
    undo::{Own, Past},
};

impl Store {
    /// Settles a field of a document, its late edits included, or where `field` is empty the
    /// deletion that met an edit. The edit names every side. Durable when it returns.
    pub fn settle(
        &mut self,
        entity: &EntityRef,
        field: &str,
        choice: Choice,
        clock: Clock,
    ) -> Result<Saved, Failure> {
        let Some(present) = self.local(entity)? else {
            return Err(Failure::new(
                FailureCode::NotFound,
                "there is no such document in the cache; it may have been deleted meanwhile",
            ));
        };
        let stand = match choice {
            Choice::Side(op) => Stand::Of(op),
            Choice::Present => Stand::Present,
        };
        let edit = match present.merged() {
            // It would go to the one that stays, which has nothing to do with it.
            Some(_) => None,
            None => settle::settle(&present, field, stand),
        };
        let Some(edit) = edit else {
            return Err(Failure::new(
                FailureCode::NotFound,
                "there is nothing of that kind left to settle here; somebody may have been faster. \
                 Look at the list again",
            ));
        };
        Ok(self.save(vec![edit], clock)?)
    }

    /// Takes back what was last done on this machine to an inspection and was not taken back yet, or
    /// the stroke that holds this number: writes what stood before, expecting that one's own write
    /// still stands. Durable when it returns. A stroke that took another back is named by its number
    /// to do that other again; [`Self::redo`] does it in turn.
    pub fn undo(
        &mut self,
        inspection: InspectionId,
        number: Option<u64>,
        clock: Clock,
    ) -> Result<Saved, Failure> {
        let key = EntityRef::Inspection(inspection);
        let strokes = self.strokes(&key)?;
        let edits = match number {
            Some(number) => {
                let named = |stroke: &&Vec<Own>| stroke.iter().any(|it| it.op.number == number);
                match strokes.iter().rev().find(named) {
                    Some(stroke) => self.taking_back(&key, stroke)?,
                    None => Vec::new(),
                }
            }
            None => match self.local(&key)?.as_deref() {
                Some(Entity::Inspection(it)) => Past::of(&strokes).back(it),
                _ => Vec::new(),
            },
        };
        if !edits.is_empty() {
            return Ok(self.save(edits, clock)?);
        }
        let words = match number {
            Some(number) => format!(
                "edit {number} cannot be taken back: somebody has written there since, or it was \
                 no writing of a field"
            ),
            None => "nothing that was done here still stands as it was written".to_owned(),
        };
        Err(Failure::new(FailureCode::NotFound, words))
    }

    /// Does again what was taken back last on this machine, as long as nothing else was done to the
    /// inspection here since. Durable when it returns.
    pub fn redo(&mut self, inspection: InspectionId, clock: Clock) -> Result<Saved, Failure> {
        let key = EntityRef::Inspection(inspection);
        let strokes = self.strokes(&key)?;
        let edits = match self.local(&key)?.as_deref() {
            Some(Entity::Inspection(it)) => Past::of(&strokes).again(it),
            _ => None,
        };
        let words = match edits {
            Some(edits) if !edits.is_empty() => return Ok(self.save(edits, clock)?),
            Some(_) => "what was taken back cannot be done again: somebody has written there since",
            None => "nothing was taken back here that could be done again",
        };
        Err(Failure::new(FailureCode::NotFound, words))
    }

    /// The strokes of this machine that touched a document, in order: those that wait or were
    /// acknowledged, not those that were refused. What was the value before is the API's word where
    /// it has one, for it may have merged.
    fn strokes(&self, key: &EntityRef) -> Result<Vec<Vec<Own>>, CacheError> {
        let told = self.events(key)?;
        let mut strokes: Vec<(u64, Vec<Own>)> = Vec::new();
        for (group, expects, happening) in super::outbox::strokes(&self.conn, key)? {
            let Some(op) = happening.actor.op() else {
                continue;
            };
            let same = |it: &&Happening| it.actor.op() == Some(op) && it.stamp == happening.stamp;
            let told = told.iter().filter_map(|(_, it)| it.as_ref()).find(same);
            let own = Own {
                op,
                expects,
                happening: told.unwrap_or(&happening).clone(),
            };
            match strokes.last_mut() {
                Some((last, stroke)) if *last == group && stroke[0].op.device == op.device => {
                    stroke.push(own);
                }
                _ => strokes.push((group, vec![own])),
            }
        }
        Ok(strokes.into_iter().map(|(_, stroke)| stroke).collect())
    }

    /// The edits that write what stood before a stroke, where it still stands.
    fn taking_back(&self, key: &EntityRef, stroke: &[Own]) -> Result<Vec<Edit>, CacheError> {
        let Some(present) = self.local(key)? else {
            return Ok(Vec::new());
        };
        let undone = stroke.iter().rev();
        let undone = undone.filter_map(|own| settle::undo(&present, &own.happening));
        Ok(undone.collect())
    }

    /// The documents in which there is something to settle: fields in conflict, edits that came
    /// too late, deletions that met an edit.
    pub fn open(&self) -> Vec<EntityRef> {
        self.board.open()
    }

    /// How many things there are to settle, over all documents: as many as are listed.
    pub fn to_settle(&self) -> Result<u64, CacheError> {
        let (mut count, many) = self.board.to_settle();
        for id in many {
            if let Some(Entity::Inspection(it)) = self.local(&EntityRef::Inspection(id))?.as_deref()
            {
                count += settle::late_fields(it).len() as u64;
            }
        }
        Ok(count)
    }

    /// Whether an edit of this machine that settles a field of a document has no outcome yet.
    pub fn settles(&self, key: &EntityRef, field: &str) -> bool {
        self.pending
            .of(key)
            .filter(|op| op.stage != Stage::Acked)
            .any(|op| settled(&op.operation.edit).is_some_and(|it| it == field))
    }

    /// Whether an operation was numbered on this machine.
    pub fn own(&self, op: OpRef) -> bool {
        op.device == self.meta.device
    }
}

/// The field that an edit settles; empty for a document as a whole.
fn settled(edit: &Edit) -> Option<String> {
    use redtag_protocol::merge::Write as _;
    match edit {
        Edit::SettleCustomer { write, .. } => Some(write.field()),
        Edit::SettleVehicle { write, .. } => Some(write.field()),
        Edit::SettleInspection { write, .. } => Some(write.field()),
        Edit::Delete { .. } | Edit::Restore { .. } => Some(String::new()),
        _ => None,
    }
}
