//! W4: what a pull of a hundred changes costs, in a small shop and in a large one.

use std::env;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    api::changes::Line,
    inspection::InspectionWrite,
    ipc::Request,
    op::{Edit, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};

use super::{
    POINTS, Plan,
    corpus::{self, Seeded},
    process,
    report::{Bound, Row, Values},
};
use crate::{
    harness::{Api, Device, Proxy, Session, Stack, eventually, within},
    now,
};

/// One inspection in so many is open in the small shop, for the changes are made to those.
const OPEN: usize = 5;

/// Documents that change.
const CHANGES: usize = 100;

/// Times that each change is pulled from the API, for work is measured better in bulk.
const AGAIN: u32 = 20;

/// Of the large shop to the small one.
const PAGES: f64 = 1.3;
const WORK: f64 = 1.5;

/// The large shop, then a small one, then the one beside the other.
pub(super) fn measure(plan: &Plan, stack: &mut Stack, seeded: &Seeded) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick { 3 } else { 7 });
    // As many documents in both, also where the large shop is not that large.
    let among = seeded.working.len().min(CHANGES);
    let large = in_shop(plan, (stack, seeded), among, rounds)?;
    let mut stack = Stack::new(env::current_exe()?)?;
    let seeded = corpus::seed(&mut stack, 1_000, OPEN)?;
    let small = in_shop(plan, (&mut stack, &seeded), among, rounds)?;
    let mut rows = Vec::new();
    for (at, unit, what, most) in [
        (
            0,
            "reads",
            "reads of its files by an API that just started",
            PAGES,
        ),
        (1, "ms", "work of the API", WORK),
        (2, "reads", "reads of its files by the daemon", PAGES),
        (
            3,
            "ms",
            "work of the daemon, connecting again included",
            WORK,
        ),
    ] {
        let mut values = Values::default();
        for (large, small) in large.costs.iter().zip(&small.costs) {
            values.pair(large[at], small[at]);
        }
        let what = format!(
            "a pull of {CHANGES} changes ({} lines) with {} inspections: {what}; floor: the same \
             with {}",
            large.lines, large.inspections, small.inspections
        );
        let row = values.costs("W4", what, unit);
        rows.push(row.bounded(Bound::RatioAtMost, most));
    }
    Ok(rows)
}

/// What the pulls of one shop cost.
struct Shop {
    inspections: usize,
    /// In an answer.
    lines: usize,
    /// For each round: reads and milliseconds of the API, reads and milliseconds of the daemon.
    costs: Vec<[f64; 4]>,
}

fn in_shop(
    plan: &Plan,
    (stack, seeded): (&mut Stack, &Seeded),
    among: usize,
    rounds: usize,
) -> Result<Shop> {
    let inspections = seeded.inspections;
    let line = Proxy::before(stack.address())?;
    let mut bench = filled(stack, seeded, &line)?;
    let session = stack.session(Role::Technician)?;
    let mut shop = Shop {
        inspections,
        lines: 0,
        costs: Vec::new(),
    };
    let mut number = 0;
    for round in 0..rounds {
        plan.say(format_args!(
            "W4 {inspections}: round {} of {rounds}",
            round + 1
        ));
        let status = bench.client()?.status()?;
        let from = status.cursor.context("no cursor")?;
        line.cut();
        let api = stack.api()?;
        change(&api, &session, (seeded, among), &mut number)?;
        let (lines, head, seq) = pull(&api, &session, &from)?;
        shop.lines = lines;
        // One that has just started has read nothing yet; it opens the shop's file for the first.
        stack.stop()?;
        stack.start()?;
        let api = stack.api()?;
        pull(&api, &session, &head)?;
        let pid = stack.pid()?;
        let before = process::reads(pid)?;
        pull(&api, &session, &from)?;
        let reads = process::reads(pid)? - before;
        let before = process::worked(pid)?;
        for _ in 0..AGAIN {
            pull(&api, &session, &from)?;
        }
        let worked = (process::worked(pid)? - before) * 1e3 / f64::from(AGAIN);
        // Nor has a daemon that has just started, but for what it shows first.
        bench.stop()?;
        bench.start()?;
        let (there_reads, there_worked) = catch_up(&bench, &line, seq)?;
        shop.costs.push([reads, worked, there_reads, there_worked]);
    }
    Ok(shop)
}

/// A bench whose copy is whole, search included.
fn filled(stack: &Stack, seeded: &Seeded, line: &Proxy) -> Result<Device> {
    let mut bench = Device::new(stack.ground(), "bench")?;
    bench.start()?;
    let mut client = bench.client()?;
    super::bootstrap::sign_in(&mut client, stack, &line.url())?;
    let patience = std::time::Duration::from_mins(20);
    within(patience, "the first copy", || {
        let status = client.status()?;
        let whole = status.documents >= seeded.documents && !status.filling;
        ensure!(whole && status.indexed.is_none(), "{status:?}");
        Ok(())
    })?;
    Ok(bench)
}

/// A note each for so many open inspections.
fn change(
    api: &Api,
    session: &Session,
    (seeded, among): (&Seeded, usize),
    number: &mut u64,
) -> Result<()> {
    // Where there are fewer than changes some of them change several times.
    let open = seeded.working.iter().rev().take(among);
    let open = open.cycle().take(CHANGES);
    let operations = open
        .enumerate()
        .map(|(at, id)| {
            *number += 1;
            Ok(Operation {
                number: *number,
                group: *number,
                stamp: Stamp(now()),
                base: Seq(seeded.events),
                seen: None,
                schema: SCHEMA,
                edit: Edit::Inspection {
                    id: *id,
                    write: InspectionWrite::Note {
                        point: POINTS[at / among % POINTS.len()].parse()?,
                        note: Some(format!("a change, {number}")),
                    },
                },
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let answer = api.push(session, &operations)?;
    ensure!(answer.status.is_success(), "{answer:?}");
    Ok(())
}

/// What is after a cursor: how many lines, the cursor behind them and its sequence.
fn pull(api: &Api, session: &Session, cursor: &str) -> Result<(usize, String, u64)> {
    let path = format!("/v1/shops/{}/changes?cursor={cursor}", session.shop);
    let answer = api.get(&path, Some(session))?;
    ensure!(answer.status.is_success(), "{answer:?}");
    let (mut lines, mut end, mut seq) = (0, None, 0);
    for line in answer.body.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            continue;
        }
        lines += 1;
        match Line::parse(line)? {
            Line::Event(link) => seq = seq.max(link.seq.0),
            Line::End(it) => end = Some(it),
            _ => {}
        }
    }
    let end = end.context("the page has no end")?;
    ensure!(!end.more, "there is more");
    Ok((lines, end.cursor, seq))
}

/// Gives a bench its line back, and says what it read and did until it was level.
fn catch_up(bench: &Device, line: &Proxy, seq: u64) -> Result<(f64, f64)> {
    let mut client = bench.client()?;
    let pid = client.pid();
    // It says what it has once that is read.
    eventually("the copy to be open", || {
        let documents = client.status()?.documents;
        ensure!(documents > 0, "{documents} documents");
        Ok(())
    })?;
    let mut worked = None;
    eventually("the daemon to have nothing to do", || {
        let now = process::worked(pid)?;
        let before = worked.replace(now).context("looked at once only")?;
        ensure!(now - before < 0.000_5, "it worked {} s", now - before);
        Ok(())
    })?;
    let before = (process::reads(pid)?, process::worked(pid)?);
    line.restore();
    client.must(Request::Sync { wait: false })?;
    eventually("the bench to be level", || {
        let status = client.status()?;
        ensure!(status.seq.0 >= seq, "{:?} of {seq}", status.seq);
        Ok(())
    })?;
    Ok((
        process::reads(pid)? - before.0,
        (process::worked(pid)? - before.1) * 1e3,
    ))
}
