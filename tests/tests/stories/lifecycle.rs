//! Two people and one inspection, by keys alone: handed in, returned with a reason, approved, reopened,
//! given to somebody; two values that met; what waits and another account.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, ids::InspectionId, lifecycle::State, role::Role};
use redtag_tests::harness::{Device, Ground, Proxy, Screen, Stack, condition};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_reason_reaches_whom_it_is_for_and_an_old_revision_is_read,
    two_values_that_met_are_settled_on_the_screen,
    what_waits_and_another_account_are_shown,
];

/// Takes the line of the open menu that begins with these words, by its number.
fn pick(screen: &mut Screen, words: &str) -> Result<()> {
    screen.wait_for(words)?;
    let seen = screen.contents();
    let numbered = |line: &str| {
        let (before, _) = line.split_once(words)?;
        before
            .trim_end()
            .chars()
            .last()
            .filter(char::is_ascii_digit)
    };
    let number = seen.lines().find_map(numbered);
    let number = number.with_context(|| format!("no number before “{words}”:\n{seen}"))?;
    screen.keys(&number.to_string())
}

fn opened(bench: &Device, label: &str) -> Result<Screen> {
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for(label)?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    Ok(screen)
}

fn reaches(bench: &Device, id: InspectionId, state: State) -> Result<()> {
    bench
        .sees(id, &format!("it is {state}"), |it| {
            it.inspection.state.value == state
        })
        .map(drop)
}

fn hand_in(screen: &mut Screen) -> Result<()> {
    screen.keys("m")?;
    pick(screen, "Submit")?;
    screen.wait_for("Submit as it is?")?;
    screen.keys("y")?;
    screen.wait_for("submitted  ·")
}

fn a_reason_reaches_whom_it_is_for_and_an_old_revision_is_read(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let office = stack.bench("office", Role::Owner)?;
    let id = bench.new_inspection("LIFE 1")?;
    bench.settled()?;
    office.sees(id, "the inspection", |_| true)?;
    let mut here = opened(&bench, "LIFE 1")?;
    let mut there = opened(&office, "LIFE 1")?;
    // The odometer, then two conditions.
    here.keys("45200\rgg")?;
    here.wait_for("3 of 64 answered")?;
    hand_in(&mut here)?;

    there.wait_for("submitted  ·")?;
    there.keys("m")?;
    pick(&mut there, "Return")?;
    there.wait_for("Return: why")?;
    there.keys("Measure the rear tyres again\r")?;
    there.wait_for("returned by Test owner: “Measure the rear tyres again”")?;
    here.wait_for("returned by Test owner: “Measure the rear tyres again”")?;
    here.keys("m")?;
    here.wait_for("Resume")?;
    here.keys("\x1b")?;
    here.wait_until("the menu to be gone", |seen| !seen.contains("Resume"))?;
    // The first answer takes the work up again; the reason stays until it is handed in.
    here.keys("y")?;
    here.wait_for("in progress  ·")?;
    here.wait_for("Measure the rear tyres again")?;
    hand_in(&mut here)?;
    here.wait_until("the reason to be gone", |seen| {
        !seen.contains("Measure the")
    })?;

    there.wait_for("4 of 64 answered")?;
    there.wait_for("submitted  ·")?;
    there.keys("m")?;
    pick(&mut there, "Approve")?;
    there.wait_for("approved  ·")?;
    there.keys("m")?;
    pick(&mut there, "Reopen")?;
    there.wait_for("Reopen: why")?;
    there.keys("The brakes again\r")?;
    there.wait_for("revision 1")?;
    there.wait_for("reopened by Test owner: “The brakes again”")?;
    there.keys("h")?;
    there.wait_for("revision 0  as it was, for reading")?;
    there.wait_for("it was approved")?;
    there.keys("\x1b")?;
    there.wait_for("revision 1")?;
    // Whoever only looks is given no work.
    there.keys("e")?;
    pick(&mut there, "Assignee")?;
    there.wait_for("Who does the work")?;
    let seen = there.contents();
    ensure!(!seen.contains("Test viewer"), "{seen}");
    pick(&mut there, "Test dispatcher")?;
    // The rest is cut off at this width.
    there.wait_for("for Test dis")?;
    here.wait_for("for Test dis")?;
    here.keys("m")?;
    here.wait_for("not yours: it is assigned to Test dispatcher")?;
    reaches(&bench, id, State::InProgress)?;
    for screen in [&mut here, &mut there] {
        screen.keys("\x03")?;
        screen.ended()?;
    }
    Ok(())
}

fn two_values_that_met_are_settled_on_the_screen(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let left = stack.bench_at("left", Role::Technician, &line.url())?;
    let right = stack.bench_at("right", Role::Owner, &line.url())?;
    let id = left.new_inspection("MET 1")?;
    left.client()?.start(id)?;
    left.settled()?;
    right.sees(id, "the start", |view| {
        view.inspection.state.writer.seq.is_some() && view.inspection.state.value.takes_edits()
    })?;
    line.cut();
    for (bench, found) in [(&left, Condition::Red), (&right, Condition::Green)] {
        let edit = condition(id, "arrival.vin", found)?;
        bench.client()?.save(vec![edit])?;
    }
    let mut screen = opened(&left, "MET 1")?;
    line.restore();
    left.settled()?;
    right.settled()?;
    // From the timeline, which knows of it once one is back.
    screen.wait_for("1 to settle (!)")?;
    screen.keys("t")?;
    screen.wait_for("Test owner")?;
    screen.keys("!")?;
    screen.wait_for("To settle")?;
    screen.wait_for("2  kept beside it")?;
    screen.keys("2")?;
    screen.wait_for("stands; saved here")?;
    left.settled()?;
    screen.keys("\x1b")?;
    screen.wait_for("settled")?;
    let point = "arrival.vin".parse()?;
    for bench in [&left, &right] {
        bench.sees(id, "green, and nothing to settle", |view| {
            let answer = view.inspection.answer(&point);
            view.inspection.conflicts.is_empty()
                && answer.is_some_and(|it| it.condition == Some(Condition::Green))
        })?;
    }
    screen.keys("\x03")?;
    screen.ended()?;
    Ok(())
}

fn what_waits_and_another_account_are_shown(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("HERE 1")?;
    bench.settled()?;
    let shop = stack.add_shop("Second Garage")?.to_string();
    let url = stack.url();
    let login = [
        "login",
        &url,
        "--email",
        "technician@example.com",
        "--shop",
        &shop,
    ];
    let login = [login.as_slice(), &["--password-stdin"]].concat();
    bench
        .run_with(&login, redtag_tests::harness::PASSWORD)?
        .done()?;
    bench.new_inspection("YONDER 1")?;
    bench.settled()?;
    let mut screen = opened(&bench, "YONDER 1")?;
    ensure!(!screen.contents().contains("HERE 1"), "two shops in one");
    stack.stop()?;
    screen.keys("45200\r")?;
    screen.wait_for("waiting to send")?;
    screen.keys("w")?;
    screen.wait_for("Odometer: 45200 mi")?;
    screen.keys("\x1b")?;
    screen.wait_for("1 of 64 answered")?;
    screen.keys("q")?;
    screen.wait_for("YONDER 1")?;
    screen.keys("a")?;
    pick(&mut screen, "Test Garage")?;
    screen.wait_for("HERE 1")?;
    screen.wait_until("nothing of the other shop", |seen| {
        !seen.contains("YONDER 1")
    })?;
    screen.keys("\x03")?;
    screen.ended()?;
    stack.start()?;
    Ok(())
}
