use redtag_protocol::{
    entity::EntityRef,
    ids::TemplateId,
    lifecycle::{State, Verb},
    op::Edit,
    stamp::Seq,
    template::{Template, TemplateFile, TemplateState},
};

use super::{
    NOW, Stage, accepted, go, inspection, new_inspection, new_vehicle, vehicle,
    versions::{Imported, PublishError, import, list, publish},
};
use crate::core::shops::SHIPPED;

fn file(change: impl FnOnce(&mut TemplateFile)) -> TemplateFile {
    let mut file = Template::parse_toml(SHIPPED[0].1, SHIPPED[0].0).unwrap();
    change(&mut file);
    file
}

async fn states(stage: &Stage) -> Vec<(u32, TemplateState)> {
    let versions = list(&stage.storage, stage.shop).await.unwrap();
    let cars = versions
        .into_iter()
        .filter(|it| it.key.as_str() == "vehicle-multipoint");
    cars.map(|it| (it.version, it.state)).collect()
}

#[tokio::test]
async fn the_same_content_makes_no_new_version() {
    let stage = Stage::new().await;
    let before = stage.seq().await;
    let done = import(&stage.storage, stage.shop, file(|_| ()), NOW).await;
    let done = done.unwrap();
    assert!(matches!(done.what, Imported::Unchanged(it) if it.version == 1));
    assert_eq!(done.seq, None);
    assert_eq!(stage.seq().await, before);
}

#[tokio::test]
async fn publishing_lets_running_inspections_finish_on_their_version() {
    let stage = Stage::new().await;
    let (storage, shop) = (&stage.storage, stage.shop);
    let mut bench = stage.bench(stage.owner);
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
    ];
    stage.push(&bench, &ops).await;

    let second = file(|it| "Second".clone_into(&mut it.name));
    let key = second.key.clone();
    let done = import(storage, shop, second, NOW).await.unwrap();
    assert!(matches!(done.what, Imported::Draft(it) if it.version == 2));
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Active), (2, TemplateState::Draft)]
    );
    let done = publish(storage, shop, &key, None, NOW).await.unwrap();
    assert_eq!(done.what.version, 2);
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Closing), (2, TemplateState::Active)]
    );
    let again = publish(storage, shop, &key, None, NOW).await.unwrap();
    assert_eq!(again.seq, None, "nothing left to do");

    // The running one goes on, and one whose author had not heard yet is taken.
    let late = new_inspection();
    let ops = [
        bench.op(Seq(0), go(id, Verb::Start, State::Draft)),
        bench.op(Seq(0), inspection(late, stage.template, car)),
        bench.op(Seq(0), go(id, Verb::Void, State::InProgress)),
        bench.op(Seq(0), go(late, Verb::Void, State::Draft)),
    ];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 4);
    publish(storage, shop, &key, None, NOW).await.unwrap();
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Closed), (2, TemplateState::Active)]
    );
    publish(storage, shop, &key, Some(1), NOW).await.unwrap();
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Active), (2, TemplateState::Closed)]
    );
}

/// A second version, published by an edit in the place of the first, after further edits.
async fn replaced(stage: &Stage, bench: &mut super::Bench, before: Vec<Edit>) {
    let id = TemplateId::from_parts(NOW.0, crate::keys::random());
    let mut edits = before;
    edits.push(Edit::DraftTemplate {
        id,
        text: SHIPPED[0].1.to_owned(),
    });
    edits.push(Edit::PublishTemplate {
        id,
        instead_of: Some(stage.template),
    });
    let ops: Vec<_> = edits
        .into_iter()
        .map(|edit| bench.op(Seq(0), edit))
        .collect();
    let answer = stage.push(bench, &ops).await;
    assert_eq!(accepted(&answer), ops.len(), "{answer:?}");
}

#[tokio::test]
async fn a_version_on_which_nothing_runs_is_closed_at_once() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.owner);
    // One ran, and is over; another was deleted.
    let (car, over, gone) = (new_vehicle(), new_inspection(), new_inspection());
    let what = EntityRef::Inspection(gone);
    let before = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(over, stage.template, car)),
        bench.op(Seq(0), go(over, Verb::Void, State::Draft)),
        bench.op(Seq(0), inspection(gone, stage.template, car)),
    ];
    assert_eq!(accepted(&stage.push(&bench, &before).await), 4);
    // In the batch that ends the last of them, which is not written down yet.
    replaced(&stage, &mut bench, vec![Edit::Delete { what }]).await;
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Closed), (2, TemplateState::Active)]
    );
}

#[tokio::test]
async fn a_version_that_was_only_just_written_down_is_closed_at_once() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.owner);
    let id = TemplateId::from_parts(NOW.0, crate::keys::random());
    let edits = [
        Edit::DraftTemplate {
            id,
            text: SHIPPED[0].1.to_owned(),
        },
        Edit::PublishTemplate {
            id,
            instead_of: Some(stage.template),
        },
        Edit::CloseTemplate {
            id,
            from: TemplateState::Active,
        },
    ];
    // In one batch, so that none of it was there when it was begun.
    let ops = edits.map(|edit| bench.op(Seq(0), edit));
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 3);
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Closed), (2, TemplateState::Closed)]
    );
}

#[tokio::test]
async fn a_version_is_closed_with_the_last_inspection_that_runs_on_it() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.owner);
    let (car, first) = (new_vehicle(), new_inspection());
    let (last, late) = (new_inspection(), new_inspection());
    let before = vec![
        vehicle(car),
        inspection(first, stage.template, car),
        inspection(last, stage.template, car),
    ];
    let running = [(1, TemplateState::Closing), (2, TemplateState::Active)];
    replaced(&stage, &mut bench, before).await;
    assert_eq!(states(&stage).await, running);
    // By a process that knows nothing of what was pushed before.
    let stage = Stage {
        recent: crate::core::push::Recent::default(),
        ..stage
    };
    let void = bench.op(Seq(0), go(first, Verb::Void, State::Draft));
    assert_eq!(accepted(&stage.push(&bench, &[void]).await), 1);
    assert_eq!(states(&stage).await, running);
    // Of an author who had not heard of the new version, and over before it was written down.
    let what = EntityRef::Inspection(late);
    let ops = [
        bench.op(Seq(0), inspection(late, stage.template, car)),
        bench.op(Seq(0), Edit::Delete { what }),
    ];
    assert_eq!(accepted(&stage.push(&bench, &ops).await), 2);
    assert_eq!(states(&stage).await, running);
    let void = bench.op(Seq(0), go(last, Verb::Void, State::Draft));
    assert_eq!(accepted(&stage.push(&bench, &[void]).await), 1);
    assert_eq!(
        states(&stage).await,
        [(1, TemplateState::Closed), (2, TemplateState::Active)]
    );
    // The document has its own place beside the other, as its body says.
    let it = stage.inspection(last).await;
    assert_eq!(it.state.writer.seq, Some(stage.seq().await));
}

#[tokio::test]
async fn what_is_not_there_is_not_published() {
    let stage = Stage::new().await;
    let (storage, shop) = (&stage.storage, stage.shop);
    let key = "no-such-template".parse().unwrap();
    let refused = publish(storage, shop, &key, None, NOW).await;
    assert!(matches!(refused, Err(PublishError::Unknown(_))));
    let key = "bicycle-service".parse().unwrap();
    let refused = publish(storage, shop, &key, Some(7), NOW).await;
    assert!(matches!(refused, Err(PublishError::NoVersion { .. })));
}
