//! Moves an embedded server's data into a PostgreSQL database, byte for byte, so that a bench that
//! was signed in goes on against the new server as if nothing had happened.
//!
//! What can go wrong is being killed, at any point; so both sides carry a mark, and the order of the
//! marks is such that no two servers ever serve the same data:
//!
//! 1. the source is had alone: no server, no operator's command ([`Alone`]);
//! 2. the target is marked as *arriving*, in one transaction with the epoch, and is refused by every
//!    server and command from there on;
//! 3. the rows, a chunk to a transaction, in the order of their keys;
//! 4. everything is read anew from both sides and compared;
//! 5. the source is marked as *moved*, with the target's own mark, and is refused by every server and
//!    command from there on, and every other target with it;
//! 6. the target is marked as *arrived*, and may be served.
//!
//! A move that begins again finds by the marks where it stands and by the largest key of each table
//! how far it came. Until 5 the source may be served again and the move given up; the target is then
//! of no more use, for what has changed in the source since would stay unnoticed until 4.
//!
//! A shop whose making never came to an end is left out: nobody can sign in to it.

mod compare;
mod error;
pub(in crate::storage) mod row;
pub mod table;
mod target;
mod value;

use std::ops::ControlFlow;

use redtag_protocol::{ids::ShopId, stamp::Stamp};
use uuid::Uuid;

pub use self::{compare::Same, error::MoveError, target::Target};
use self::{
    row::key_of,
    table::{EVERYONES, HEAD, META, SHOPS, Table},
    target::{Arrival, State},
};
use super::{
    Secret, StorageError,
    sqlite::{self, Alone, Listed},
};

/// Finds the mark of a move that has not ended.
pub(super) const ARRIVING: &str = "SELECT epoch FROM arrival WHERE finished IS NULL";

/// How much is read, held and written at once.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// At most so many rows.
    pub rows: usize,
    /// No further row once there are so many bytes.
    pub bytes: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rows: 1000,
            bytes: 1 << 20,
        }
    }
}

impl Pace {
    fn bounds(self) -> (usize, usize) {
        (self.rows.max(1), self.bytes)
    }
}

/// A step of a move, told when it is reached.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// The target carries the mark; `resumed` where it did before.
    Begun {
        /// Whether an earlier move had begun.
        resumed: bool,
    },
    /// A shop's turn.
    Shop {
        /// Its number, from 1 on.
        number: usize,
        /// Of how many.
        of: usize,
        /// Which.
        shop: &'a Listed,
    },
    /// Rows are written but not committed.
    Written {
        /// The table.
        table: &'static str,
        /// How many.
        rows: usize,
    },
    /// They are committed.
    Committed {
        /// The table.
        table: &'static str,
        /// How many.
        rows: usize,
    },
    /// All rows are there.
    Copied,
    /// A shop is the same on both sides.
    Same {
        /// Its number, from 1 on.
        number: usize,
        /// Of how many.
        of: usize,
    },
    /// Everything is.
    Compared,
    /// The source is marked as moved; the target still waits for its own mark.
    Left,
}

/// Is told of each step. Where it breaks off, the move ends there, as if it had been killed.
pub type Watch<'a> = &'a mut (dyn FnMut(Step<'_>) -> ControlFlow<()> + Send);

/// What was moved.
#[derive(Debug)]
pub struct Moved {
    /// What spans shops.
    pub everyones: Vec<Same>,
    /// Each shop with its tables.
    pub shops: Vec<(Listed, Vec<Same>)>,
    /// Shops that were never finished and stay behind.
    pub left_out: Vec<Listed>,
}

/// How a move ended well.
#[derive(Debug)]
pub enum Done {
    /// Everything was moved and compared.
    Moved(Moved),
    /// It was done before.
    Before,
}

/// How a move is made.
#[derive(Debug)]
pub struct Plan {
    /// How much at once.
    pub pace: Pace,
    /// Kept in the target at the very end, unless its name is there: what ties the database to its
    /// master key, so that no server can come first with another.
    pub seal: Secret,
}

/// Moves everything, or what is still missing.
///
/// # Errors
///
/// The words say what stands. Whatever ended it, never are both sides served, and unless the words
/// say otherwise the same call goes on where this one stopped.
pub async fn run(
    source: &Alone,
    target: &mut Target,
    plan: Plan,
    clock: &(dyn Fn() -> Stamp + Sync),
    watch: Watch<'_>,
) -> Result<Done, MoveError> {
    let Plan { pace, seal } = plan;
    let Some((mark, resumed)) = begin(source, target, clock()).await? else {
        return Ok(Done::Before);
    };
    tell(watch, Step::Begun { resumed })?;
    let (shops, left_out): (Vec<_>, Vec<_>) =
        source.shops().await?.into_iter().partition(|it| it.ready);
    if resumed {
        still(source, target, &shops).await?;
    }
    copy(source, target, &shops, pace, watch).await?;
    tell(watch, Step::Copied)?;
    let (everyones, shops) = verify(source, target, shops, pace, watch).await?;
    tell(watch, Step::Compared)?;
    if source.moved_to()?.is_none() {
        source.mark_moved(&sqlite::Moved {
            to: target.place().to_owned(),
            mark: Some(mark),
        })?;
    }
    tell(watch, Step::Left)?;
    target.finish(seal, clock()).await?;
    Ok(Done::Moved(Moved {
        everyones,
        shops,
        left_out,
    }))
}

/// Puts the mark of an unfinished move on a target again, so that the source can be taken back and
/// no server, also none that is started by mistake, serves the same data from there.
///
/// # Errors
///
/// [`MoveError::Elsewhere`] where the source was not left for this database,
/// [`MoveError::Served`] where somebody still works on it; nothing is changed then.
pub async fn withdraw(source: &Alone, target: &mut Target) -> Result<(), MoveError> {
    let left = source.moved_to()?;
    let (State::Arriving(it) | State::Arrived(it)) = target.state().await? else {
        return Err(elsewhere(source, left));
    };
    let mark = left.as_ref().and_then(|it| it.mark);
    if it.epoch != source.epoch() || mark != Some(it.mark) {
        return Err(elsewhere(source, left));
    }
    if target.in_use().await? {
        return Err(MoveError::Served {
            place: target.place().to_owned(),
        });
    }
    Ok(target.unfinish(it.mark).await?)
}

fn elsewhere(source: &Alone, left: Option<sqlite::Moved>) -> MoveError {
    MoveError::Elsewhere {
        dir: source.dir().display().to_string(),
        to: left.map_or_else(|| "no database".to_owned(), |it| it.to),
    }
}

/// Sees by both marks what is to be done: `None` where nothing is, else the target's mark and
/// whether a move had begun. Several databases may have been begun from one source; which of them
/// may be finished is what the source says once it is left, and by the mark alone, for one place may
/// be called by several names.
async fn begin(
    source: &Alone,
    target: &mut Target,
    now: Stamp,
) -> Result<Option<(Uuid, bool)>, MoveError> {
    let left = source.moved_to()?;
    let ours = |it: &Arrival| it.epoch == source.epoch();
    let left_for = |it: &Arrival, left: &sqlite::Moved| ours(it) && left.mark == Some(it.mark);
    match (target.state().await?, left) {
        (State::Arriving(it), None) if ours(&it) => Ok(Some((it.mark, true))),
        (State::Arriving(it), Some(left)) if left_for(&it, &left) => Ok(Some((it.mark, true))),
        (State::Arrived(it), Some(left)) if left_for(&it, &left) => Ok(None),
        (_, left @ Some(_)) => Err(elsewhere(source, left)),
        (State::Empty, None) => {
            let meta = source.rows(&META, None, None, (1, 1)).await?;
            let meta = meta.first().ok_or(StorageError::Lost)?;
            Ok(Some((target.begin(meta, now).await?, false)))
        }
        (State::Taken | State::Arriving(_) | State::Arrived(_), None) => Err(MoveError::Taken {
            place: target.place().to_owned(),
        }),
    }
}

/// Refuses to go on where the source went on by itself since the move began. Of each shop that is
/// over there whole the head is looked at: whatever happens in a shop moves it. What this cannot
/// see the comparison finds at the end.
async fn still(source: &Alone, target: &mut Target, shops: &[Listed]) -> Result<(), MoveError> {
    for shop in shops {
        let there = target.rows(&HEAD, Some(shop.id), None, 1).await?;
        if there.is_empty() {
            continue;
        }
        if source.rows(&HEAD, Some(shop.id), None, (1, 1)).await? != there {
            return Err(MoveError::WentOn {
                dir: source.dir().display().to_string(),
                place: target.place().to_owned(),
                shop: shop.id,
            });
        }
    }
    Ok(())
}

async fn copy(
    source: &Alone,
    target: &mut Target,
    shops: &[Listed],
    pace: Pace,
    watch: Watch<'_>,
) -> Result<(), MoveError> {
    for table in EVERYONES {
        append(source, target, table, None, pace, watch).await?;
    }
    let of = shops.len();
    for (before, shop) in shops.iter().enumerate() {
        let number = before + 1;
        tell(watch, Step::Shop { number, of, shop })?;
        for table in SHOPS {
            append(source, target, table, Some(shop.id), pace, watch).await?;
        }
    }
    Ok(())
}

/// Adds the rows after the largest key that is there.
async fn append(
    source: &Alone,
    target: &mut Target,
    table: &'static Table,
    shop: Option<ShopId>,
    pace: Pace,
    watch: Watch<'_>,
) -> Result<(), MoveError> {
    let mut after = target.last(table, shop).await?;
    loop {
        let rows = source.rows(table, shop, after, pace.bounds()).await?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = Some(key_of(table, last));
        let (table_name, count) = (table.name, rows.len());
        let written = Step::Written {
            table: table_name,
            rows: count,
        };
        let before_commit = || tell(watch, written);
        target.add(table, shop, &rows, before_commit).await?;
        let committed = Step::Committed {
            table: table_name,
            rows: count,
        };
        tell(watch, committed)?;
    }
}

type Verified = (Vec<Same>, Vec<(Listed, Vec<Same>)>);

async fn verify(
    source: &Alone,
    target: &mut Target,
    shops: Vec<Listed>,
    pace: Pace,
    watch: Watch<'_>,
) -> Result<Verified, MoveError> {
    let mut everyones = Vec::new();
    for table in std::iter::once(&META).chain(EVERYONES) {
        everyones.push(compare::compare(source, target, table, None, pace).await?);
    }
    let there = target.shops().await?;
    if let Some(odd) = there.iter().find(|id| shops.iter().all(|it| it.id != **id)) {
        return Err(MoveError::differs(&SHOPS[0], Some(*odd), "a shop too many"));
    }
    let of = shops.len();
    let mut compared = Vec::new();
    for shop in shops {
        let mut tables = Vec::new();
        for table in SHOPS {
            tables.push(compare::compare(source, target, table, Some(shop.id), pace).await?);
        }
        compared.push((shop, tables));
        let number = compared.len();
        tell(watch, Step::Same { number, of })?;
    }
    Ok((everyones, compared))
}

fn tell(watch: Watch<'_>, step: Step<'_>) -> Result<(), MoveError> {
    match watch(step) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(MoveError::Stopped),
    }
}
