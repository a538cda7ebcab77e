//! Requests that are on their way, and what their answers are for.

use std::collections::HashMap;

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{BoardQuery, Exported, Likeness, Request},
};

use super::{Effect, Sought};

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// How things stand.
    Status,
    /// A part of the board.
    Board(BoardQuery),
    /// The inspection that is open.
    Inspection(InspectionId),
    /// No inspection is open any more.
    Unwatch,
    /// The timeline that is open.
    Timeline(InspectionId),
    /// Vehicles for the form.
    Vehicles(String),
    /// Customers for the form.
    Customers(String),
    /// Customers, to find the owner of the vehicle that was taken.
    Owner,
    /// Templates for the form.
    Templates,
    /// Members, for the form and for assigning.
    Members,
    /// A provisional number for the form.
    Provisional,
    /// An edit is durable, or not.
    Edit(u64),
    /// Whether an unconfirmed edit was taken after all.
    Check(InspectionId),
    /// A synchronisation was asked for.
    Sync,
    /// A part of the outbox, from this place.
    Outbox(u32),
    /// Templates, for the names in the outbox.
    OutboxTemplates,
    /// Members, for the names in the outbox.
    OutboxMembers,
    /// A refused stroke is tried again.
    Retry(u64),
    /// A refused stroke is given up.
    Discard(u64),
    /// Unsent work is to lie in this file.
    Export(String, Option<Box<Exported>>),
    /// What there is to settle.
    Conflicts,
    /// Something is settled; what stands from now on, in words.
    Settle(String),
    /// The last stroke on an inspection is taken back.
    Undo(InspectionId),
    /// What was taken back last is done again.
    Redo(InspectionId),
    /// A text that is being typed at an inspection is kept.
    Draft(InspectionId, String),
    /// The canned notes that the shop keeps.
    Canned,
    /// What was taken back.
    Undone {
        /// The inspection.
        id: InspectionId,
        /// The first number of what was written.
        first: u64,
        /// The last one.
        last: u64,
        /// Whether it was taken back, and not done again.
        back: bool,
    },
    /// How many inspections of each kind there are.
    Facets,
    /// Where the words of this filter stand in notes.
    Found(String),
    /// The list of vehicles or customers.
    Find(Sought, String),
    /// The vehicle or customer that is open.
    Subject(EntityRef),
    /// What may be the same as what is written down.
    Alike(Box<Likeness>),
    /// Vehicles that may be the same as the form's new one.
    FormAlike,
    /// When and with what the form's vehicle was here.
    FormVisits,
    /// Where a text leads.
    Jump(String),
    /// What was remembered.
    Recall,
    /// What is to be remembered.
    Remember,
    /// The accounts of this machine.
    Accounts,
    /// Another account is shown.
    Use,
    /// The templates that are shown.
    TemplateVersions,
    /// The account is locked.
    Lock,
    /// This account is opened.
    Unlock(String),
    /// Somebody is here.
    Active,
}

impl Purpose {
    /// Whether both are answered by the same part of the screen, so that one at a time is enough.
    fn same_kind(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Board(_), Self::Board(_))
            | (Self::Outbox(_), Self::Outbox(_))
            | (Self::Vehicles(_), Self::Vehicles(_))
            | (Self::Customers(_), Self::Customers(_))
            | (Self::Found(_), Self::Found(_))
            | (Self::Find(..), Self::Find(..))
            | (Self::Alike(_), Self::Alike(_))
            | (Self::Jump(_), Self::Jump(_)) => true,
            _ => self == other,
        }
    }
}

/// The requests on their way. At most one of a kind runs; at most one more of it is wanted, the
/// latest, and goes out when the first is answered.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    last: u64,
    running: HashMap<u64, Purpose>,
    wanted: Vec<(Purpose, Request)>,
}

impl Asks {
    /// Asks now, or as soon as the one of the same kind that runs is answered.
    pub(crate) fn ask(&mut self, purpose: Purpose, request: Request, effects: &mut Vec<Effect>) {
        if self.runs(&purpose) {
            self.wanted.retain(|(it, _)| !it.same_kind(&purpose));
            self.wanted.push((purpose, request));
            return;
        }
        self.last += 1;
        self.running.insert(self.last, purpose);
        effects.push(Effect::Ask {
            ask: self.last,
            request: Box::new(request),
        });
    }

    /// An answer came: what it was for. Sends the next of its kind.
    pub(crate) fn answered(&mut self, ask: u64, effects: &mut Vec<Effect>) -> Option<Purpose> {
        let purpose = self.running.remove(&ask)?;
        if let Some(at) = self
            .wanted
            .iter()
            .position(|(it, _)| it.same_kind(&purpose))
        {
            let (next, request) = self.wanted.remove(at);
            self.ask(next, request, effects);
        }
        Some(purpose)
    }

    /// Whether one of the same kind is on its way.
    pub(crate) fn runs(&self, purpose: &Purpose) -> bool {
        self.running.values().any(|it| it.same_kind(purpose))
    }

    /// What is on its way is not waited for any more: its answers are nobody's.
    pub(crate) fn forget(&mut self) {
        // Whether an edit was saved must be known in any case.
        let edit = |purpose: &Purpose| matches!(purpose, Purpose::Edit(_));
        self.running.retain(|_, purpose| edit(purpose));
        self.wanted.retain(|(purpose, _)| edit(purpose));
    }

    /// The number of the latest ask.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }
}
