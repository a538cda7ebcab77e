//! A backup that was made beside the running API is put back by the operator's command.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, role::Role};
use redtag_tests::harness::{Ground, Stack, condition, eventually};
use serde_json::Value;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] =
    stories![a_backup_is_put_back_and_every_bench_has_all_that_it_lacks];

/// Before the backup, after it, and while the API is away.
const BEFORE: &str = "lights.horn";
const AFTER: [&str; 3] = ["lights.headlamps", "lights.indicators", "lights.washers"];
const AWAY: &str = "lights.tail_plate";

fn a_backup_is_put_back_and_every_bench_has_all_that_it_lacks(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let first = stack.bench("first", Role::Technician)?;
    let second = stack.bench("second", Role::Technician)?;
    let id = first.new_inspection("REST 1")?;
    first.client()?.start(id)?;
    first
        .client()?
        .save(vec![condition(id, BEFORE, Condition::Green)?])?;
    first.settled()?;
    let usual = first.client()?.status()?.notices;

    let into = ground.path().join("backups");
    let into = into.to_str().context("a path that is no text")?;
    let said = stack.operator(&["backup", into, "--keep", "30", "--json"], "")?;
    let made: Value = serde_json::from_str(&said)?;
    let backup = made["backup"].as_str().context("no backup is named")?;
    ensure!(made["shops"] == 1, "{made}");

    for point in AFTER {
        let edit = condition(id, point, Condition::Yellow)?;
        first.client()?.save(vec![edit])?;
    }
    first.settled()?;
    // A further shop since: it is not in the backup.
    stack.add_shop("A later shop")?;
    second.sees(id, "what came after the backup", |view| {
        view.counts.answered == 4
    })?;

    let refused = stack.try_operator(&["restore", backup], "")?;
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(!refused.status.success(), "it was put under a running API");
    ensure!(words.contains("Stop it"), "{words}");
    ensure!(stack.stop()?.success());
    let edit = condition(id, AWAY, Condition::Red)?;
    second.client()?.save(vec![edit])?;
    let said = stack.operator(&["restore", backup, "--json"], "")?;
    let done: Value = serde_json::from_str(&said)?;
    ensure!(done["shops"] == 1, "{done}");
    let aside = done["before"].as_str().context("nothing was kept")?;
    ensure!(std::fs::exists(aside)?, "{aside} is not there");
    stack.start()?;

    // Nobody does anything more: what the backup lacks comes back from who had done it.
    let session = stack.session(Role::Viewer)?;
    let api = stack.api()?;
    let all = AFTER.into_iter().chain([BEFORE, AWAY]);
    let all: BTreeSet<String> = all.map(str::to_owned).collect();
    eventually("everything at the API again", || {
        let known = api.inspection(&session, id)?;
        let answered = known.results.keys().map(ToString::to_string);
        let answered: BTreeSet<String> = answered.collect();
        ensure!(answered == all, "{answered:?}");
        ensure!(known.conflicts.is_empty(), "{:?}", known.conflicts);
        Ok(())
    })?;
    let third = stack.bench("third", Role::Technician)?;
    for bench in [&first, &second, &third] {
        let view = bench.sees(id, "all of it", |view| view.counts.answered == 5)?;
        ensure!((view.counts.yellow, view.counts.red) == (3, 1), "{view:?}");
        bench.settled()?;
        let status = bench.client()?.status()?;
        ensure!(
            status.quarantined == 0 && status.conflicts == 0,
            "{status:?}"
        );
        // A restore that is said to be one is no fraud.
        ensure!(status.notices == usual, "{:?}", status.notices);
    }
    let shops = stack.operator(&["shop", "list", "--json"], "")?;
    let shops: Value = serde_json::from_str(&shops)?;
    ensure!(shops.as_array().is_some_and(|it| it.len() == 1), "{shops}");
    Ok(())
}
