//! An API whose database was put back.

use super::*;

#[test]
fn a_restored_api_is_asked_how_far_it_is_and_given_the_rest_again() {
    for (reset, restored) in [(true, false), (false, true)] {
        let mut state = online(0);
        state.step(Input::Hint(Seq(9)), at(10));
        let pulled = Input::Pulled {
            seq: Seq(0),
            more: true,
            reset,
            restored,
            goes_on: false,
        };
        let effects = begun(state.step(pulled, at(11)));
        assert_eq!(
            effects,
            [Effect::Register { token: 1 }, Effect::Pull { token: 1 }]
        );
        assert_eq!(
            begun(state.step(
                Input::Registered {
                    waiting: 2,
                    renumber: false
                },
                at(12)
            )),
            [Effect::Refresh]
        );
        let effects = begun(state.step(Input::Refreshed { lifetime: 600 }, at(13)));
        assert!(
            matches!(effects[..], [Effect::Push { token: 2, .. }]),
            "{effects:?}"
        );
    }
}

#[test]
fn a_sign_in_before_the_answer_does_not_hide_what_a_restored_api_has_lost() {
    let mut state = online(0);
    state.step(Input::Hint(Seq(9)), at(10));
    state.step(
        Input::Pulled {
            seq: Seq(0),
            more: false,
            reset: false,
            restored: true,
            goes_on: false,
        },
        at(11),
    );
    // The device is known to the sign-in; its acknowledged edits may be lost all the same.
    let signed_in = Input::SignedIn {
        lifetime: 600,
        registered: true,
    };
    state.step(signed_in.clone(), at(12));
    state.step(failed(LaneName::Register, 1, passing()), at(13));
    let effects = begun(state.step(Input::Timer, at(90_000)));
    assert!(
        effects.contains(&Effect::Register { token: 2 }),
        "{effects:?}"
    );
    state.step(
        Input::Registered {
            waiting: 2,
            renumber: false,
        },
        at(90_001),
    );
    let effects = begun(state.step(Input::Refreshed { lifetime: 600 }, at(90_002)));
    assert!(
        matches!(effects[..], [Effect::Push { token: 3, .. }]),
        "{effects:?}"
    );
    // And once it has answered, a sign-in is as good as any.
    state.step(signed_in, at(90_003));
    assert_eq!(state.held(), None);
}

#[test]
fn a_push_that_fails_is_tried_again_although_the_count_came_while_it_was_on_its_way() {
    let mut state = online(0);
    let effects = begun(state.step(Input::Edited { waiting: 1 }, at(10)));
    assert!(matches!(effects[..], [Effect::Push { .. }]), "{effects:?}");
    // The API was put back, and is asked; what is on its way waits no more in the cache's count.
    let restored = Input::Pulled {
        seq: Seq(0),
        more: false,
        reset: false,
        restored: true,
        goes_on: false,
    };
    state.step(restored, at(11));
    state.step(
        Input::Registered {
            waiting: 0,
            renumber: false,
        },
        at(12),
    );
    state.step(Input::Refreshed { lifetime: 600 }, at(13));
    state.step(failed(LaneName::Push, 1, passing()), at(14));
    assert!(!state.settled());
    let effects = begun(state.step(Input::Timer, at(90_000)));
    assert!(
        effects
            .iter()
            .any(|it| matches!(it, Effect::Push { token: 2, .. })),
        "{effects:?}"
    );
}

#[test]
fn pages_that_follow_by_themselves_begin_no_other_pull() {
    let mut state = online(0);
    assert_eq!(
        begun(state.step(Input::Hint(Seq(9)), at(10))),
        [Effect::Pull { token: 1 }]
    );
    let page = |seq, goes_on| Input::Pulled {
        seq: Seq(seq),
        more: goes_on,
        reset: false,
        restored: false,
        goes_on,
    };
    assert_eq!(begun(state.step(page(7, true), at(11))), []);
    assert_eq!(begun(state.step(Input::SyncWanted, at(12))), []);
    assert!(!state.settled());
    assert_eq!(
        begun(state.step(page(9, false), at(13))),
        [Effect::Pull { token: 1 }]
    );
}

#[test]
fn what_a_former_device_lost_is_numbered_anew_before_anything_is_sent() {
    let mut state = online(0);
    let pulled = Input::Pulled {
        seq: Seq(0),
        more: true,
        reset: true,
        restored: true,
        goes_on: false,
    };
    state.step(pulled, at(10));
    let registered = |renumber| Input::Registered {
        waiting: 1,
        renumber,
    };
    let effects = begun(state.step(registered(true), at(11)));
    assert!(
        matches!(effects[..], [Effect::Fork { .. }, Effect::Refresh]),
        "{effects:?}"
    );
    assert_eq!(
        begun(state.step(Input::Refreshed { lifetime: 600 }, at(12))),
        []
    );
    assert_eq!(
        begun(state.step(Input::Forked { waiting: 4 }, at(13))),
        [Effect::Register { token: 2 }]
    );
    state.step(registered(false), at(14));
    let effects = begun(state.step(Input::Refreshed { lifetime: 600 }, at(15)));
    assert!(matches!(effects[..], [Effect::Push { .. }]), "{effects:?}");
}

#[test]
fn a_push_on_its_way_is_answered_before_anything_is_numbered_anew() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(9));
    let pulled = Input::Pulled {
        seq: Seq(0),
        more: true,
        reset: true,
        restored: true,
        goes_on: false,
    };
    assert_eq!(
        begun(state.step(pulled, at(10))),
        [Effect::Pull { token: 1 }]
    );
    assert_eq!(
        begun(state.step(pushed(1, 0, None), at(11))),
        [Effect::Register { token: 1 }]
    );
}
