//! What the packages do to configuration and work when they are upgraded, removed and purged.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use redtag_tests::harness::eventually;

use crate::{
    Made,
    living::{credential, sign_in},
    machine::{Machine, settled},
};

const CONFIG: &str = "/etc/redtag/config.toml";
const OPTIONS: &str = "/etc/default/redtag-server";

fn apt(machine: &Machine, action: &str) -> Result<String> {
    let told = machine.run(&["apt-get", action, "--yes", "redtag", "redtag-server"], "")?;
    let all = told.out.clone() + &told.err;
    told.done()?;
    Ok(all)
}

fn version(machine: &Machine) -> Result<String> {
    let told = machine.run(
        &["dpkg-query", "--show", "--showformat=${Version}", "redtag"],
        "",
    )?;
    told.done()
}

fn first_process(machine: &Machine) -> Result<String> {
    let told = machine.run(&["systemctl", "show", "--property=MainPID", "redtagd"], "")?;
    told.done()
}

fn appended(machine: &Machine, path: &str, line: &str) -> Result<String> {
    let file = machine.root().join(&path[1..]);
    let text = fs::read_to_string(&file)? + line;
    fs::write(&file, &text)?;
    Ok(text)
}

fn read(machine: &Machine, path: &str) -> Result<String> {
    fs::read_to_string(machine.root().join(&path[1..])).with_context(|| path.to_owned())
}

fn still_signed_in(machine: &Machine) -> Result<()> {
    eventually("the account to be there and its line up", || {
        let told = machine.json("tim", &["accounts"])?;
        ensure!(
            told["accounts"][0]["account"] == "tim@example.com",
            "{told}"
        );
        Ok(())
    })?;
    settled(machine, "tim")
}

pub(crate) fn story(made: &Made) -> Result<()> {
    let machine = Machine::furnished(made, &["tim"], &[])?;
    credential(&machine)?;
    sign_in(&machine, "tim", "tim@example.com")?;

    // An upgrade keeps what the administrator wrote, and runs the new programs.
    let config = appended(&machine, CONFIG, "\n[sync]\npull_seconds = 61\n")?;
    let options = appended(&machine, OPTIONS, "\n# ours\n")?;
    let (old, before) = (version(&machine)?, first_process(&machine)?);
    machine.install(&made.packages.join("next"))?;
    ensure!(version(&machine)? != old, "{old}");
    ensure!(
        first_process(&machine)? != before,
        "the daemon was not restarted"
    );
    ensure!(read(&machine, CONFIG)? == config);
    ensure!(read(&machine, OPTIONS)? == options);
    still_signed_in(&machine)?;
    let told = machine
        .redtag("tim", &["config", "show", "--origin"], "")?
        .done()?;
    let line = told.lines().find(|line| line.contains("pull_seconds"));
    ensure!(
        line.is_some_and(|it| it.contains("61") && it.contains(CONFIG)),
        "{told}"
    );

    // A unit that the administrator switched off stays off.
    machine
        .run(&["systemctl", "disable", "--now", "redtag-server"], "")?
        .done()?;
    machine.install(&made.packages)?;
    ensure!(machine.unit("redtag-server", "is-active").is_err());
    machine
        .run(&["systemctl", "enable", "--now", "redtag-server"], "")?
        .done()?;

    // A removal takes the programs and nothing else.
    apt(&machine, "remove")?;
    for gone in [
        "/usr/bin/redtag",
        "/usr/bin/redtagd",
        "/usr/bin/redtag-server",
        "/run/redtag/daemon.sock",
    ] {
        ensure!(!machine.has(gone), "{gone} is still there");
    }
    ensure!(read(&machine, CONFIG)? == config);
    machine.install(&made.packages)?;
    still_signed_in(&machine)?;

    // A purge takes the configuration, and says which work it left.
    let told = apt(&machine, "purge")?;
    for left in ["/var/lib/redtag is left", "/var/lib/redtag-server is left"] {
        ensure!(told.contains(left), "{told}");
    }
    for gone in [CONFIG, OPTIONS] {
        ensure!(!machine.has(gone), "{gone} is still there");
    }
    machine.install(&made.packages)?;
    still_signed_in(&machine)?;

    // Where everybody has signed out, nothing of the bench is left; shops always are.
    machine.redtag("tim", &["logout"], "")?.done()?;
    let told = apt(&machine, "purge")?;
    ensure!(!told.contains("/var/lib/redtag is left"), "{told}");
    for gone in ["/var/lib/redtag", "/var/cache/redtag", "/run/redtag"] {
        ensure!(!machine.has(gone), "{gone} is still there");
    }
    ensure!(machine.has("/var/lib/redtag-server/control.db"));
    let links = machine.run(
        &[
            "find",
            "/etc/systemd",
            "/var/lib/systemd/deb-systemd-helper-enabled",
            "-name",
            "redtag*",
        ],
        "",
    )?;
    ensure!(links.out.trim().is_empty(), "{}", links.out);
    Ok(())
}
