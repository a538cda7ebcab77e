//! A device id that two homes use.

use super::*;

#[test]
fn a_fork_takes_a_new_device_and_registers_it_before_the_next_push() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 3 }, at(10));
    let effects = begun(state.step(pushed(0, 3, Some(Ending::DeviceForked { at: 4 })), at(11)));
    assert!(matches!(effects[..], [Effect::Fork { .. }]), "{effects:?}");
    assert_eq!(begun(state.step(Input::Edited { waiting: 4 }, at(12))), []);
    assert_eq!(
        begun(state.step(Input::Forked { waiting: 4 }, at(13))),
        [Effect::Register { token: 1 }]
    );
    // The old access token names the old device.
    assert_eq!(
        begun(state.step(
            Input::Registered {
                waiting: 1,
                renumber: false
            },
            at(14)
        )),
        [Effect::Refresh]
    );
    let effects = begun(state.step(Input::Refreshed { lifetime: 600 }, at(15)));
    assert!(
        matches!(effects[..], [Effect::Push { token: 2, .. }]),
        "{effects:?}"
    );
}

#[test]
fn a_cloned_home_that_took_the_sign_in_is_answered_by_registering_again() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let other = |token| failed(LaneName::Push, token, Trouble::OtherDevice);
    let register = |token| [Effect::Register { token }];
    assert_eq!(begun(state.step(other(1), at(11))), register(1));
    state.step(
        Input::Registered {
            waiting: 1,
            renumber: false,
        },
        at(12),
    );
    state.step(Input::Refreshed { lifetime: 600 }, at(13));
    assert_eq!(begun(state.step(other(2), at(14))), register(2));
    state.step(
        Input::Registered {
            waiting: 1,
            renumber: false,
        },
        at(15),
    );
    state.step(Input::Refreshed { lifetime: 600 }, at(16));
    // Two homes that do nothing else must not keep each other busy.
    assert_eq!(begun(state.step(other(3), at(17))), []);
    assert!(state.next_try().is_some());
}

#[test]
fn an_api_that_calls_every_device_a_fork_is_not_asked_without_end() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 1 }, at(10));
    let fork = || pushed(0, 1, Some(Ending::DeviceForked { at: 1 }));
    let mut asked = 0;
    for round in 0..10 {
        let now = at(20 + round * 4);
        state.step(fork(), now);
        state.step(Input::Forked { waiting: 1 }, now);
        state.step(
            Input::Registered {
                waiting: 1,
                renumber: false,
            },
            now,
        );
        let effects = begun(state.step(Input::Refreshed { lifetime: 600 }, now));
        if !matches!(effects[..], [Effect::Push { .. }]) {
            break;
        }
        asked += 1;
    }
    assert!(asked < 3, "{asked}");
    assert!(state.next_try().is_some());
}

#[test]
fn a_fork_that_could_not_be_kept_does_not_stop_the_queue() {
    let mut state = online(0);
    state.step(Input::Edited { waiting: 3 }, at(10));
    state.step(pushed(0, 3, Some(Ending::DeviceForked { at: 4 })), at(11));
    // The disk is full, for a while.
    let effects = state.step(failed(LaneName::Push, 0, passing()), at(12));
    assert_eq!(begun(effects), []);
    let at_last = state.next_try().unwrap();
    let effects = begun(state.step(Input::Timer, at(at_last)));
    assert!(matches!(effects[..], [Effect::Push { .. }]), "{effects:?}");
}
