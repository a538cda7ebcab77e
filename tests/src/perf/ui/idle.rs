//! U4 and U5: what a client that nobody touches costs.

use std::time::Duration;

use anyhow::Result;

use super::{level, on_the_board};
use crate::{
    harness::Device,
    perf::{
        Plan, process,
        report::{Bound, Row, Values},
    },
};

/// Work of each thread.
type Threads = std::collections::BTreeMap<std::ffi::OsString, f64>;

/// Milliseconds of work in a minute, client and daemon together.
const WORK: f64 = 10.0;
/// MiB.
const MEMORY: f64 = 30.0;

pub(super) fn measure(plan: &Plan, full: &Device, shop: &str) -> Result<Vec<Row>> {
    let mut line = on_the_board(full)?;
    // As after some work: the list was gone through, an inspection was looked at.
    for _ in 0..40 {
        line.react("\x1b[6~")?;
    }
    line.react("\r")?;
    line.wait_for("answered")?;
    line.react("\x1b[F")?;
    line.strike("\x1b")?;
    line.still()?;
    level(full)?;
    line.still()?;
    let daemon = full.client()?.pid();
    let seconds = if plan.quick { 15 } else { 60 };
    // Threads that worked before go after ten seconds without any.
    line.listen(Duration::from_secs(if plan.quick { 1 } else { 12 }))?;
    let before = (process::threads(line.pid())?, process::threads(daemon)?);
    let bytes = line.listen(Duration::from_secs(seconds))?;
    let after = (process::threads(line.pid())?, process::threads(daemon)?);
    let minute = 60.0 / f64::from(u32::try_from(seconds)?) / 1e6;
    // A thread that ended meanwhile takes what it did with it.
    let work = |before: &Threads, after: &Threads| -> f64 {
        let each = after
            .iter()
            .map(|(thread, nanos)| nanos - before.get(thread).unwrap_or(&0.0));
        each.sum::<f64>() * minute
    };
    let (client, cached) = (work(&before.0, &after.0), work(&before.1, &after.1));
    let mut both = Values::default();
    both.ours(client + cached);
    let what = format!(
        "work of client and daemon in a minute on the board that nobody touches, live connection \
         open, {shop}: {client:.2} and {cached:.2} ms"
    );
    let mut told = Values::default();
    told.ours(f64::from(u32::try_from(bytes)?));
    let mut memory = Values::default();
    memory.ours(process::anonymous(line.pid())?);
    Ok(vec![
        both.costs("U4", what, "ms")
            .bounded(Bound::SlowAtMost, WORK),
        told.costs("U4", "bytes to the terminal meanwhile", "bytes")
            .bounded(Bound::SlowAtMost, 0.0),
        memory
            .costs("U5", format!("RssAnon of the client, {shop}"), "MiB")
            .bounded(Bound::SlowAtMost, MEMORY),
    ])
}
