//! Takes what benches did: numbered operations, each decided once and for ever.
//!
//! A batch runs as one or several transactions, cut only between groups, so that nobody holds a
//! shop's counter for long. What is decided is durable before it is answered; whatever breaks in
//! between, the same numbers can be sent again and get the same outcomes.

mod batch;
mod group;
mod recent;
mod world;

#[cfg(test)]
mod tests;

use std::{collections::HashSet, time::Duration};

use redtag_protocol::{
    api::ops::{Answer, Ending, Numbered},
    apply,
    ids::{DeviceId, PersonId, ShopId},
    op::{MAX_BATCH, MAX_BATCH_BYTES},
    role::Role,
    stamp::{Seq, Stamp},
};
use serde_json::value::RawValue;
use tokio::time::Instant;

pub use self::recent::Recent;

use self::{
    batch::Received,
    group::{Decided, Rules, Scene},
    world::Loaded,
};
use super::{ledger::Ledger, news::Draft};
use crate::storage::{Author, Changes, Logged, Storage, StorageError, Transaction};

/// No further stretch of operations is begun once the shop's counter was held for so long, or for so
/// many operations: writing them down takes as long again as deciding, and all of it is to stay
/// below 50 ms.
const HOLD: Duration = Duration::from_millis(15);
const MOST: usize = 256;

/// Operations whose documents are loaded together.
const STRETCH: usize = 64;

/// How long outcomes are kept for replays.
pub const REPLAYS: Duration = Duration::from_hours(45 * 24);

/// Who pushes. The caller has proven it.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    /// The author.
    pub person: PersonId,
    /// The shop.
    pub shop: ShopId,
    /// The bench whose numbers they are.
    pub device: DeviceId,
}

/// What became of a batch.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// For the bench.
    pub answer: Answer,
    /// The shop's newest sequence, if the batch moved it: what the hint says.
    pub seq: Option<Seq>,
}

/// Why a batch is refused as a whole; no number is used up.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The person does not belong to the shop, or no longer.
    #[error("you are not a member of this shop any more; unsent edits stay on your device")]
    NotAMember,
    /// Too many operations or bytes: send half.
    #[error(
        "a batch holds at most {MAX_BATCH} operations and {} KiB; send fewer at once",
        MAX_BATCH_BYTES / 1024
    )]
    TooLarge,
    /// An operation without a readable number.
    #[error("operation {place} of the batch has no readable number: {words}")]
    Unreadable {
        /// Its place, from 1.
        place: usize,
        /// What the parser said.
        words: String,
    },
    /// Numbers that do not go up by one.
    #[error(
        "operation {number} stands where {expected} should; numbers begin at 1 and go up by one"
    )]
    Unordered {
        /// What came.
        number: u64,
        /// What should have come.
        expected: u64,
    },
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Decides a batch.
///
/// `recent` is what this process remembers of earlier batches, to be quicker; an empty one decides
/// the same. `now` is the API's clock: it bounds the stamps of clocks that are ahead, and is written beside
/// them.
pub async fn push(
    storage: &dyn Storage,
    recent: &Recent,
    sender: Sender,
    ops: &[Box<RawValue>],
    now: Stamp,
) -> Result<Pushed, PushError> {
    push_by(apply::apply_to, storage, recent, sender, ops, now).await
}

/// [`push`] by other rules, for tests of rules that break.
async fn push_by(
    rules: Rules,
    storage: &dyn Storage,
    recent: &Recent,
    sender: Sender,
    ops: &[Box<RawValue>],
    now: Stamp,
) -> Result<Pushed, PushError> {
    let batch = batch::read(ops)?;
    let ground = Ground {
        storage,
        recent,
        sender,
        now,
        rules,
    };
    let mut poison = HashSet::new();
    let mut pushed = Pushed {
        answer: Answer {
            outcomes: Vec::with_capacity(batch.operations.len()),
            ending: None,
        },
        seq: None,
    };
    let mut rest = batch.operations.as_slice();
    let mut pace = Pace::Many;
    while !rest.is_empty() && pushed.answer.ending.is_none() {
        match turn(&ground, rest, pace, &poison).await {
            Ok(Turn {
                panicked: Some(number),
                ..
            }) => {
                // What was decided in that turn is decided again, and this one apart.
                poison.insert(number);
            }
            Ok(turn) => {
                rest = rest.get(turn.outcomes.len()..).unwrap_or_default();
                pushed.answer.outcomes.extend(turn.outcomes);
                pushed.answer.ending = turn.ending;
                pushed.seq = turn.seq.or(pushed.seq);
                pace = Pace::Many;
            }
            Err(PushError::Storage(error)) if error.is_transient() => {
                pushed.answer.ending = Some(Ending::RetryAfter { seconds: 2 });
            }
            Err(PushError::Storage(
                error @ (StorageError::Constraint(_) | StorageError::Garbled { .. }),
            )) if pace != Pace::Refuse => {
                // Something in there does not go in. Its neighbours must not suffer: one group at a
                // time, and the one that still fails is refused.
                tracing::error!(%error, ?pace, "a stretch of edits cannot be stored");
                pace = match pace {
                    Pace::Many => Pace::One,
                    Pace::One | Pace::Refuse => Pace::Refuse,
                };
            }
            Err(PushError::Storage(error)) if !pushed.answer.outcomes.is_empty() => {
                // What is decided must be told, to the bench and to those who wait for news.
                tracing::error!(%error, "a batch stopped in the middle");
                pushed.answer.ending = Some(Ending::RetryAfter { seconds: 30 });
            }
            Err(error) => return Err(error),
        }
    }
    pushed.answer.ending = pushed.answer.ending.or(batch.ending);
    Ok(pushed)
}

/// How carefully to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As many groups as the time allows.
    Many,
    /// One group.
    One,
    /// One group, which is not tried any more.
    Refuse,
}

/// What one transaction did.
#[derive(Default)]
struct Turn {
    outcomes: Vec<Numbered>,
    ending: Option<Ending>,
    seq: Option<Seq>,
    /// The operation that made the rules panic; nothing was done then.
    panicked: Option<u64>,
}

/// Where and for whom a batch is decided.
struct Ground<'a> {
    storage: &'a dyn Storage,
    recent: &'a Recent,
    sender: Sender,
    now: Stamp,
    rules: Rules,
}

async fn turn(
    ground: &Ground<'_>,
    rest: &[Received],
    pace: Pace,
    poison: &HashSet<u64>,
) -> Result<Turn, PushError> {
    let Ground {
        storage,
        recent,
        sender,
        now,
        rules,
    } = *ground;
    let (mut transaction, last) = storage.begin_for(sender.shop, sender.device).await?;
    let begun = Instant::now();
    let head = transaction.head();
    let mut loaded = Loaded::new(recent.take(sender.shop, &head));
    let role = role(&mut loaded, transaction.as_mut(), sender).await?;
    let mut turn = replay(transaction.as_mut(), sender.device, rest, last).await?;
    let mut rest = rest.get(turn.outcomes.len()..).unwrap_or_default();
    if let Some(first) = rest.first()
        && turn.ending.is_none()
        && first.number != last + 1
    {
        turn.ending = Some(Ending::Gap { expected: last + 1 });
    }
    if rest.is_empty() || turn.ending.is_some() {
        recent.put(sender.shop, &head, loaded.after(&Changes::default()));
        return Ok(turn);
    }
    let scene = Scene {
        sender,
        role,
        now,
        rules,
    };
    let mut ledger = Ledger::new(head);
    let mut decided: Vec<Decided> = Vec::new();
    'deciding: while !rest.is_empty() {
        let stretch = stretch(rest, pace);
        let (now_these, later) = rest.split_at(stretch);
        if pace != Pace::Refuse {
            loaded
                .load(transaction.as_mut(), sender.device, now_these)
                .await?;
        }
        for group in now_these.chunk_by(|a, b| a.group == b.group) {
            if pace == Pace::Refuse {
                decided.extend(group::give_up(group, &mut loaded));
                continue;
            }
            if !decided.is_empty() && group::deletes(group) {
                break 'deciding;
            }
            match group::decide(&scene, group, poison, &mut loaded, &mut ledger) {
                Ok(these) => decided.extend(these),
                Err(group::Panicked { number }) => {
                    return Ok(Turn {
                        panicked: Some(number),
                        ..Turn::default()
                    });
                }
            }
        }
        rest = later;
        if pace != Pace::Many || decided.len() >= MOST || begun.elapsed() >= HOLD {
            break;
        }
    }
    let Some(last) = decided.last() else {
        return Ok(turn);
    };
    let after = ledger.head();
    let last = last.number;
    loaded.hear(transaction.as_mut(), ledger.erased()).await?;
    let mut changes = ledger.changes(&loaded.world, &loaded.told, now)?;
    changes.log = decided
        .iter()
        .map(Decided::logged)
        .collect::<Result<_, _>>()?;
    changes.author = Some(Author {
        device: sender.device,
        last,
        at: now,
    });
    let draft = Draft::of(&head, &after, &changes);
    // Before the commit lets the next writer in, who will ask for it.
    recent.put(sender.shop, &after, loaded.after(&changes));
    transaction.finish(changes, after).await?;
    recent.news().tell(sender.shop, draft);
    turn.seq = (after.seq > head.seq).then_some(after.seq);
    turn.outcomes.extend(decided.into_iter().map(|it| Numbered {
        number: it.number,
        outcome: it.outcome,
        replayed: false,
    }));
    Ok(turn)
}

/// The role in which the sender acts, now.
async fn role(
    loaded: &mut Loaded,
    transaction: &mut dyn Transaction,
    sender: Sender,
) -> Result<Role, PushError> {
    let member = loaded.member(transaction, sender.person).await?;
    let member = member.filter(|it| !it.removed);
    Ok(member.ok_or(PushError::NotAMember)?.role)
}

/// How many operations to take next: whole groups, about [`STRETCH`].
fn stretch(rest: &[Received], pace: Pace) -> usize {
    let wanted = if pace == Pace::Many { STRETCH } else { 1 };
    let mut taken = 0;
    for group in rest.chunk_by(|a, b| a.group == b.group) {
        taken += group.len();
        if taken >= wanted {
            break;
        }
    }
    taken
}

/// The stored outcomes of the numbers that are decided already, up to the first that is not or that
/// came with other bytes.
async fn replay(
    transaction: &mut dyn Transaction,
    device: DeviceId,
    rest: &[Received],
    last: u64,
) -> Result<Turn, PushError> {
    let mut turn = Turn::default();
    let known = rest.iter().take_while(|it| it.number <= last);
    let (Some(first), Some(end)) = (rest.first(), known.clone().last()) else {
        return Ok(turn);
    };
    let logged = transaction
        .outcomes(device, first.number, end.number)
        .await?;
    let mut logged = logged.iter().peekable();
    for received in known {
        let kept = logged.next_if(|it| it.number == received.number);
        // One whose outcome is forgotten after 45 days cannot be told from a fork.
        let Some(kept) = kept.filter(|it| it.digest == received.digest) else {
            turn.ending = Some(Ending::DeviceForked {
                at: received.number,
            });
            return Ok(turn);
        };
        turn.outcomes.push(replayed(kept)?);
    }
    Ok(turn)
}

fn replayed(kept: &Logged) -> Result<Numbered, StorageError> {
    let outcome = serde_json::from_str(&kept.outcome)
        .map_err(|error| StorageError::garbled("outcome", error))?;
    Ok(Numbered {
        number: kept.number,
        outcome,
        replayed: true,
    })
}
