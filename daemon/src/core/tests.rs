//! Effects are values, so every rule is a list of inputs and what came out.

use redtag_protocol::{
    api::ops::Ending,
    op::MAX_BATCH,
    stamp::{Seq, Stamp},
};

use super::*;

fn at(now: u64) -> Moment {
    Moment {
        now,
        wall: Stamp(1_700_000_000_000 + now),
        random: [0x80; 16],
    }
}

fn passing() -> Trouble {
    Trouble::Passing("no network".to_owned())
}

fn failed(lane: LaneName, token: u64, trouble: Trouble) -> Input {
    Input::Failed {
        lane,
        token,
        trouble,
    }
}

fn pulled(seq: u64) -> Input {
    Input::Pulled {
        seq: Seq(seq),
        more: false,
        reset: false,
        restored: false,
        goes_on: false,
    }
}

fn pushed(outcomes: usize, waiting: u64, ending: Option<Ending>) -> Input {
    Input::Pushed {
        outcomes,
        waiting,
        seq: None,
        ending,
    }
}

/// A machine with a token, its first pull done and the live channel open.
fn online(waiting: u64) -> State {
    let mut state = State::new(true, true, waiting, Seq(0));
    assert_eq!(state.step(Input::Begin, at(1)), [Effect::Refresh]);
    state.step(Input::Refreshed { lifetime: 600 }, at(2));
    state.step(pulled(5), at(3));
    state.step(Input::LiveOpened, at(4));
    state.step(Input::Hint(Seq(5)), at(4));
    state.step(pulled(5), at(5));
    state
}

/// What is begun, without the timer.
fn begun(effects: Vec<Effect>) -> Vec<Effect> {
    let timer = |effect: &Effect| matches!(effect, Effect::Wake { .. });
    effects.into_iter().filter(|it| !timer(it)).collect()
}

mod forked;
mod held;
mod live;
mod own;
mod restored;
mod session;

#[test]
fn begins_with_a_token_then_pulls_and_opens_the_live_channel() {
    let mut state = State::new(true, true, 0, Seq(0));
    assert_eq!(state.step(Input::Begin, at(1)), [Effect::Refresh]);
    assert_eq!(
        begun(state.step(Input::Refreshed { lifetime: 600 }, at(2))),
        [Effect::Pull { token: 1 }, Effect::OpenLive { token: 1 }]
    );
}

#[test]
fn always_pulls_after_the_live_channel_opened() {
    let mut state = State::new(true, true, 0, Seq(0));
    state.step(Input::Begin, at(1));
    state.step(Input::Refreshed { lifetime: 600 }, at(2));
    state.step(pulled(5), at(3));
    assert_eq!(
        begun(state.step(Input::LiveOpened, at(4))),
        [Effect::Pull { token: 1 }]
    );
}

#[test]
fn an_edit_is_pushed_at_once_and_only_one_batch_is_on_its_way() {
    let mut state = online(0);
    let push = Effect::Push {
        token: 1,
        most: MAX_BATCH,
    };
    let edited = |waiting| Input::Edited { waiting };
    assert_eq!(begun(state.step(edited(1), at(10))), [push]);
    assert_eq!(begun(state.step(edited(2), at(11))), []);
    assert_eq!(begun(state.step(pushed(1, 1, None), at(12))), [push]);
    assert_eq!(begun(state.step(pushed(1, 0, None), at(13))), []);
    assert!(state.settled());
}

#[test]
fn hints_ask_for_one_pull_and_one_more() {
    let mut state = online(0);
    let pull = Effect::Pull { token: 1 };
    assert_eq!(begun(state.step(Input::Hint(Seq(6)), at(10))), [pull]);
    assert_eq!(begun(state.step(Input::Hint(Seq(7)), at(11))), []);
    assert_eq!(begun(state.step(Input::Hint(Seq(8)), at(12))), []);
    assert_eq!(begun(state.step(pulled(6), at(13))), [pull]);
    assert_eq!(begun(state.step(pulled(8), at(14))), []);
    // An old hint is no news.
    assert_eq!(begun(state.step(Input::Hint(Seq(8)), at(15))), []);
}

#[test]
fn a_queue_that_waits_never_stops_the_pull() {
    let mut state = online(1);
    state.step(failed(LaneName::Push, 1, passing()), at(10));
    assert_eq!(
        begun(state.step(Input::Hint(Seq(9)), at(11))),
        [
            Effect::Push {
                token: 1,
                most: MAX_BATCH
            },
            Effect::Pull { token: 1 }
        ]
    );
    state.step(failed(LaneName::Push, 1, Trouble::RetryAfter(3600)), at(12));
    state.step(pulled(9), at(13));
    assert_eq!(
        begun(state.step(Input::Hint(Seq(10)), at(14))),
        [Effect::Pull { token: 1 }]
    );
}

#[test]
fn waits_after_a_failure_and_the_timer_itself_tries_again() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let effects = state.step(failed(LaneName::Push, 1, passing()), at(1_000));
    let [Effect::Wake { at: wake }] = effects[..] else {
        panic!("{effects:?}")
    };
    assert!((1_050..=2_000).contains(&wake), "{wake}");
    assert_eq!(*state.line(), Line::Offline("no network".to_owned()));
    assert_eq!(state.next_try(), Some(wake));
    assert_eq!(begun(state.step(Input::Timer, at(wake - 1))), []);
    assert!(matches!(
        begun(state.step(Input::Timer, at(wake)))[..],
        [Effect::Push { .. }]
    ));
}

#[test]
fn the_pause_grows_to_its_ceiling_and_an_edit_ends_it() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let mut now = 1_000;
    let mut longest = 0;
    for _ in 0..12 {
        state.step(failed(LaneName::Push, 1, passing()), at(now));
        let next = state.next_try().unwrap();
        longest = longest.max(next - now);
        now = next;
        state.step(Input::Timer, at(now));
    }
    assert!((20_000..=60_000).contains(&longest), "{longest}");
    state.step(failed(LaneName::Push, 1, passing()), at(now));
    assert!(matches!(
        begun(state.step(Input::Edited { waiting: 2 }, at(now + 1)))[..],
        [Effect::Push { .. }]
    ));
}

#[test]
fn retry_after_is_honoured_even_by_an_edit() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let seconds = Ending::RetryAfter { seconds: 30 };
    state.step(pushed(0, 1, Some(seconds)), at(100));
    assert_eq!(begun(state.step(Input::Edited { waiting: 2 }, at(200))), []);
    assert!(matches!(
        begun(state.step(Input::Timer, at(30_100)))[..],
        [Effect::Push { .. }]
    ));
}

#[test]
fn too_large_halves_the_batch_and_success_grows_it_again() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 9 }, at(10));
    let most = |effects: Vec<Effect>| match begun(effects)[..] {
        [Effect::Push { most, .. }] => most,
        ref other => panic!("{other:?}"),
    };
    let too_large = || failed(LaneName::Push, 1, Trouble::TooLarge);
    assert_eq!(most(state.step(too_large(), at(11))), MAX_BATCH / 2);
    assert_eq!(most(state.step(too_large(), at(12))), MAX_BATCH / 4);
    assert_eq!(most(state.step(pushed(1, 8, None), at(13))), MAX_BATCH / 2);
}

#[test]
fn an_answer_that_decides_nothing_is_not_asked_for_without_end() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let gap = || Some(Ending::Gap { expected: 1 });
    assert!(!begun(state.step(pushed(0, 1, gap()), at(11))).is_empty());
    assert_eq!(begun(state.step(pushed(0, 1, gap()), at(12))), []);
    assert!(state.held().is_some());
}

#[test]
fn a_reset_begins_anew_once() {
    let mut state = online(0);
    state.step(Input::Hint(Seq(9)), at(10));
    let reset = || Input::Pulled {
        seq: Seq(0),
        more: true,
        reset: true,
        restored: false,
        goes_on: false,
    };
    assert_eq!(
        begun(state.step(reset(), at(11))),
        [Effect::Register { token: 1 }, Effect::Pull { token: 1 }]
    );
    assert_eq!(begun(state.step(reset(), at(12))), []);
}

#[test]
fn a_live_channel_that_ends_at_once_is_not_reopened_in_a_loop() {
    let mut state = online(0);
    assert_eq!(begun(state.step(Input::LiveEnded, at(10))), []);
    let mut state = online(0);
    assert_eq!(
        begun(state.step(Input::LiveEnded, at(60_000))),
        [Effect::OpenLive { token: 1 }]
    );
}

#[test]
fn pulls_now_and_then_without_a_hint() {
    let mut state = online(0);
    assert_eq!(
        begun(state.step(Input::Timer, at(60_005))),
        [Effect::Pull { token: 1 }]
    );
}

#[test]
fn a_hint_that_never_comes_true_does_not_pull_without_end() {
    let mut state = online(0);
    let pull = Effect::Pull { token: 1 };
    let wrong = Input::Hint(Seq(u64::MAX));
    assert_eq!(begun(state.step(wrong, at(10))), [pull]);
    assert_eq!(begun(state.step(pulled(5), at(11))), []);
    assert_eq!(begun(state.step(Input::Hint(Seq(6)), at(12))), [pull]);
    assert_eq!(begun(state.step(pulled(6), at(13))), []);
}
