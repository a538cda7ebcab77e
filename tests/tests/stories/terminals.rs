//! The terminals that people have, what they can and cannot do, and what a person set for theirs.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::harness::{Device, Ground, Screen, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    every_terminal_gets_what_it_can_show,
    without_colour_nothing_is_coloured,
    the_mouse_marks_opens_and_scrolls,
    what_a_person_set_holds_and_what_is_wrong_is_said,
    pasted_text_is_text,
    a_window_may_be_dragged_while_one_types,
    a_key_that_comes_with_a_new_size_is_heard,
    the_palette_finds_what_one_has_no_key_for,
];

fn bench(stack: &Stack) -> Result<Device> {
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("SHOWN 1")?;
    Ok(bench)
}

fn opened(bench: &Device, environment: &[(&str, &str)]) -> Result<Screen> {
    let mut command = bench.command("tui");
    command.envs(environment.iter().copied());
    let mut screen = Screen::open(&command, 24, 80)?;
    screen.wait_for("SHOWN 1")?;
    Ok(screen)
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|it| it == part.as_bytes())
}

fn every_terminal_gets_what_it_can_show(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    for term in [
        "linux",
        "xterm-256color",
        "tmux-256color",
        "screen",
        "xterm-kitty",
        "dumb",
    ] {
        // As over SSH: nothing says which colours there are beyond the name.
        let mut screen = opened(&bench, &[("TERM", term), ("LANG", "C.UTF-8")])?;
        screen.keys("\r")?;
        // The second terminal finds the point at which the first one was.
        screen.wait_for("answered")?;
        screen.keys("\t?")?;
        screen.wait_for("Keys: Inspection")?;
        screen.keys("\x1b")?;
        screen.wait_until("the keys to be gone", |seen| !seen.contains("Keys:"))?;
        let raw = screen.raw().to_vec();
        ensure!(!contains(&raw, "8;2;"), "{term}: all colours, unasked");
        let plain = term == "linux" || term == "dumb";
        ensure!(raw.is_ascii() == plain, "{term}: marks beyond ASCII");
        // GNU screen would keep Esc to itself.
        let mouse = !plain && term != "screen";
        ensure!(contains(&raw, "\x1b[?1000h") == mouse, "{term}: the mouse");
        screen.keys("q")?;
        screen.wait_for("SHOWN 1")?;
        screen.keys("q")?;
        ensure!(screen.ended()?.success(), "{term}");
        screen.is_restored().with_context(|| term.to_owned())?;
    }
    Ok(())
}

/// Whether a style with a colour was written.
fn has_colour(raw: &[u8]) -> bool {
    let text = String::from_utf8_lossy(raw);
    text.split("\x1b[").skip(1).any(|it| {
        let style = it.split_once(|c: char| c.is_ascii_alphabetic());
        let is_style = it
            .find(|c: char| c.is_ascii_alphabetic())
            .map(|at| &it[at..=at])
            == Some("m");
        let codes = style.map_or("", |(codes, _)| codes).split(';');
        is_style
            && codes
                .into_iter()
                .any(|code| code.parse().is_ok_and(|it: u16| it >= 30))
    })
}

fn without_colour_nothing_is_coloured(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    for (environment, coloured) in [
        (("NO_COLOR", "1"), false),
        (("REDTAG_THEME", "mono"), false),
        (("REDTAG_THEME", "high-contrast"), true),
        (("REDTAG_THEME", "light"), true),
        (("REDTAG_THEME", "default"), true),
    ] {
        let mut screen = opened(&bench, &[("TERM", "xterm-256color"), environment])?;
        screen.keys("\r")?;
        screen.wait_for("Odometer")?;
        let raw = screen.raw().to_vec();
        ensure!(has_colour(&raw) == coloured, "{environment:?}");
        screen.keys("qq")?;
        screen.ended()?;
        screen.is_restored()?;
    }
    Ok(())
}

fn the_mouse_marks_opens_and_scrolls(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = opened(&bench, &[])?;
    // The first row of the list: once to mark, once to open.
    let click = "\x1b[<0;10;4M\x1b[<0;10;4m";
    screen.keys(click)?;
    screen.keys(click)?;
    screen.wait_for("Odometer")?;
    // The wheel goes down the points; the first section has fewer than these.
    screen.keys(&"\x1b[<65;40;8M".repeat(3))?;
    screen.wait_for("Headlamps")?;
    screen.keys("\x1b")?;
    // The inspection names the vehicle as well; only the board has tabs.
    screen.wait_for("1 Open")?;
    // A tab.
    screen.keys("\x1b[<0;13;2M\x1b[<0;13;2m")?;
    screen.wait_for("Nothing here")?;
    // The next client begins on the tab where this one was.
    screen.keys("1")?;
    screen.wait_for("SHOWN 1")?;
    screen.keys("q")?;
    screen.ended()?;
    screen.is_restored()?;
    let mut screen = opened(&bench, &[("REDTAG_MOUSE", "off")])?;
    ensure!(!contains(screen.raw(), "?1000h"), "the mouse is off");
    screen.keys("q")?;
    screen.ended()?;
    Ok(())
}

fn what_a_person_set_holds_and_what_is_wrong_is_said(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let path = bench.run(&["config", "path"])?.done()?;
    let path = path.trim();
    ensure!(path.ends_with("client.toml"), "{path}");
    let folder = std::path::Path::new(path).parent().context("no folder")?;
    fs::create_dir_all(folder)?;
    fs::write(
        path,
        "theme = \"mono\"\n[keys.board]\nnew = \"Insert\"\nsync = \"q\"\n",
    )?;
    let said = bench.run(&["config", "check"])?.refused(1)?;
    ensure!(said.contains("client.toml:4:"), "{said}");
    let keys = bench.run(&["config", "keys"])?.done()?;
    ensure!(keys.contains("new = [\"Insert\"]"), "{keys}");
    ensure!(keys.contains("quit = [\"q\"]"), "{keys}");
    let theme = bench.run(&["config", "theme"])?.done()?;
    ensure!(theme.contains("theme = \"mono\""), "{theme}");
    let mut screen = opened(&bench, &[])?;
    screen.wait_for("client.toml:4:")?;
    ensure!(!has_colour(screen.raw()), "the mono theme has no colour");
    screen.keys("n\x1b[2~")?;
    screen.wait_for("New inspection")?;
    screen.keys("\x1b")?;
    screen.wait_for("Insert new")?;
    screen.keys("q")?;
    screen.ended()?;
    screen.is_restored()
}

fn pasted_text_is_text(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = opened(&bench, &[])?;
    // What would leave, were it keys.
    screen.keys("\x1b[200~q\x1b[201~")?;
    screen.wait_for("filter q")?;
    screen.keys("\x1b")?;
    screen.wait_until("no filter", |seen| !seen.contains("filter q"))?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("jn")?;
    screen.wait_for("Esc cancel")?;
    screen.keys("\x1b[200~first\rsecond\x1b]0;owned\x07\x1b[201~")?;
    screen.wait_for("second")?;
    screen.keys(" third\r")?;
    let list = bench.json(&["list"])?;
    let id = list["inspections"][0]["id"].as_str().context("no id")?;
    let note = eventually("the note", || {
        let view = bench.client()?.find(id)?;
        let vin = view.inspection.results.get(&"arrival.vin".parse()?);
        let note = vin.and_then(|result| result.note()).map(str::to_owned);
        note.context("no note yet")
    })?;
    ensure!(note == "first\nsecond third", "{note:?}");
    Ok(())
}

fn a_window_may_be_dragged_while_one_types(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = opened(&bench, &[])?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    for step in 0..40_u16 {
        screen.resize(3 + step * 7 % 50, 10 + step * 31 % 190)?;
        screen.keys(["j", "k", "\t", "?", "\x1b[A"][usize::from(step % 5)])?;
    }
    screen.resize(10, 40)?;
    screen.wait_for("at least 60")?;
    screen.resize(24, 80)?;
    screen.keys("\x1b")?;
    screen.wait_for("SHOWN 1")?;
    Ok(())
}

fn a_key_that_comes_with_a_new_size_is_heard(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = opened(&bench, &[])?;
    for round in 0..100 {
        let (rows, columns) = [(30, 100), (24, 80)][round % 2];
        let (key, seen) = [("?", "Keys:"), ("\x1b", "SHOWN 1")][round % 2];
        screen.resize(rows, columns)?;
        screen.keys(key)?;
        screen
            .wait_for(seen)
            .with_context(|| format!("round {round}"))?;
        screen.wait_until("a line for every row", |shown| {
            shown.lines().count() == usize::from(rows)
        })?;
    }
    Ok(())
}

fn the_palette_finds_what_one_has_no_key_for(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = opened(&bench, &[])?;
    screen.keys(":waits to be sent")?;
    screen.wait_for("what waits to be sent, is on its way")?;
    screen.keys("\r")?;
    screen.wait_for("Outbox")?;
    screen.keys("\x10how things")?;
    screen.wait_for("how things stand")?;
    screen.keys("\r")?;
    screen.wait_for("How things stand")?;
    screen.wait_for("last in step")?;
    Ok(())
}
