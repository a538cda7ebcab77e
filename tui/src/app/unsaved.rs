//! Edits that are not known to be durable yet. They are shown, marked, and never dropped but by
//! the person who made them.
//!
//! One edit is on its way at a time, so that they are saved in the order in which they were made.
//! An edit whose answer was lost is not sent again by itself: it may have been saved. The document
//! is asked for instead; what it holds is saved, and the rest waits for the person.

use redtag_protocol::{
    field::{Register, Side, Writer},
    ids::{DeviceId, InspectionId, PersonId, PointKey},
    inspection::{Inspection, InspectionWrite},
    ipc::Request,
    merge::{Fields as _, Write as _},
    op::Edit,
    stamp::Stamp,
};

use super::{Effect, Purpose, asks::Asks};

/// How an edit stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It waits for the one before it, or for the daemon.
    Queued,
    /// It is on its way to the daemon.
    Sent,
    /// It is durable; the document that shows it is on its way. The number of the latest ask when
    /// it became so: an answer to a later ask has it.
    Saved(u64),
    /// Its answer was lost, for this reason; it may be durable or not.
    Unconfirmed(String),
    /// It was not saved, for this reason.
    Refused(String),
}

/// One stroke of a person.
#[derive(Debug, Clone)]
pub(crate) struct UnsavedEdit {
    /// Names it on this screen.
    pub(crate) id: u64,
    /// What it is, for people: `Tread LF: 3.5/32 in`.
    pub(crate) words: String,
    /// The group.
    pub(crate) edits: Vec<Edit>,
    /// The account it was made in; it goes out in no other.
    account: Option<String>,
    /// How it stands.
    pub(crate) standing: Standing,
}

impl UnsavedEdit {
    /// The inspection that it is about.
    pub(crate) fn inspection(&self) -> Option<InspectionId> {
        self.edits.iter().find_map(|edit| match edit {
            Edit::Inspection { id, .. }
            | Edit::Move { id, .. }
            | Edit::CreateInspection { id, .. } => Some(*id),
            _ => None,
        })
    }

    /// Whether the person must do something about it.
    pub(crate) fn is_stuck(&self) -> bool {
        matches!(
            self.standing,
            Standing::Unconfirmed(_) | Standing::Refused(_)
        )
    }

    /// Whether it is about this point.
    pub(crate) fn touches(&self, inspection: InspectionId, point: &PointKey) -> bool {
        self.edits.iter().any(|edit| {
            matches!(edit, Edit::Inspection { id, write } if *id == inspection && write.point() == Some(point))
        })
    }

    /// Whether a document holds all that the edit wrote to it.
    fn stands_in(&self, document: &Inspection) -> bool {
        self.edits.iter().all(|edit| match edit {
            Edit::Inspection { id, write } if *id == document.id => {
                let stands = document.side(&write.field()).map(|side| side.write);
                stands.is_some_and(|stands| is_kept_as(write, stands))
            }
            Edit::Move { id, verb, .. } if *id == document.id => {
                document.state.value == verb.rule().to
            }
            _ => true,
        })
    }
}

/// Whether a written value is the one that stands. The daemon fills a reference in where an answer
/// names none.
fn is_kept_as(written: &InspectionWrite, mut stands: InspectionWrite) -> bool {
    if let (
        InspectionWrite::Answer {
            answer: Some(written),
            ..
        },
        InspectionWrite::Answer {
            answer: Some(stands),
            ..
        },
    ) = (written, &mut stands)
        && written.reference.is_none()
    {
        stands.reference = None;
        stands.reference_low = written.reference_low;
    }
    stands == *written
}

/// The edits that are not known to be durable, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Unsaved {
    last: u64,
    /// The account that is shown.
    account: Option<String>,
    edits: Vec<UnsavedEdit>,
}

impl Unsaved {
    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &UnsavedEdit> {
        self.edits.iter()
    }

    /// Those that wait for the person.
    pub(crate) fn stuck(&self) -> impl Iterator<Item = &UnsavedEdit> {
        self.edits.iter().filter(|edit| edit.is_stuck())
    }

    /// Those that are not durable as far as is known.
    pub(crate) fn at_risk(&self) -> usize {
        let durable = |edit: &&UnsavedEdit| !matches!(edit.standing, Standing::Saved(_));
        self.edits.iter().filter(durable).count()
    }

    /// Those that are on their way.
    pub(crate) fn saving(&self) -> usize {
        let moving =
            |edit: &&UnsavedEdit| matches!(edit.standing, Standing::Queued | Standing::Sent);
        self.edits.iter().filter(moving).count()
    }

    /// Another account is shown from now on. What was made in the former waits for its return.
    pub(crate) fn belongs_to(&mut self, account: String) {
        // Made before the first word of the daemon: it was for this one.
        for edit in self.edits.iter_mut().filter(|edit| edit.account.is_none()) {
            edit.account = Some(account.clone());
        }
        self.account = Some(account);
    }

    /// Takes an edit; it goes out in its turn.
    pub(crate) fn push(&mut self, words: String, edits: Vec<Edit>) -> u64 {
        self.last += 1;
        self.edits.push(UnsavedEdit {
            id: self.last,
            words,
            edits,
            account: self.account.clone(),
            standing: Standing::Queued,
        });
        self.last
    }

    /// Sends the first that waits, where none is on its way.
    pub(crate) fn send(&mut self, asks: &mut Asks, effects: &mut Vec<Effect>) {
        if self.edits.iter().any(|it| it.standing == Standing::Sent) {
            return;
        }
        let mut queued = self.edits.iter_mut();
        let account = &self.account;
        let mine =
            |it: &&mut UnsavedEdit| it.standing == Standing::Queued && it.account == *account;
        let Some(next) = queued.find(mine) else {
            return;
        };
        next.standing = Standing::Sent;
        let edits = next.edits.clone();
        asks.ask(Purpose::Edit(next.id), Request::Edit { edits }, effects);
    }

    /// An edit stands otherwise now. Gives it back.
    pub(crate) fn becomes(&mut self, id: u64, standing: Standing) -> Option<&UnsavedEdit> {
        let edit = self.edits.iter_mut().find(|it| it.id == id)?;
        edit.standing = standing;
        Some(edit)
    }

    /// A document came, in answer to this ask: what is durable and shown by it is forgotten.
    /// Says how many unconfirmed ones turned out to be durable.
    pub(crate) fn seen(&mut self, document: &Inspection, ask: u64) -> usize {
        let before = self.stuck().count();
        self.edits.retain(|edit| {
            if edit.inspection() != Some(document.id) {
                return true;
            }
            match &edit.standing {
                Standing::Saved(at) => ask <= *at,
                Standing::Unconfirmed(_) => !edit.stands_in(document),
                _ => true,
            }
        });
        before - self.stuck().count()
    }

    /// Gives an edit up.
    pub(crate) fn discard(&mut self, id: u64) {
        self.edits.retain(|edit| edit.id != id);
    }

    /// Forgets a durable edit whose document is not shown anywhere.
    pub(crate) fn forget_saved(&mut self, shown: Option<InspectionId>) {
        self.edits.retain(|edit| {
            !matches!(edit.standing, Standing::Saved(_))
                || (shown.is_some() && edit.inspection() == shown)
        });
    }

    /// Lays what is not refused over a document, as it will be once it is saved.
    pub(crate) fn lay_over(&self, document: &mut Inspection, person: PersonId, now: Stamp) {
        let writer = Writer {
            seq: None,
            device: DeviceId::from_bytes([0; 16]),
            number: 0,
            stamp: now,
            person,
        };
        for edit in &self.edits {
            if matches!(edit.standing, Standing::Refused(_)) {
                continue;
            }
            for edit in &edit.edits {
                match edit {
                    Edit::Inspection { id, write } if *id == document.id => document.put(Side {
                        write: write.clone(),
                        writer,
                    }),
                    Edit::Move { id, verb, from, .. }
                        if *id == document.id && document.state.value == *from =>
                    {
                        document.state = Register {
                            value: verb.rule().to,
                            writer,
                        };
                    }
                    _ => {}
                }
            }
        }
    }

    /// The fields of an inspection that are not known to be durable.
    pub(crate) fn fields(&self, inspection: InspectionId) -> impl Iterator<Item = String> {
        self.edits
            .iter()
            .flat_map(|edit| &edit.edits)
            .filter_map(move |edit| match edit {
                Edit::Inspection { id, write } if *id == inspection => {
                    Some(InspectionWrite::field(write))
                }
                _ => None,
            })
    }
}
