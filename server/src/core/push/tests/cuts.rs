//! Where a batch is cut into transactions: so many operations hold the shop's counter at most, and no
//! stroke is torn.

use std::collections::HashSet;

use redtag_protocol::{apply, op::MAX_GROUP};

use super::super::{Ground, MOST, Pace, STRETCH, batch, turn};
use super::*;
use crate::core::tests::Bench;

/// How many operations each transaction of a batch decides.
async fn turns(stage: &Stage, bench: &Bench, ops: &[Box<RawValue>]) -> Vec<usize> {
    let batch = batch::read(ops).unwrap();
    let ground = Ground {
        storage: &stage.storage,
        recent: &stage.recent,
        sender: bench.sender,
        now: NOW,
        rules: apply::apply_to,
    };
    let mut rest = batch.operations.as_slice();
    let mut turns = Vec::new();
    while !rest.is_empty() {
        let done = turn(&ground, rest, Pace::Many, &HashSet::new()).await;
        let decided = done.unwrap().outcomes.len();
        assert!(decided > 0, "nothing was decided");
        turns.push(decided);
        rest = &rest[decided..];
    }
    turns
}

#[tokio::test]
async fn a_long_batch_is_several_transactions_and_no_stroke_is_torn() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let single: Vec<_> = (0..MAX_BATCH)
        .map(|_| bench.op(Seq(0), vehicle(new_vehicle())))
        .collect();
    // A slow machine cuts sooner.
    let cuts = turns(&stage, &bench, &single).await;
    assert!(
        cuts.len() > 1 && cuts.iter().all(|it| *it < MOST + STRETCH),
        "{cuts:?}"
    );
    assert_eq!(cuts.iter().sum::<usize>(), MAX_BATCH);

    let mut bench = stage.bench(stage.technician);
    let mut strokes = Vec::new();
    for stroke in 0..MAX_BATCH / MAX_GROUP {
        let first = (stroke * MAX_GROUP + 1) as u64;
        let of = (0..MAX_GROUP).map(|_| bench.grouped(first, Seq(0), vehicle(new_vehicle())));
        strokes.extend(of);
    }
    let cuts = turns(&stage, &bench, &strokes).await;
    assert!(cuts.len() > 1, "{cuts:?}");
    for cut in &cuts {
        assert!(cut % MAX_GROUP == 0 && *cut < MOST + MAX_GROUP, "{cuts:?}");
    }
    assert_eq!(stage.count(Kind::Vehicle).await, 2 * MAX_BATCH);
}
