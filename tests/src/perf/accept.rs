//! P1: how many operations the API accepts in a second.
//!
//! Ours is the decision path of the API over its real storage: benches that answer the points of
//! inspections, each batch decided, chained and durable before it is answered and the next one
//! goes. The floor sends the same statements, in the engine's order and flights, with rows of the
//! same size, to a copy of the same database, and decides nothing: on the embedded engine a bare
//! SQLCipher file for each shop, on PostgreSQL pgbench. Both are as durable as a real shop's, and
//! take turns.

mod bare;
mod embedded;
mod hosted;
mod ours;
mod pgbench;
mod scene;

use std::time::Duration;

use anyhow::Result;

use super::report::Row;

/// How long each side works in each round.
#[derive(Debug, Clone, Copy)]
struct Timing {
    /// Until caches, prepared statements and threads are warm; counts for neither side.
    warm: Duration,
    /// What counts.
    measured: Duration,
    /// How often each side has its turn.
    rounds: usize,
}

/// The benches of the one shop that is measured alone.
const BENCHES: usize = 8;

/// The shops that are measured together, with one bench each.
const SHOPS: usize = 50;

/// As many operations as an offline bench brings at once.
const BATCH: u32 = 50;

/// The part of the floor that is to be reached.
const TARGET: f64 = 0.6;

/// Waits until what was written before a turn is on the disk: what the one side, or the making of
/// the shops, left to be written must not slow down the commits of the other.
fn settle() {
    rustix::fs::sync();
}

/// Both engines.
pub(super) fn measure(quick: bool) -> Result<Vec<Row>> {
    let timing = if quick {
        Timing {
            warm: Duration::from_millis(500),
            measured: Duration::from_secs(2),
            rounds: 2,
        }
    } else {
        Timing {
            warm: Duration::from_secs(1),
            measured: Duration::from_secs(4),
            rounds: 5,
        }
    };
    let mut rows = embedded::measure(timing)?;
    rows.extend(hosted::measure(timing)?);
    Ok(rows)
}
