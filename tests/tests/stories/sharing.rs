//! An edit at one bench shows at another, online and after a while offline.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    entity::EntityRef,
    grade::Condition,
    ids::InspectionId,
    ipc::{Connection, Push, Request},
    role::Role,
};
use redtag_tests::harness::{Client, Ground, PATIENCE, Proxy, Stack, condition, eventually, note};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    an_edit_shows_on_the_other_bench,
    edits_made_offline_survive_a_restart_and_arrive,
    a_line_that_goes_silent_is_noticed_and_work_goes_on,
    the_api_restarts_in_the_middle_of_the_work,
    a_slow_line_is_slow_and_no_more,
];

/// Waits for the push that names the inspection.
fn hears_of(client: &mut Client, id: InspectionId) -> Result<()> {
    loop {
        if let Push::Changed { documents, .. } = client.push(PATIENCE)?
            && (documents.is_empty() || documents.contains(&EntityRef::Inspection(id)))
        {
            return Ok(());
        }
    }
}

fn an_edit_shows_on_the_other_bench(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let left = stack.bench("left", Role::Technician)?;
    let right = stack.bench("right", Role::Dispatcher)?;
    let id = left.new_inspection("RED 1")?;
    right.sees(id, "the new inspection", |view| {
        view.inspection.number.is_some()
    })?;

    let mut listening = right.client()?;
    listening.must(Request::Subscribe)?;
    let ticket = id.to_string();
    let set = ["set", &ticket, "lights.horn", "--condition", "red"];
    let mut with_note = set.to_vec();
    with_note.extend(["--note", "Horn is silent"]);
    left.json(&with_note)?;
    hears_of(&mut listening, id)?;

    let shown = eventually("the edit on the other bench", || {
        let shown = right.json(&["show", &ticket])?;
        ensure!(
            shown["results"]["lights.horn"]["condition"] == "red",
            "{shown}"
        );
        ensure!(
            shown["results"]["lights.horn"]["note"] == "Horn is silent",
            "{shown}"
        );
        Ok(shown)
    })?;
    assert_eq!(
        shown["state"], "in_progress",
        "the first answer begins the work"
    );
    assert_eq!(shown["vehicle"]["plate"], "RED 1");
    let number = shown["number"].as_u64().context("no number")?;

    left.settled()?;
    let mine = left.json(&["show", &number.to_string()])?;
    assert_eq!(mine["sync"]["state"], "acknowledged");
    assert_eq!(mine["results"], shown["results"]);
    Ok(())
}

fn edits_made_offline_survive_a_restart_and_arrive(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let mut left = stack.bench_at("left", Role::Technician, &line.url())?;
    let right = stack.bench("right", Role::Technician)?;
    let known = left.new_inspection("OFF 1")?;
    left.settled()?;

    line.cut();
    let ticket = known.to_string();
    for point in ["lights.headlamps", "lights.horn", "lights.wipers"] {
        left.json(&["set", &ticket, point, "--condition", "yellow"])?;
    }
    // A measurement with its unit, and an inspection that the API has never heard of.
    left.json(&["set", &ticket, "tyres.tread.lf", "--value", "3,5"])?;
    let made_offline = left.new_inspection("OFF 2")?;
    let new = left.json(&["show", &made_offline.to_string()])?;
    let provisional = new["provisional"]
        .as_str()
        .context("no provisional number")?;
    assert!(new["number"].is_null(), "{new}");
    assert!(provisional.starts_with('~'), "{provisional}");

    assert!(left.stop()?.success());
    left.start()?;
    let status = eventually("the bench to know that it is offline", || {
        let status = left.client()?.status()?;
        let offline = matches!(status.connection, Connection::Offline { .. });
        ensure!(offline && status.waiting + status.sent > 0, "{status:?}");
        Ok(status)
    })?;
    // Start and first answer are one stroke of two operations.
    assert!(status.waiting + status.sent >= 6, "{status:?}");
    let offline = left.json(&["show", &ticket])?;
    assert_eq!(offline["results"]["tyres.tread.lf"]["value"], "3.5");
    assert_eq!(offline["results"]["lights.horn"]["pending"], true);

    line.restore();
    left.settled()?;
    let seen = right.sees(known, "the edits made offline", |view| {
        view.counts.answered == 4
    })?;
    assert!(seen.inspection.conflicts.is_empty());
    right.sees(made_offline, "the inspection made offline", |_| true)?;
    let by_old_name = right.json(&["show", provisional])?;
    assert_eq!(
        by_old_name["id"],
        made_offline.to_string(),
        "its first name finds it for ever"
    );
    let left_says = left.json(&["show", &ticket])?;
    let right_says = right.json(&["show", &ticket])?;
    assert_eq!(left_says["results"], right_says["results"]);
    Ok(())
}

fn a_line_that_goes_silent_is_noticed_and_work_goes_on(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("MUTE 1")?;
    bench.settled()?;
    line.silence();
    let mut client = bench.client()?;
    client.start(id)?;
    client.save(vec![condition(id, "lights.horn", Condition::Red)?])?;
    client.save(vec![note(id, "lights.horn", "nobody hears me")?])?;
    let view = client.find(&id.to_string())?;
    assert_eq!(view.waiting, 3);
    line.restore();
    bench.settled()
}

fn the_api_restarts_in_the_middle_of_the_work(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let left = stack.bench("left", Role::Technician)?;
    let right = stack.bench("right", Role::Technician)?;
    let id = left.new_inspection("API 1")?;
    let mut client = left.client()?;
    client.start(id)?;
    let mut expected = 0;
    let mut edit = |client: &mut Client, points: &[&str]| -> Result<()> {
        for point in points {
            client.save(vec![condition(id, point, Condition::Green)?])?;
            expected += 1;
        }
        Ok(())
    };
    edit(&mut client, &["lights.headlamps", "lights.indicators"])?;
    let stopped = stack.stop()?;
    assert!(stopped.success(), "{stopped}; {}", stack.log());
    edit(&mut client, &["lights.horn", "lights.wipers"])?;
    stack.start()?;
    edit(&mut client, &["lights.mirrors"])?;
    stack.kill()?;
    edit(&mut client, &["lights.washers"])?;
    stack.start()?;
    left.settled()?;
    right.sees(id, "all edits", |view| view.counts.green == expected)?;
    assert_eq!(expected, 6);
    Ok(())
}

fn a_slow_line_is_slow_and_no_more(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    line.delay(Duration::from_millis(150));
    let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("SLOW 1")?;
    bench.settled()?;
    let status = bench.client()?.status()?;
    assert_eq!(status.quarantined, 0);
    let known = stack.api()?.inspection(&stack.session(Role::Viewer)?, id)?;
    assert!(known.number.is_some());
    Ok(())
}
