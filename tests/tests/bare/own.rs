//! A person who is not in the group `redtag` keeps a daemon of their own, as a unit of their systemd.

use anyhow::{Context as _, Result, ensure};
use redtag_tests::harness::{PASSWORD, eventually};

use crate::{Made, machine::Machine};

/// The process id of the person's daemon, which no SSH session holds.
fn daemon(machine: &Machine, person: &str) -> Result<String> {
    let found = machine.run(&["pgrep", "--exact", "-u", person, "redtagd"], "")?;
    let found = found.out.trim().to_owned();
    ensure!(!found.is_empty() && !found.contains('\n'), "{found:?}");
    Ok(found)
}

pub(crate) fn story(made: &Made) -> Result<()> {
    let mut machine = Machine::furnished(made, &[], &["una"])?;
    let login = [
        "login",
        "http://127.0.0.1:7420",
        "--email",
        "tim@example.com",
        "--password-stdin",
        "--insecure-storage",
    ];
    machine.redtag("una", &login, PASSWORD)?.done()?;
    let told = machine.redtag("una", &["daemon", "install"], "")?.done()?;
    // Here nobody may keep a session for themselves without the administrator; the words say how.
    ensure!(told.contains("runs under systemd"), "{told}");
    ensure!(told.contains("loginctl enable-linger"), "{told}");
    machine
        .run(&["loginctl", "enable-linger", "una"], "")?
        .done()?;
    // The package's own units are taken; nothing is written into the home.
    ensure!(!machine.has("/home/una/.config/systemd/user/redtagd.service"));
    machine
        .by_ssh("una", &["systemctl", "--user", "is-active", "redtagd"], "")?
        .done()?;
    eventually("a daemon after the last session", || {
        daemon(&machine, "una")
    })?;

    // The machine starts again, and so does the daemon, before anybody comes.
    machine.reboot()?;
    eventually("the daemon of a person who is away", || {
        daemon(&machine, "una")
    })?;
    let told = machine.json("una", &["accounts"])?;
    ensure!(
        told["accounts"][0]["account"] == "tim@example.com",
        "{told}"
    );
    machine.redtag("una", &["sync", "--wait"], "")?.done()?;
    let log = machine.redtag("una", &["daemon", "logs"], "")?.done()?;
    ensure!(log.contains("redtagd runs"), "{log}");

    // The system's daemon is not hers, and she is told nothing of it.
    machine
        .unit("redtagd.socket", "is-active")
        .with_context(|| machine.journal("redtagd"))
}
