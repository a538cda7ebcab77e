//! What comes back of one's own edits.

use super::*;

fn outcome(seq: u64, waiting: u64) -> Input {
    Input::Pushed {
        outcomes: 1,
        waiting,
        seq: Some(Seq(seq)),
        ending: None,
    }
}

const PULL: [Effect; 1] = [Effect::Pull { token: 1 }];

#[test]
fn own_edits_are_pulled_a_moment_later_and_then_once() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(100));
    // The hint is faster than the answer.
    assert_eq!(begun(state.step(Input::Hint(Seq(6)), at(101))), []);
    let effects = state.step(outcome(6, 0), at(102));
    assert_eq!(begun(effects.clone()), []);
    assert!(effects.contains(&Effect::Wake { at: 127 }), "{effects:?}");
    assert!(!state.settled());
    assert_eq!(begun(state.step(Input::Timer, at(127))), PULL);
    assert_eq!(begun(state.step(pulled(6), at(128))), []);
    assert!(state.settled());
}

#[test]
fn what_others_did_meanwhile_waits_for_nothing() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(100));
    state.step(Input::Hint(Seq(7)), at(101));
    assert_eq!(begun(state.step(outcome(6, 0), at(102))), PULL);
    assert_eq!(begun(state.step(pulled(7), at(103))), []);
    assert_eq!(begun(state.step(Input::Hint(Seq(8)), at(104))), PULL);
}

#[test]
fn a_hint_waits_for_a_push_that_takes_long_only_for_a_moment() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(100));
    let effects = state.step(Input::Hint(Seq(6)), at(101));
    assert!(effects.contains(&Effect::Wake { at: 151 }), "{effects:?}");
    assert_eq!(begun(state.step(Input::Timer, at(151))), PULL);
}

#[test]
fn while_a_long_queue_goes_out_its_own_edits_are_pulled_now_and_then() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 3_000 }, at(100));
    let mut pulls = Vec::new();
    let (mut seq, mut waiting) = (5, 3_000);
    for now in (110..3_200).step_by(600) {
        (seq, waiting) = (seq + 500, waiting - 500);
        // The hint is faster than the answer.
        for input in [Input::Hint(Seq(seq)), outcome(seq, waiting)] {
            let effects = begun(state.step(input, at(now)));
            pulls.extend(effects.contains(&PULL[0]).then_some(now));
        }
    }
    assert_eq!(pulls, [3_110]);
    state.step(pulled(seq), at(3_111));
    assert!(state.settled(), "{state:?}");
}

#[test]
fn the_end_of_a_long_queue_is_pulled_a_moment_later() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 600 }, at(100));
    state.step(Input::Hint(Seq(505)), at(110));
    assert!(!begun(state.step(outcome(505, 100), at(111))).contains(&PULL[0]));
    let effects = state.step(outcome(605, 0), at(120));
    assert!(effects.contains(&Effect::Wake { at: 145 }), "{effects:?}");
    assert_eq!(begun(state.step(Input::Timer, at(145))), PULL);
}
