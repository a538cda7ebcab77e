//! Everything that is done in an inspection, by keystrokes: all 64 points, canned notes, undo and
//! redo, a note half typed when the line drops.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    grade::Condition,
    ids::InspectionId,
    ipc::{Reply, Request},
    lifecycle::{State, Verb},
    op::Edit,
    role::Role,
};
use redtag_tests::harness::{Device, Ground, Stack, eventually, points};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    all_sixty_four_points_take_at_most_150_keys,
    a_note_half_typed_is_there_after_the_client_was_killed,
    what_was_sent_is_taken_back_and_done_again,
    a_shops_canned_note_reaches_another_bench,
];

fn all_sixty_four_points_take_at_most_150_keys(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("U6 64")?;
    let view = bench.client()?.find(&id.to_string())?;
    // The references are known from the visit before.
    bench
        .client()?
        .save(points::references(view.inspection.vehicle)?)?;

    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("U6 64")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer  1 of 64")?;
    let before = screen.raw().len();
    let mut count = 0;
    for (at, (point, keys)) in points::struck().enumerate() {
        let Some(keys) = keys else { continue };
        for key in keys.chars() {
            count += 1;
            screen.keys(key.encode_utf8(&mut [0; 4]))?;
        }
        // The client goes on by itself, so the next point is where one is.
        screen
            .wait_for(&format!("{} of 64", at + 2))
            .with_context(|| format!("after {point}"))?;
    }
    let bytes = (screen.raw().len() - before) / count;
    ensure!(count <= 150, "{count} keystrokes");
    ensure!(bytes <= 2_048, "{bytes} bytes for a key");
    // The last of what was typed may still be on its way to the daemon.
    let view = eventually("all but the signature to be answered", || {
        let view = bench.client()?.find(&id.to_string())?;
        ensure!(view.counts.answered == 63, "{:?}", view.counts);
        Ok(view)
    })?;
    bench.settled()?;
    assert_eq!(view.counts.red, 6);
    let reds = view.inspection.results.iter().filter(|(key, _)| {
        let point = view.template.point(key);
        point
            .is_some_and(|it| view.inspection.effective(it, &view.template) == Some(Condition::Red))
    });
    for (key, result) in reds {
        assert!(result.note().is_some(), "{key} has no note");
        assert!(result.lines().next().is_some(), "{key} recommends nothing");
    }
    // Nothing is green without having been looked at.
    let answers = view
        .inspection
        .results
        .values()
        .filter_map(|it| it.answer());
    assert!(answers.into_iter().all(|it| !it.by_default));
    Ok(())
}

/// A bench with its client in an inspection.
fn inside(stack: &Stack) -> Result<(Device, redtag_tests::harness::Screen, InspectionId)> {
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("FLOW 1")?;
    bench.settled()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("FLOW 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer  1 of 64")?;
    Ok((bench, screen, id))
}

fn a_note_half_typed_is_there_after_the_client_was_killed(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, mut screen, id) = inside(&stack)?;
    screen.keys("jn")?;
    screen.keys("The plate is riv")?;
    screen.wait_for("The plate is riv")?;
    eventually("the text to be kept", || {
        let view = bench.client()?.find(&id.to_string())?;
        let kept = view.drafts.get("note:arrival.vin");
        ensure!(kept.is_some_and(|it| it == "The plate is riv"), "{kept:?}");
        Ok(())
    })?;
    // The line drops: the terminal is gone, and the client with it.
    screen.hang_up()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("FLOW 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer  1 of 64")?;
    screen.keys("jn")?;
    screen.wait_for("The plate is riv")?;
    screen.wait_for("here again")?;
    screen.keys("eted\r")?;
    eventually("the note", || {
        let view = bench.client()?.find(&id.to_string())?;
        let result = view.inspection.results.get(&"arrival.vin".parse()?);
        let note = result.and_then(|it| it.note());
        ensure!(note == Some("The plate is riveted"), "{note:?}");
        ensure!(view.drafts.is_empty(), "{:?}", view.drafts);
        Ok(())
    })
}

fn what_was_sent_is_taken_back_and_done_again(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, mut screen, id) = inside(&stack)?;
    screen.keys("\tgy")?;
    screen.wait_for("Brake lamps  9 of 64")?;
    bench.settled()?;
    screen.wait_for("all acknowledged")?;
    let found = || -> Result<Vec<Option<Condition>>> {
        let view = bench.client()?.find(&id.to_string())?;
        let condition = |point: &str| -> Result<Option<Condition>> {
            let answer = view.inspection.answer(&point.parse()?);
            Ok(answer.and_then(|it| it.condition))
        };
        Ok(vec![
            condition("lights.headlamps")?,
            condition("lights.indicators")?,
        ])
    };
    let becomes = |what: &str, wanted: [Option<Condition>; 2]| {
        eventually(what, || {
            let found = found()?;
            ensure!(found == wanted, "{found:?}");
            Ok(())
        })
    };
    let (green, yellow) = (Some(Condition::Green), Some(Condition::Yellow));
    becomes("both", [green, yellow])?;
    screen.keys("u")?;
    becomes("the last to be taken back", [green, None])?;
    screen.wait_for("taken back: Indicators")?;
    screen.keys("u")?;
    becomes("the one before, too", [None, None])?;
    screen.keys("\x12")?;
    becomes("the first done again", [green, None])?;
    screen.keys("\x12")?;
    becomes("the second done again", [green, yellow])?;
    bench.settled()?;
    let session = stack.session(Role::Viewer)?;
    let known = stack.api()?.inspection(&session, id)?;
    assert!(known.conflicts.is_empty());
    assert_eq!(known.state.value, State::InProgress);
    Ok(())
}

fn a_shops_canned_note_reaches_another_bench(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let desk = stack.bench("desk", Role::Dispatcher)?;
    let id = desk.new_inspection("CAN 1")?;
    desk.client()?.save(vec![Edit::Move {
        id,
        verb: Verb::Start,
        from: State::Draft,
        reason: None,
    }])?;
    let mut screen = desk.screen(24, 80)?;
    screen.wait_for("CAN 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer  1 of 64")?;
    // The horn: red, a note, kept for this point, saved.
    screen.keys("\tjjjjjjjr")?;
    screen.wait_for("Mirrors  15 of 64")?;
    screen.keys("nRelay clicks, horn silent\x0b")?;
    screen.wait_for("where is it offered")?;
    screen.keys("1")?;
    screen.wait_for("kept as a canned note")?;
    screen.keys("\r")?;
    // The last of what was done may still be on its way to the daemon.
    eventually("the desk to keep both", || {
        let kept = desk.client()?.must(Request::Canned)?;
        ensure!(
            matches!(&kept, Reply::Canned(it) if it.len() == 1),
            "{kept:?}"
        );
        let view = desk.client()?.find(&id.to_string())?;
        let horn = view.inspection.results.get(&"lights.horn".parse()?);
        ensure!(horn.is_some_and(|it| it.note().is_some()), "{horn:?}");
        Ok(())
    })?;
    desk.settled()?;

    let bench = stack.bench("bench", Role::Technician)?;
    let other = bench.new_inspection("CAN 2")?;
    bench.settled()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("CAN 2")?;
    screen.keys("/CAN 2\r")?;
    screen.wait_for("Odometer  1 of 64")?;
    screen.keys("\tjjjjjjj ")?;
    screen.wait_for("Canned: Horn")?;
    screen.wait_for("Relay clicks, horn silent")?;
    screen.keys("1")?;
    eventually("the note at the other bench", || {
        let view = bench.client()?.find(&other.to_string())?;
        let key = "lights.horn".parse()?;
        let note = view.inspection.results.get(&key).and_then(|it| it.note());
        ensure!(note == Some("Relay clicks, horn silent"), "{note:?}");
        let answer = view.inspection.answer(&key).and_then(|it| it.condition);
        ensure!(answer == Some(Condition::Red), "{answer:?}");
        Ok(())
    })
}
