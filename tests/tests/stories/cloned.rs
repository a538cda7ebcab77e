//! One home on two machines, as a disk image or a restored backup makes it: noticed, and nothing
//! is lost.

use anyhow::{Result, ensure};
use redtag_protocol::{grade::Condition, role::Role};
use redtag_tests::harness::{Ground, Proxy, Stack, condition, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_cloned_home_is_noticed_and_loses_nothing,
    a_home_restored_from_a_backup_goes_on,
];

fn a_cloned_home_is_noticed_and_loses_nothing(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let mut first = stack.bench_at("first", Role::Technician, &line.url())?;
    let id = first.new_inspection("TWIN 1")?;
    first.client()?.start(id)?;
    first.settled()?;
    ensure!(first.stop()?.success());
    let mut second = first.cloned("second")?;
    first.start()?;
    second.start()?;

    // Each goes on counting from the same number, with other edits under it.
    line.cut();
    let (mut here, mut there) = (first.client()?, second.client()?);
    let mine = ["lights.horn", "lights.wipers", "lights.mirrors"];
    let theirs = [
        "lights.headlamps",
        "lights.indicators",
        "lights.washers",
        "lights.tail_plate",
    ];
    for point in mine {
        here.save(vec![condition(id, point, Condition::Red)?])?;
    }
    for point in theirs {
        there.save(vec![condition(id, point, Condition::Yellow)?])?;
    }
    line.restore();
    first.settled()?;
    second.settled()?;
    for bench in [&first, &second] {
        let view = bench.sees(id, "the edits of both homes", |view| {
            view.counts.answered == 7
        })?;
        assert_eq!((view.counts.red, view.counts.yellow), (3, 4));
        assert_eq!(bench.client()?.status()?.quarantined, 0);
    }

    // From here on they are two benches, and each can go on.
    here.save(vec![condition(id, "lights.brake_lamps", Condition::Green)?])?;
    there.save(vec![condition(id, "lights.reverse_fog", Condition::Green)?])?;
    first.settled()?;
    second.settled()?;
    let session = stack.session(Role::Viewer)?;
    let api = stack.api()?;
    eventually("all edits at the API", || {
        let known = api.inspection(&session, id)?;
        ensure!(known.results.len() == 9, "{:?}", known.results.keys());
        Ok(())
    })?;
    let writers = api.inspection(&session, id)?;
    let mut devices: Vec<_> = writers
        .results
        .values()
        .filter_map(|result| result.answer.as_ref().map(|answer| answer.writer.device))
        .collect();
    devices.sort();
    devices.dedup();
    assert_eq!(
        devices.len(),
        2,
        "one of the two took a device id of its own"
    );
    Ok(())
}

fn a_home_restored_from_a_backup_goes_on(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("BACK 1")?;
    bench.client()?.start(id)?;
    bench.settled()?;
    ensure!(bench.stop()?.success());
    let mut backup = bench.cloned("backup")?;
    bench.start()?;
    bench
        .client()?
        .save(vec![condition(id, "lights.horn", Condition::Red)?])?;
    bench.settled()?;
    // The machine breaks; its backup knows nothing of the last edit and counts it anew.
    bench.kill()?;
    backup.start()?;
    backup
        .client()?
        .save(vec![condition(id, "lights.wipers", Condition::Yellow)?])?;
    backup.settled()?;
    let view = backup.sees(id, "both edits", |view| view.counts.answered == 2)?;
    assert_eq!((view.counts.red, view.counts.yellow), (1, 1));
    Ok(())
}
