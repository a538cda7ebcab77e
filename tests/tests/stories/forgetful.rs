//! A machine that forgets its keys when it restarts: the kernel's keyring guards them, and the API keeps a
//! copy.

use std::{fs, process::Command};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, role::Role};
use redtag_tests::harness::{Device, Ground, PASSWORD, Proxy, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    what_was_unsent_survives_a_power_cut_and_arrives,
    each_account_is_opened_by_its_own_person,
    what_the_api_has_no_key_of_stays_as_it_is,
];

const TECHNICIAN: &str = "technician@example.com";
const DISPATCHER: &str = "dispatcher@example.com";

/// What these stories need and this machine has not.
pub(crate) fn missing() -> Option<String> {
    let made = Command::new("keyctl")
        .args(["session", "-", "keyctl", "get_persistent", "@s"])
        .output();
    match made {
        Err(_) => Some("needs keyctl (package keyutils)".to_owned()),
        Ok(out) => (!out.status.success()).then(|| "needs persistent keyrings".to_owned()),
    }
}

/// A bench whose keys are in the kernel's keyring. A home of its own would have them in a file: it finds
/// that another choice was made.
fn forgetful(ground: &Ground) -> Result<Device> {
    let mut bench = Device::new(ground, "bench")?;
    let keys = bench.home().join("state/keys");
    fs::create_dir_all(&keys)?;
    fs::write(keys.join("store.toml"), "rung = \"kernel-keyring\"\n")?;
    bench.start()?;
    Ok(bench)
}

fn sign_in(stack: &Stack, bench: &Device, url: &str, email: &str) -> Result<()> {
    let shop = stack.shop().to_string();
    let login = ["login", url, "--email", email, "--shop", &shop];
    let login = [&login, ["--password-stdin"].as_slice()].concat();
    bench.run_with(&login, PASSWORD)?.done()?;
    Ok(())
}

/// The power goes and comes back.
fn power_cut(bench: &mut Device) -> Result<()> {
    bench.kill()?;
    let script = "ring=$(keyctl get_persistent @s); \
                  keyctl unlink $(keyctl search $ring user \"$1\") $ring";
    let name = format!("redtag:{}", bench.home().join("state").display());
    let out = Command::new("keyctl")
        .args(["session", "-", "sh", "-ec", script, "sh", &name])
        .output()?;
    ensure!(out.status.success(), "{out:?}");
    bench.start()
}

fn what_was_unsent_survives_a_power_cut_and_arrives(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let mut bench = forgetful(ground)?;
    sign_in(&stack, &bench, &line.url(), TECHNICIAN)?;
    let status = bench.run(&["status"])?.done()?;
    ensure!(status.contains("After a restart"), "{status}");
    let id = bench.new_inspection("POWER 1")?;
    bench.client()?.start(id)?;
    bench.settled()?;
    line.cut();
    let set = ["set", &id.to_string(), "lights.horn", "--condition", "red"];
    bench.run(&set)?.done()?;

    power_cut(&mut bench)?;
    line.restore();
    let refused = bench.run(&["list"])?;
    ensure!(refused.code != 0, "{refused:?}");
    ensure!(refused.err.contains("was restarted"), "{refused:?}");
    let accounts = bench.json(&["accounts"])?;
    ensure!(accounts.to_string().contains("was restarted"), "{accounts}");

    // What is on the disk is of no use to somebody else's password.
    let shop = stack.shop().to_string();
    let login = ["login", &line.url(), "--email", TECHNICIAN, "--shop", &shop];
    let login = [&login, ["--password-stdin"].as_slice()].concat();
    let refused = bench.run_with(&login, "not the password")?;
    ensure!(refused.code != 0, "{refused:?}");
    ensure!(bench.run(&["list"])?.code != 0);

    sign_in(&stack, &bench, &line.url(), TECHNICIAN)?;
    let accounts = bench.json(&["accounts"])?;
    let all = accounts["accounts"].as_array();
    ensure!(all.is_some_and(|it| it.len() == 1), "{accounts}");
    let list = bench.run(&["list"])?.done()?;
    ensure!(list.contains("POWER 1"), "{list}");
    bench.settled()?;
    let copy = stack.api()?.copy(&stack.session(Role::Technician)?)?;
    let there = copy.inspection(id)?;
    let answered = there.results.values().filter_map(|it| it.answer());
    let found = answered.map(|it| it.condition).collect::<Vec<_>>();
    ensure!(found == [Some(Condition::Red)], "{found:?}");
    Ok(())
}

fn each_account_is_opened_by_its_own_person(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = forgetful(ground)?;
    let url = stack.url();
    sign_in(&stack, &bench, &url, TECHNICIAN)?;
    sign_in(&stack, &bench, &url, DISPATCHER)?;
    power_cut(&mut bench)?;
    let shut = |bench: &Device| -> Result<usize> {
        let accounts = bench.json(&["accounts"])?;
        Ok(accounts.to_string().matches("was restarted").count())
    };
    ensure!(shut(&bench)? == 2);
    sign_in(&stack, &bench, &url, DISPATCHER)?;
    eventually("one account that is open", || {
        ensure!(shut(&bench)? == 1);
        Ok(())
    })?;
    bench.run(&["list"])?.done()?;
    let refused = bench.run(&["--account", TECHNICIAN, "list"])?;
    ensure!(refused.code != 0, "{refused:?}");
    sign_in(&stack, &bench, &url, TECHNICIAN)?;
    ensure!(shut(&bench)? == 0);
    // Still so after the daemon ended without the power: the kernel has it.
    bench.kill()?;
    bench.start()?;
    ensure!(shut(&bench)? == 0);
    bench.run(&["--account", TECHNICIAN, "list"])?.done()?;
    bench.run(&["--account", DISPATCHER, "list"])?.done()?;
    Ok(())
}

fn what_the_api_has_no_key_of_stays_as_it_is(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    stack.stop()?;
    stack.back_up()?;
    stack.start()?;
    let mut bench = forgetful(ground)?;
    sign_in(&stack, &bench, &stack.url(), TECHNICIAN)?;
    bench.settled()?;
    let before = bench.json(&["accounts"])?["accounts"][0]["account_id"].clone();
    // The API forgets, and the machine does before it hears of that.
    bench.kill()?;
    stack.stop()?;
    stack.put_back()?;
    stack.start()?;
    bench.start()?;
    power_cut(&mut bench)?;

    for _ in 0..2 {
        sign_in(&stack, &bench, &stack.url(), TECHNICIAN)?;
        bench.run(&["list"])?.done()?;
        let accounts = bench.json(&["accounts"])?;
        let all = accounts["accounts"].as_array().cloned().unwrap_or_default();
        ensure!(all.len() == 2, "{accounts}");
        let old = all.iter().find(|it| it["account_id"] == before);
        let old = old.with_context(|| accounts.to_string())?;
        ensure!(old["shut"].is_string(), "{accounts}");
        // Nothing of it was touched: another restart finds the new one's key and not the old one's.
        power_cut(&mut bench)?;
    }
    Ok(())
}
