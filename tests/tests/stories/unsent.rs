//! What a person does with unsent work and with values that met, from the command line.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, role::Role};
use redtag_tests::harness::{Ground, Proxy, Stack, eventually};
use serde_json::Value;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    what_waits_is_listed_exported_and_taken_over_by_an_owner,
    two_values_are_listed_and_one_is_chosen,
    signing_out_keeps_unsent_work_in_a_file_first,
];

const PASSPHRASE: &str = "a passphrase for the file";

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn what_waits_is_listed_exported_and_taken_over_by_an_owner(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let owner = stack.bench("owner", Role::Owner)?;
    let id = bench.new_inspection("UNSENT 1")?;
    bench.settled()?;
    owner.sees(id, "the inspection", |_| true)?;
    line.cut();
    let ticket = id.to_string();
    bench
        .run(&["set", &ticket, "lights.horn", "--condition", "red"])?
        .done()?;
    let outbox = bench.json(&["outbox"])?;
    // The start of the work, and the answer, in one stroke.
    ensure!(count(&outbox["edits"]) == 2, "{outbox}");
    let last = &outbox["edits"][1];
    ensure!(last["field"] == "answer:lights.horn", "{outbox}");
    ensure!(last["state"] == "waiting", "{outbox}");
    ensure!(outbox["waiting_since"].is_string(), "{outbox}");
    let number = last["number"].to_string();
    let words = bench.run(&["outbox", "show", &number])?.done()?;
    ensure!(words.contains("lights.horn"), "{words}");
    // What waits is not for a person to give up.
    bench.run(&["outbox", "discard", &number])?.refused(1)?;

    let file = bench.home().join("work.age");
    let path = file.to_str().context("a path that is no text")?;
    bench
        .run_with(
            &["outbox", "export", path, "--passphrase-stdin"],
            PASSPHRASE,
        )?
        .done()?;
    let text = fs::read_to_string(&file)?;
    ensure!(text.starts_with("-----BEGIN AGE"), "{text}");
    ensure!(!text.contains("lights.horn"), "it is not encrypted");
    owner
        .run_with(&["outbox", "adopt", path, "--passphrase-stdin"], "another")?
        .refused(1)?;
    let adopt = ["outbox", "adopt", path, "--passphrase-stdin", "--json"];
    let told: Value = serde_json::from_str(&owner.run_with(&adopt, PASSPHRASE)?.done()?)?;
    ensure!(told["saved"] == 2, "{told}");
    owner.settled()?;
    let again: Value = serde_json::from_str(&owner.run_with(&adopt, PASSPHRASE)?.done()?)?;
    ensure!(again["saved"] == 0 && again["known"] == 2, "{again}");

    // Its author comes back with the same work: nothing is lost, and nothing is asked.
    line.restore();
    bench.settled()?;
    for device in [&bench, &owner] {
        device.sees(id, "the answer", |view| view.counts.red == 1)?;
    }
    Ok(())
}

fn two_values_are_listed_and_one_is_chosen(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let left = stack.bench_at("left", Role::Technician, &line.url())?;
    let right = stack.bench_at("right", Role::Owner, &line.url())?;
    let id = left.new_inspection("UNSENT 2")?;
    left.client()?.start(id)?;
    left.settled()?;
    right.sees(id, "the start", |view| {
        view.inspection.state.writer.seq.is_some() && view.inspection.state.value.takes_edits()
    })?;
    line.cut();
    let ticket = id.to_string();
    for (bench, condition) in [(&left, "red"), (&right, "green")] {
        bench
            .run(&["set", &ticket, "lights.horn", "--condition", condition])?
            .done()?;
    }
    line.restore();
    left.settled()?;
    right.settled()?;
    eventually("the conflict is listed on both benches", || {
        for bench in [&left, &right] {
            let listed = bench.json(&["conflicts"])?;
            ensure!(count(&listed["conflicts"]) == 1, "{listed}");
        }
        Ok(())
    })?;
    let shown = left.json(&["conflicts", "show", &ticket, "lights.horn"])?;
    let sides = &shown["conflicts"][0]["sides"];
    ensure!(count(sides) == 2, "{shown}");
    ensure!(sides[0]["stands"] == true && sides[1]["stands"] == false);
    ensure!(sides[0]["own"] == true, "red is the left bench's: {shown}");
    left.run(&["conflicts", "settle", &ticket, "lights.horn"])?
        .refused(2)?;
    let settle = [
        "conflicts",
        "settle",
        &ticket,
        "lights.horn",
        "--take",
        "theirs",
    ];
    left.run(&settle)?.done()?;
    left.settled()?;
    for bench in [&left, &right] {
        let point = "lights.horn".parse()?;
        bench.sees(id, "green, and nothing to settle", |view| {
            let answer = view.inspection.answer(&point);
            view.inspection.conflicts.is_empty()
                && answer.is_some_and(|it| it.condition == Some(Condition::Green))
        })?;
        ensure!(bench.client()?.status()?.conflicts == 0);
    }
    left.run(&settle)?.refused(1)?;
    Ok(())
}

fn signing_out_keeps_unsent_work_in_a_file_first(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("UNSENT 3")?;
    bench.settled()?;
    stack.stop()?;
    let ticket = id.to_string();
    bench
        .run(&["set", &ticket, "lights.horn", "--condition", "red"])?
        .done()?;
    let words = bench.run(&["logout"])?.refused(1)?;
    ensure!(words.contains("--export"), "{words}");
    let file = bench.home().join("work.json");
    let path = file.to_str().context("a path that is no text")?;
    bench
        .run(&["logout", "--export", path, "--plain"])?
        .done()?;
    ensure!(fs::read_to_string(&file)?.contains("lights.horn"));
    bench.run(&["list"])?.refused(3)?;
    Ok(())
}
