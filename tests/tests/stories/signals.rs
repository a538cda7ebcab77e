//! The terminal is given back, and the client is gone or asleep, whatever befalls it.

use std::{fs, process::Command};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::harness::{Device, Ground, Screen, Stack, eventually};
use rustix::process::{Pid, Signal, kill_process};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_panic_in_any_thread_gives_the_terminal_back,
    a_client_that_sleeps_for_its_shell_does_nothing,
    a_client_without_a_shell_does_not_fall_asleep_for_ever,
    a_client_sleeps_and_wakes_with_its_editor,
    a_client_that_is_woken_draws_everything_anew,
    a_client_ends_when_its_shell_and_its_line_are_gone,
    a_client_whose_terminal_is_stuck_can_be_ended,
];

fn bench(stack: &Stack) -> Result<Device> {
    let bench = stack.bench("bench", Role::Technician)?;
    bench.new_inspection("SIGNAL 1")?;
    Ok(bench)
}

fn a_panic_in_any_thread_gives_the_terminal_back(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    for place in ["loop", "task", "thread", "blocking"] {
        let mut command = bench.command("tui");
        command.env("REDTAG_TEST_PANIC", place);
        let mut screen = Screen::open(&command, 24, 80)?;
        screen.wait_for("SIGNAL 1")?;
        screen.signal(Signal::USR1)?;
        let ended = screen.ended().with_context(|| place.to_owned())?;
        ensure!(ended.code() == Some(101), "{place}: {ended:?}");
        screen.is_restored().with_context(|| place.to_owned())?;
        let said = String::from_utf8_lossy(screen.raw()).into_owned();
        let (_, after) = said.rsplit_once("\x1b[?1049l").context("still there")?;
        ensure!(after.contains("a test struck"), "{place}: {after}");
    }
    Ok(())
}

/// What the kernel says that a process is doing: `S` sleeping, `T` stopped, `R` running.
fn doing(pid: u32) -> Result<char> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, after) = stat.rsplit_once(") ").context("no stat")?;
    after.chars().next().context("no state")
}

/// Nanoseconds of work of all threads of a process.
fn worked(pid: u32) -> Result<u64> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let first = text.split_whitespace().next().context("no schedstat")?;
        nanos += first.parse::<u64>()?;
    }
    Ok(nanos)
}

/// The client below a shell that knows job control, and its process.
fn below_a_shell(bench: &Device) -> Result<(Screen, u32)> {
    below_a_shell_with(&bench.command("tui"))
}

fn below_a_shell_with(own: &Command) -> Result<(Screen, u32)> {
    let arguments = own.get_args().map(|it| it.to_string_lossy().into_owned());
    let arguments: Vec<String> = arguments.collect();
    let mut shell = Command::new("/bin/sh");
    shell.arg("-m").arg("-c").arg(format!(
        "'{}' {}; echo fell asleep; read line; fg; echo went on",
        own.get_program().to_string_lossy(),
        arguments.join(" ")
    ));
    for (name, value) in own.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    shell.env("PATH", "/usr/bin:/bin");
    let mut screen = Screen::open(&shell, 24, 80)?;
    screen.wait_for("SIGNAL 1")?;
    let of = screen.pid();
    let children = fs::read_to_string(format!("/proc/{of}/task/{of}/children"))?;
    let child = children.split_whitespace().next().context("no client")?;
    Ok((screen, child.parse()?))
}

fn a_client_that_sleeps_for_its_shell_does_nothing(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    for by_key in [true, false] {
        let (mut screen, client) = below_a_shell(&bench)?;
        if by_key {
            screen.keys("\x1a")?;
        } else {
            let pid = Pid::from_raw(i32::try_from(client)?).context("no pid")?;
            kill_process(pid, Signal::TSTP)?;
        }
        screen.wait_for("fell asleep")?;
        eventually("the client to be stopped", || {
            ensure!(doing(client)? == 'T', "it is not");
            Ok(())
        })?;
        screen.is_restored()?;
        let before = worked(client)?;
        screen.pause(std::time::Duration::from_millis(300));
        ensure!(worked(client)? == before, "it works while it is stopped");
        screen.keys("\n")?;
        screen.wait_for("SIGNAL 1")?;
        screen.keys("?")?;
        screen.wait_for("Keys: Board")?;
        screen.keys("\x1b")?;
        screen.wait_until("the keys to be gone", |seen| !seen.contains("Keys: Board"))?;
        screen.keys("q")?;
        screen.wait_for("went on")?;
        screen.ended()?;
        screen.is_restored()?;
    }
    Ok(())
}

fn a_client_sleeps_and_wakes_with_its_editor(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Dispatcher)?;
    bench.new_inspection("SIGNAL 1")?;
    bench.settled()?;
    let editor = ground.path().join("editor");
    fs::write(
        &editor,
        "echo EDITOR HAS IT\nread -r what\necho EDITOR READ $what\n",
    )?;
    let mut own = bench.command("tui");
    own.env("EDITOR", format!("sh {}", editor.display()));
    let (mut screen, client) = below_a_shell_with(&own)?;
    screen.keys("t")?;
    screen.wait_for("bicycle-service")?;
    screen.keys("e")?;
    screen.wait_for("EDITOR HAS IT")?;
    // The terminal tells the editor and the client alike.
    screen.keys("\x1a")?;
    screen.wait_for("fell asleep")?;
    eventually("the client to be stopped", || {
        ensure!(doing(client)? == 'T', "it is not");
        Ok(())
    })?;
    screen.is_restored()?;
    screen.keys("\n")?;
    eventually("the client to be awake", || {
        ensure!(doing(client)? != 'T', "it is not");
        Ok(())
    })?;
    screen.keys("again\n")?;
    screen.wait_for("nothing changed")?;
    screen.keys("\x1bq")?;
    screen.wait_for("went on")?;
    screen.ended()?;
    screen.is_restored()
}

fn a_client_without_a_shell_does_not_fall_asleep_for_ever(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    // As on a kiosk, or by `ssh host redtag`: nobody could wake it.
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("SIGNAL 1")?;
    screen.keys("\x1a")?;
    screen.wait_for("no shell waits here")?;
    screen.signal(Signal::TSTP)?;
    screen.keys("?")?;
    screen.wait_for("Keys: Board")?;
    Ok(())
}

fn a_client_that_is_woken_draws_everything_anew(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("SIGNAL 1")?;
    bench.settled()?;
    // Somebody stops it hard, something else writes over the terminal, somebody wakes it.
    screen.signal(Signal::STOP)?;
    let client = screen.pid();
    eventually("the client to be stopped", || {
        ensure!(doing(client)? == 'T', "it is not");
        Ok(())
    })?;
    let before = screen.raw().len();
    screen.signal(Signal::CONT)?;
    eventually("the screen to be drawn anew", || {
        let anew = String::from_utf8_lossy(&screen.raw()[before..]).into_owned();
        ensure!(anew.contains("SIGNAL 1"), "{anew:?}");
        Ok(())
    })?;
    screen.keys("q")?;
    screen.ended()?;
    screen.is_restored()
}

fn a_client_ends_when_its_shell_and_its_line_are_gone(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let (mut screen, client) = below_a_shell(&bench)?;
    screen.hang_up()?;
    eventually("the client to be gone", || {
        let there = fs::exists(format!("/proc/{client}/schedstat"))?;
        ensure!(!there || doing(client)? == 'Z', "it still runs");
        Ok(())
    })?;
    bench.client()?.status()?;
    Ok(())
}

fn a_client_whose_terminal_is_stuck_can_be_ended(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = bench(&stack)?;
    let mut screen = bench.screen(50, 200)?;
    screen.wait_for("SIGNAL 1")?;
    screen.deafen();
    let client = screen.pid();
    // Whole frames, until the terminal has no room for another and the client waits in the middle of one.
    let (mut last, mut still) = (0, 0);
    eventually("the client to be held by its terminal", || {
        screen.keys("\x0c\x0c")?;
        // Only the loop's own thread: another one goes on taking keys.
        let own = fs::read_to_string(format!("/proc/{client}/task/{client}/schedstat"))?;
        let now = own
            .split_whitespace()
            .next()
            .context("no schedstat")?
            .parse::<u64>()?;
        still = if now == last { still + 1 } else { 0 };
        last = now;
        ensure!(still > 20, "it still draws");
        Ok(())
    })?;
    screen.signal(Signal::TERM)?;
    screen.ended()?;
    Ok(())
}
