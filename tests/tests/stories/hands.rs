//! What reaches the client that no two-handed typist sends: a scanner, a mouse, a terminal that tells
//! more of its keys than was asked; and photos that a shop demands.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{ids::InspectionId, role::Role};
use redtag_tests::harness::{Device, Ground, Screen, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    what_is_scanned_at_once_finds_filters_and_fills_in,
    a_terminal_that_tells_more_of_its_keys_is_understood,
    the_mouse_goes_to_sections_and_takes_what_the_lowest_line_offers,
    photos_that_the_shop_demands_hold_the_work_back,
];

fn bench(stack: &Stack, plate: &str) -> Result<(Device, InspectionId)> {
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("OTHER 1")?;
    let id = bench.new_inspection(plate)?;
    bench.settled()?;
    Ok((bench, id))
}

fn odometer(bench: &Device, id: InspectionId) -> Result<String> {
    eventually("the odometer", || {
        let view = bench.client()?.find(&id.to_string())?;
        let answer = view.inspection.answer(&"arrival.odometer".parse()?);
        let measured = answer.and_then(|it| it.measured()).context("no value")?;
        Ok(measured.value.to_string())
    })
}

fn what_is_scanned_at_once_finds_filters_and_fills_in(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, id) = bench(&stack, "SCAN 2")?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("OTHER 1")?;
    // The filter, the text and Enter come faster than anything is found.
    screen.keys("/SCAN 2\r")?;
    screen.wait_for("Odometer")?;
    screen.wait_for("SCAN 2")?;
    // A caliper or a reader of odometers types as well.
    screen.keys("54321\r")?;
    ensure!(odometer(&bench, id)?.starts_with("54321"), "another value");
    screen.keys("q\x1b")?;
    screen.wait_for("OTHER 1")?;
    screen.keys("nSCAN 2\r")?;
    screen.wait_for("Esc: another")?;
    screen.wait_until("the scanned vehicle", |seen| {
        let mut lines = seen.lines();
        lines.any(|it| it.contains("Vehicle") && it.contains("SCAN 2"))
    })
}

fn a_terminal_that_tells_more_of_its_keys_is_understood(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, id) = bench(&stack, "KITTY 1")?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("KITTY 1")?;
    // As kitty's protocol tells them, left on by another program: down, and that it was let go; a
    // letter with the number lock on; Enter, Escape.
    screen.keys("\x1b[1;1:1B\x1b[1;1:3B\x1b[107;129u\x1b[107;129:3u\x1b[103u\x1b[103;1:3u")?;
    screen.wait_for("Go to")?;
    screen.keys("KITTY1\x1b[13u\x1b[13;1:3u")?;
    screen.wait_for("Odometer")?;
    screen.keys("\x1b[63;2u")?;
    screen.wait_for("Keys: Inspection")?;
    screen.keys("\x1b[27u")?;
    screen.wait_until("the keys to be gone", |seen| !seen.contains("Keys:"))?;
    // The numeric pad: 4, 2, 7, and its own Enter.
    screen.keys("\x1b[57403u\x1b[57401u\x1b[57406u\x1b[57414u")?;
    ensure!(odometer(&bench, id)?.starts_with("427"), "another value");
    screen.keys("\x1b[99;5u")?;
    screen.ended()?;
    screen.is_restored()
}

/// Clicks on the first place where the words stand.
fn click(screen: &mut Screen, words: &str) -> Result<()> {
    screen.wait_for(words)?;
    let seen = screen.contents();
    let found = seen.lines().enumerate().find_map(|(row, line)| {
        let (before, _) = line.split_once(words)?;
        Some((before.chars().count() + 1, row + 1))
    });
    let (column, row) = found.context("it is gone")?;
    screen.keys(&format!("\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"))
}

fn the_mouse_goes_to_sections_and_takes_what_the_lowest_line_offers(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, _) = bench(&stack, "MOUSE 1")?;
    let mut screen = bench.screen(24, 80)?;
    // The first click marks what is not marked, and the lowest line opens it.
    click(&mut screen, "OTHER 1")?;
    click(&mut screen, "Enter open")?;
    screen.wait_for("Odometer")?;
    click(&mut screen, "Esc back")?;
    screen.wait_for("1 Open")?;
    click(&mut screen, "MOUSE 1")?;
    click(&mut screen, "Enter open")?;
    screen.wait_for("Odometer")?;
    click(&mut screen, "Tyres")?;
    screen.wait_for("Tread LF")?;
    click(&mut screen, "n note")?;
    screen.wait_for("Enter save")?;
    screen.keys("seen by hand")?;
    screen.wait_for("seen by hand")?;
    click(&mut screen, "Enter save")?;
    screen.wait_until("the note to be saved", |seen| !seen.contains("Enter save"))?;
    click(&mut screen, "m move")?;
    screen.wait_for("move it on")?;
    click(&mut screen, "Esc cancel")?;
    screen.wait_until("the menu to be gone", |seen| !seen.contains("move it on"))?;
    click(&mut screen, "Esc back")?;
    screen.wait_for("1 Open")?;
    Ok(())
}

fn photos_that_the_shop_demands_hold_the_work_back(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, id) = bench(&stack, "PHOTO 1")?;
    let shop = stack.shop().to_string();
    let demand = ["shop", "settings", "--shop", &shop, "--demand-photos"];
    let told = stack.operator(&[&demand[..], &["on"]].concat(), "")?;
    ensure!(told.contains("must be there"), "{told}");
    bench.sees(id, "photos are demanded", |it| it.settings.demand_photos)?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("PHOTO 1")?;
    screen.keys("gPHOTO1\r")?;
    screen.wait_for("Odometer")?;
    // Whatever it is answered with, a photo belongs to it.
    screen.keys("jg")?;
    screen.wait_for("1 of 64 answered")?;
    screen.keys("m1")?;
    screen.wait_for("Not submitted: something is missing")?;
    screen.wait_for("a photo")?;
    screen.keys("\r")?;
    screen.wait_for("photos cannot be taken in this version yet")?;
    screen.wait_for("VIN verified  2 of 64")?;
    // Where the shop changes its mind, nothing holds the work back.
    stack.operator(&[&demand[..], &["off"]].concat(), "")?;
    screen.wait_for("not demanded")?;
    screen.keys("m1")?;
    screen.wait_for("Submit as it is?")?;
    screen.keys("y")?;
    screen.wait_for("submitted  ·")
}
