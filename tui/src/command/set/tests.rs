use clap::Parser as _;
use redtag_protocol::{
    inspection::{Answer, AnswerValue, InspectionWrite, PointResult},
    ipc::InspectionView,
    lifecycle::{State, Verb},
    op::Edit,
    units::{Quantity, Unit},
    vehicle::VehicleWrite,
};

use super::{edits::Plan, *};
use crate::{command::fault::Exit, testing};

#[derive(Debug, clap::Parser)]
struct Typed {
    #[command(flatten)]
    args: Args,
}

fn typed(words: &str) -> Args {
    let words = ["set", "1042"].into_iter().chain(words.split('|'));
    Typed::try_parse_from(words).unwrap().args
}

fn plan(words: &str, view: &InspectionView) -> Result<Plan, Fault> {
    edits::plan(&typed(words), view, redtag_protocol::stamp::Stamp(5))
}

/// The one answer that is written.
fn answered(plan: &Plan) -> Option<Answer> {
    let mut writes = plan.edits.iter().filter_map(|edit| match edit {
        Edit::Inspection {
            write: InspectionWrite::Answer { answer, .. },
            ..
        } => Some(answer.clone()),
        _ => None,
    });
    let answer = writes.next().expect("no answer is written");
    assert_eq!(writes.next(), None);
    answer
}

fn measured(words: &str) -> Quantity {
    let view = testing::view(State::InProgress);
    let answer = answered(&plan(words, &view).unwrap()).unwrap();
    *answer.measured().unwrap()
}

#[test]
fn digits_alone_are_in_the_points_own_unit() {
    let five: Quantity = "5 N.m".parse().unwrap();
    assert_eq!(measured("frame.stem_torque|--value|5"), five);
    assert_eq!(measured("frame.stem_torque|--value| 5 N.m "), five);
    let comma = measured("frame.stem_torque|--value|3,5");
    assert!(comma.same(&"3.5 N.m".parse().unwrap()));
    let other = measured("frame.stem_torque|--value|4lbf.ft");
    assert_eq!(other.unit, Unit::FootPound);
}

#[test]
fn a_wrong_value_says_what_the_point_takes() {
    let view = testing::view(State::InProgress);
    let unit = plan("frame.stem_torque|--value|5 psi", &view).unwrap_err();
    assert!(unit.words.contains("N.m, lbf.ft, not psi"), "{unit:?}");
    let digits = plan("frame.stem_torque|--value|5..3", &view).unwrap_err();
    assert!(digits.words.starts_with("--value: "), "{digits:?}");
    let none = plan("frame.cracks|--value|5", &view).unwrap_err();
    assert!(none.words.contains("--condition"), "{none:?}");
    let option = plan("speeds|--value|8", &view).unwrap_err();
    assert!(option.words.contains("9, 10, 11, 12"), "{option:?}");
}

#[test]
fn an_unknown_point_gets_near_ones() {
    let view = testing::view(State::InProgress);
    let fault = plan("frame.crack|--condition|red", &view).unwrap_err();
    assert_eq!(fault.exit, Exit::Error);
    assert!(fault.words.contains("frame.cracks"), "{fault:?}");
    let shape = plan("Frame!|--condition|red", &view).unwrap_err();
    assert_eq!(shape.exit, Exit::Usage);
    assert!(shape.words.starts_with("POINT: "), "{shape:?}");
}

#[test]
fn the_first_answer_starts_a_draft_and_resumes_what_was_returned() {
    for (state, verb) in [(State::Draft, Verb::Start), (State::Returned, Verb::Resume)] {
        let plan = plan("frame.cracks|--condition|g", &testing::view(state)).unwrap();
        assert!(matches!(
            plan.edits[..],
            [Edit::Move { verb: first, from, .. }, Edit::Inspection { .. }]
                if first == verb && from == state
        ));
        assert_eq!(plan.remarks.len(), 1);
    }
    let plan = plan(
        "frame.cracks|--condition|g",
        &testing::view(State::Submitted),
    )
    .unwrap();
    assert_eq!(plan.edits.len(), 1);
    assert!(plan.remarks[0].contains("submitted"), "{:?}", plan.remarks);
}

#[test]
fn a_condition_keeps_the_value_and_a_new_value_drops_the_override() {
    let mut view = testing::view(State::InProgress);
    let point = "frame.stem_torque".parse().unwrap();
    let standing = Answer {
        condition: Some(Condition::Red),
        by_default: true,
        ..Answer::value(AnswerValue::Measured("5 N.m".parse().unwrap()))
    };
    let result = PointResult {
        answer: Some(testing::register(Some(standing))),
        ..PointResult::default()
    };
    view.inspection.results.insert(point, result);

    let green = answered(&plan("frame.stem_torque|--condition|green", &view).unwrap()).unwrap();
    assert_eq!(green.condition, Some(Condition::Green));
    assert!(green.measured().is_some() && !green.by_default);

    let six = answered(&plan("frame.stem_torque|--value|6", &view).unwrap()).unwrap();
    assert_eq!(six.condition, None);

    let back = plan("frame.stem_torque|--clear", &view).unwrap();
    assert_eq!(answered(&back), None);
}

#[test]
fn a_typed_reference_is_kept_at_the_vehicle() {
    let view = testing::view(State::InProgress);
    let both = plan("frame.stem_torque|--value|5|--reference|6", &view).unwrap();
    assert!(both.edits.iter().any(|edit| matches!(
        edit,
        Edit::Vehicle { write: VehicleWrite::Reference { point, reference: Some(six) }, .. }
            if point.as_str() == "frame.stem_torque" && six.to_string() == "6 N·m"
    )));
    let alone = plan("frame.stem_torque|--reference|6", &view).unwrap_err();
    assert_eq!(alone.exit, Exit::Usage);
}

#[test]
fn a_note_goes_beside_the_answer_and_an_empty_one_clears() {
    let view = testing::view(State::InProgress);
    let both = plan("frame.cracks|--condition|r|--note|at the weld", &view).unwrap();
    assert_eq!(both.edits.len(), 2);
    let cleared = plan("frame.cracks|--note|", &view).unwrap();
    assert!(matches!(
        &cleared.edits[..],
        [Edit::Inspection {
            write: InspectionWrite::Note { note: None, .. },
            ..
        }]
    ));
}

#[test]
fn nothing_to_set_is_wrong_usage() {
    let view = testing::view(State::Draft);
    assert_eq!(plan("frame.cracks", &view).unwrap_err().exit, Exit::Usage);
    let beside = plan("speeds|--note|x", &view).unwrap_err();
    assert_eq!(beside.exit, Exit::Usage);
}

#[tokio::test]
async fn what_is_typed_reaches_the_daemon_as_one_stroke() {
    use redtag_protocol::ipc::{Reply, Request};

    let view = testing::view(State::Draft);
    let answer = view.clone();
    let mut daemon = testing::Daemon::new(move |request| {
        Some(Ok(match request {
            Request::Edit { .. } => Reply::Saved {
                first: 1,
                last: 2,
                inspection: None,
            },
            _ => Reply::Inspection(Box::new(answer.clone())),
        }))
    });
    let line = Line::over(crate::link::Link::open(daemon.options()).0);
    let (id, saved, done) = save(&typed("frame.cracks|--condition|r"), &line)
        .await
        .unwrap();
    assert_eq!((id, saved.last), (view.inspection.id, 2));
    assert_eq!(done.remarks, ["The draft was started."]);
    assert_eq!(done.took.as_deref(), Some("Frame and fork cracks: red"));
    let mut asked = async || daemon.requests.recv().await.unwrap().request;
    assert!(matches!(asked().await, Request::Find { ticket } if ticket == "1042"));
    assert!(matches!(asked().await, Request::Edit { edits } if edits.len() == 2));
}

fn took(words: &str) -> String {
    let view = testing::view(State::InProgress);
    told::told(&plan(words, &view).unwrap().edits, &view)
}

#[test]
fn what_was_taken_is_told_with_its_unit_and_why() {
    let all: Vec<String> = [
        "frame.stem_torque|--value|3,5",
        "frame.stem_torque|--value|3,5|--reference|6",
        "frame.stem_torque|--value|3,5|--condition|y",
        "frame.cracks|--condition|x",
        "frame.cracks|--condition|r|--note|at the weld",
        "frame.cracks|--note|",
        "speeds|--value|11",
        "frame.cracks|--clear",
    ]
    .map(took)
    .to_vec();
    insta::assert_snapshot!(all.join("\n"), @r"
    Stem torque: 3.5 N·m, no condition yet (it needs --reference)
    Stem torque: 3.5 N·m, against 6 N·m, red (< −25 % against stamped value (shop))
    Stem torque: 3.5 N·m, yellow (set by hand)
    Frame and fork cracks: not applicable
    Frame and fork cracks: red, note “at the weld”
    Frame and fork cracks: the note was cleared
    Sprockets of the cassette: 11-speed
    Frame and fork cracks: the answer was taken back
    ");
}

#[test]
fn a_condition_is_named_by_word_or_key_and_the_error_names_the_same() {
    for (text, meant) in [
        ("g", Condition::Green),
        ("Y", Condition::Yellow),
        ("red", Condition::Red),
        ("x", Condition::NotApplicable),
        ("na", Condition::NotApplicable),
    ] {
        assert_eq!(condition(text), Ok(meant));
    }
    let blue = condition("blue").unwrap_err();
    assert!(blue.contains("red or na (g, y, r, x)"), "{blue}");
}

#[tokio::test]
async fn without_a_line_an_edit_is_said_to_wait_here() {
    use redtag_protocol::ipc::{Connection, Reply, Request, SyncState};

    for (connection, sync, said) in [
        (
            Connection::Offline {
                why: "refused".to_owned(),
                next_try: None,
            },
            SyncState::Sent,
            "saved here, waiting to send (offline)",
        ),
        (
            Connection::Online,
            SyncState::Acknowledged,
            "acknowledged by the server",
        ),
    ] {
        let view = InspectionView {
            sync,
            ..testing::view(State::InProgress)
        };
        let id = view.inspection.id;
        let daemon = testing::Daemon::new(move |request| {
            Some(Ok(match request {
                Request::Status => Reply::Status(Box::new(redtag_protocol::ipc::Status {
                    connection: connection.clone(),
                    ..testing::status()
                })),
                _ => Reply::Inspection(Box::new(view.clone())),
            }))
        });
        let line = Line::over(crate::link::Link::open(daemon.options()).0);
        let (_, words) = outcome::settled(&line, id).await.unwrap();
        assert_eq!(words, said);
    }
}
