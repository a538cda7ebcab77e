//! The full-screen client in a real terminal, as a technician meets it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    grade::Condition,
    inspection::Inspection,
    lifecycle::State,
    role::Role,
    template::{Kind, Point},
};
use redtag_tests::harness::{Device, Ground, Screen, Stack, eventually};
use rustix::process::Signal;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_technician_fills_in_two_sections_by_keyboard,
    every_section_can_be_filled_in_and_handed_in_by_keyboard,
    a_new_inspection_is_opened_by_keyboard_offline,
    the_terminal_is_given_back_on_quit_and_on_a_signal,
    a_client_whose_terminal_is_gone_ends,
    the_client_survives_the_daemons_restart_and_a_tiny_window,
    the_client_starts_a_daemon_that_outlives_it,
    an_idle_client_draws_nothing,
    opening_an_inspection_writes_nothing,
    a_note_that_is_half_typed_survives_the_daemons_death,
    who_is_not_signed_in_is_told_how,
];

fn answered(inspection: &Inspection, point: &str) -> Result<Option<Condition>> {
    Ok(inspection
        .answer(&point.parse()?)
        .and_then(|it| it.condition))
}

fn measured(inspection: &Inspection, point: &str) -> Result<Option<String>> {
    let answer = inspection.answer(&point.parse()?);
    Ok(answer
        .and_then(|it| it.measured())
        .map(|it| it.value.to_string()))
}

fn a_technician_fills_in_two_sections_by_keyboard(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("KEY 1")?;
    bench.settled()?;

    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("KEY 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    // Digits and Enter take a measurement and go on; one key sets a condition and goes on.
    screen.keys("45200\r")?;
    screen.keys("gyg")?;
    screen.keys("0\r12,5\r")?;
    // The nine points of the lights, by letters, with a note on the fourth.
    screen.wait_for("Headlamps")?;
    screen.keys("ggyr")?;
    screen.wait_for("Reverse and fog")?;
    // Right after red the note is that of the point just marked.
    screen.keys("n")?;
    screen.wait_for("Note: Tail and plate")?;
    screen.keys("Left lamp is out\r")?;
    screen.keys("xgyrx")?;
    let sent = screen.wait_for("acknowledged");
    sent.with_context(|| bench.log())?;
    bench.settled()?;

    let session = stack.session(Role::Viewer)?;
    let known = stack.api()?.inspection(&session, id)?;
    let expected = [
        ("arrival.vin", Condition::Green),
        ("arrival.warning_lamps", Condition::Yellow),
        ("arrival.body", Condition::Green),
        ("lights.headlamps", Condition::Green),
        ("lights.indicators", Condition::Green),
        ("lights.brake_lamps", Condition::Yellow),
        ("lights.tail_plate", Condition::Red),
        ("lights.reverse_fog", Condition::NotApplicable),
        ("lights.wipers", Condition::Green),
        ("lights.washers", Condition::Yellow),
        ("lights.horn", Condition::Red),
        ("lights.mirrors", Condition::NotApplicable),
    ];
    for (point, condition) in expected {
        assert_eq!(answered(&known, point)?, Some(condition), "{point}");
    }
    for (point, value) in [
        ("arrival.odometer", "45200"),
        ("arrival.windscreen.driver_zone", "0"),
        ("arrival.windscreen.swept_area", "12.5"),
    ] {
        assert_eq!(measured(&known, point)?.as_deref(), Some(value), "{point}");
    }
    let tail = &known.results[&"lights.tail_plate".parse()?];
    assert_eq!(tail.note(), Some("Left lamp is out"));
    assert_eq!(known.state.value, State::InProgress);
    assert_eq!(known.results.len(), 15, "nothing else was answered");

    screen.keys("q")?;
    screen.wait_for("KEY 1")?;
    screen.keys("q")?;
    assert_eq!(screen.ended()?.code(), Some(0));
    screen.is_restored()
}

fn every_section_can_be_filled_in_and_handed_in_by_keyboard(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("ALL 1")?;
    let template = bench.client()?.find(&id.to_string())?.template;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("ALL 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    // “All remaining green” stays in a section where something measured, chosen or signed is left
    // open by it, and goes on to the next where nothing is.
    for section in &template.sections {
        let condition = |point: &Point| matches!(point.kind, Kind::Condition);
        let open = section
            .points
            .iter()
            .filter(|point| condition(point))
            .count();
        if open == 0 {
            screen.keys("\t")?;
            continue;
        }
        screen.keys("a")?;
        screen.wait_for(&format!("{}: set {open} unanswered", section.label))?;
        screen.keys("y")?;
        if open < section.points.len() {
            screen.keys("\t")?;
        }
    }
    bench.settled()?;
    let view = eventually("the sections to be filled in", || {
        let view = bench.client()?.find(&id.to_string())?;
        ensure!(view.counts.green >= 30, "{:?}", view.counts);
        Ok(view)
    })?;
    let by_default = view
        .inspection
        .results
        .values()
        .filter_map(|result| result.answer());
    assert!(by_default.clone().count() >= 30);
    assert!(by_default.into_iter().all(|answer| answer.by_default));
    // Not complete yet, so it cannot be handed in, and the screen says why.
    screen.keys("m")?;
    screen.wait_for("Submit")?;
    screen.wait_for("points are unanswered")?;
    screen.keys("\x1b")?;
    screen.signal(Signal::TERM)?;
    screen.ended()?;
    screen.is_restored()
}

fn a_new_inspection_is_opened_by_keyboard_offline(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("KNOWN 1")?;
    bench.settled()?;
    stack.stop()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("KNOWN 1")?;
    screen.wait_for("offline")?;
    screen.keys("n")?;
    screen.wait_for("New inspection")?;
    screen.keys("KNOWN")?;
    screen.wait_for("▸ car  KNOWN 1")?;
    screen.keys("\r")?;
    // What stands in the form is enough.
    screen.keys("\x13")?;
    screen.wait_for("~")?;
    stack.start()?;
    bench.settled()?;
    let list = bench.json(&["list", "--query", "KNOWN"])?;
    assert_eq!(list["matched"], 2, "{list}");
    screen.signal(Signal::TERM)?;
    screen.ended()?;
    Ok(())
}

/// A bench with its client on the board.
fn on_the_board(stack: &Stack) -> Result<(Device, Screen)> {
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("TERM 1")?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("TERM 1")?;
    Ok((bench, screen))
}

fn the_terminal_is_given_back_on_quit_and_on_a_signal(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, mut screen) = on_the_board(&stack)?;
    screen.keys("q")?;
    assert_eq!(screen.ended()?.code(), Some(0));
    screen.is_restored()?;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut screen = bench.screen(24, 80)?;
        screen.wait_for("TERM 1")?;
        screen.signal(signal)?;
        screen.ended()?;
        screen
            .is_restored()
            .with_context(|| format!("{signal:?}"))?;
    }
    Ok(())
}

fn a_client_whose_terminal_is_gone_ends(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, mut screen) = on_the_board(&stack)?;
    screen.hang_up()?;
    // The daemon is no part of that line.
    bench.client()?.status()?;
    Ok(())
}

fn the_client_survives_the_daemons_restart_and_a_tiny_window(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (mut bench, mut screen) = on_the_board(&stack)?;
    screen.resize(6, 30)?;
    screen.resize(50, 160)?;
    screen.wait_for("TERM 1")?;
    screen.resize(24, 80)?;
    screen.wait_for("TERM 1")?;
    // It starts a daemon where the old one is gone, and shows what changes from now on.
    bench.kill()?;
    bench.new_inspection("TERM 2")?;
    screen.wait_for("TERM 2")?;
    bench.run(&["daemon", "restart"])?.done()?;
    bench.new_inspection("TERM 3")?;
    screen.wait_for("TERM 3")?;
    screen.keys("q")?;
    assert_eq!(screen.ended()?.code(), Some(0));
    Ok(())
}

fn the_client_starts_a_daemon_that_outlives_it(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (mut bench, mut screen) = on_the_board(&stack)?;
    screen.keys("q")?;
    screen.ended()?;
    ensure!(bench.stop()?.success());
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("TERM 1")?;
    let daemon = bench.client()?.pid();
    screen.hang_up()?;
    assert_eq!(
        bench.client()?.pid(),
        daemon,
        "it lives in a session of its own"
    );
    let told = bench.json(&["daemon", "status"])?;
    assert_eq!(told["pid"], daemon);
    bench.run(&["daemon", "stop"])?.done()?;
    bench.run(&["daemon", "status"])?.refused(7)?;
    Ok(())
}

fn an_idle_client_draws_nothing(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, mut screen) = on_the_board(&stack)?;
    bench.settled()?;
    // Whatever was still to be drawn has been drawn once a while has passed without a byte.
    let quiet = eventually("the client to fall silent", || {
        let before = screen.raw().len();
        screen.pause(Duration::from_millis(700));
        ensure!(screen.raw().len() == before, "it draws");
        Ok(before)
    })?;
    screen.pause(Duration::from_secs(2));
    let after = screen.raw().len();
    ensure!(
        after - quiet < 2_000,
        "{} bytes while nothing happened",
        after - quiet
    );
    Ok(())
}

fn opening_an_inspection_writes_nothing(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, mut screen) = on_the_board(&stack)?;
    bench.settled()?;
    let before = bench.client()?.status()?.seq;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("jjkt")?;
    screen.wait_for("created")?;
    screen.keys("qqq")?;
    assert_eq!(screen.ended()?.code(), Some(0));
    let session = stack.session(Role::Viewer)?;
    let events = stack.api()?.copy(&session)?.events;
    assert_eq!(events.last().map(|(seq, _)| *seq), Some(before.0));
    Ok(())
}

fn a_note_that_is_half_typed_survives_the_daemons_death(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (mut bench, mut screen) = on_the_board(&stack)?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("jn")?;
    screen.keys("The plate is")?;
    screen.wait_for("The plate is")?;
    bench.kill()?;
    screen.keys(" riveted")?;
    screen.wait_for("The plate is riveted")?;
    screen.keys("\r")?;
    // The client starts a daemon again by itself.
    let list = bench.json(&["list"])?;
    let id = list["inspections"][0]["id"].as_str().context("no id")?;
    let note = eventually("the note", || {
        let view = bench.client()?.find(id)?;
        let vin = view.inspection.results.get(&"arrival.vin".parse()?);
        let note = vin.and_then(|result| result.note()).map(str::to_owned);
        note.context("no note yet")
    })?;
    assert_eq!(note, "The plate is riveted");
    Ok(())
}

fn who_is_not_signed_in_is_told_how(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = Device::new(stack.ground(), "bench")?;
    bench.start()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("redtag login")?;
    screen.keys("q")?;
    screen.ended()?;
    screen.is_restored()
}
