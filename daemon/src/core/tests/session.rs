//! Tokens, sign-ins and memberships that end.

use super::*;

#[test]
fn a_401_refreshes_once_then_waits_for_a_person() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let not_taken = || failed(LaneName::Push, 1, Trouble::Unauthorized);
    assert_eq!(begun(state.step(not_taken(), at(11))), [Effect::Refresh]);
    let effects = state.step(Input::Refreshed { lifetime: 600 }, at(12));
    assert!(matches!(
        begun(effects)[..],
        [Effect::Push { token: 2, .. }]
    ));
    let again = failed(LaneName::Push, 2, Trouble::Unauthorized);
    assert_eq!(begun(state.step(again, at(13))), [Effect::CloseLive]);
    assert!(matches!(state.session(), Session::Out(_)));
    assert_eq!(begun(state.step(Input::Edited { waiting: 2 }, at(14))), []);
    let signed_in = Input::SignedIn {
        lifetime: 600,
        registered: true,
    };
    let effects = begun(state.step(signed_in, at(15)));
    assert!(
        effects.contains(&Effect::Push {
            token: 3,
            most: MAX_BATCH
        }),
        "{effects:?}"
    );
}

#[test]
fn a_late_401_of_an_old_token_means_nothing() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    state.step(Input::Hint(Seq(9)), at(11));
    state.step(failed(LaneName::Push, 1, Trouble::Unauthorized), at(12));
    state.step(Input::Refreshed { lifetime: 600 }, at(13));
    let late = failed(LaneName::Pull, 1, Trouble::Unauthorized);
    assert_eq!(begun(state.step(late, at(14))), [Effect::Pull { token: 2 }]);
    assert_eq!(*state.session(), Session::In);
}

#[test]
fn what_ended_a_former_sign_in_ends_no_newer_one() {
    for ended in [Trouble::Revoked, Trouble::Left] {
        let mut state = online(0);
        state.step(Input::Hint(Seq(9)), at(10));
        let signed_in = Input::SignedIn {
            lifetime: 600,
            registered: true,
        };
        state.step(signed_in, at(11));
        let late = |token| failed(LaneName::Pull, token, ended("over".to_owned()));
        assert_eq!(
            begun(state.step(late(1), at(12))),
            [Effect::Pull { token: 2 }]
        );
        assert_eq!(*state.session(), Session::In);
        // Said to the newer one it counts.
        state.step(late(2), at(13));
        assert!(matches!(state.session(), Session::Left(_)));
    }
}

#[test]
fn only_a_definite_answer_signs_out() {
    let mut state = State::new(true, true, 1, Seq(0));
    state.step(Input::Begin, at(1));
    let mut now = 1;
    for _ in 0..20 {
        state.step(failed(LaneName::Refresh, 0, passing()), at(now));
        assert_eq!(*state.session(), Session::In);
        now = state.next_try().unwrap();
        assert_eq!(begun(state.step(Input::Timer, at(now))), [Effect::Refresh]);
    }
    let ended = Trouble::SignedOut("the sign-in has ended".to_owned());
    assert_eq!(state.step(failed(LaneName::Refresh, 0, ended), at(now)), []);
    assert!(matches!(state.session(), Session::Out(_)));
}

#[test]
fn the_token_is_renewed_before_it_expires() {
    let mut state = online(0);
    let effects = state.step(Input::Timer, at(580_002));
    assert_eq!(begun(effects), [Effect::Refresh]);
}

#[test]
fn a_membership_that_ended_stops_everything_and_keeps_what_waits() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let left = Trouble::Left("you are no member of this shop any more".to_owned());
    assert_eq!(
        begun(state.step(failed(LaneName::Push, 1, left.clone()), at(11))),
        [Effect::Seal, Effect::CloseLive]
    );
    assert!(matches!(state.session(), Session::Left(_)));
    // Other calls that were on their way say the same.
    assert_eq!(
        begun(state.step(failed(LaneName::Pull, 1, left), at(12))),
        []
    );
    assert_eq!(begun(state.step(Input::Timer, at(1_000_000))), []);
    // What could not be sealed, such as on a full disk, is sealed when a person asks.
    assert_eq!(
        begun(state.step(Input::SyncWanted, at(1_000_001))),
        [Effect::Seal]
    );
}

#[test]
fn what_happens_during_a_refresh_leaves_no_second_one_wanted() {
    let mut state = State::new(true, true, 0, Seq(0));
    state.step(Input::Begin, at(1));
    state.step(Input::SyncWanted, at(2));
    state.step(Input::Refreshed { lifetime: 600 }, at(3));
    state.step(pulled(5), at(4));
    state.step(Input::LiveOpened, at(5));
    state.step(Input::Hint(Seq(5)), at(5));
    state.step(pulled(5), at(6));
    assert_eq!(state.next_try(), None);
    assert_eq!(
        begun(state.step(Input::Timer, at(60_006))),
        [Effect::Pull { token: 1 }]
    );
}

#[test]
fn a_refresh_that_a_sign_in_overtook_does_not_sign_out() {
    let mut state = online(0);
    assert_eq!(
        begun(state.step(Input::Timer, at(580_002))),
        [Effect::Refresh]
    );
    let signed_in = Input::SignedIn {
        lifetime: 600,
        registered: true,
    };
    state.step(signed_in, at(580_003));
    let ended = Trouble::SignedOut("the old one has ended".to_owned());
    state.step(failed(LaneName::Refresh, 0, ended), at(580_004));
    assert_eq!(*state.session(), Session::In);
}
