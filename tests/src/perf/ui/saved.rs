//! U2s: from a key that answers a point to “saved” on the screen.

use std::{path::Path, time::Instant};

use anyhow::Result;

use super::on_the_board;
use crate::{
    harness::Device,
    perf::{
        Plan,
        floor::Bare,
        report::{Bound, Pairs, Row},
    },
};

/// Milliseconds above the floor's one durable commit.
const ABOVE: f64 = 8.0;

/// With the line cut, so that what is saved stays counted on the screen.
pub(super) fn measure(plan: &Plan, folder: &Path, full: &Device, shop: &str) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick { 50 } else { 400 });
    let mut line = on_the_board(full)?;
    // The newest of the open ones.
    line.strike("1")?;
    line.still()?;
    line.strike("\r")?;
    line.wait_for("answered")?;
    line.wait_for("offline")?;
    line.still()?;
    let bare = Bare::make(&folder.join("floor-saved.db"))?;
    let body = [7; 400];
    let mut times = Pairs::default();
    for round in 1..=rounds {
        let wanted = format!("waiting to send: {round}");
        let began = Instant::now();
        // Not applicable is what any point takes.
        line.strike("x")?;
        let so = |seen: &str| seen.split("  ").any(|it| it.trim().ends_with(&wanted));
        times.ours(line.until(began, &wanted, so)?);
        line.still()?;
        let began = Instant::now();
        bare.append(&body)?;
        times.floor(began.elapsed());
    }
    let what = format!(
        "from a key that answers a point to “saved” on the screen, offline, {shop}; floor: one \
         durable SQLCipher commit; the slow end at most {ABOVE} ms above the floor's"
    );
    let row = times.times("U2s", what);
    let most = ((row.spread.floor_p99 + ABOVE) * 10.0).round() / 10.0;
    Ok(vec![row.bounded(Bound::SlowAtMost, most)])
}
