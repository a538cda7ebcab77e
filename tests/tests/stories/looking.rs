//! Looking around a shop in a real terminal: what is scanned, who owns what, what is new.

use anyhow::{Context as _, Result};
use redtag_protocol::{grade::Condition, ipc::Request, role::Role};
use redtag_tests::harness::{Ground, Stack, condition, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_scanner_that_types_opens_the_inspection_at_the_bench,
    a_vehicle_and_its_owner_are_written_down_by_keyboard,
    what_another_bench_changed_is_new_until_it_is_looked_at,
];

fn a_scanner_that_types_opens_the_inspection_at_the_bench(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("SCAN-001")?;
    bench.new_inspection("OTHER 2")?;
    bench.settled()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("OTHER 2")?;
    // All at once, as a scanner types; without the dash of the plate.
    screen.keys("gSCAN001\r")?;
    screen.wait_for("Odometer")?;
    screen.wait_for("SCAN-001")?;
    screen.keys("\x07nothing of the sort\r")?;
    screen.wait_for("nothing here is called")?;
    screen.keys("\x03")?;
    assert_eq!(screen.ended()?.code(), Some(0));
    Ok(())
}

fn a_vehicle_and_its_owner_are_written_down_by_keyboard(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("LIKE 10")?;
    bench.settled()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("LIKE 10")?;
    screen.keys("v")?;
    screen.wait_for("Vehicles")?;
    screen.keys("LIKE-1O\x0e")?;
    screen.wait_for("New vehicle")?;
    // O for 0, a dash for a blank: it says what may be the same.
    screen.wait_for("may be the same")?;
    screen.keys("\t1HGCM82633A004352\t")?;
    screen.wait_for("check digit right")?;
    screen.keys("\x13")?;
    screen.wait_for("2003 Honda")?;
    screen.wait_for("the same?")?;
    screen.keys("o")?;
    screen.wait_for("Whose vehicle")?;
    screen.keys("Olga Ownersen\x0e")?;
    screen.wait_for("New customer")?;
    screen.keys("\x13")?;
    screen.wait_for("owner")?;
    screen.wait_for("Olga Ownersen")?;
    bench.settled()?;
    screen.keys("\x03")?;
    screen.ended()?;
    let shown = bench.json(&["vehicle", "1HGCM82633A004352"])?;
    assert_eq!(shown["plate"], "LIKE-1O", "{shown}");
    assert_eq!(shown["make"], "Honda", "{shown}");
    assert_eq!(shown["owners"][0]["name"], "Olga Ownersen", "{shown}");
    assert_eq!(shown["alike"][0]["plate"], "LIKE 10", "{shown}");
    let owner = bench.json(&["customer", "Olga Ownersen"])?;
    assert_eq!(owner["vehicles"][0]["plate"], "LIKE-1O", "{owner}");
    let listed = bench.json(&["vehicles", "LIKE"])?;
    assert_eq!(
        listed["vehicles"].as_array().map(Vec::len),
        Some(2),
        "{listed}"
    );
    Ok(())
}

fn what_another_bench_changed_is_new_until_it_is_looked_at(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("NEWS 1")?;
    bench.settled()?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("NEWS 1")?;
    screen.keys("6")?;
    screen.wait_for("Nobody else has changed anything")?;
    // Somebody else, at another bench.
    let other = stack.bench("other", Role::Dispatcher)?;
    let mut client = other.client()?;
    eventually("the inspection", || {
        client.must(Request::Inspection { id }).map(drop)
    })?;
    client.start(id)?;
    client.save(vec![condition(id, "lights.horn", Condition::Red)?])?;
    // Both of them are here, or the second one would be news after the first was looked at.
    bench.sees(id, "the horn is red", |it| it.counts.red == 1)?;
    screen.wait_for("NEWS 1").with_context(|| bench.log())?;
    screen.wait_for("•")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("q")?;
    screen.wait_until("the mark to be gone", |it| {
        it.contains("NEWS 1") && !it.contains('•')
    })?;
    screen.keys("x")?;
    screen.wait_for("Count everything as looked at?")?;
    screen.keys("y")?;
    screen.wait_for("Nobody else has changed anything")?;
    screen.keys("q")?;
    screen.ended()?;
    // The next shift begins where this one was.
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("Nobody else has changed anything")?;
    screen.keys("q")?;
    screen.ended()?;
    Ok(())
}
