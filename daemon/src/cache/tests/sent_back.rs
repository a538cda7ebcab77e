//! Why work that was handed in is open again.

use redtag_protocol::{
    ipc::SentBack,
    lifecycle::{State, Verb},
};

use super::*;
use crate::view;

fn shown(bench: &mut Bench) -> Option<SentBack> {
    view::inspection(bench.store(), ticket(1))
        .unwrap()
        .sent_back
}

fn moved(bench: &mut Bench, verb: Verb, from: State, reason: Option<&str>, at: u64) {
    let edit = Edit::Move {
        id: ticket(1),
        verb,
        from,
        reason: reason.map(ToOwned::to_owned),
    };
    bench.save(edit, at);
}

#[test]
fn the_latest_reason_is_told_while_the_work_is_open_again() {
    let mut bench = Bench::filled();
    assert_eq!(shown(&mut bench), None);
    let owner = json!({"id": me(), "name": "Ada", "role": "owner"});
    bench.pull(
        vec![raw("member", &me().to_string(), 11, owner.to_string())],
        11,
        false,
    );
    bench.save(set("tyres.wear", Condition::Green), 1);
    assert_eq!(shown(&mut bench), None, "it was never handed in");
    moved(&mut bench, Verb::Submit, State::InProgress, None, 1);
    let first = Some("the rear tyres\nare missing");
    moved(&mut bench, Verb::Return, State::Submitted, first, 2);
    let back = shown(&mut bench).unwrap();
    assert_eq!(back.verb, Verb::Return);
    assert_eq!(back.who, "Ada");
    assert_eq!(back.reason, "the rear tyres\nare missing");
    moved(&mut bench, Verb::Resume, State::Returned, None, 3);
    let back = shown(&mut bench).unwrap();
    assert_eq!(
        (back.verb, back.reason.as_str()),
        (Verb::Return, "the rear tyres\nare missing"),
        "it stays while the work is under way again"
    );
    moved(&mut bench, Verb::Submit, State::InProgress, None, 4);
    assert_eq!(shown(&mut bench), None, "it was handed in again");
    moved(&mut bench, Verb::Approve, State::Submitted, None, 5);
    let second = Some("the brakes again");
    moved(&mut bench, Verb::Reopen, State::Approved, second, 6);
    let back = shown(&mut bench).unwrap();
    assert_eq!(
        (back.verb, back.reason.as_str()),
        (Verb::Reopen, "the brakes again")
    );
}
