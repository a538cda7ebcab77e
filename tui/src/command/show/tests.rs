use redtag_protocol::{
    field::Conflict,
    inspection::{Answer, AnswerValue, PointResult},
    ipc::Previous,
    lifecycle::State,
    stamp::Stamp,
};

use super::*;
use crate::testing::{self, register};

fn torque(text: &str) -> Answer {
    Answer {
        reference: Some("6 N.m".parse().unwrap()),
        ..Answer::value(AnswerValue::Measured(text.parse().unwrap()))
    }
}

fn told(view: &InspectionView, key: &str) -> String {
    let text = render(view);
    let line = text.lines().find(|line| line.contains(key)).unwrap();
    line.to_owned()
}

#[test]
fn a_point_tells_value_reference_note_and_the_last_visit() {
    let mut view = testing::view(State::InProgress);
    let key: redtag_protocol::ids::PointKey = "frame.stem_torque".parse().unwrap();
    let result = PointResult {
        answer: Some(register(Some(torque("3.5 N.m")))),
        note: Some(register(Some("loose\u{1b}[31m".to_owned()))),
        ..PointResult::default()
    };
    view.inspection.results.insert(key.clone(), result);
    let previous = Previous {
        answer: torque("5.5 N.m"),
        at: Stamp(1_700_000_000_000),
        label: "#900".to_owned(),
    };
    view.previous.insert(key, previous);
    let line = told(&view, "frame.stem_torque");
    assert!(line.starts_with("  R  Stem torque"), "{line}");
    assert!(
        line.contains("3.5 N·m; against 6 N·m; “loose”; last visit 5.5 N·m"),
        "{line}"
    );
    assert!(!render(&view).contains('\u{1b}'));
    assert!(told(&view, "frame.cracks").starts_with("  ·"));
}

#[test]
fn every_value_of_a_conflict_is_told_with_its_author() {
    let mut view = testing::view(State::InProgress);
    let side = |text: &str| {
        let write = InspectionWrite::Answer {
            point: "frame.stem_torque".parse().unwrap(),
            answer: Some(torque(text)),
        };
        let writer = register(()).writer;
        Side { write, writer }
    };
    let sides = vec![side("3 N.m"), side("6 N.m")];
    let conflicts = &mut view.inspection.conflicts;
    conflicts.insert("answer:frame.stem_torque".to_owned(), Conflict { sides });
    let text = render(&view);
    assert!(text.contains("In conflict, every value kept"), "{text}");
    assert!(
        text.contains("Stem torque  3 N·m, against 6 N·m  Tess Tester"),
        "{text}"
    );
    assert!(
        text.contains("Stem torque  6 N·m, against 6 N·m  Tess Tester"),
        "{text}"
    );
}
