//! Rules that break.

use redtag_protocol::{
    apply::{self, Change, Context},
    entity::World,
    inspection::InspectionWrite,
    op::{Edit, Operation, Refusal, RefusalCode},
    stamp::Seq,
};

use super::super::push_by;
use crate::core::tests::{
    NOW, Stage, accepted, bay, code, inspection, new_inspection, new_vehicle, note, vehicle,
};

/// Rules that break on one value, in the middle of changing the document.
fn broken(world: &mut World, operation: &Operation, context: &Context) -> Result<Change, Refusal> {
    let change = apply::apply_to(world, operation, context)?;
    if let Edit::Inspection { write, .. } = &operation.edit
        && *write
            == (InspectionWrite::Bay {
                bay: Some("boom".to_owned()),
            })
    {
        panic!("as the test wants it");
    }
    Ok(change)
}

#[tokio::test]
async fn an_edit_that_makes_the_rules_panic_costs_only_itself() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
        bench.op(Seq(0), bay(id, "1")),
        bench.op(Seq(0), bay(id, "boom")),
        bench.op(Seq(0), note(id, "still here")),
        bench.grouped(6, Seq(0), note(id, "with the next")),
        bench.grouped(6, Seq(0), bay(id, "boom")),
        bench.op(Seq(0), bay(id, "2")),
        bench.op(Seq(0), bay(id, "boom")),
    ];
    let before = stage.seq().await;
    let recent = &stage.recent;
    let pushed = push_by(broken, &stage.storage, recent, bench.sender, &ops, NOW);
    let answer = pushed.await.unwrap().answer;
    assert_eq!(answer.ending, None);
    assert_eq!(accepted(&answer), 5);
    for place in [3, 6, 8] {
        assert_eq!(code(&answer, place), RefusalCode::Internal);
    }
    assert_eq!(code(&answer, 5), RefusalCode::Group);
    assert_eq!(stage.seq().await, Seq(before.0 + 5));
    let kept = stage.inspection(id).await;
    assert_eq!(kept.bay(), Some("2"));
    let again = stage.push(&bench, &ops).await;
    assert!(again.outcomes.iter().all(|it| it.replayed));
}
