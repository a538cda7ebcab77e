use redtag_protocol::stamp::{Seq, Stamp};

use super::forget;
use crate::core::tests::{NOW, Stage, accepted, new_vehicle, vehicle};

#[tokio::test]
async fn outcomes_are_kept_for_45_days() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops = [bench.op(Seq(0), vehicle(new_vehicle()))];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
    let day = 86_400_000;
    let early = forget(&stage.storage, Stamp(NOW.0 + 45 * day)).await;
    assert_eq!(early.unwrap(), 0);
    assert!(stage.push(&bench, &ops).await.outcomes[0].replayed);
    let late = forget(&stage.storage, Stamp(NOW.0 + 45 * day + 1)).await;
    assert_eq!(late.unwrap(), 1);
}
