//! Groups, parents, conflicts and roles, as a bench meets them.

use redtag_protocol::{
    api::ops::Outcome,
    entity::Kind,
    lifecycle::{State, Verb},
    op::{MAX_GROUP, RefusalCode, Verdict},
    role::Role,
    stamp::Seq,
};

use crate::core::tests::{
    NOW, Stage, accepted, bay, code, customer, go, inspection, member, new_customer,
    new_inspection, new_vehicle, note, refusal, vehicle,
};

fn verdict(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Accepted { verdict, .. } => *verdict,
        refused @ Outcome::Refused { .. } => unreachable!("{refused:?}"),
    }
}

#[tokio::test]
async fn a_refused_member_refuses_its_group() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let ops = [
        bench.op(Seq(0), customer(new_customer(), "A")),
        bench.grouped(2, Seq(0), vehicle(new_vehicle())),
        bench.grouped(2, Seq(0), bay(new_inspection(), "1")),
        bench.grouped(2, Seq(0), vehicle(new_vehicle())),
        bench.op(Seq(0), customer(new_customer(), "B")),
    ];
    let before = stage.seq().await;
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(accepted(&answer), 2);
    assert_eq!(code(&answer, 2), RefusalCode::NotFound);
    for place in [1, 3] {
        assert_eq!(code(&answer, place), RefusalCode::Group);
        assert_eq!(refusal(&answer, place).because, Some(3));
    }
    assert_eq!(stage.count(Kind::Vehicle).await, 0);
    assert_eq!(stage.seq().await, Seq(before.0 + 2), "no sequence is lost");
}

#[tokio::test]
async fn a_group_sees_its_own_documents() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        bench.grouped(1, Seq(0), vehicle(car)),
        bench.grouped(1, Seq(0), inspection(id, stage.template, car)),
        bench.grouped(1, Seq(0), go(id, Verb::Start, State::Draft)),
        bench.grouped(1, Seq(0), note(id, "hoarse")),
    ];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(accepted(&answer), 4);
    let found = stage.inspection(id).await;
    assert_eq!(found.number, Some(1));
    assert_eq!(found.state.value, State::InProgress);
    // A refused ticket uses up no number.
    let (refused, second) = (new_inspection(), new_inspection());
    let ops = [
        bench.grouped(5, Seq(0), inspection(refused, stage.template, car)),
        bench.grouped(5, Seq(0), bay(new_inspection(), "1")),
        bench.grouped(7, Seq(0), inspection(second, stage.template, car)),
    ];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
    assert_eq!(stage.inspection(second).await.number, Some(2));
}

#[tokio::test]
async fn a_group_that_is_too_large_is_refused_whole() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let mut ops: Vec<_> = (0..=MAX_GROUP)
        .map(|_| bench.grouped(1, Seq(0), vehicle(new_vehicle())))
        .collect();
    ops.push(bench.op(Seq(0), vehicle(new_vehicle())));
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(accepted(&answer), 1);
    assert_eq!(code(&answer, 0), RefusalCode::Invalid);
    assert_eq!(refusal(&answer, MAX_GROUP).because, Some(1));
}

#[tokio::test]
async fn what_depends_on_a_refused_creation_names_it() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let (car, id) = (new_vehicle(), new_inspection());
    let nameless = customer(new_customer(), "");
    let ops = [
        bench.grouped(1, Seq(0), nameless),
        bench.grouped(1, Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
        bench.op(Seq(0), bay(id, "4")),
    ];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(accepted(&answer), 0);
    assert_eq!(code(&answer, 2), RefusalCode::Parent);
    assert_eq!(refusal(&answer, 2).parent, Some(2));
    assert_eq!(refusal(&answer, 3).parent, Some(3));
    // Also in a later batch, from what was kept.
    let later = [bench.op(Seq(0), note(id, "late"))];
    let answer = stage.push(&bench, &later).await;
    assert_eq!(code(&answer, 0), RefusalCode::Parent);
    assert_eq!(refusal(&answer, 0).parent, Some(3));
    // Once it is there after all, nothing stands in the way.
    let retried = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
        bench.op(Seq(0), bay(id, "4")),
    ];
    assert_eq!(accepted(&stage.push(&bench, &retried).await), 3);
}

#[tokio::test]
async fn two_benches_conflict_only_on_the_same_field() {
    let stage = Stage::new().await;
    let mut one = stage.bench(stage.technician);
    let mut two = stage.bench(stage.owner);
    let (car, id) = (new_vehicle(), new_inspection());
    let create = [
        one.op(Seq(0), vehicle(car)),
        one.op(Seq(0), inspection(id, stage.template, car)),
    ];
    stage.push(&one, &create).await;
    let seen = stage.seq().await;
    let first = [one.op(seen, bay(id, "1")), one.op(seen, note(id, "a"))];
    stage.push(&one, &first).await;
    let second = [two.op(seen, bay(id, "2"))];
    let answer = stage.push(&two, &second).await;
    assert_eq!(verdict(&answer.outcomes[0].outcome), Verdict::ConflictKept);
    let found = stage.inspection(id).await;
    let sides: Vec<_> = found.conflicts.into_keys().collect();
    assert_eq!(sides, ["bay"]);
    // The first bench alone never conflicts with itself, whatever its base.
    let again = [one.op(seen, note(id, "b"))];
    let answer = stage.push(&one, &again).await;
    assert_ne!(verdict(&answer.outcomes[0].outcome), Verdict::ConflictKept);
}

#[tokio::test]
async fn a_base_of_the_future_flags_rather_than_loses() {
    let stage = Stage::new().await;
    let mut one = stage.bench(stage.technician);
    let mut two = stage.bench(stage.owner);
    let (car, id) = (new_vehicle(), new_inspection());
    let create = [
        one.op(Seq(0), vehicle(car)),
        one.op(Seq(0), inspection(id, stage.template, car)),
        one.op(Seq(0), bay(id, "1")),
    ];
    stage.push(&one, &create).await;
    let later = [two.op(Seq(9_999), bay(id, "2"))];
    let answer = stage.push(&two, &later).await;
    assert_eq!(verdict(&answer.outcomes[0].outcome), Verdict::ConflictKept);
}

#[tokio::test]
async fn work_that_comes_too_late_is_kept() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let mut desk = stage.bench(stage.owner);
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
        bench.op(Seq(0), go(id, Verb::Start, State::Draft)),
        bench.op(Seq(0), go(id, Verb::Submit, State::InProgress)),
    ];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 4);
    let late = [desk.op(Seq(1), note(id, "from the other bench"))];
    let answer = stage.push(&desk, &late).await;
    assert_eq!(verdict(&answer.outcomes[0].outcome), Verdict::ConflictKept);
    let found = stage.inspection(id).await;
    assert_eq!(found.late.len(), 1);
    assert!(found.results.is_empty(), "nothing visible changed");
}

#[tokio::test]
async fn the_role_is_that_of_the_moment() {
    let stage = Stage::new().await;
    let viewer = member(&stage.storage, stage.shop, "vera", Role::Viewer).await;
    let mut bench = stage.bench(viewer);
    let ops = [bench.op(Seq(0), vehicle(new_vehicle()))];
    let answer = stage.push(&bench, &ops).await;
    assert_eq!(code(&answer, 0), RefusalCode::NotAllowed);
    let put = crate::core::members::put(
        &stage.storage,
        stage.shop,
        viewer,
        "vera",
        Role::Technician,
        NOW,
    );
    put.await.unwrap();
    let ops = [bench.op(Seq(0), vehicle(new_vehicle()))];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 1);
}
