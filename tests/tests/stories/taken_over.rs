//! What stood on the screen before: nothing of it is left, whatever terminal it is and whatever became
//! of the client that had it.

use std::{fs, process::Command};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::harness::{Device, Ground, Screen, Stack, eventually};
use rustix::process::{Pid, Signal, kill_process};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    nothing_of_an_old_screen_is_left_without_an_alternate_one,
    after_a_client_that_was_killed_the_next_one_starts_clean,
    the_numeric_pad_types_values,
];

const OLD: &str = "OLDTEXT";

/// The client below a shell that has filled the screen and goes on with `after`.
fn below_a_full_screen(bench: &Device, after: &str) -> Result<Screen> {
    let own = bench.command("tui");
    let arguments: Vec<String> = own
        .get_args()
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let client = format!(
        "'{}' {}",
        own.get_program().to_string_lossy(),
        arguments.join(" ")
    );
    let line = format!("{OLD} ").repeat(9);
    // Reverse, a scrolling region and the pad's other mode are left on, as a killed program leaves them.
    let fill = format!(
        "i=0; while [ $i -lt 24 ]; do printf '\\n{line}'; i=$((i+1)); done; \
         printf '\\033[5;9r\\033[7m\\033='; "
    );
    let mut shell = Command::new("/bin/sh");
    let script = format!("{fill}{client}; {}", after.replace("CLIENT", &client));
    shell.arg("-c").arg(script);
    for (name, value) in own.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.env("PATH", "/usr/bin:/bin");
    Screen::open(&shell, 24, 80)
}

fn bench(stack: &Stack) -> Result<Device> {
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("CLEAN 1")?;
    bench.settled()?;
    Ok(bench)
}

/// Nothing old on the board, in an inspection, below its keys.
fn is_clean(screen: &mut Screen) -> Result<()> {
    let clean = |screen: &mut Screen, place: &str| {
        let seen = screen.contents();
        ensure!(!seen.contains("OLD"), "{place}:\n{seen}");
        Ok(())
    };
    screen.wait_for("CLEAN 1")?;
    clean(screen, "the board")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    clean(screen, "the inspection")?;
    screen.keys("?")?;
    screen.wait_for("Keys: Inspection")?;
    clean(screen, "the keys")?;
    screen.keys("\x1b")?;
    screen.wait_until("the keys to be gone", |seen| !seen.contains("Keys: "))
}

fn nothing_of_an_old_screen_is_left_without_an_alternate_one(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = below_a_full_screen(&bench, "echo left it")?;
    screen.has_one_screen();
    is_clean(&mut screen)?;
    // The shell goes on where nothing of the client stands either.
    screen.keys("qq")?;
    screen.wait_for("left it")?;
    screen.ended()?;
    let seen = screen.contents();
    ensure!(seen.trim() == "left it", "{seen}");
    screen.is_restored()
}

fn after_a_client_that_was_killed_the_next_one_starts_clean(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    for one_screen in [false, true] {
        let mut screen = below_a_full_screen(&bench, "echo OLDTOO; CLIENT; echo left it")?;
        if one_screen {
            screen.has_one_screen();
        }
        screen.wait_for("CLEAN 1")?;
        screen.keys("?")?;
        screen.wait_for("Keys: Board")?;
        let of = screen.pid();
        let children = fs::read_to_string(format!("/proc/{of}/task/{of}/children"))?;
        let client = children.split_whitespace().next().context("no client")?;
        let client = Pid::from_raw(client.parse()?).context("no pid")?;
        kill_process(client, Signal::KILL)?;
        eventually("another client", || {
            let children = fs::read_to_string(format!("/proc/{of}/task/{of}/children"))?;
            let next = children.split_whitespace().next().context("none")?;
            ensure!(Pid::from_raw(next.parse()?) != Some(client), "the same");
            Ok(())
        })?;
        screen.wait_until("the keys to be gone", |seen| {
            !seen.contains("Keys: ") && !seen.contains("OLDTOO") && seen.contains("CLEAN 1")
        })?;
        is_clean(&mut screen)?;
        screen.keys("qq")?;
        screen.wait_for("left it")?;
        screen.ended()?;
    }
    Ok(())
}

fn the_numeric_pad_types_values(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    // The pad was left in the mode whose codes no program here can read: it is put back.
    let mut screen = below_a_full_screen(&bench, "true")?;
    screen.wait_for("CLEAN 1")?;
    ensure!(!screen.has_strange_pad(), "the pad sends codes of its own");
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    // Below tmux, the pad's Enter is a line feed.
    screen.keys("45200\n")?;
    screen.wait_for("45200 mi")?;
    screen.wait_for("1 of 64 answered")?;
    screen.wait_for("acknowledged")?;
    bench.settled()?;
    screen.keys("qq")?;
    screen.ended()?;
    Ok(())
}
