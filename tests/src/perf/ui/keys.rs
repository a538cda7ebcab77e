//! U2: from a key to the last byte of its reaction, and how many bytes that is.

use anyhow::Result;

use super::{echo, line::Line, on_the_board};
use crate::{
    harness::Device,
    perf::{
        Plan,
        report::{Bound, Pairs, Row, Values},
    },
};

/// Milliseconds to the median of a line and of a page, and above the floor for the slow end.
const LINE: f64 = 1.0;
const PAGE: f64 = 2.0;
const ABOVE: f64 = 8.0;
/// Bytes of a line and of a page.
const LINE_BYTES: f64 = 500.0;
const PAGE_BYTES: f64 = 5_000.0;

/// Keys that go through a list: down and up again in turns, so that a thousand of them find lines.
struct Walk {
    what: &'static str,
    there: &'static str,
    back: &'static str,
    /// So many there before as many go back.
    stretch: usize,
    count: usize,
    most: f64,
    bytes: f64,
}

const BOARD: &[Walk] = &[
    Walk {
        what: "a line of the board",
        there: "\x1b[B",
        back: "\x1b[A",
        stretch: 200,
        count: 500,
        most: LINE,
        bytes: LINE_BYTES,
    },
    Walk {
        what: "a page of the board",
        there: "\x1b[6~",
        back: "\x1b[5~",
        stretch: 50,
        count: 200,
        most: PAGE,
        bytes: PAGE_BYTES,
    },
];

const INSPECTION: &[Walk] = &[
    Walk {
        what: "a point of an inspection",
        there: "\x1b[B",
        back: "\x1b[A",
        stretch: 50,
        count: 250,
        most: LINE,
        bytes: LINE_BYTES,
    },
    Walk {
        what: "a section of an inspection",
        there: "\t",
        back: "\x1b[Z",
        stretch: 7,
        count: 50,
        most: PAGE,
        bytes: PAGE_BYTES,
    },
];

pub(super) fn measure(plan: &Plan, full: &Device, shop: &str) -> Result<Vec<Row>> {
    let mut line = on_the_board(full)?;
    let mut floor = echo::open()?;
    let mut rows = Vec::new();
    for walk in BOARD {
        rows.extend(measured(plan, &mut line, &mut floor, walk, shop)?);
    }
    line.react("\x1b[H")?;
    line.strike("\r")?;
    line.wait_for("answered")?;
    line.still()?;
    for walk in INSPECTION {
        rows.extend(measured(plan, &mut line, &mut floor, walk, shop)?);
    }
    Ok(rows)
}

fn measured(
    plan: &Plan,
    line: &mut Line,
    floor: &mut Line,
    walk: &Walk,
    shop: &str,
) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick {
        walk.count / 10
    } else {
        walk.count
    });
    let mut times = Pairs::default();
    let mut bytes = Values::default();
    for round in 0..rounds {
        let forth = (round / walk.stretch).is_multiple_of(2);
        let key = if forth { walk.there } else { walk.back };
        let ours = line.react(key)?;
        times.ours(ours.took);
        bytes.ours(f64::from(u32::try_from(ours.bytes)?));
        times.floor(floor.react("x")?.took);
    }
    let what = format!(
        "from a key to the last byte of its reaction, {}, {shop}; floor: a program that echoes; \
         the slow end at most {ABOVE} ms above the floor's",
        walk.what
    );
    let mut times = times
        .times("U2", what)
        .bounded(Bound::MedianAtMost, walk.most);
    let near = times.p99 - times.spread.floor_p99 <= ABOVE;
    times.met = times.met.map(|met| met && near);
    let what = format!("bytes to the terminal for it, {}", walk.what);
    let bytes = bytes.costs("U2", what, "bytes");
    Ok(vec![times, bytes.bounded(Bound::MedianAtMost, walk.bytes)])
}
