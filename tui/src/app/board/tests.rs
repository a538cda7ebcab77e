use redtag_protocol::stamp::Stamp;

use super::{DAY, HOUR, age, age_changes};

#[test]
fn ages_are_coarse_and_say_when_they_change() {
    let now = Stamp(1000 * DAY);
    let ago = |passed: u64| Stamp(now.0 - passed);
    assert_eq!(age(ago(0), now), "<1 h");
    assert_eq!(age(ago(47 * HOUR), now), "47 h");
    assert_eq!(age(ago(3 * DAY), now), "3 d");
    assert_eq!(age(ago(50 * DAY), now), "7 w");
    assert_eq!(age(ago(363 * DAY), now), "51 w");
    // No column has room for “100 w”.
    assert_eq!(age(ago(364 * DAY), now), "1 y");
    assert_eq!(age(ago(700 * DAY), now), "1 y");
    assert_eq!(age(ago(800 * DAY), now), "2 y");
    assert_eq!(age_changes(ago(10), now).0, now.0 - 10 + HOUR);
    assert_eq!(age_changes(ago(3 * DAY + 10), now).0, now.0 - 10 + DAY);
    // A clock that runs behind the one that created it.
    assert_eq!(age(Stamp(now.0 + HOUR), now), "<1 h");
}
