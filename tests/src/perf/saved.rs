//! E1: how long a person waits for “saved”, and how often the disk does.

mod syncs;

use std::{env, time::Instant};

use anyhow::Result;
use redtag_protocol::role::Role;

use super::{
    Plan,
    floor::Bare,
    report::{Pairs, Row},
};
use crate::harness::{Stack, note};

/// One edit through the daemon's socket until it says “saved”, offline, so that nothing else is
/// done meanwhile; the floor is one durable commit of the same bytes.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let rounds = plan.rounds(if plan.quick { 300 } else { 2_000 });
    let mut stack = Stack::new(env::current_exe()?)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("PERF 1")?;
    let mut client = bench.client()?;
    client.start(id)?;
    bench.settled()?;
    stack.stop()?;
    let bare = Bare::make(&stack.ground().path().join("floor.db"))?;
    let mut pairs = Pairs::default();
    for round in 0..rounds {
        let edit = note(id, "lights.horn", &format!("a note of some words, {round}"))?;
        let bytes = serde_json::to_vec(&edit)?;
        let began = Instant::now();
        client.save(vec![edit])?;
        pairs.ours(began.elapsed());
        let began = Instant::now();
        bare.append(&bytes)?;
        pairs.floor(began.elapsed());
    }
    let what = "one edit saved through the daemon's socket; floor: one durable SQLCipher commit of \
                the same bytes";
    let mut rows = vec![pairs.times("E1", what)];
    rows.push(syncs::row(&mut client, id)?);
    Ok(rows)
}
