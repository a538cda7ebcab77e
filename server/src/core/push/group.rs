//! Decides one group: all of its operations, or none.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
};

use redtag_protocol::{
    api::ops::Outcome,
    apply::{After, Also, Change, Context},
    entity::{EntityRef, World},
    event::{Actor, Happening, What},
    op::{Edit, MAX_GROUP, Operation, Refusal, RefusalCode, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
};

use super::{Sender, batch::Received, world::Loaded};
use crate::{
    core::ledger::{Entry, Ledger, Pen},
    storage::{Logged, StorageError},
};

/// How far a bench's clock may be ahead before its stamps are held back, in milliseconds.
const AHEAD: u64 = 60_000;

/// Who acts, in which role, when.
#[derive(Clone, Copy)]
pub(super) struct Scene {
    pub(super) sender: Sender,
    pub(super) role: Role,
    pub(super) now: Stamp,
    pub(super) rules: Rules,
}

/// What decides one operation and takes the change into the world: [`apply::apply_to`], outside
/// tests.
pub(super) type Rules = fn(&mut World, &Operation, &Context) -> Result<Change, Refusal>;

/// What became of one operation.
pub(super) struct Decided {
    pub(super) number: u64,
    pub(super) digest: [u8; 32],
    pub(super) outcome: Outcome,
    refused: Option<EntityRef>,
}

impl Decided {
    /// As it is kept for replays.
    pub(super) fn logged(&self) -> Result<Logged, StorageError> {
        let outcome = serde_json::to_string(&self.outcome)
            .map_err(|error| StorageError::garbled("outcome", error))?;
        Ok(Logged {
            number: self.number,
            digest: self.digest,
            outcome: outcome.into(),
            refused: self.refused,
        })
    }
}

/// Why a group could not be decided yet.
pub(super) struct Panicked {
    /// The operation on which the rules broke.
    pub(super) number: u64,
}

/// Decides a group and enters what it did into world and ledger; a refused group leaves both as
/// they were. An operation among `poison` is tried beside the world and not in it.
///
/// # Errors
///
/// [`Panicked`], and the world cannot be trusted any more, where an operation that is not among
/// `poison` makes the rules panic.
pub(super) fn decide(
    scene: &Scene,
    group: &[Received],
    poison: &HashSet<u64>,
    loaded: &mut Loaded,
    ledger: &mut Ledger,
) -> Result<Vec<Decided>, Panicked> {
    match attempt(scene, group, poison, loaded, ledger.pen()) {
        Ok(done) => {
            if let Some(world) = done.world {
                loaded.world = world;
            }
            ledger.take(done.entries, done.pen);
            Ok(done.decided)
        }
        Err(Fault::Refused(number, refusal)) => Ok(refuse(group, number, &refusal, loaded)),
        Err(Fault::Panicked(panicked)) => Err(panicked),
    }
}

/// Refuses a group because the API itself failed on it.
pub(super) fn give_up(group: &[Received], loaded: &mut Loaded) -> Vec<Decided> {
    let first = group.first().map_or(0, |it| it.number);
    refuse(group, first, &internal(), loaded)
}

/// Whether a group deletes a vehicle or customer: it must be the first of its transaction, because
/// only the storage knows what inspections name, and it does not know what is still to be written.
pub(super) fn deletes(group: &[Received]) -> bool {
    let edits = group.iter().filter_map(|it| it.operation.as_ref().ok());
    edits.into_iter().any(|it| {
        matches!(
            it.edit,
            Edit::Delete {
                what: EntityRef::Vehicle(_) | EntityRef::Customer(_)
            }
        )
    })
}

enum Fault {
    Refused(u64, Refusal),
    Panicked(Panicked),
}

struct Done {
    /// The world after the group, where the group was tried in a copy.
    world: Option<World>,
    entries: Vec<Entry>,
    decided: Vec<Decided>,
    pen: Pen,
}

fn attempt(
    scene: &Scene,
    group: &[Received],
    poison: &HashSet<u64>,
    loaded: &mut Loaded,
    mut pen: Pen,
) -> Result<Done, Fault> {
    let first = group.first().map_or(0, |it| it.number);
    if group.len() > MAX_GROUP {
        let words = format!("more than {MAX_GROUP} edits in one stroke; send them in several");
        let refusal = Refusal::new(RefusalCode::Invalid, words);
        return Err(Fault::Refused(first, refusal));
    }
    // A copy costs more than most groups: one operation changes the world only if it succeeds.
    let apart = group.len() > 1 || poison.contains(&first);
    let mut copy = apart.then(|| loaded.world.clone());
    let mut entries = Vec::with_capacity(group.len());
    let mut decided = Vec::with_capacity(group.len());
    for received in group {
        let number = received.number;
        let operation = match &received.operation {
            Ok(operation) => operation,
            Err(refusal) => return Err(Fault::Refused(number, refusal.clone())),
        };
        let strange = loaded.is_strange(operation, pen.head.seq);
        let world = copy.as_mut().unwrap_or(&mut loaded.world);
        // Whatever a strange document or operation makes of the rules, it must cost only itself.
        let done = catch_unwind(AssertUnwindSafe(|| {
            one(scene, operation, strange, world, &mut pen)
        }));
        let (written, outcome) = match done {
            Ok(Ok(done)) => done,
            Ok(Err(mut refusal)) => {
                let world = copy.as_ref().unwrap_or(&loaded.world);
                if refusal.code == RefusalCode::NotFound
                    && let Some(parent) = loaded.parent(&operation.edit, world)
                {
                    refusal = orphan(parent);
                }
                return Err(Fault::Refused(number, refusal));
            }
            Err(_) if apart => {
                tracing::error!(number, device = %scene.sender.device, "an edit made the rules panic");
                return Err(Fault::Refused(number, internal()));
            }
            Err(_) => return Err(Fault::Panicked(Panicked { number })),
        };
        entries.extend(written);
        decided.push(Decided {
            number,
            digest: received.digest,
            outcome,
            refused: None,
        });
    }
    Ok(Done {
        world: copy,
        entries,
        decided,
        pen,
    })
}

fn one(
    scene: &Scene,
    operation: &Operation,
    strange: bool,
    world: &mut World,
    pen: &mut Pen,
) -> Result<(Vec<Entry>, Outcome), Refusal> {
    let Scene {
        sender, role, now, ..
    } = *scene;
    let creates_ticket = matches!(operation.edit, Edit::CreateInspection { .. });
    let ticket = creates_ticket.then(|| pen.head.ticket + 1);
    let context = Context {
        shop: sender.shop,
        person: sender.person,
        role,
        device: sender.device,
        seq: Some(pen.head.seq.next()),
        ticket,
    };
    let held_back = Stamp(now.0.saturating_add(AHEAD));
    // A base from before a restore. Nothing can be said of what its author had seen; a conflict that
    // is none costs less than a value that is lost.
    let mended = (operation.stamp > held_back || strange).then(|| Operation {
        stamp: operation.stamp.min(held_back),
        base: if strange { Seq(0) } else { operation.base },
        ..operation.clone()
    });
    let operation = mended.as_ref().unwrap_or(operation);
    let change = (scene.rules)(world, operation, &context)?;
    let mut entries = Vec::with_capacity(1 + change.also.len());
    let verdict = change.verdict;
    for also in change.also {
        let Also {
            after,
            verdict,
            what,
        } = also;
        entries.push(enter(scene, operation, pen, (&after, verdict, what))?);
    }
    entries.push(enter(
        scene,
        operation,
        pen,
        (&change.after, verdict, change.what),
    )?);
    if let Some(ticket) = ticket {
        pen.head.ticket = ticket;
    }
    let seq = pen.head.seq;
    Ok((entries, Outcome::Accepted { verdict, seq }))
}

fn enter(
    scene: &Scene,
    operation: &Operation,
    pen: &mut Pen,
    (after, verdict, what): (&After, Verdict, What),
) -> Result<Entry, Refusal> {
    let happening = happening(scene, operation, after.key(), verdict, what);
    pen.write(after, &happening).map_err(|error| {
        tracing::error!(number = operation.number, %error, "an event cannot be written");
        internal()
    })
}

fn happening(
    scene: &Scene,
    operation: &Operation,
    entity: EntityRef,
    verdict: Verdict,
    what: What,
) -> Happening {
    Happening {
        actor: Actor::Person {
            person: scene.sender.person,
            device: scene.sender.device,
            number: operation.number,
        },
        stamp: operation.stamp,
        accepted: Some(scene.now),
        entity,
        verdict,
        what,
    }
}

/// Refuses every member: the one at fault with its reason, the others because of it.
fn refuse(group: &[Received], fault: u64, reason: &Refusal, loaded: &mut Loaded) -> Vec<Decided> {
    group
        .iter()
        .map(|received| {
            let edit = received.operation.as_ref().ok().map(|it| &it.edit);
            let refused = edit.filter(|it| it.creates()).map(Edit::target);
            if let Some(key) = refused {
                loaded.refused.insert(key, received.number);
            }
            let refusal = if received.number == fault {
                reason.clone()
            } else {
                with_group(fault)
            };
            Decided {
                number: received.number,
                digest: received.digest,
                outcome: Outcome::Refused { refusal },
                refused,
            }
        })
        .collect()
}

fn with_group(fault: u64) -> Refusal {
    let mut refusal = Refusal::new(
        RefusalCode::Group,
        "another edit of the same stroke was refused, so this one was not taken either",
    );
    refusal.because = Some(fault);
    refusal
}

fn orphan(parent: u64) -> Refusal {
    let mut refusal = Refusal::new(
        RefusalCode::Parent,
        "what this edit is about was refused when it was to be created",
    );
    refusal.parent = Some(parent);
    refusal
}

fn internal() -> Refusal {
    Refusal::new(
        RefusalCode::Internal,
        "the API failed on this edit and did not take it; the others went on. \
         Retry it after the API was updated, or tell whoever runs it",
    )
}
