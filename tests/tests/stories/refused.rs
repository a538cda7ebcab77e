//! What the API refuses is kept, shown with its reason, and tried again or given up by a person.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, role::Role};
use redtag_tests::harness::{Ground, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] =
    stories![a_refused_edit_is_kept_shown_and_tried_again_or_given_up,];

fn becomes(stack: &Stack, role: &str) -> Result<()> {
    let shop = stack.shop().to_string();
    let arguments = [
        "member",
        "add",
        "--shop",
        &shop,
        "--email",
        "technician@example.com",
        "--name",
        "Test technician",
        "--role",
        role,
    ];
    stack.operator(&arguments, "").map(drop)
}

fn a_refused_edit_is_kept_shown_and_tried_again_or_given_up(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("REFUSED 1")?;
    bench.settled()?;
    let ticket = id.to_string();

    // The role is lost while the bench is out of reach.
    stack.stop()?;
    bench
        .run(&["set", &ticket, "lights.horn", "--condition", "red"])?
        .done()?;
    bench
        .run(&["set", &ticket, "lights.wipers", "--condition", "yellow"])?
        .done()?;
    becomes(&stack, "viewer")?;
    stack.start()?;
    eventually("both strokes are refused and nothing waits", || {
        let status = bench.client()?.status()?;
        let settled = status.waiting + status.sent == 0;
        ensure!(settled && status.quarantined == 3, "{status:?}");
        Ok(())
    })?;
    let listed = bench.json(&["outbox"])?;
    let refused = listed["quarantined"].as_array().context("no list")?;
    let horn = refused[0]["number"].to_string();
    let wipers = refused[2]["number"].to_string();
    assert!(
        bench
            .run(&["outbox", "show", &horn])?
            .done()?
            .contains("lights.horn")
    );

    // A viewer, once that is known here, cannot try it again, and it stays.
    bench.run(&["sync", "--wait"])?.done()?;
    bench.run(&["outbox", "retry", &horn])?.refused(6)?;
    assert_eq!(bench.client()?.status()?.quarantined, 3);

    becomes(&stack, "technician")?;
    eventually("the role is back and the stroke is tried again", || {
        bench.run(&["outbox", "retry", &horn])?.done()
    })?;
    bench.settled()?;
    let known = stack
        .api()?
        .inspection(&stack.session(Role::Technician)?, id)?;
    let answer = known.answer(&"lights.horn".parse()?).context("no answer")?;
    assert_eq!(answer.condition, Some(Condition::Red));

    bench.run(&["outbox", "discard", &wipers])?.done()?;
    assert_eq!(bench.client()?.status()?.quarantined, 0);
    bench.run(&["outbox", "discard", &wipers])?.refused(1)?;
    Ok(())
}
