//! Two benches without a line to each other: nothing that either typed is lost.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    event::What, grade::Condition, ids::InspectionId, inspection::InspectionWrite, role::Role,
};
use redtag_tests::harness::{Device, Ground, Proxy, Stack, condition, note};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    different_points_edited_offline_are_both_kept,
    the_same_point_edited_offline_keeps_both_values_and_the_more_severe_stands,
    a_lone_bench_never_conflicts_with_itself,
];

/// Two benches behind one line each way, and an inspection that both know.
struct Two {
    stack: Stack,
    line: Proxy,
    left: Device,
    right: Device,
    id: InspectionId,
}

fn two(ground: &Ground) -> Result<Two> {
    let stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let left = stack.bench_at("left", Role::Technician, &line.url())?;
    let right = stack.bench_at("right", Role::Owner, &line.url())?;
    let id = left.new_inspection("TWO 1")?;
    left.client()?.start(id)?;
    left.settled()?;
    right.sees(id, "the inspection begun", |view| {
        !view.verbs.is_empty() && view.version.0 > 1
    })?;
    // Both have seen the start, so neither edits a draft.
    right.sees(id, "the start", |view| {
        view.inspection.state.writer.seq.is_some()
    })?;
    Ok(Two {
        stack,
        line,
        left,
        right,
        id,
    })
}

fn different_points_edited_offline_are_both_kept(ground: &Ground) -> Result<()> {
    let two = two(ground)?;
    let id = two.id;
    two.line.cut();
    let (mut left, mut right) = (two.left.client()?, two.right.client()?);
    left.save(vec![condition(id, "lights.horn", Condition::Red)?])?;
    left.save(vec![note(id, "lights.horn", "silent")?])?;
    right.save(vec![condition(id, "lights.wipers", Condition::Yellow)?])?;
    right.save(vec![note(id, "lights.wipers", "smears")?])?;
    two.line.restore();
    two.left.settled()?;
    two.right.settled()?;
    for bench in [&two.left, &two.right] {
        let view = bench.sees(id, "both edits", |view| view.counts.answered == 2)?;
        assert_eq!((view.counts.red, view.counts.yellow), (1, 1));
        assert!(
            view.inspection.conflicts.is_empty(),
            "{:?}",
            view.inspection.conflicts
        );
        bench.sees(id, "both notes", |view| {
            let notes = view
                .inspection
                .results
                .values()
                .filter_map(|result| result.note());
            notes.count() == 2
        })?;
        assert_eq!(bench.client()?.status()?.conflicts, 0);
    }
    Ok(())
}

fn the_same_point_edited_offline_keeps_both_values_and_the_more_severe_stands(
    ground: &Ground,
) -> Result<()> {
    let two = two(ground)?;
    let (id, point) = (two.id, "lights.horn");
    two.line.cut();
    two.left
        .client()?
        .save(vec![condition(id, point, Condition::Red)?])?;
    // The later clock says green; a red finding must not vanish behind it.
    two.right
        .client()?
        .save(vec![condition(id, point, Condition::Green)?])?;
    two.line.restore();
    two.left.settled()?;
    two.right.settled()?;
    let key = point.parse()?;
    for bench in [&two.left, &two.right] {
        let view = bench.sees(id, "the conflict", |view| {
            !view.inspection.conflicts.is_empty()
        })?;
        let answer = view.inspection.answer(&key).context("no answer stands")?;
        assert_eq!(answer.condition, Some(Condition::Red));
        let conflict = &view.inspection.conflicts["answer:lights.horn"];
        assert_eq!(conflict.sides.len(), 2, "{conflict:?}");
        assert_eq!(bench.client()?.status()?.conflicts, 1);
        let shown = bench.json(&["show", &id.to_string()])?;
        assert_eq!(shown["conflicts"][0]["field"], "answer:lights.horn");
        let timeline = bench.json(&["timeline", &id.to_string()])?.to_string();
        assert!(timeline.contains(r#""condition":"red""#), "{timeline}");
        assert!(timeline.contains(r#""condition":"green""#), "{timeline}");
    }
    let copy = two.stack.api()?.copy(&two.stack.session(Role::Viewer)?)?;
    let answers = copy.events_of(id).filter(|happening| {
        let write = InspectionWrite::Answer {
            point: key.clone(),
            answer: None,
        };
        matches!(&happening.what, What::Inspection { after, .. } if same_field(after, &write))
    });
    assert_eq!(answers.count(), 2);
    Ok(())
}

fn same_field(one: &InspectionWrite, other: &InspectionWrite) -> bool {
    use redtag_protocol::merge::Write as _;
    one.field() == other.field()
}

fn a_lone_bench_never_conflicts_with_itself(ground: &Ground) -> Result<()> {
    let mut two = two(ground)?;
    let (id, point) = (two.id, "lights.horn");
    let mut left = two.left.client()?;
    // Online, one after the other, without waiting for an answer.
    for condition_now in [Condition::Red, Condition::Green, Condition::Yellow] {
        left.save(vec![condition(id, point, condition_now)?])?;
    }
    // Offline, over a restart, with somebody else's edit of another point in between.
    two.left.settled()?;
    two.line.cut();
    left.save(vec![condition(id, point, Condition::Red)?])?;
    ensure!(two.left.stop()?.success());
    two.left.start()?;
    let mut left = two.left.client()?;
    left.save(vec![condition(id, point, Condition::Green)?])?;
    two.right
        .client()?
        .save(vec![condition(id, "lights.wipers", Condition::Red)?])?;
    two.line.restore();
    left.save(vec![condition(id, point, Condition::NotApplicable)?])?;
    two.left.settled()?;
    two.right.settled()?;
    let key = point.parse()?;
    for bench in [&two.left, &two.right] {
        let view = bench.sees(id, "the last value", |view| {
            let answer = view.inspection.answer(&key);
            answer.and_then(|it| it.condition) == Some(Condition::NotApplicable)
                && view.counts.answered == 2
        })?;
        assert!(
            view.inspection.conflicts.is_empty(),
            "{:?}",
            view.inspection.conflicts
        );
    }
    Ok(())
}
