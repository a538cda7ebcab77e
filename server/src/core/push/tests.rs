mod cuts;
mod erasing;
mod lives;
mod panics;
mod removal;
mod replays;
mod rules;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use redtag_protocol::{
    api::ops::Ending,
    entity::{EntityRef, Kind},
    op::{MAX_BATCH, MIN_SCHEMA, RefusalCode, SCHEMA},
    stamp::{Seq, Stamp},
};
use serde_json::value::RawValue;

use super::{PushError, push};
use crate::{
    core::{
        members,
        tests::{
            NOW, Stage, accepted, bay, code, customer, inspection, new_customer, new_inspection,
            new_vehicle, refusal, vehicle,
        },
    },
    storage::{Shops as _, StorageError, conformance::Place as _},
    testing::{Ailing, Ailment, garble},
};

fn raw(text: &str) -> Box<RawValue> {
    RawValue::from_string(text.to_owned()).unwrap()
}

#[tokio::test]
async fn a_gap_names_the_number_expected_and_decides_nothing_behind_it() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops: Vec<_> = (0..4)
        .map(|_| bench.op(Seq(0), vehicle(new_vehicle())))
        .collect();
    let answer = stage.push(&bench, &ops[1..]).await;
    assert_eq!(answer.outcomes, []);
    assert_eq!(answer.ending, Some(Ending::Gap { expected: 1 }));
    let holed = [ops[0].clone(), ops[2].clone()];
    let answer = stage.push(&bench, &holed).await;
    assert_eq!(accepted(&answer), 1);
    assert_eq!(answer.ending, Some(Ending::Gap { expected: 2 }));
    assert_eq!(stage.count(Kind::Vehicle).await, 1);
}

#[tokio::test]
async fn numbers_that_stand_still_are_a_bad_request() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let op = bench.op(Seq(0), vehicle(new_vehicle()));
    let twice = [op.clone(), op];
    let refused = stage.try_push(&bench, &twice).await;
    assert!(matches!(refused, Err(PushError::Unordered { .. })));
    for bad in ["{}", "7", "{\"number\":-1}", "{\"number\":\"1\"}"] {
        let refused = stage.try_push(&bench, &[raw(bad)]).await;
        assert!(
            matches!(refused, Err(PushError::Unreadable { .. })),
            "{bad}"
        );
    }
    let refused = stage.try_push(&bench, &[raw("{\"number\":0}")]).await;
    assert!(matches!(refused, Err(PushError::Unordered { .. })));
    assert_eq!(stage.count(Kind::Vehicle).await, 0);
}

#[tokio::test]
async fn an_unknown_schema_ends_the_batch_and_uses_no_number() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let first = bench.op(Seq(0), vehicle(new_vehicle()));
    let newer = raw("{\"number\":2,\"group\":2,\"schema\":9,\"edit\":{\"do\":\"unheard_of\"}}");
    let answer = stage.push(&bench, &[first, newer]).await;
    assert_eq!(accepted(&answer), 1);
    assert_eq!(
        answer.ending,
        Some(Ending::UpgradeRequired {
            min: MIN_SCHEMA,
            max: SCHEMA
        })
    );
    // One that is older than any that is taken is none of ours either.
    let older = raw("{\"number\":2,\"group\":2,\"schema\":0,\"edit\":{\"do\":\"forgotten\"}}");
    let answer = stage.push(&bench, &[older]).await;
    assert!(answer.outcomes.is_empty());
    assert!(matches!(
        answer.ending,
        Some(Ending::UpgradeRequired { .. })
    ));
    let last = stage.storage.last_number(stage.shop, bench.sender.device);
    assert_eq!(last.await.unwrap(), 1);
}

#[tokio::test]
async fn a_stroke_of_which_one_edit_is_unknown_waits_whole() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops = [
        bench.op(Seq(0), vehicle(new_vehicle())),
        bench.grouped(2, Seq(0), vehicle(new_vehicle())),
        bench.grouped(2, Seq(0), vehicle(new_vehicle())),
        raw("{\"number\":4,\"group\":2,\"schema\":99,\"edit\":{\"do\":\"unheard_of\"}}"),
    ];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!((accepted(&answer), answer.outcomes.len()), (1, 1));
    assert!(matches!(
        answer.ending,
        Some(Ending::UpgradeRequired { .. })
    ));
    assert_eq!(stage.count(Kind::Vehicle).await, 1);
    let last = stage.storage.last_number(stage.shop, bench.sender.device);
    assert_eq!(last.await.unwrap(), 1);
    // Where it stands first, nothing is taken, and after the upgrade all of it.
    let answer = stage.push(&bench, &ops[1..]).await;
    assert!(answer.outcomes.is_empty());
    let known = bench.grouped(2, Seq(0), vehicle(new_vehicle()));
    let answer = stage
        .push(&bench, &[ops[1].clone(), ops[2].clone(), known])
        .await;
    assert_eq!((accepted(&answer), answer.ending), (3, None));
}

#[tokio::test]
async fn an_unreadable_operation_costs_only_itself() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let mut ops = vec![bench.op(Seq(0), vehicle(new_vehicle()))];
    for edit in [
        "{\"do\":\"unheard_of\"}",
        "{\"do\":\"move\",\"id\":\"no id\",\"verb\":\"start\",\"from\":\"draft\"}",
        "{\"do\":\"create_customer\",\"id\":\"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b\",\"name\":\"A\",\"shoe_size\":9}",
        "{\"do\":\"inspection\",\"id\":\"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b\",\"write\":{\"field\":\"answer\",\"point\":\"lights.horn\",\"answer\":{\"value\":{\"measured\":{\"value\":\"3\",\"unit\":\"mm\",\"shade\":1}}}}}",
        "{\"do\":\"inspection\",\"id\":\"019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b\",\"write\":{\"field\":\"answer\",\"point\":\"lights.horn\",\"answer\":{\"value\":{\"signed\":{\"name\":\"A\",\"at\":1,\"ink\":1}}}}}",
    ] {
        bench.number += 1;
        let number = bench.number;
        ops.push(raw(&format!(
            "{{\"number\":{number},\"group\":{number},\"stamp\":1,\"base\":0,\"schema\":1,\"edit\":{edit}}}"
        )));
    }
    ops.push(bench.op(Seq(0), vehicle(new_vehicle())));
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(answer.ending, None);
    assert_eq!(accepted(&answer), 2);
    for place in 1..=5 {
        assert_eq!(code(&answer, place), RefusalCode::Invalid);
    }
    assert!(refusal(&answer, 3).words.contains("shoe_size"));
    assert!(!refusal(&answer, 2).words.contains("no id"), "no values");
    assert_eq!(stage.count(Kind::Vehicle).await, 2);
}

#[tokio::test]
async fn a_document_that_cannot_be_read_costs_only_its_own_edits() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let broken = new_inspection();
    garble(&stage.storage, stage.shop, EntityRef::Inspection(broken)).await;
    let ops = [
        bench.op(Seq(0), vehicle(new_vehicle())),
        bench.op(Seq(0), bay(broken, "1")),
        bench.op(Seq(0), vehicle(new_vehicle())),
        bench.op(Seq(0), bay(broken, "2")),
        bench.op(Seq(0), vehicle(new_vehicle())),
    ];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(answer.ending, None);
    assert_eq!(accepted(&answer), 3);
    assert_eq!(code(&answer, 1), RefusalCode::Internal);
    assert_eq!(code(&answer, 3), RefusalCode::Internal);
    let again = stage.push(&bench, &ops).await;
    assert!(again.outcomes.iter().all(|it| it.replayed));
}

/// Even a refusal that cannot be stored takes nothing back that was decided before it.
#[tokio::test]
async fn what_was_decided_is_told_whatever_follows() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops: Vec<_> = (0..MAX_BATCH)
        .map(|_| bench.op(Seq(0), vehicle(new_vehicle())))
        .collect();
    for well in [0, 1] {
        let begun = AtomicUsize::new(0);
        let storage = Ailing::new(Arc::new(stage.here.open().await), move |call| {
            let fails = call == "begin_for" && begun.fetch_add(1, Ordering::SeqCst) >= well;
            fails.then(|| Ailment::Fails(StorageError::Constraint("a row".to_owned())))
        });
        let pushed = push(&storage, &stage.recent, bench.sender, &ops, NOW).await;
        if well == 0 {
            assert!(matches!(pushed, Err(PushError::Storage(_))), "{pushed:?}");
            continue;
        }
        let pushed = pushed.unwrap();
        let decided = accepted(&pushed.answer);
        assert!(0 < decided && decided < MAX_BATCH, "{decided}");
        assert_eq!(
            pushed.answer.ending,
            Some(Ending::RetryAfter { seconds: 30 })
        );
        assert_eq!(pushed.seq, Some(stage.seq().await));
    }
}

#[tokio::test]
async fn too_much_at_once_is_sent_back_whole() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let many: Vec<_> = (0..=MAX_BATCH)
        .map(|_| bench.op(Seq(0), vehicle(new_vehicle())))
        .collect();
    let refused = stage.try_push(&bench, &many).await;
    assert!(matches!(refused, Err(PushError::TooLarge)));
    let answer = stage.push(&bench, &many[..MAX_BATCH]).await;
    assert_eq!(accepted(&answer), MAX_BATCH);
    assert_eq!(stage.count(Kind::Vehicle).await, MAX_BATCH);

    let mut other = stage.bench(stage.technician);
    let long = "x".repeat(300_000);
    let wide: Vec<_> = (0..4)
        .map(|_| other.op(Seq(0), customer(new_customer(), &long)))
        .collect();
    let refused = stage.try_push(&other, &wide).await;
    assert!(matches!(refused, Err(PushError::TooLarge)));
}

#[tokio::test]
async fn who_left_the_shop_is_told_so() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    members::remove(&stage.storage, stage.shop, stage.technician, NOW)
        .await
        .unwrap();
    let op = bench.op(Seq(0), vehicle(new_vehicle()));
    let refused = stage.try_push(&bench, &[op]).await;
    assert!(matches!(refused, Err(PushError::NotAMember)));
}

#[tokio::test]
async fn the_hint_says_how_far_the_shop_is() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let before = stage.seq().await;
    let taken = [bench.op(Seq(0), vehicle(new_vehicle()))];
    let pushed = stage.try_push(&bench, &taken).await.unwrap();
    assert_eq!(pushed.seq, Some(before.next()));
    let again = stage.try_push(&bench, &taken).await.unwrap();
    assert_eq!(again.seq, None);
    let refused = [bench.op(Seq(0), bay(new_inspection(), "1"))];
    let pushed = stage.try_push(&bench, &refused).await.unwrap();
    assert_eq!(pushed.seq, None, "a refusal moves nothing");
}

#[tokio::test]
async fn a_clock_that_is_ahead_is_held_back() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let (vehicle_id, id) = (new_vehicle(), new_inspection());
    let ops = [
        bench.op(Seq(0), vehicle(vehicle_id)),
        bench.op(Seq(0), inspection(id, stage.template, vehicle_id)),
    ];
    let earlier = Stamp(NOW.0 - 3_600_000);
    push(&stage.storage, &stage.recent, bench.sender, &ops, earlier)
        .await
        .unwrap();
    let created = stage.inspection(id).await.created.stamp;
    assert_eq!(created, Stamp(earlier.0 + 60_000));
}
