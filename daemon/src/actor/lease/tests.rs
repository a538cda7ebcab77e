use super::*;

const DAY: Duration = Duration::from_hours(24);
const MILLIS: u64 = 24 * 60 * 60 * 1000;

fn at(heard: u64, seen: u64) -> Lease {
    Lease::new(Contact {
        heard: Stamp(heard * MILLIS),
        seen: Stamp(seen * MILLIS),
    })
}

#[test]
fn it_ends_with_this_machines_own_time_and_the_api_begins_it_anew() {
    let mut lease = at(100, 100);
    clock::pass(DAY * 13);
    assert!(!lease.left(DAY * 14).is_zero());
    clock::pass(DAY * 2);
    assert!(lease.left(DAY * 14).is_zero());
    lease.heard(Stamp(115 * MILLIS));
    assert!(lease.left(DAY * 14) > DAY * 13);
    assert!(lease.left(DAY).is_zero() || lease.left(DAY) <= DAY);
}

#[test]
fn a_clock_that_was_set_back_prolongs_nothing() {
    // The machine says day 90; that it was day 113 once is kept.
    let lease = at(100, 113);
    assert!(lease.left(DAY * 14) <= DAY);
    clock::pass(DAY * 2);
    assert!(lease.left(DAY * 14).is_zero());
}

#[test]
fn the_doctor_says_how_long_it_goes_on() {
    let found = at(100, 100).finding("one", DAY * 14);
    assert!(
        found.ok && found.found.contains("13") | found.found.contains("14"),
        "{found:?}"
    );
    let found = at(100, 112).finding("one", DAY * 14);
    assert!(!found.ok, "{found:?}");
    let found = at(100, 114).finding("one", DAY * 14);
    assert!(
        !found.ok && found.found.contains("unsent is kept"),
        "{found:?}"
    );
    // A short one is not said to be short from its first hour on.
    assert!(at(100, 100).finding("one", DAY).ok);
}
