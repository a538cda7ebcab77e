//! What only the hosted engine lives through: PostgreSQL that goes away and comes back, lines to it
//! that are cut, and several API processes over one database.

use std::{
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use redtag_postgres::{Cluster, Config, Mode};
use redtag_protocol::{
    ids::InspectionId,
    ipc::{Connection, InspectionView, Request},
    role::Role,
};
use redtag_tests::harness::{
    Client, Database, Device, Ground, Proxy, Stack, eventually, note, within,
};
use reqwest::StatusCode;

use crate::{
    story::{Story, stories},
    support::{after, at_random, notes},
};

pub(crate) const STORIES: &[Story] = stories![
    a_postgres_that_restarts_loses_and_doubles_nothing,
    lines_to_postgres_that_are_cut_in_the_middle_of_a_push_do_each_edit_once,
    edits_cross_between_two_apis_over_one_database,
    an_api_that_is_killed_holds_up_no_other,
];

/// Well below the heartbeat at which a lost hint is made good, so that hints alone can keep it.
const LIVE: Duration = Duration::from_secs(5);

/// How often somebody who is busy writes.
const PACE: Duration = Duration::from_millis(5);

/// How many notes are enough to tell by.
const LEAST: u32 = 20;

/// Somebody who writes a note after the other to one point, until the end.
struct Writer {
    over: Sender<()>,
    writing: JoinHandle<Result<Vec<String>>>,
}

impl Writer {
    fn at(bench: &Device, id: InspectionId, point: &'static str, about: &str) -> Result<Self> {
        let mut client = bench.client()?;
        let about = about.to_owned();
        let (over, ended) = mpsc::channel();
        let writing = thread::spawn(move || {
            let mut saved = Vec::new();
            for count in 0_u32.. {
                // Nothing is ever said there: it closes.
                let over = ended.recv_timeout(PACE) != Err(RecvTimeoutError::Timeout);
                if over && count >= LEAST {
                    break;
                }
                let text = format!("{about} {count}");
                client.save(vec![note(id, point, &text)?])?;
                saved.push(text);
            }
            Ok(saved)
        });
        Ok(Self { over, writing })
    }

    /// What was saved, in order.
    fn end(self) -> Result<Vec<String>> {
        drop(self.over);
        let saved = self.writing.join().ok();
        saved.context("the writing thread panicked")?
    }
}

/// Whether the API has each of these notes exactly once and no other, and the last of them stands.
fn exactly_once(stack: &Stack, id: InspectionId, point: &str, wanted: &[String]) -> Result<()> {
    let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
    let mut there = notes(copy.events_of(id));
    for note in wanted {
        let times = there.remove(note);
        ensure!(times == Some(1), "“{note}”: {times:?}");
    }
    let other = there.keys().find(|it| !it.starts_with("other"));
    ensure!(other.is_none(), "nobody wrote {other:?}");
    let inspection = copy.inspection(id)?;
    let result = inspection.results.get(&point.parse()?);
    let stands = result.and_then(|it| it.note());
    ensure!(stands == wanted.last().map(String::as_str), "{stands:?}");
    ensure!(inspection.conflicts.is_empty());
    Ok(())
}

/// Whether the bench says that its line is down, and why.
fn is_offline(bench: &Device) -> Result<()> {
    let mut client = bench.client()?;
    eventually("the bench to know that nothing goes out", || {
        let connection = client.status()?.connection;
        let Connection::Offline { why, .. } = &connection else {
            anyhow::bail!("{connection:?}");
        };
        ensure!(!why.is_empty());
        Ok(())
    })
}

fn has_note(view: &InspectionView, text: &str) -> bool {
    let mut results = view.inspection.results.values();
    results.any(|result| result.note() == Some(text))
}

fn a_postgres_that_restarts_loses_and_doubles_nothing(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let cluster = Cluster::start(&Config::default())?;
        let stack = Stack::over(ground, Database::in_cluster(ground, &cluster)?)?;
        let bench = stack.bench("bench", Role::Technician)?;
        let other = stack.bench("other", Role::Viewer)?;
        let id = bench.new_inspection("REST 1")?;
        bench.client()?.start(id)?;
        bench.settled()?;
        let api = stack.api()?;
        let session = stack.session(Role::Viewer)?;
        let changes = format!("/v1/shops/{}/changes", stack.shop());

        let mut expected = Vec::new();
        for mode in [Mode::Fast, Mode::Immediate] {
            let writer = Writer::at(&bench, id, "lights.horn", &format!("{mode:?}"))?;
            after(Duration::from_millis(50 + moments.below(300)));
            cluster.stop(mode)?;
            is_offline(&bench)?;
            bench.run(&["sync", "--wait"])?.refused(4)?;
            // The API lives, says that it cannot work now, and that it is worth asking again.
            ensure!(api.get("/healthz", None)?.status.is_success());
            let ready = api.get("/readyz", None)?;
            assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE, "{ready:?}");
            let answer = api.get(&changes, Some(&session))?;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
            ensure!(!answer.refused()?.message.is_empty());
            cluster.resume()?;
            expected.extend(writer.end()?);
            bench.settled()?;
            bench.online()?;
            ensure!(api.get("/readyz", None)?.status.is_success());
        }
        exactly_once(&stack, id, "lights.horn", &expected)?;
        let last = expected.last().context("nothing was written")?;
        other.sees(id, "the last note", |view| has_note(view, last))?;
        assert_eq!(bench.client()?.status()?.quarantined, 0);
        let log = stack.log();
        ensure!(!log.contains("panicked"), "{log}");
        Ok(())
    })
}

fn lines_to_postgres_that_are_cut_in_the_middle_of_a_push_do_each_edit_once(
    ground: &Ground,
) -> Result<()> {
    at_random(|mut moments| {
        let cluster = Cluster::start(&Config::default())?;
        let inner = Proxy::before(cluster.address())?;
        let database = Database::in_cluster(ground, &cluster)?;
        let stack = Stack::over(ground, database.through(&cluster, &inner))?;
        let outer = Proxy::before(stack.address())?;
        let bench = stack.bench_at("bench", Role::Technician, &outer.url())?;
        let id = bench.new_inspection("CUT 1")?;
        let mut client = bench.client()?;
        client.start(id)?;
        bench.settled()?;
        outer.cut();
        let mut expected = Vec::new();
        for count in 0..400 {
            let text = format!("note {count}");
            client.save(vec![note(id, "lights.horn", &text)?])?;
            expected.push(text);
        }
        outer.restore();
        let mut cuts = 0;
        for _ in 0..10 {
            inner.cut_after(usize::try_from(moments.below(60_000))?);
            client.must(Request::Sync { wait: false })?;
            eventually(
                "the line to PostgreSQL to be cut, or all to be sent",
                || {
                    let status = client.status()?;
                    ensure!(
                        inner.is_cut() || status.waiting + status.sent == 0,
                        "{status:?}"
                    );
                    Ok(())
                },
            )?;
            cuts += u32::from(inner.is_cut());
            inner.restore();
        }
        ensure!(cuts > 2, "{cuts} cuts prove nothing");
        client.must(Request::Sync { wait: false })?;
        bench.settled()?;
        exactly_once(&stack, id, "lights.horn", &expected)?;
        assert_eq!(client.status()?.quarantined, 0);
        let log = stack.log();
        ensure!(!log.contains("panicked"), "{log}");
        Ok(())
    })
}

fn edits_cross_between_two_apis_over_one_database(ground: &Ground) -> Result<()> {
    let cluster = Cluster::start(&Config::default())?;
    let first = Stack::over(ground, Database::in_cluster(ground, &cluster)?)?;
    let second = first.beside("second", first.database().clone())?;
    ensure!(first.url() != second.url());
    let left = first.bench("left", Role::Technician)?;
    let right = second.bench("right", Role::Technician)?;
    let id = left.new_inspection("CROSS 1")?;
    left.client()?.start(id)?;
    right.sees(id, "the new inspection", |view| {
        view.inspection.state.writer.seq.is_some()
    })?;
    let live = |bench: &Device, what: &str, so: &dyn Fn(&mut Client) -> Result<()>| {
        let mut client = bench.client()?;
        within(LIVE, what, || so(&mut client))
            .with_context(|| format!("{}\n{}", first.log(), second.log()))
    };
    let crosses = |from: &Device, to: &Device, text: &str| -> Result<()> {
        from.client()?.save(vec![note(id, "lights.horn", text)?])?;
        live(to, "the edit on the other API's bench", &|client| {
            let view = client.find(&id.to_string())?;
            ensure!(has_note(&view, text), "{text}");
            Ok(())
        })
    };
    for round in 0..4 {
        crosses(&left, &right, &format!("from the left, {round}"))?;
        crosses(&right, &left, &format!("from the right, {round}"))?;
    }
    // From an operator's process, too, which serves nobody.
    let before = [&left, &right].map(|bench| anyhow::Ok(bench.client()?.status()?.seq));
    first.add_member(first.shop(), "new@example.com", "New", Role::Viewer)?;
    for (bench, before) in [&left, &right].into_iter().zip(before) {
        let before = before?;
        live(bench, "the new member", &|client| {
            ensure!(client.status()?.seq > before);
            Ok(())
        })?;
    }
    // What listens in PostgreSQL does so again once that is back.
    cluster.restart(Mode::Fast)?;
    for bench in [&left, &right] {
        bench.client()?.must(Request::Sync { wait: true })?;
        bench.online()?;
    }
    for stack in [&first, &second] {
        eventually("an API that can work again", || {
            let ready = stack.api()?.get("/readyz", None)?;
            ensure!(ready.status.is_success(), "{ready:?}");
            Ok(())
        })?;
    }
    for round in 4..6 {
        crosses(&left, &right, &format!("from the left, {round}"))?;
        crosses(&right, &left, &format!("from the right, {round}"))?;
    }
    // Nobody's memory: each API gives what the other has taken in.
    let session = second.session(Role::Viewer)?;
    let here = first.api()?.copy(&session)?;
    let there = second.api()?.copy(&session)?;
    assert_eq!(here.events, there.events);
    assert_eq!(notes(here.events_of(id)).len(), 12);
    Ok(())
}

fn an_api_that_is_killed_holds_up_no_other(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let mut first = Stack::on(ground)?;
        let second = first.beside("second", first.database().clone())?;
        let left = first.bench("left", Role::Technician)?;
        let right = second.bench("right", Role::Technician)?;
        let id = left.new_inspection("DEAD 1")?;
        left.client()?.start(id)?;
        right.sees(id, "the new inspection", |view| {
            view.inspection.state.writer.seq.is_some()
        })?;
        let (mut of_left, mut of_right) = (Vec::new(), Vec::new());
        for round in 0..3 {
            let writing = Writer::at(&left, id, "lights.horn", &format!("round {round}"))?;
            let beside = Writer::at(&right, id, "lights.wipers", &format!("other {round}"))?;
            after(Duration::from_millis(50 + moments.below(300)));
            first.kill()?;
            is_offline(&left)?;
            of_right.extend(beside.end()?);
            right.settled()?;
            of_left.extend(writing.end()?);
            first.start()?;
            left.settled()?;
        }
        exactly_once(&second, id, "lights.horn", &of_left)?;
        let copy = second.api()?.copy(&second.session(Role::Viewer)?)?;
        let there = notes(copy.events_of(id));
        assert_eq!(there.len(), of_left.len() + of_right.len());
        for note in &of_right {
            assert_eq!(there.get(note), Some(&1), "{note}");
        }
        for (bench, last) in [(&left, of_right.last()), (&right, of_left.last())] {
            let last = last.context("nothing was written")?;
            bench.sees(id, "the other's last note", |view| has_note(view, last))?;
        }
        Ok(())
    })
}
