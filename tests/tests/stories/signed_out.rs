//! A sign-in that has ended blocks no work and loses none.

use std::thread;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, ipc::Connection, role::Role};
use redtag_tests::harness::{Ground, PASSWORD, Proxy, Stack, condition, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    edits_queue_while_signed_out_and_go_out_after_the_next_sign_in,
    a_membership_that_ended_is_told_and_the_owner_takes_over_what_was_sealed,
    who_waits_while_the_membership_ends_is_told_so,
];

fn edits_queue_while_signed_out_and_go_out_after_the_next_sign_in(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("EXPIRED 1")?;
    bench.client()?.start(id)?;
    bench.settled()?;

    // A password that was replaced ends the sign-ins that were made with the old one.
    let shop = stack.shop().to_string();
    let email = "technician@example.com";
    let mut add = vec!["member", "add", "--shop", &shop, "--email", email];
    add.extend([
        "--name",
        "Test technician",
        "--role",
        "technician",
        "--password-stdin",
    ]);
    stack.operator(&add, "another password, and a long one")?;
    // The access token lives for minutes; the restart makes the daemon ask for a new one.
    ensure!(bench.stop()?.success());
    bench.start()?;
    let status = eventually("the bench to know that it is signed out", || {
        let status = bench.client()?.status()?;
        let out = matches!(status.connection, Connection::SignedOut { .. });
        ensure!(out, "{:?}", status.connection);
        Ok(status)
    });
    status.with_context(|| bench.log())?;

    // Work goes on.
    let ticket = id.to_string();
    bench.json(&["set", &ticket, "lights.horn", "--condition", "red"])?;
    bench
        .client()?
        .save(vec![condition(id, "lights.wipers", Condition::Yellow)?])?;
    let status = bench.json(&["status"])?;
    assert_eq!(status["connection"], "signed_out", "{status}");
    assert_eq!(status["waiting"], 2, "{status}");
    let words = bench.run(&["sync", "--wait"])?.refused(3)?;
    assert!(words.contains("sign in again"), "{words}");
    // Signing out now would lose them, so it is refused.
    bench.run(&["logout"])?.refused(1)?;

    let url = stack.url();
    let login = [
        "login",
        &url,
        "--email",
        email,
        "--shop",
        &shop,
        "--password-stdin",
    ];
    bench.run_with(&login, PASSWORD)?.refused(1)?;
    bench
        .run_with(&login, "another password, and a long one")?
        .done()?;
    bench.settled()?;
    let session = stack.session(Role::Viewer)?;
    let known = stack.api()?.inspection(&session, id)?;
    assert_eq!(known.results.len(), 2);
    let accounts = bench.json(&["accounts"])?;
    assert_eq!(
        accounts["accounts"].as_array().map(Vec::len),
        Some(1),
        "{accounts}"
    );
    // Now nothing stands in the way.
    bench.run(&["logout"])?.done()?;
    bench.run(&["list"])?.refused(3)?;
    // “Everything is acknowledged” would be said of somebody.
    bench.run(&["outbox"])?.refused(3)?;
    Ok(())
}

fn a_membership_that_ended_is_told_and_the_owner_takes_over_what_was_sealed(
    ground: &Ground,
) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("GONE 1")?;
    bench.client()?.start(id)?;
    bench.settled()?;
    let office = stack.bench("office", Role::Owner)?;
    office.sees(id, "the technician's work", |_| true)?;
    // Nothing that is saved from here on can go out before the membership has ended.
    stack.stop()?;
    bench
        .client()?
        .save(vec![condition(id, "lights.horn", Condition::Red)?])?;
    let shop = stack.shop().to_string();
    let email = "technician@example.com";
    stack.operator(&["member", "remove", "--shop", &shop, "--email", email], "")?;
    stack.start()?;
    let sealed = eventually("the account to be gone and its edit to be sealed", || {
        let status = bench.client()?.status()?;
        ensure!(status.account.is_none(), "{status:?}");
        let path = |it: &String| {
            let (_, rest) = it.split_once("is sealed in ")?;
            Some(rest.split_once(". Hand that file")?.0.to_owned())
        };
        let path = status.notices.iter().find_map(path);
        path.with_context(|| format!("{status:?}"))
    });
    let sealed = sealed.with_context(|| bench.log())?;
    bench.run(&["list"])?.refused(3)?;
    let text = std::fs::read(&sealed)?;
    let holds = |part: &[u8]| text.windows(part.len()).any(|it| it == part);
    ensure!(!holds(b"lights.horn"), "it is readable");

    // The owner has it opened on the server, and takes it over on a bench.
    let opened = ground.path().join("opened.json");
    let opened = opened.to_str().context("a path that is no text")?;
    stack.operator(&["shop", "unseal", &sealed, "--out", opened], "")?;
    office.run(&["outbox", "adopt", opened])?.done()?;
    office.settled()?;
    let session = stack.session(Role::Viewer)?;
    let known = stack.api()?.inspection(&session, id)?;
    let answer = known.answer(&"lights.horn".parse()?).context("no answer")?;
    assert_eq!(answer.condition, Some(Condition::Red));
    // Once more is the same as once.
    let events =
        |stack: &Stack| -> Result<usize> { Ok(stack.api()?.copy(&session)?.events_of(id).count()) };
    let before = events(&stack)?;
    office.run(&["outbox", "adopt", opened])?.done()?;
    office.settled()?;
    assert_eq!(events(&stack)?, before);
    Ok(())
}

fn who_waits_while_the_membership_ends_is_told_so(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("GONE 2")?;
    bench.client()?.start(id)?;
    bench.settled()?;
    bench.online()?;
    // From here on nothing passes: whoever asks waits.
    line.silence();
    let ticket = id.to_string();
    bench
        .run(&["set", &ticket, "lights.horn", "--condition", "red"])?
        .done()?;
    let said = thread::scope(|scope| {
        let asked = line.carried();
        let waiting = scope.spawn(|| bench.run(&["sync", "--wait"]));
        eventually("the wait to have begun", || {
            let status = bench.client()?.status()?;
            ensure!(status.sent == 1 && !waiting.is_finished(), "{status:?}");
            ensure!(line.carried() == asked, "something passed");
            Ok(())
        })?;
        let shop = stack.shop().to_string();
        let email = "technician@example.com";
        stack.operator(&["member", "remove", "--shop", &shop, "--email", email], "")?;
        line.restore();
        waiting.join().ok().context("the waiting thread panicked")?
    })?;
    let words = said.refused(6)?;
    ensure!(words.contains("not a member of this shop"), "{words}");
    ensure!(words.contains("redtag status"), "{words}");
    // Where it says, it is said.
    let sealed = eventually("the edit to be sealed", || {
        let told = bench.run(&["status"])?;
        let told = format!("{}{}", told.out, told.err);
        ensure!(told.contains("is sealed in"), "{told}");
        Ok(())
    });
    sealed.with_context(|| bench.log())?;
    // Who asks after that is signed in nowhere.
    bench.run(&["sync", "--wait"])?.refused(3)?;
    Ok(())
}
