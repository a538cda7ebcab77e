use super::*;

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[test]
fn it_asks_at_the_pace_that_the_api_wants() {
    let mut asking = Asking::new(seconds(5), seconds(600));
    assert_eq!(asking.first(), seconds(5));
    assert_eq!(asking.after(Heard::Wait, seconds(5)), Some(seconds(5)));
    assert_eq!(
        asking.after(Heard::WaitLonger, seconds(5)),
        Some(seconds(10))
    );
    assert_eq!(
        asking.after(Heard::WaitLonger, seconds(10)),
        Some(seconds(15))
    );
    assert_eq!(asking.after(Heard::Wait, seconds(15)), Some(seconds(15)));
}

#[test]
fn a_line_that_is_gone_is_asked_less_and_less_and_the_pace_comes_back_with_it() {
    let mut asking = Asking::new(seconds(5), seconds(600));
    let waits: Vec<_> = (0..5)
        .map(|_| asking.after(Heard::Nothing, seconds(1)).unwrap())
        .collect();
    assert_eq!(waits, [5, 10, 20, 30, 30].map(seconds));
    assert_eq!(asking.after(Heard::Wait, seconds(1)), Some(seconds(5)));
    assert_eq!(asking.after(Heard::Nothing, seconds(1)), Some(seconds(5)));
}

#[test]
fn nothing_is_asked_when_the_code_is_good_no_more() {
    let mut asking = Asking::new(seconds(5), seconds(600));
    assert_eq!(asking.after(Heard::Wait, seconds(594)), Some(seconds(5)));
    assert_eq!(asking.after(Heard::Wait, seconds(5)), None);
    assert_eq!(asking.after(Heard::Nothing, seconds(5)), None);
}
