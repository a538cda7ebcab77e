use super::*;

#[test]
fn the_fifth_wrong_pin_makes_wait_and_each_after_it_twice_as_long() {
    let seconds: Vec<u64> = (0..=MOST).map(|it| pause(it).as_secs()).collect();
    assert_eq!(seconds, [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960]);
}

#[test]
fn a_pause_begins_anew_with_the_daemon_and_ends_with_time() {
    let tries = Tries::new(6);
    assert!(matches!(tries.state(), Lock::Waiting { seconds: 59..=60 }));
    clock::pass(Duration::from_mins(1));
    assert_eq!(tries.state(), Lock::Locked);
    assert_eq!(Tries::new(MOST).state(), Lock::Spent);
}
