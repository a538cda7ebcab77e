//! Our side: the decision path of the API over its real storage.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use redtag_protocol::{api::ops::Outcome, op::Verdict, stamp::Stamp};
use redtag_server::{
    core::push::{Recent, push},
    storage::Storage,
};
use tokio::{runtime::Runtime, task::JoinSet, time::sleep};

use super::{Timing, scene::Bench};
use crate::now;

/// Lets every bench push, one batch after the other and each when the one before was answered, and
/// gives the operations accepted per second. Every outcome is looked at.
pub(super) fn run(
    runtime: &Runtime,
    storage: &Arc<dyn Storage>,
    recent: &Arc<Recent>,
    benches: &mut Vec<Bench>,
    batch: u32,
    timing: Timing,
) -> Result<f64> {
    runtime.block_on(async {
        let accepted = Arc::new(AtomicU64::new(0));
        let ending = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for mut bench in benches.drain(..) {
            let (storage, recent) = (storage.clone(), recent.clone());
            let (accepted, ending) = (accepted.clone(), ending.clone());
            tasks.spawn(async move {
                while !ending.load(Ordering::Relaxed) {
                    step(&*storage, &recent, &mut bench, batch).await?;
                    accepted.fetch_add(u64::from(batch), Ordering::Relaxed);
                }
                anyhow::Ok(bench)
            });
        }
        sleep(timing.warm).await;
        let rate = during(&accepted, timing.measured).await;
        ending.store(true, Ordering::Relaxed);
        while let Some(ended) = tasks.join_next().await {
            benches.push(ended??);
        }
        Ok(rate)
    })
}

async fn during(count: &AtomicU64, time: Duration) -> f64 {
    let (before, began) = (count.load(Ordering::Relaxed), Instant::now());
    sleep(time).await;
    let done = count.load(Ordering::Relaxed) - before;
    #[expect(clippy::cast_precision_loss, reason = "some ten thousands")]
    let done = done as f64;
    done / began.elapsed().as_secs_f64()
}

/// One batch, from its bytes to the answer.
pub(super) async fn step(
    storage: &dyn Storage,
    recent: &Recent,
    bench: &mut Bench,
    batch: u32,
) -> Result<()> {
    let ops = bench.operations(batch)?;
    let pushed = push(storage, recent, bench.sender, &ops, Stamp(now())).await?;
    ensure!(pushed.answer.ending.is_none(), "{:?}", pushed.answer.ending);
    ensure!(
        pushed.answer.outcomes.len() == ops.len(),
        "an outcome is missing"
    );
    for numbered in &pushed.answer.outcomes {
        match &numbered.outcome {
            Outcome::Accepted {
                verdict: Verdict::Applied | Verdict::Merged,
                seq,
            } if !numbered.replayed => bench.saw(*seq),
            other => bail!("an edit was not just accepted: {other:?}"),
        }
    }
    Ok(())
}
