//! What stands in for a live channel that says nothing.

use super::*;

/// A machine whose live channel opened and was kept silent on its way.
fn silenced() -> State {
    let mut state = State::new(true, true, 0, Seq(0));
    state.step(Input::Begin, at(1));
    state.step(Input::Refreshed { lifetime: 600 }, at(2));
    state.step(pulled(5), at(3));
    state.step(Input::LiveOpened, at(4));
    state.step(pulled(5), at(5));
    state
}

const POLL: Effect = Effect::Poll {
    token: 1,
    after: Seq(5),
};

#[test]
fn a_channel_that_opens_and_says_nothing_is_replaced_by_questions() {
    let mut state = silenced();
    assert_eq!(begun(state.step(Input::Timer, at(10_003))), []);
    assert_eq!(
        begun(state.step(Input::Timer, at(10_004))),
        [Effect::CloseLive, POLL]
    );
    assert!(state.silenced());
    // A last word of the channel changes nothing.
    assert_eq!(begun(state.step(Input::LiveEnded, at(10_005))), []);
    let pull = Effect::Pull { token: 1 };
    let after = Seq(7);
    assert_eq!(
        begun(state.step(Input::Polled(Seq(7)), at(12_000))),
        [pull, Effect::Poll { token: 1, after }]
    );
    state.step(pulled(7), at(12_010));
    // Nothing new in its time: asked again at once.
    assert_eq!(
        begun(state.step(Input::Polled(Seq(7)), at(37_000))),
        [Effect::Poll { token: 1, after }]
    );
}

#[test]
fn the_timer_is_set_for_the_silence() {
    let mut state = State::new(true, true, 0, Seq(0));
    state.step(Input::Begin, at(1));
    state.step(Input::Refreshed { lifetime: 600 }, at(2));
    state.step(pulled(5), at(3));
    let effects = state.step(Input::LiveOpened, at(4));
    assert!(
        effects.contains(&Effect::Wake { at: 10_004 }),
        "{effects:?}"
    );
}

#[test]
fn who_answers_a_question_at_once_with_nothing_is_not_asked_without_end() {
    let mut state = silenced();
    state.step(Input::Timer, at(10_004));
    assert_eq!(begun(state.step(Input::Polled(Seq(5)), at(10_010))), []);
    assert!(state.next_try().is_none());
    let woken = begun(state.step(Input::Timer, at(12_000)));
    assert_eq!(woken, [POLL]);
}

#[test]
fn the_channel_is_tried_again_after_ten_minutes_and_on_another_network() {
    let open = |effects: &[Effect]| {
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLive { .. }))
    };
    let mut state = silenced();
    state.step(Input::Timer, at(10_004));
    state.step(Input::Polled(Seq(5)), at(40_000));
    let effects = state.step(Input::NetworkChanged, at(41_000));
    assert!(
        effects.contains(&Effect::CloseLive) && open(&effects),
        "{effects:?}"
    );

    let mut state = silenced();
    state.step(Input::Timer, at(10_004));
    state.step(Input::Refreshed { lifetime: 600 }, at(400_000));
    assert!(!open(&state.step(Input::Polled(Seq(5)), at(500_000))));
    let effects = state.step(Input::Polled(Seq(5)), at(610_004));
    assert!(open(&effects), "{effects:?}");
}

#[test]
fn a_channel_that_does_not_even_open_is_given_up_where_other_calls_succeed() {
    let mut state = State::new(true, true, 0, Seq(0));
    state.step(Input::Begin, at(1));
    state.step(Input::Refreshed { lifetime: 600 }, at(2));
    state.step(pulled(5), at(3));
    let effects = begun(state.step(Input::Timer, at(15_002)));
    assert_eq!(effects, [Effect::CloseLive, POLL]);
}
