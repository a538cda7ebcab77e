//! W2: how long until an edit at one bench has reached a client of another.

use std::{env, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Followed, InspectionView, Push, Reply, Request},
    role::Role,
};

use super::{
    Plan, corpus,
    floor::{End, Server},
    report::{Bound, Pairs, Row, Values},
};
use crate::harness::{Client, PATIENCE, Proxy, Stack, note};

/// Ours to the floor's, median to median and slow end to slow end.
const MEDIAN: f64 = 1.5;
const SLOW: f64 = 2.0;

/// From the request on the socket of daemon A until a client of daemon B was pushed the new value and
/// has read it, through the real API. The floor's is the same way with nothing on it. The two take
/// turns, round by round.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick { 200 } else { 2_000 });
    let mut stack = Stack::new(env::current_exe()?)?;
    let seeded = corpus::seed(&mut stack, plan.shop(1_000), corpus::OPEN)?;
    let id = *seeded.working.last().context("no inspection is open")?;
    let left = stack.bench("left", Role::Technician)?;
    let right = stack.bench("right", Role::Technician)?;
    let mut writing = left.client()?;
    let mut listening = right.client()?;
    listening.must(Request::Subscribe)?;
    let mut screen = Watching::begin(listening, id)?;
    let directory = stack.ground().path().to_owned();
    let server = Server::start(&directory, &seeded.text)?;
    let mut here = End::new(&directory.join("floor-left.db"), &server.url())?;
    let mut there = End::new(&directory.join("floor-right.db"), &server.url())?;
    here.pull()?;
    there.news()?;
    there.pull()?;
    let path = "$.results.\"lights.horn\".note";
    let mut pairs = Pairs::default();
    for round in 0..rounds {
        let text = format!("a note of some words, {round}");
        let edit = note(id, "lights.horn", &text)?;
        let began = Instant::now();
        writing.save(vec![edit])?;
        screen.hear(&text)?;
        pairs.ours(began.elapsed());
        // What this one still has to do, its acknowledgement, must not fall into the next.
        left.settled()?;
        let began = Instant::now();
        here.edit(&id.to_string(), path, &text)?;
        let seq = here.push()?;
        while there.cursor()? < seq {
            there.news()?;
            there.pull()?;
        }
        pairs.floor(began.elapsed());
        here.pull()?;
    }
    let what = format!(
        "an edit at bench A until a client of bench B that watches the inspection was pushed it, {} \
         inspections; floor: commit, POST, commit, event, GET, commit",
        seeded.inspections
    );
    let median = pairs.clone().times("W2", what);
    let slow = pairs.times("W2", "the same, slow end to slow end");
    Ok(vec![
        median.bounded(Bound::RatioAtMost, MEDIAN),
        slow.bounded(Bound::SlowRatioAtMost, SLOW),
        wire(&stack, id, plan.rounds(100))?,
    ])
}

/// A client that has the inspection on its screen, as ours has: it follows what it is told of it,
/// and reads the whole where that does not go on from what it has.
struct Watching {
    client: Client,
    view: Box<InspectionView>,
}

impl Watching {
    fn begin(mut client: Client, id: InspectionId) -> Result<Self> {
        let view = Self::read(&mut client, id)?;
        Ok(Self { client, view })
    }

    fn read(client: &mut Client, id: InspectionId) -> Result<Box<InspectionView>> {
        match client.must(Request::Watch { id })? {
            Reply::Inspection(view) => Ok(view),
            other => bail!("an inspection was expected, not {other:?}"),
        }
    }

    /// Waits for the push after which the note reads so; one edit may be told in more than one push.
    fn hear(&mut self, text: &str) -> Result<()> {
        let horn = "lights.horn".parse()?;
        let id = self.view.inspection.id;
        let ours = EntityRef::Inspection(id);
        loop {
            let Push::Changed {
                documents,
                difference,
            } = self.client.push(PATIENCE)?
            else {
                continue;
            };
            if !documents.contains(&ours) {
                continue;
            }
            let followed = difference.map(|it| self.view.follow(*it));
            if !matches!(followed, Some(Followed::Taken | Followed::Old)) {
                self.view = Self::read(&mut self.client, id)?;
            }
            let result = self.view.inspection.results.get(&horn);
            if result.and_then(|result| result.note()) == Some(text) {
                return Ok(());
            }
        }
    }
}

/// Bytes that an edit costs on the line of the bench that makes it and of one that only hears of it,
/// counted at a proxy, everything included: headers, hints, and the pull that brings it back.
fn wire(stack: &Stack, id: InspectionId, rounds: usize) -> Result<Row> {
    let (near, far) = (
        Proxy::before(stack.address())?,
        Proxy::before(stack.address())?,
    );
    let maker = stack.bench_at("maker", Role::Technician, &near.url())?;
    let reader = stack.bench_at("reader", Role::Technician, &far.url())?;
    let mut writing = maker.client()?;
    let mut listening = reader.client()?;
    listening.must(Request::Subscribe)?;
    let mut screen = Watching::begin(listening, id)?;
    let (mut made, mut read) = (Values::default(), Values::default());
    let total = |it: (u64, u64)| it.0 + it.1;
    let mut costs = (0, 0);
    for round in 0..rounds {
        let before = (total(near.carried()), total(far.carried()));
        let text = format!("a note that is counted, {round}");
        writing.save(vec![note(id, "lights.horn", &text)?])?;
        screen.hear(&text)?;
        maker.settled()?;
        costs = (
            total(near.carried()) - before.0,
            total(far.carried()) - before.1,
        );
        made.ours(f64::from(u32::try_from(costs.0)?));
        read.ours(f64::from(u32::try_from(costs.1)?));
    }
    ensure!(costs.0 > 0 && costs.1 > 0, "nothing passed the proxies");
    let what = format!(
        "bytes on the wire for an edit at the bench that makes it, both ways, all included; {} at \
         a bench that hears of it",
        read.median().round()
    );
    Ok(made.costs("W2", what, "bytes"))
}
