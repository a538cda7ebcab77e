//! Why what waits does not move, in words.

use super::*;

#[test]
fn says_why_the_queue_does_not_move_although_the_pull_succeeds() {
    let mut state = online(0);
    assert_eq!(state.held(), None);
    state.step(Input::Edited { waiting: 1 }, at(10));
    assert_eq!(state.held(), None);
    let seconds = Ending::RetryAfter { seconds: 30 };
    state.step(pushed(0, 1, Some(seconds)), at(100));
    state.step(Input::Hint(Seq(9)), at(101));
    state.step(pulled(9), at(102));
    assert_eq!(*state.line(), Line::Online);
    assert_eq!(state.held(), Some("the API asks to come back in 30 s"));
    assert_eq!(state.next_try(), Some(30_100));
    state.step(Input::Timer, at(30_100));
    state.step(pushed(1, 0, None), at(30_110));
    assert_eq!(state.held(), None);
}

#[test]
fn an_expired_sign_in_holds_the_queue_and_edits_go_on_queueing() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let ended = Trouble::SignedOut("the sign-in has ended".to_owned());
    state.step(failed(LaneName::Refresh, 0, passing()), at(11));
    state.step(failed(LaneName::Push, 1, ended), at(12));
    assert_eq!(begun(state.step(Input::Edited { waiting: 2 }, at(13))), []);
    assert_eq!(state.held(), Some("the sign-in has ended"));
    let signed_in = Input::SignedIn {
        lifetime: 600,
        registered: true,
    };
    let effects = begun(state.step(signed_in, at(20)));
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Push { .. })),
        "{effects:?}"
    );
}

#[test]
fn another_network_ends_the_pause_unless_the_api_asked_for_it() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    state.step(failed(LaneName::Push, 1, passing()), at(11));
    assert!(state.waits());
    let effects = begun(state.step(Input::NetworkChanged, at(12)));
    assert!(
        matches!(effects[..], [Effect::Push { .. }, Effect::Pull { .. }]),
        "{effects:?}"
    );
    state.step(failed(LaneName::Push, 1, Trouble::RetryAfter(60)), at(13));
    state.step(pulled(5), at(14));
    assert_eq!(
        begun(state.step(Input::NetworkChanged, at(15))),
        [Effect::Pull { token: 1 }]
    );
}

#[test]
fn what_is_too_large_for_a_proxy_waits_for_the_proxy_to_be_mended() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 3 }, at(10));
    let words = "a proxy refuses it";
    let mut now = 11;
    loop {
        let trouble = Trouble::TooLargeOnTheWay(words.to_owned());
        let effects = begun(state.step(failed(LaneName::Push, 1, trouble), at(now)));
        assert!(!effects.contains(&Effect::GiveUp));
        if effects.is_empty() {
            break;
        }
        now += 1;
        assert!(now < 30, "it is asked again at once without end");
    }
    assert_eq!(state.held(), Some(words));
    // It is tried again by itself, and what was halved grows again.
    let effects = begun(state.step(Input::Timer, at(90_000)));
    assert!(
        effects.iter().any(|it| matches!(it, Effect::Push { .. })),
        "{effects:?}"
    );
}

#[test]
fn a_stroke_that_is_too_large_alone_does_not_stand_before_the_others() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 3 }, at(10));
    let mut now = 11;
    loop {
        let too_large = failed(LaneName::Push, 1, Trouble::TooLarge);
        let effects = begun(state.step(too_large, at(now)));
        if effects == [Effect::GiveUp] {
            break;
        }
        assert!(matches!(effects[..], [Effect::Push { .. }]), "{effects:?}");
        now += 1;
        assert!(now < 30);
    }
    assert_eq!(begun(state.step(Input::Edited { waiting: 4 }, at(now))), []);
    let effects = begun(state.step(Input::GaveUp { waiting: 3 }, at(now)));
    assert!(matches!(effects[..], [Effect::Push { .. }]), "{effects:?}");
}

#[test]
fn a_call_that_ended_with_its_network_is_made_again_at_once() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    state.step(Input::NetworkChanged, at(11));
    let effects = begun(state.step(failed(LaneName::Push, 1, Trouble::Moved), at(12)));
    assert!(matches!(effects[..], [Effect::Push { .. }]), "{effects:?}");
    // Nobody was told that the API is away.
    assert_eq!(*state.line(), Line::Online);
    assert_eq!(state.held(), None);
    let effects = begun(state.step(failed(LaneName::Live, 1, Trouble::Moved), at(13)));
    assert!(
        matches!(effects[..], [Effect::OpenLive { .. }]),
        "{effects:?}"
    );
}
