use redtag_protocol::lifecycle::State;

use super::*;
use crate::testing;

fn args(verb: Verb, reason: Option<&str>) -> Args {
    Args {
        id: "1042".to_owned(),
        verb: Step::Verb(verb),
        reason: reason.map(str::to_owned),
        to: None,
        format: Format::default(),
    }
}

#[test]
fn a_move_carries_the_state_it_started_from() {
    let view = testing::view(State::Draft);
    let edit = step(&args(Verb::Start, None), &view, Verb::Start).unwrap();
    assert!(matches!(
        edit,
        Edit::Move {
            verb: Verb::Start,
            from: State::Draft,
            reason: None,
            ..
        }
    ));
}

#[test]
fn what_cannot_be_done_from_here_names_what_can() {
    let view = testing::view(State::InProgress);
    let fault = step(&args(Verb::Close, None), &view, Verb::Close).unwrap_err();
    assert_eq!(fault.exit, Exit::Error);
    assert!(fault.words.contains("submit"), "{fault:?}");
}

#[test]
fn the_role_that_may_not_gets_its_own_exit_code() {
    // A technician may not review.
    let view = testing::view(State::Submitted);
    let fault = step(&args(Verb::Approve, None), &view, Verb::Approve).unwrap_err();
    assert_eq!(fault.exit, Exit::NotAllowed);
}

#[test]
fn some_moves_need_a_reason() {
    let mut view = testing::view(State::Submitted);
    view.verbs.push(Verb::Return);
    let bare = step(&args(Verb::Return, None), &view, Verb::Return).unwrap_err();
    assert_eq!(bare.exit, Exit::Usage);
    let said = args(Verb::Return, Some("torque the stem again"));
    assert!(step(&said, &view, Verb::Return).is_ok());
}

#[test]
fn assign_is_a_step_too() {
    assert_eq!("assign".parse(), Ok(Step::Assign));
    assert_eq!("void".parse(), Ok(Step::Verb(Verb::Void)));
    let unknown = "finish".parse::<Step>().unwrap_err();
    assert!(unknown.contains("submit") && unknown.contains("assign"));
}

#[test]
fn who_cannot_fill_in_is_not_given_work() {
    use redtag_protocol::role::Role;

    let mut view = testing::view(State::Draft);
    let person = view.members.first().unwrap().id;
    let told = assigned(Some(person), &view).unwrap();
    assert_eq!(told, "is assigned to Tess Tester");
    view.members.first_mut().unwrap().role = Role::Viewer;
    let fault = assigned(Some(person), &view).unwrap_err();
    assert!(fault.words.contains("viewer"), "{fault:?}");
}

#[test]
fn handing_in_says_what_is_unanswered() {
    let mut view = testing::view(State::InProgress);
    assert!(notices(&view, Verb::Submit).is_empty());
    view.counts.total = 64;
    view.counts.answered = 7;
    let said = notices(&view, Verb::Submit);
    assert_eq!(said, ["57 of 64 points are unanswered"]);
    assert!(notices(&view, Verb::Void).is_empty());
}
