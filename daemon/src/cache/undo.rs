//! What was done on this machine to an inspection, as a stack that can be gone down and up again.
//!
//! Taking back and doing again are writes like any other, so they reach other benches and stand in
//! the timeline. Which write is which is read from the outbox: it keeps what was acknowledged for
//! thirty days. A change is only taken back while the field still holds it, by whichever own write
//! put it there.

use redtag_protocol::{
    event::{Happening, What},
    field::OpRef,
    inspection::{Inspection, InspectionWrite},
    merge::{Fields as _, Write as _},
    op::Edit,
};

/// One operation of this machine on an inspection.
#[derive(Debug, Clone)]
pub(super) struct Own {
    /// Which.
    pub(super) op: OpRef,
    /// The write that it takes back, where it is an undo.
    pub(super) expects: Option<OpRef>,
    /// What it did.
    pub(super) happening: Happening,
}

/// What one stroke did to one field.
#[derive(Debug, Clone)]
struct Change {
    /// The own write by which the field has its value now: `after` while it is done, `before` while
    /// it is taken back.
    holder: OpRef,
    before: InspectionWrite,
    after: InspectionWrite,
}

/// What one stroke did, by field.
type Entry = Vec<Change>;

/// The strokes that are done, and those that were taken back, the latest last.
#[derive(Debug, Default)]
pub(super) struct Past {
    done: Vec<Entry>,
    undone: Vec<Entry>,
}

impl Past {
    /// Reads strokes in the order in which they were made.
    pub(super) fn of(strokes: &[Vec<Own>]) -> Self {
        let mut past = Self::default();
        for stroke in strokes {
            let entry = entry(stroke);
            if entry.is_empty() {
                continue;
            }
            let expects: Vec<OpRef> = stroke.iter().filter_map(|own| own.expects).collect();
            let turned = !expects.is_empty() && past.turn(&expects, &entry);
            if !turned {
                past.done.push(entry);
                past.undone.clear();
            }
        }
        past
    }

    /// A stroke that takes others back: what it took back changes sides. Whether it is known.
    fn turn(&mut self, expects: &[OpRef], entry: &Entry) -> bool {
        let Self { done, undone } = self;
        over(done, undone, (expects, entry), true) || over(undone, done, (expects, entry), false)
    }

    /// The edits that take back the last stroke of which anything still stands.
    pub(super) fn back(&self, inspection: &Inspection) -> Vec<Edit> {
        let strokes = self.done.iter().rev();
        let mut edits = strokes.map(|entry| edits(inspection, entry, true));
        edits.find(|it| !it.is_empty()).unwrap_or_default()
    }

    /// The edits that do again what was taken back last; none where nothing was since.
    pub(super) fn again(&self, inspection: &Inspection) -> Option<Vec<Edit>> {
        let entry = self.undone.last()?;
        Some(edits(inspection, entry, false))
    }
}

/// Moves the stroke that holds one of these writes from one stack to the other; its fields, and
/// what lies next below them, are held by the new writes from now on.
///
/// One write can hold a stroke that was taken back and the one before it at once: which is meant is
/// told by what the new writes say.
fn over(
    from: &mut Vec<Entry>,
    to: &mut Vec<Entry>,
    (expects, turning): (&[OpRef], &Entry),
    back: bool,
) -> bool {
    let meant = |change: &Change| {
        let said = if back { &change.before } else { &change.after };
        expects.contains(&change.holder) && turning.iter().any(|it| it.after == *said)
    };
    let held = |entry: &Entry| entry.iter().any(meant);
    let Some(at) = from.iter().rposition(held) else {
        return false;
    };
    let mut entry = from.remove(at);
    for change in turning {
        let field = change.after.field();
        if let Some(own) = entry.iter_mut().find(|it| it.after.field() == field) {
            own.holder = change.holder;
        }
        let mut below = from[..at].iter_mut().rev().flatten();
        if let Some(own) = below.find(|it| it.after.field() == field) {
            own.holder = change.holder;
        }
    }
    to.push(entry);
    true
}

/// What a stroke did: a field that it wrote twice went from the first value to the last.
fn entry(stroke: &[Own]) -> Entry {
    let mut entry = Entry::new();
    for own in stroke {
        let What::Inspection { before, after } = &own.happening.what else {
            continue;
        };
        let known = entry
            .iter_mut()
            .find(|it| it.after.field() == after.field());
        match known {
            Some(known) => {
                known.after = after.clone();
                known.holder = own.op;
            }
            None => entry.push(Change {
                holder: own.op,
                before: before.clone().unwrap_or_else(|| after.emptied()),
                after: after.clone(),
            }),
        }
    }
    entry
}

/// The edits that turn a stroke, where its values still stand.
fn edits(inspection: &Inspection, entry: &Entry, back: bool) -> Vec<Edit> {
    let turned = entry.iter().rev().filter_map(|change| {
        let (stands, wanted) = if back {
            (&change.after, &change.before)
        } else {
            (&change.before, &change.after)
        };
        let side = inspection.side(&change.after.field())?;
        let own = side.writer.op() == change.holder && side.write == *stands;
        (own && stands != wanted).then(|| Edit::UndoInspection {
            id: inspection.id,
            write: wanted.clone(),
            expects: change.holder,
        })
    });
    turned.collect()
}
