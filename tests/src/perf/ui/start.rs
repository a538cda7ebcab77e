//! U1: from the process's start to the first whole frame.

use anyhow::{Context as _, Result};

use super::{COLUMNS, ROWS, board, line::Line};
use crate::{
    harness::Device,
    perf::{
        Plan,
        report::{Bound, Pairs, Row},
    },
};

/// Milliseconds.
const TARGET: f64 = 40.0;
/// The full cache to the empty one.
const RATIO: f64 = 1.5;

pub(super) fn measure(plan: &Plan, full: &Device, bare: &Device, shop: &str) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick { 10 } else { 50 });
    let (rows, _) = board(&mut full.client()?, "")?;
    let newest = rows.first().context("the shop is empty")?.label.clone();
    let (mut against_bare, mut against_echo) = (Pairs::default(), Pairs::default());
    for _ in 0..rounds {
        let mut line = Line::open(&full.command("tui"), ROWS, COLUMNS)?;
        let took = line.first(&newest)?;
        against_bare.ours(took);
        against_echo.ours(took);
        drop(line);
        let mut line = Line::open(&bare.command("tui"), ROWS, COLUMNS)?;
        against_bare.floor(line.first("There is no inspection")?);
        drop(line);
        let mut command = std::process::Command::new(std::env::current_exe()?);
        command.arg("echo");
        against_echo.floor(Line::open(&command, ROWS, COLUMNS)?.first("ready")?);
    }
    let what = format!(
        "from the process's start until the board stands on the screen, {shop}, daemon running; \
         floor: a program of the same size that writes one word"
    );
    let first = against_echo
        .times("U1", what)
        .bounded(Bound::MedianAtMost, TARGET);
    let what = format!("the same, {shop}; floor: with an empty cache");
    let second = against_bare
        .times("U1", what)
        .bounded(Bound::RatioAtMost, RATIO);
    Ok(vec![first, second])
}
