//! A kiosk that is reached by SSH: installed, signed in to once, and never thought of again.

use anyhow::{Context as _, Result, ensure};
use redtag_tests::harness::{PASSWORD, Page, code_shown, eventually};
use serde_json::Value;

use crate::{
    Made,
    machine::{Machine, settled},
};

const URL: &str = "http://127.0.0.1:7420";

/// Signs a person in with a code that they type on the API's page, at a machine of their own.
fn sign_in_by_code(machine: &Machine, person: &str, email: &str) -> Result<()> {
    let (mut screen, api) = machine.forwarding(person, &["login", URL])?;
    screen
        .wait_for("Waiting for you")
        .with_context(|| machine.journal("redtagd"))?;
    let shown = screen.contents();
    ensure!(shown.contains(&format!("{URL}/device")), "{shown}");
    let code = code_shown(&shown)?;
    let shops = machine.operator(&["shop", "list", "--json"], "")?;
    let shops: Value = serde_json::from_str(&shops)?;
    let shop = shops[0]["shop"]
        .as_str()
        .with_context(|| format!("no shop in {shops}"))?;
    Page::through(&api, URL, "/device")?.let_in(code, email, PASSWORD, shop)?;
    screen.wait_for("Signed in to Example Motors")?;
    ensure!(screen.ended()?.success(), "{}", screen.contents());
    Ok(())
}

/// Signs a person in with a password, as the README does.
pub(crate) fn sign_in(machine: &Machine, person: &str, email: &str) -> Result<()> {
    let login = ["login", URL, "--email", email, "--password-stdin"];
    let told = machine.redtag(person, &login, PASSWORD)?;
    told.done().with_context(|| machine.journal("redtagd"))?;
    Ok(())
}

/// Makes the key that systemd hands to the service, as the documents say.
pub(crate) fn credential(machine: &Machine) -> Result<()> {
    let steps = "mkdir -p -m 0700 /etc/credstore.encrypted
         head -c 32 /dev/urandom | systemd-creds encrypt --name=redtagd.key - /etc/credstore.encrypted/redtagd.key
         systemctl restart redtagd";
    machine.run(&["sh", "-ec", steps], "")?.done()?;
    Ok(())
}

/// How a point of the only inspection was answered, as a person's bench has it.
fn condition(machine: &Machine, person: &str, point: &str) -> Result<String> {
    let it = machine.json(person, &["show", "1"])?;
    let answer = it["results"][point]["condition"].as_str();
    let answer = answer.with_context(|| format!("no {point} in {it}"))?;
    Ok(answer.to_owned())
}

/// Whether the person is signed in and the line is up.
fn signed_in(machine: &Machine, person: &str, email: &str) -> Result<()> {
    let told = machine.json(person, &["accounts"])?;
    ensure!(told["accounts"][0]["account"] == email, "{told}");
    settled(machine, person)
}

pub(crate) fn story(made: &Made) -> Result<()> {
    let mut machine = Machine::furnished(made, &["ann", "tim"], &[])?;
    for unit in ["redtagd.socket", "redtagd.service", "redtag-server.service"] {
        machine
            .unit(unit, "is-active")
            .with_context(|| machine.journal(unit))?;
        machine.unit(unit, "is-enabled")?;
    }
    credential(&machine)?;
    // Nobody is asked whether a plain file will do.
    sign_in_by_code(&machine, "tim", "tim@example.com")?;
    sign_in(&machine, "ann", "ann@example.com")?;
    let rung = machine.redtag("tim", &["doctor"], "")?;
    ensure!(rung.out.contains("credential"), "{}{}", rung.out, rung.err);

    // An inspection over SSH, by keyboard.
    let new = [
        "new",
        "--template",
        "vehicle-multipoint",
        "--plate",
        "SSH-1",
    ];
    machine.redtag("tim", &new, "")?.done()?;
    let mut screen = machine.screen("tim", 24, 80)?;
    screen.wait_for("SSH-1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("45200\rgyg")?;
    eventually("the last of it to be saved", || {
        let now = condition(&machine, "tim", "arrival.body")?;
        ensure!(now == "green", "{now}");
        Ok(())
    })?;
    screen.wait_for("acknowledged")?;
    screen.keys("q")?;
    screen.wait_for("SSH-1")?;
    screen.keys("q")?;
    ensure!(screen.ended()?.success());
    // Ann's bench, which is another user's on the same machine, has it from the server.
    settled(&machine, "ann")?;
    eventually("the yellow lamp to come to Ann", || {
        let now = condition(&machine, "ann", "arrival.warning_lamps")?;
        ensure!(now == "yellow", "{now}");
        Ok(())
    })?;

    // A morning after an evening: nobody does anything, and all is as it was.
    machine.reboot()?;
    for unit in ["redtagd.service", "redtag-server.service"] {
        machine
            .unit(unit, "is-active")
            .with_context(|| machine.journal(unit))?;
    }
    signed_in(&machine, "tim", "tim@example.com")?;
    signed_in(&machine, "ann", "ann@example.com")?;
    let now = condition(&machine, "tim", "arrival.warning_lamps")?;
    ensure!(now == "yellow", "{now}");

    // The server is away, an edit is saved, and the power goes.
    machine
        .run(&["systemctl", "stop", "redtag-server"], "")?
        .done()?;
    let set = ["set", "1", "lights.headlamps", "--condition", "red"];
    machine.redtag("tim", &set, "")?.done()?;
    machine.power_cut()?;
    signed_in(&machine, "tim", "tim@example.com")?;
    settled(&machine, "ann")?;
    eventually("the red headlamp to come to Ann", || {
        let now = condition(&machine, "ann", "lights.headlamps")?;
        ensure!(now == "red", "{now}");
        Ok(())
    })
}
