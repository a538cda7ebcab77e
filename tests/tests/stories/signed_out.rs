//! A sign-in that has ended blocks no work and loses none.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, ipc::Connection, role::Role};
use redtag_tests::harness::{Ground, PASSWORD, Stack, condition, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    edits_queue_while_signed_out_and_go_out_after_the_next_sign_in,
    a_membership_that_ended_is_told_and_seals_what_is_unsent,
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

fn a_membership_that_ended_is_told_and_seals_what_is_unsent(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("GONE 1")?;
    bench.client()?.start(id)?;
    bench.settled()?;
    stack.stop()?;
    bench
        .client()?
        .save(vec![condition(id, "lights.horn", Condition::Red)?])?;
    stack.start()?;
    let shop = stack.shop().to_string();
    let email = "technician@example.com";
    stack.operator(&["member", "remove", "--shop", &shop, "--email", email], "")?;
    let session = stack.session(Role::Viewer)?;
    let known = stack.api()?.inspection(&session, id)?;
    let early = !known.results.is_empty();
    eventually("the account to be gone from the bench", || {
        let status = bench.client()?.status()?;
        ensure!(status.account.is_none(), "{status:?}");
        // The line may have been quicker than the operator; then it was still a member's edit.
        let sealed = status.notices.iter().any(|it| it.contains("is sealed in"));
        ensure!(sealed || early, "{status:?}");
        Ok(())
    })
    .with_context(|| bench.log())?;
    bench.run(&["list"])?.refused(3)?;
    Ok(())
}
