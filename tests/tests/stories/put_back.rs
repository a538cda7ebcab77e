//! The API's database is put back to a backup behind everybody's back: its files are replaced, and
//! nothing in them says so.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, role::Role};
use redtag_tests::harness::{Ground, Proxy, Stack, condition, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] =
    stories![what_was_seen_before_a_restore_hides_no_conflict_after_it];

/// Edits between the backup and its return.
const LOST: [&str; 4] = [
    "lights.headlamps",
    "lights.indicators",
    "lights.washers",
    "lights.tail_plate",
];

/// What two benches write that do not know of each other.
const POINT: &str = "lights.horn";

fn what_was_seen_before_a_restore_hides_no_conflict_after_it(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let mut first = stack.bench("first", Role::Technician)?;
    let away = stack.bench_at("away", Role::Technician, &line.url())?;
    let id = first.new_inspection("BACK 1")?;
    first.client()?.start(id)?;
    first.settled()?;
    ensure!(stack.stop()?.success());
    stack.back_up()?;
    stack.start()?;

    for point in LOST {
        let edit = condition(id, point, Condition::Yellow)?;
        first.client()?.save(vec![edit])?;
    }
    first.settled()?;
    let all = u32::try_from(LOST.len())?;
    away.sees(id, "what the first has done", |view| {
        view.counts.answered == all
    })?;
    line.cut();
    let mine = condition(id, POINT, Condition::Green)?;
    away.client()?.save(vec![mine])?;
    ensure!(first.stop()?.success());
    ensure!(stack.stop()?.success());
    stack.put_back()?;
    stack.start()?;

    // Somebody writes the same point into the shop as it is now, at a number that the bench that is
    // away has seen: there it was another edit's.
    let third = stack.bench("third", Role::Technician)?;
    third.sees(id, "the shop as of the backup", |view| {
        view.counts.answered == 0
    })?;
    let theirs = condition(id, POINT, Condition::Yellow)?;
    third.client()?.save(vec![theirs])?;
    third.settled()?;
    // And the shop grows past it again, for nothing that was acknowledged is lost.
    first.start()?;
    let viewer = stack.session(Role::Viewer)?;
    let api = stack.api()?;
    eventually("the lost edits at the API again", || {
        let known = api.inspection(&viewer, id)?;
        ensure!(known.results.len() == LOST.len() + 1, "{known:?}");
        Ok(())
    })?;
    first.settled()?;

    line.restore();
    away.settled()?;
    eventually("both values at the API", || {
        let known = api.inspection(&viewer, id)?;
        let open = known.conflicts.get(&format!("answer:{POINT}"));
        let open = open.with_context(|| format!("a value is lost: {known:#?}"))?;
        ensure!(open.sides.len() == 2, "{open:?}");
        Ok(())
    })?;
    for bench in [&first, &away, &third] {
        let view = bench.sees(id, "all of it", |view| {
            view.counts.answered == all + 1 && !view.inspection.conflicts.is_empty()
        })?;
        assert_eq!(view.counts.yellow, view.counts.answered);
        assert_eq!(bench.client()?.status()?.quarantined, 0);
    }
    Ok(())
}
