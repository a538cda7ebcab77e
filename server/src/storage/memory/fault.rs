//! Faults at a storage step of one's choice.

/// On which side of its effect a step breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing happened.
    Before,
    /// It happened, and nobody was told.
    After,
}

/// What is to befall a later step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which one, counted from 1 for the next.
    pub step: u64,
    /// Before or after its effect.
    pub moment: Moment,
    /// Whether the process dies of it; else only the line to the database broke, and the next step
    /// finds another.
    pub dies: bool,
}

/// The faults of one process.
#[derive(Default)]
pub(super) struct Faults {
    planned: Option<Fault>,
    dead: bool,
    steps: u64,
}

impl Faults {
    pub(super) fn plan(&mut self, fault: Option<Fault>) {
        self.planned = fault;
    }

    pub(super) fn is_dead(&self) -> bool {
        self.dead
    }

    pub(super) fn steps(&self) -> u64 {
        self.steps
    }

    /// What befalls this step.
    pub(super) fn next(&mut self) -> Option<Moment> {
        if self.dead {
            return Some(Moment::Before);
        }
        self.steps += 1;
        let fault = self.planned.as_mut()?;
        fault.step = fault.step.saturating_sub(1);
        if fault.step > 0 {
            return None;
        }
        let fault = self.planned.take()?;
        self.dead = fault.dies;
        Some(fault.moment)
    }
}
