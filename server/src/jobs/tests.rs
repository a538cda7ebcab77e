use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use redtag_protocol::{
    entity::EntityRef,
    op::Edit,
    stamp::{Seq, Stamp},
};
use tokio_util::sync::CancellationToken;

use super::forget;
use crate::{
    core::{
        shops::{self, Templates},
        tests::{NOW, Stage, accepted, new_vehicle, vehicle},
    },
    storage::{Shops as _, StorageError, conformance::Place as _},
    testing::{Ailing, Ailment},
};

const DAY: u64 = 86_400_000;

/// A shop with an outcome, and when that is to be forgotten.
async fn stage() -> (Stage, Stamp) {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops = [bench.op(Seq(0), vehicle(new_vehicle()))];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
    (stage, Stamp(NOW.0 + 45 * DAY + 1))
}

#[tokio::test]
async fn outcomes_are_kept_for_45_days() {
    let stage = Stage::new().await;
    let goes_on = CancellationToken::new();
    let mut bench = stage.bench(stage.technician);
    let ops = [bench.op(Seq(0), vehicle(new_vehicle()))];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
    let early = forget(&stage.storage, Stamp(NOW.0 + 45 * DAY), &goes_on).await;
    assert_eq!(early.unwrap(), 0);
    assert!(stage.push(&bench, &ops).await.outcomes[0].replayed);
    let late = forget(&stage.storage, Stamp(NOW.0 + 45 * DAY + 1), &goes_on).await;
    assert_eq!(late.unwrap(), 1);
}

#[tokio::test]
async fn a_shop_that_fails_does_not_keep_the_others_from_forgetting() {
    let (stage, late) = stage().await;
    // Looked at first, for its name.
    let first = shops::create(&stage.storage, "A", Templates::None, NOW).await;
    first.unwrap();
    let failed = AtomicBool::new(false);
    let storage = Ailing::new(Arc::new(stage.here.open().await), move |call| {
        (call == "forget_outcomes" && !failed.swap(true, Ordering::SeqCst))
            .then_some(Ailment::Fails(StorageError::Busy))
    });
    let count = forget(&storage, late, &CancellationToken::new()).await;
    assert_eq!(count.unwrap(), 1);
}

#[tokio::test]
async fn a_server_that_is_to_end_forgets_nothing_more() {
    let (stage, late) = stage().await;
    let ending = CancellationToken::new();
    ending.cancel();
    assert_eq!(forget(&stage.storage, late, &ending).await.unwrap(), 0);
}

#[tokio::test]
async fn a_deletion_is_remembered_for_180_days_and_older_cursors_begin_anew() {
    let stage = Stage::new().await;
    let goes_on = CancellationToken::new();
    let mut bench = stage.bench(stage.owner);
    let id = new_vehicle();
    let ops = [bench.op(Seq(0), vehicle(id))];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
    let seen = stage.seq().await;
    let what = EntityRef::Vehicle(id);
    let ops = [bench.op(seen, Edit::Delete { what })];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
    let gone = stage.seq().await;
    let early = forget(&stage.storage, Stamp(NOW.0 + 180 * DAY), &goes_on).await;
    assert_eq!(early.unwrap(), 2, "the two outcomes");
    let head = stage.storage.head(stage.shop).await.unwrap();
    assert_eq!(head.floor, Seq(0));
    let late = forget(&stage.storage, Stamp(NOW.0 + 180 * DAY + 1), &goes_on).await;
    assert_eq!(late.unwrap(), 1);
    let head = stage.storage.head(stage.shop).await.unwrap();
    assert_eq!((head.floor, head.seq), (gone, gone));
}
