use super::*;
use crate::testing;

#[test]
fn the_colleague_answers_open_points_and_notes_what_was_found() {
    let view = testing::view(State::InProgress);
    assert_eq!(answer(&view, 19).len(), 1);
    let red = answer(&view, 0);
    assert!(matches!(
        &red[..],
        [
            Edit::Inspection {
                write: InspectionWrite::Answer { point, .. },
                ..
            },
            Edit::Inspection {
                write: InspectionWrite::Note { note: Some(_), .. },
                ..
            }
        ] if point.as_str() == "frame.cracks"
    ));
}

#[test]
fn a_draft_is_started_with_its_first_answer() {
    let view = testing::view(State::Draft);
    let edits = answer(&view, 19);
    assert!(matches!(
        edits[..],
        [
            Edit::Move {
                verb: Verb::Start,
                ..
            },
            Edit::Inspection { .. }
        ]
    ));
}
