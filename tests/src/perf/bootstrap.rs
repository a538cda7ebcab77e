//! W1 and W5: how fast an empty bench has the whole shop, when a person can begin, when the search
//! is whole, and what memory that takes.

mod floor;
mod ours;
mod turso;

use std::env;

use anyhow::Result;

pub(super) use self::ours::sign_in;
use self::{floor::Floor, ours::Filled};
use super::{
    Plan, corpus, delta,
    floor::Server,
    process,
    report::{Bound, Pairs, Row, Values},
};
use crate::harness::Stack;

/// W1a: ours to the floor's.
const RATE: f64 = 1.5;
/// W1a: the rate of the large shop to that of the small one.
const STEADY: f64 = 0.7;
/// W1b: ours to the floor's.
const SEARCH: f64 = 1.3;
/// W1c: milliseconds.
const USABLE: f64 = 1_000.0;
/// W5: MiB while the bench fills, when it is idle after it, and of the API.
const FILLING: f64 = 96.0;
const IDLE: f64 = 40.0;
const API: f64 = 128.0;

/// One shop after the other: the small one in several rounds, the large one in as many as the time
/// allows. The large one also serves for W4, for it takes minutes to make.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let shops: &[(usize, usize)] = if plan.quick {
        &[(1_000, 2), (5_000, 1)]
    } else {
        &[(10_000, 3), (100_000, 1)]
    };
    let fills = ["W1a", "W1b", "W1c", "W5"].iter().any(|id| plan.wants(id));
    let mut rows = Vec::new();
    let mut small: Option<(usize, f64)> = None;
    for (place, (inspections, rounds)) in (1..).zip(shops) {
        let (inspections, rounds) = (plan.shop(*inspections), plan.rounds(*rounds));
        let is_large = place == shops.len();
        if !fills && !is_large {
            continue;
        }
        plan.say(format_args!("making a shop of {inspections}"));
        let mut stack = Stack::new(env::current_exe()?)?;
        let seeded = corpus::seed(&mut stack, inspections, corpus::OPEN)?;
        if fills {
            let round = Rounds::of(plan, &stack, &seeded, rounds)?;
            if let Some((than, rate)) = small {
                let mut steady = Values::default();
                steady.pair(round.rate, rate);
                let what = format!("{inspections} inspections; floor: our own rate at {than}");
                rows.push(steady.rates("W1a", what, "insp/s").reaching(STEADY));
            }
            small = Some((inspections, round.rate));
            rows.extend(round.rows);
        }
        if is_large && plan.wants("W4") {
            rows.extend(delta::measure(plan, &mut stack, &seeded)?);
        }
    }
    Ok(rows)
}

/// What some rounds over one shop gave.
struct Rounds {
    rows: Vec<Row>,
    rate: f64,
}

impl Rounds {
    fn of(plan: &Plan, stack: &Stack, seeded: &corpus::Seeded, rounds: usize) -> Result<Self> {
        let inspections = seeded.inspections;
        let count = f64::from(u32::try_from(inspections)?);
        let directory = stack.ground().path().to_owned();
        let server = Server::start(&directory, &seeded.text)?;
        let (mut whole, mut searched, mut usable) =
            (Pairs::default(), Pairs::default(), Pairs::default());
        let (mut api, mut filling, mut idle) =
            (Values::default(), Values::default(), Values::default());
        let mut seen = Vec::new();
        for round in 0..rounds {
            plan.say(format_args!(
                "W1 {inspections}: round {} of {rounds}",
                round + 1
            ));
            rustix::fs::sync();
            let bench = format!("bench{round}");
            let mine = ours::fill(stack, &bench, seeded)?;
            whole.ours(mine.whole);
            usable.ours(mine.usable);
            if let Some(took) = mine.searched {
                searched.ours(took);
            }
            filling.ours(mine.filling);
            idle.ours(mine.idle);
            api.ours(mine.api);
            std::fs::remove_dir_all(directory.join(&bench))?;
            rustix::fs::sync();
            let file = directory.join(format!("floor{round}.db"));
            let floor = Floor::fill(&file, &server, seeded)?;
            whole.floor(floor.whole);
            searched.floor(floor.searched);
            std::fs::remove_file(&file)?;
            seen.push((mine, floor));
        }
        let text = &seeded.text;
        let body = text.inspection_bytes / u64::try_from(inspections)?;
        let shop = format!(
            "{inspections} inspections of {body} bytes ({} open), {} documents in all, {} events",
            seeded.working.len(),
            seeded.documents,
            seeded.events
        );
        let rates = whole.rates(
            "W1a",
            format!("{shop}, durable and openable; floor: the same bytes"),
            "insp/s",
            count,
        );
        let rate = rates.median;
        let mut rows = vec![rates.reaching(RATE)];
        if inspections <= 10_000 {
            rows.push(turso::row(plan, seeded, rate));
        }
        rows.push(if seen.iter().all(|(mine, _)| mine.searched.is_some()) {
            let what = format!(
                "{inspections} inspections: from the sign-in until the search is whole; floor: \
                 its documents and then the same table; {}",
                Filled::phases(&seen)
            );
            let row = searched.times("W1b", what);
            row.bounded(Bound::RatioAtMost, SEARCH)
        } else {
            Row::without("W1b", "the bench has no search index yet")
        });
        let what = format!(
            "{inspections} inspections: from the sign-in until the first 50 rows of the board are \
             those of the whole shop"
        );
        let row = usable.times("W1c", what);
        rows.push(row.bounded(Bound::SlowAtMost, USABLE));
        for (values, what, most) in [
            (filling, "peak of the daemon while it fills", FILLING),
            (idle, "the daemon idle after it", IDLE),
            (api, "peak of the API meanwhile", API),
        ] {
            let what = format!("RssAnon with {inspections} inspections: {what}");
            let row = values.costs("W5", what, "MiB");
            rows.push(row.bounded(Bound::SlowAtMost, most));
        }
        rows.push(wire(stack, seeded)?);
        Ok(Self { rows, rate })
    }
}

/// Bytes over the line for each document, counted at a proxy, in a round that is not timed.
fn wire(stack: &Stack, seeded: &corpus::Seeded) -> Result<Row> {
    let line = crate::harness::Proxy::before(stack.address())?;
    ours::fill_at(stack, "counted", seeded, &line.url())?;
    let home = stack.ground().path().join("counted");
    let disk = process::size(&home)?;
    std::fs::remove_dir_all(&home)?;
    let count = f64::from(u32::try_from(seeded.documents)?);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
    let (carried, bodies) = (line.carried().1 as f64, seeded.text.bytes as f64);
    let mut bytes = Values::default();
    bytes.pair(carried / count, bodies / count);
    let what = format!(
        "bytes on the wire for a bootstrapped document, events of open inspections included; \
         floor: its body's bytes; the bench's files then hold {disk:.1} MiB"
    );
    Ok(bytes.costs("W1a", what, "bytes"))
}
