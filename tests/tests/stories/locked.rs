//! A bench that several people use: PINs, the lock and its daemon.

use anyhow::{Result, ensure};
use redtag_protocol::{
    ipc::{FailureCode, Request},
    role::Role,
};
use redtag_tests::harness::{Device, Ground, PASSWORD, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_locked_client_shows_nothing_and_keeps_what_was_typed,
    no_command_walks_around_the_lock,
    nobody_is_there_and_the_client_locks_itself,
    two_people_share_a_bench,
];

const PIN: &str = "4711";

/// Gives the bench's account a PIN.
fn guard(bench: &Device) -> Result<()> {
    bench
        .run_with(&["pin", "set", "--stdin"], &format!("{PIN}\n"))?
        .done()?;
    Ok(())
}

fn a_locked_client_shows_nothing_and_keeps_what_was_typed(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("LOCK 1")?;
    bench.client()?.start(id)?;
    guard(&bench)?;

    // The client is met with the door, and the PIN opens it.
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("PIN")?;
    ensure!(
        !screen.contents().contains("LOCK 1"),
        "{}",
        screen.contents()
    );
    screen.keys("4711\r")?;
    screen.wait_for("LOCK 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("\tn")?;
    screen.wait_for("Note:")?;
    screen.keys("left lamp is o")?;
    screen.wait_for("left lamp is o")?;

    // F4 locks at once; wrong PINs are counted, the sixth try waits.
    screen.keys("\x1bOS")?;
    screen.wait_for("Locked")?;
    for gone in ["lamp", "LOCK 1", "Odometer", "Note"] {
        ensure!(!screen.contents().contains(gone), "{}", screen.contents());
    }
    for left in ["9 tries", "8 tries", "7 tries", "6 tries", "5 tries"] {
        screen.keys("0000\r")?;
        screen.wait_for(left)?;
    }
    screen.keys("4711\r")?;
    screen.wait_for("seconds")?;
    ensure!(!screen.contents().contains("lamp"), "{}", screen.contents());

    // Nothing of it is forgotten with the daemon: neither the lock nor the tries, nor what was typed.
    // The client starts another one by itself.
    bench.kill()?;
    let account = bench.json(&["pin", "status"])?;
    assert_eq!(account["lock"], "waiting", "{account}");
    ensure!(!screen.contents().contains("lamp"), "{}", screen.contents());
    // The pause is half a minute; a full sign-in outranks it.
    sign_in(&stack, &bench, "technician@example.com", &["--forget-pin"])?;
    screen.wait_for("left lamp is o")?;
    screen.keys("ut\r")?;
    bench.sees(id, "the note", |view| {
        let notes = view.inspection.results.values();
        notes
            .filter_map(|it| it.note())
            .any(|it| it == "left lamp is out")
    })?;
    Ok(())
}

fn sign_in(stack: &Stack, bench: &Device, email: &str, more: &[&str]) -> Result<()> {
    let (url, shop) = (stack.url(), stack.shop().to_string());
    let login = ["login", &url, "--email", email, "--shop", &shop];
    let login = [&login, ["--password-stdin"].as_slice(), more].concat();
    bench.run_with(&login, PASSWORD)?.done()?;
    Ok(())
}

fn no_command_walks_around_the_lock(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("LOCK 2")?.to_string();
    bench.settled()?;
    guard(&bench)?;
    for round in 0..2 {
        for command in [
            vec!["list"],
            vec!["show", &id],
            vec!["timeline", &id],
            vec!["vehicles"],
            vec!["vehicle", "LOCK 2"],
            vec!["customers"],
            vec!["customer", "Test Customer"],
            vec!["new", "--template", "vehicle-multipoint", "--plate", "X"],
            vec!["set", &id, "lights.horn", "--condition", "red"],
            vec!["move", &id, "start"],
            vec!["delete", &id],
            vec!["merge", "--vehicle", "LOCK 2", "--into", "X"],
            vec!["erase", "Test Customer"],
            vec!["outbox"],
            vec!["outbox", "show", "1"],
            vec!["outbox", "retry", "1"],
            vec!["outbox", "discard", "1"],
            vec!["outbox", "export", "work.age", "--plain"],
            vec!["conflicts"],
            vec!["sync"],
            vec!["sync", "--wait"],
            vec!["logout"],
            vec!["logout", "--discard"],
            vec!["pin", "set", "--stdin"],
            vec!["pin", "remove"],
            vec!["use", "technician@example.com"],
        ] {
            let refused = bench.run_with(&command, "1234\n")?;
            ensure!(refused.code == 6, "{round} {command:?}: {refused:?}");
            ensure!(refused.out.is_empty(), "{command:?}: {refused:?}");
            ensure!(refused.err.contains("PIN"), "{command:?}: {refused:?}");
        }
        // What tells nothing of the shop's work is answered.
        let status = bench.run(&["status"])?.done()?;
        ensure!(status.contains("locked"), "{status}");
        ensure!(!status.contains("documents"), "{status}");
        bench.run(&["accounts"])?.done()?;
        bench.run(&["daemon", "status"])?.done()?;
        // Nor does another daemon.
        bench.kill()?;
        bench.start()?;
    }
    // With the PIN each of them is what it was, and the wrong one opens nothing.
    let list = bench.run_with(&["--pin-stdin", "list"], "4711\n")?.done()?;
    ensure!(list.contains("LOCK 2"), "{list}");
    bench
        .run_with(&["--pin-stdin", "list"], "4712\n")?
        .refused(6)?;
    bench
        .run_with(&["--pin-stdin", "pin", "set", "--stdin"], "4711\n2468\n")?
        .done()?;
    bench
        .run_with(&["--pin-stdin", "list"], "4711\n")?
        .refused(6)?;
    bench
        .run_with(&["--pin-stdin", "pin", "remove"], "2468\n")?
        .done()?;
    bench.run(&["list"])?.done()?;
    Ok(())
}

fn nobody_is_there_and_the_client_locks_itself(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("LOCK 3")?;
    bench.settled()?;
    guard(&bench)?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("PIN")?;
    screen.keys("4711\r")?;
    screen.wait_for("LOCK 3")?;
    // A changed file is taken up at once, so a shorter time is.
    let config = bench.home().join("config/config.toml");
    std::fs::write(&config, "[lock]\nidle_seconds = 1\n")?;
    screen.wait_for("Locked")?;
    ensure!(
        !screen.contents().contains("LOCK 3"),
        "{}",
        screen.contents()
    );
    // The daemon has locked it, not the client alone.
    let mut raw = bench.client()?;
    let refused = raw.ask(Request::Members)?;
    ensure!(
        refused.is_err_and(|it| it.code == FailureCode::Locked),
        "a new connection is open"
    );
    Ok(())
}

fn two_people_share_a_bench(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("LOCK 4")?;
    bench.settled()?;
    guard(&bench)?;
    sign_in(&stack, &bench, "dispatcher@example.com", &[])?;
    bench
        .run_with(&["pin", "set", "--stdin"], "2468\n")?
        .done()?;

    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("dispatcher@example.com")?;
    screen.wait_for("technician@example.com")?;
    // One's own PIN opens one's own account, and no other.
    screen.keys("4711\r")?;
    screen.wait_for("not the PIN")?;
    screen.keys("2468\r")?;
    screen.wait_for("LOCK 4")?;
    // On the board: another account, with its PIN.
    screen.keys("a")?;
    screen.wait_for("technician@example.com")?;
    let shown = screen.contents();
    let first = shown.find("technician@") < shown.find("dispatcher@");
    screen.keys(if first { "1" } else { "2" })?;
    screen.wait_for("PIN")?;
    screen.keys("4711\r")?;
    eventually("the technician's account to be the default", || {
        let accounts = bench.json(&["accounts"])?;
        let all = accounts["accounts"].as_array().cloned().unwrap_or_default();
        let default = all.iter().find(|it| it["default"] == true);
        ensure!(
            default.is_some_and(|it| it["account"] == "technician@example.com"),
            "{accounts}"
        );
        Ok(())
    })?;
    screen.wait_for("LOCK 4")?;
    Ok(())
}
