//! What an older program left, with work in progress inside, is brought up to date by a program that
//! is killed at random moments of it. `REDTAG_POINTS` says how many deaths.

mod cache;
mod older;
mod store;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use redtag_protocol::{
    ids::{CustomerId, InspectionId},
    ipc::{Reply, Request},
    op::{Edit, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};
use redtag_tests::{
    harness::{Client, Ground, Proxy, Session, Stack, eventually, note},
    now, random,
};

use self::{older::Reached, store::Store};
use crate::{
    story::{Story, stories},
    support::{Moments, after, at_random, notes, points},
};

pub(crate) const STORIES: &[Story] = stories![
    a_cache_whose_migration_is_killed_loses_and_doubles_nothing,
    a_store_whose_migration_is_killed_loses_and_doubles_nothing,
];

/// Deaths of a daemon, and of an API or its operator's command on each engine.
const DAEMONS: u64 = 40;
const APIS: u64 = 20;

/// Customers in the shop, so that a migration takes a while.
const CUSTOMERS: usize = 3_000;

fn a_cache_whose_migration_is_killed_loses_and_doubles_nothing(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let stack = Stack::on(ground)?;
        fill(&stack)?;
        let line = Proxy::before(stack.address())?;
        let mut bench = stack.bench_at("bench", Role::Technician, &line.url())?;
        let id = bench.new_inspection("OLDER 1")?;
        bench.client()?.start(id)?;
        bench.settled()?;
        let unsent = unsent(&stack, &line, &mut bench.client()?, id)?;
        ensure!(bench.stop()?.success());
        let older = cache::taken_back(&bench)?;

        let whole = Instant::now();
        bench.start()?;
        keeps(&mut bench.client()?, id, &unsent)?;
        let whole = whole.elapsed();
        ensure!(bench.stop()?.success());

        let (mut died, wanted) = (Vec::new(), points(DAEMONS)?);
        for round in 0.. {
            if told_enough(&died, round, wanted)? {
                break;
            }
            older.put_back()?;
            // One that was killed may be killed again where the next goes on.
            for _ in 0..=moments.below(2) {
                let daemon = bench.launch()?;
                after(within(whole, &mut moments)?);
                daemon.kill()?;
                died.push(older.reached(ground, cache::NEWEST)?);
            }
            bench.start()?;
            keeps(&mut bench.client()?, id, &unsent)?;
            bench.kill()?;
        }

        bench.start()?;
        line.restore();
        bench.settled()?;
        arrived(&stack, id, &unsent)
    })
}

fn a_store_whose_migration_is_killed_loses_and_doubles_nothing(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let mut stack = Stack::on(ground)?;
        fill(&stack)?;
        let line = Proxy::before(stack.address())?;
        let bench = stack.bench_at("bench", Role::Technician, &line.url())?;
        let id = bench.new_inspection("OLDER 1")?;
        bench.client()?.start(id)?;
        bench.settled()?;
        let unsent = unsent(&stack, &line, &mut bench.client()?, id)?;
        let session = stack.session(Role::Viewer)?;
        let before = told(&stack, &session)?;
        ensure!(stack.stop()?.success());
        let older = Store::taken_back(&stack)?;

        let whole = older.migrate(&mut stack, &session)?;
        ensure!(told(&stack, &session)? == before, "another shop");
        ensure!(stack.stop()?.success());

        let (mut died, wanted) = (Vec::new(), points(APIS)?);
        for round in 0.. {
            if told_enough(&died, round, wanted)? {
                break;
            }
            older.put_back()?;
            for _ in 0..=moments.below(2) {
                died.push(older.killed(&stack, &session, within(whole, &mut moments)?)?);
            }
            older.migrate(&mut stack, &session)?;
            ensure!(told(&stack, &session)? == before, "another shop");
            stack.kill()?;
        }

        // Once more, with the bench on the line, and for good.
        older.put_back()?;
        line.restore();
        for _ in 0..5 {
            older.killed(&stack, &session, within(whole, &mut moments)?)?;
        }
        older.migrate(&mut stack, &session)?;
        bench.client()?.must(Request::Sync { wait: false })?;
        bench.settled()?;
        arrived(&stack, id, &unsent)
    })
}

/// Work in progress on a line that is cut: an edit that the API took and whose answer was lost, and
/// edits that it never saw.
fn unsent(
    stack: &Stack,
    line: &Proxy,
    client: &mut Client,
    id: InspectionId,
) -> Result<BTreeSet<String>> {
    line.cut_at_answer_to(&format!("POST /v1/shops/{}/ops", stack.shop()));
    let mut texts = BTreeSet::from(["taken, and not answered".to_owned()]);
    client.save(vec![note(id, "lights.horn", "taken, and not answered")?])?;
    eventually("the answer to be lost", || {
        ensure!(line.lost() == 1);
        Ok(())
    })?;
    for count in 0..50 {
        let text = format!("never sent {count}");
        client.save(vec![note(id, "lights.horn", &text)?])?;
        texts.insert(text);
    }
    Ok(texts)
}

/// Everything is there, and all of it waits still.
fn keeps(client: &mut Client, id: InspectionId, unsent: &BTreeSet<String>) -> Result<()> {
    let Reply::Timeline(entries) = client.must(Request::Timeline { id })? else {
        bail!("a timeline was expected");
    };
    let here = notes(entries.iter().filter_map(|it| it.happening.as_ref()));
    exactly(&here, unsent)?;
    let status = client.status()?;
    let waiting = usize::try_from(status.waiting + status.sent)?;
    ensure!(waiting == unsent.len(), "{status:?}");
    let aside = |it: &String| it.contains("set aside");
    ensure!(!status.notices.iter().any(aside), "{:?}", status.notices);
    Ok(())
}

fn arrived(stack: &Stack, id: InspectionId, unsent: &BTreeSet<String>) -> Result<()> {
    let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
    exactly(&notes(copy.events_of(id)), unsent)?;
    let horn = &copy.inspection(id)?.results[&"lights.horn".parse()?];
    ensure!(horn.note() == Some("never sent 49"), "{:?}", horn.note());
    Ok(())
}

fn exactly(here: &BTreeMap<String, usize>, wanted: &BTreeSet<String>) -> Result<()> {
    let once: BTreeMap<_, _> = wanted.iter().map(|it| (it.clone(), 1)).collect();
    ensure!(*here == once, "{here:?}");
    Ok(())
}

/// A moment of what took this long.
fn within(whole: Duration, moments: &mut Moments) -> Result<Duration> {
    let micros = u64::try_from(whole.as_micros())?.max(1);
    Ok(Duration::from_micros(moments.below(micros)))
}

/// How many times as many deaths are tried where none was where it is wanted: on PostgreSQL the middle of a
/// migration is short.
const MOST: u64 = 10;

/// Whether there were as many rounds as are wanted, and a death in the middle of a migration among them.
fn told_enough(died: &[Reached], round: u64, wanted: u64) -> Result<bool> {
    let count = |what: Reached| died.iter().filter(|it| **it == what).count();
    let middle = count(Reached::Middle);
    ensure!(
        middle > 0 || round < MOST * wanted.max(20),
        "{} before, {middle} within, {} after",
        count(Reached::Nothing),
        count(Reached::End)
    );
    // A person who asks for a few is told what they tell.
    Ok(round >= wanted && (middle > 0 || wanted < 10))
}

/// Every document as it stands, and every event.
fn told(stack: &Stack, session: &Session) -> Result<(BTreeMap<String, String>, Vec<String>)> {
    let copy = stack.api()?.copy(session)?;
    let documents = copy.documents.iter().map(|it| {
        let body = format!("{} {}", it.version.0, it.body.get());
        (format!("{} {}", it.kind, it.id), body)
    });
    let documents = documents.collect();
    let events = copy.events.iter().map(|it| format!("{it:?}"));
    Ok((documents, events.collect()))
}

/// As a program of the shop's would enter its customers.
fn fill(stack: &Stack) -> Result<()> {
    let session = stack.session(Role::Dispatcher)?;
    let api = stack.api()?;
    let numbers: Vec<u64> = (1..).take(CUSTOMERS).collect();
    for batch in numbers.chunks(500) {
        let operations = batch.iter().map(|number| {
            Ok(Operation {
                number: *number,
                group: *number,
                stamp: Stamp(now()),
                base: Seq(0),
                seen: None,
                schema: SCHEMA,
                edit: Edit::CreateCustomer {
                    id: CustomerId::from_parts(now(), random()?),
                    name: format!("Customer {number} of a shop that is not new"),
                    phones: vec!["+1 202 555 0100".to_owned()],
                    emails: vec![format!("customer.{number}@example.com")],
                    consent: false,
                },
            })
        });
        let operations: Vec<_> = operations.collect::<Result<_>>()?;
        let answer = api.push(&session, &operations)?;
        ensure!(answer.status.is_success(), "{answer:?}");
    }
    Ok(())
}
