//! Turso's sync beside ours, where it is there: its server and its client are other people's
//! programs and no part of ours, so they are used only where somebody has put them.

use std::{env, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::perf::{
    Plan,
    corpus::Seeded,
    report::{Row, Values},
};

/// Names a directory in which `npm install turso @tursodatabase/sync` was done.
const PLACE: &str = "REDTAG_PERF_TURSO";

const SCRIPT: &str = include_str!("turso.mjs");

#[derive(Deserialize)]
struct Said {
    documents: usize,
    seconds: f64,
}

pub(super) fn row(plan: &Plan, seeded: &Seeded, rate: f64) -> Row {
    let Some(place) = env::var_os(PLACE) else {
        return Row::without("W1a", format!("Turso's sync is not there; see {PLACE}"));
    };
    plan.say(format_args!("W1 {}: Turso", seeded.inspections));
    let run = || -> Result<Said> {
        let script = std::path::Path::new(&place).join("redtag-perf.mjs");
        std::fs::write(&script, SCRIPT)?;
        let said = Command::new("node")
            .arg(&script)
            .arg(&seeded.text.path)
            .output()
            .context("node cannot be started")?;
        let words = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "it failed: {words}");
        Ok(serde_json::from_slice(&said.stdout)?)
    };
    match run() {
        Ok(said) if said.documents == seeded.inspections => {
            let count = u32::try_from(said.documents).unwrap_or(u32::MAX);
            let mut rates = Values::default();
            rates.pair(rate, f64::from(count) / said.seconds);
            let what = format!(
                "{} inspections; floor: Turso's sync, the same bytes of inspections",
                seeded.inspections
            );
            let row = rates.rates("W1a", what, "insp/s");
            if seeded.inspections == 10_000 {
                row.reaching(1.0)
            } else {
                row
            }
        }
        Ok(said) => Row::without("W1a", format!("Turso's sync gave {}", said.documents)),
        Err(error) => Row::without("W1a", format!("Turso's sync: {error:#}")),
    }
}
