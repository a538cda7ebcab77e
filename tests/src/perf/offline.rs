//! W3: how long a bench that was offline takes to bring its work to the others.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use redtag_protocol::{
    ids::InspectionId,
    ipc::{Connection, Request},
    role::Role,
    stamp::Seq,
};

use super::{
    POINTS, Plan,
    corpus::{self, Seeded},
    floor::{End, Server},
    report::{Pairs, Row},
};
use crate::harness::{Device, Proxy, Stack, eventually, note, within};

/// Ours to the floor's.
const RATE: f64 = 0.5;

/// One inspection in so many is worked on.
const WORKING: usize = 2;

/// However many edits there are, they have arrived before this is over.
const PATIENCE: Duration = Duration::from_mins(10);

/// Edits made at A while its line is cut, each durable; then the time from the line's return until B
/// has committed the last of them.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let sizes: &[(usize, usize)] = if plan.quick {
        &[(1_000, 1)]
    } else {
        &[(1_000, 5), (10_000, 2)]
    };
    let mut stack = Stack::new(env::current_exe()?)?;
    let seeded = corpus::seed(&mut stack, plan.shop(1_000), WORKING)?;
    let line = Proxy::before(stack.address())?;
    let near = stack.bench_at("near", Role::Technician, &line.url())?;
    let far = stack.bench("far", Role::Technician)?;
    let directory = stack.ground().path().to_owned();
    let server = Server::start(&directory, &seeded.text)?;
    let mut here = End::new(&directory.join("floor-near.db"), &server.url())?;
    let mut there = End::new(&directory.join("floor-far.db"), &server.url())?;
    here.pull()?;
    there.news()?;
    there.pull()?;
    let mut rows = Vec::new();
    let mut turn = 0;
    for (edits, rounds) in sizes {
        let rounds = plan.rounds(*rounds);
        let mut pairs = Pairs::default();
        for round in 0..rounds {
            plan.say(format_args!("W3 {edits}: round {} of {rounds}", round + 1));
            turn += 1;
            let work = work(&seeded, *edits, turn);
            rustix::fs::sync();
            pairs.ours(ours(&near, &far, &line, &work)?);
            rustix::fs::sync();
            pairs.floor(floor(&mut here, &mut there, &work)?);
        }
        let what = format!(
            "{edits} edits made offline on {} inspections, from the line's return until bench B has \
             committed the last; floor: the same edits",
            seeded.working.len()
        );
        let count = f64::from(u32::try_from(*edits)?);
        rows.push(pairs.rates("W3", what, "edits/s", count).reaching(RATE));
    }
    Ok(rows)
}

/// A note at one point after the other, of one inspection after the other.
struct Note {
    inspection: InspectionId,
    point: &'static str,
    text: String,
}

fn work(seeded: &Seeded, edits: usize, turn: usize) -> Vec<Note> {
    let working = seeded.working.len();
    (0..edits)
        .map(|at| Note {
            inspection: seeded.working[at % working],
            point: POINTS[at / working % POINTS.len()],
            text: format!("offline {turn}, {at}"),
        })
        .collect()
}

fn ours(near: &Device, far: &Device, line: &Proxy, work: &[Note]) -> Result<Duration> {
    let (mut writing, mut reading) = (near.client()?, far.client()?);
    near.settled()?;
    let from = eventually("both benches to be level", || {
        let (here, there) = (writing.status()?.seq, reading.status()?.seq);
        ensure!(here == there, "{here:?} here, {there:?} there");
        Ok(here)
    })?;
    let last = Seq(from.0 + u64::try_from(work.len())?);
    line.cut();
    eventually("the bench to be offline", || {
        let status = writing.status()?;
        ensure!(
            status.connection != Connection::Online,
            "it is still online"
        );
        Ok(())
    })?;
    for it in work {
        writing.save(vec![note(it.inspection, it.point, &it.text)?])?;
    }
    let status = writing.status()?;
    let kept = usize::try_from(status.waiting + status.sent)?;
    ensure!(kept == work.len(), "{kept} wait");
    line.restore();
    let began = Instant::now();
    writing.must(Request::Sync { wait: false })?;
    let took = within(PATIENCE, "the last edit at the other bench", || {
        let status = reading.status()?;
        ensure!(status.seq >= last, "{:?} of {last:?}", status.seq);
        Ok(began.elapsed())
    });
    let took = took.with_context(|| near.log())?;
    within(PATIENCE, "the bench to be level again", || {
        let status = writing.status()?;
        ensure!(status.seq >= last, "{:?} of {last:?}", status.seq);
        ensure!(
            status.quarantined == 0 && status.conflicts == 0,
            "{status:?}"
        );
        Ok(())
    })?;
    Ok(took)
}

fn floor(here: &mut End, there: &mut End, work: &[Note]) -> Result<Duration> {
    for it in work {
        let path = format!("$.results.\"{}\".note", it.point);
        here.edit(&it.inspection.to_string(), &path, &it.text)?;
    }
    let last = there.cursor()? + i64::try_from(work.len())?;
    let began = Instant::now();
    let took = thread::scope(|scope| {
        let reading = scope.spawn(|| -> Result<Duration> {
            while there.cursor()? < last {
                there.news()?;
                there.pull()?;
            }
            Ok(began.elapsed())
        });
        here.push()?;
        let took = reading.join();
        took.map_err(|_| anyhow!("the floor's reader panicked"))?
    })?;
    here.pull()?;
    Ok(took)
}
