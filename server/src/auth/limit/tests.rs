use super::*;

const QUOTA: Quota = Quota {
    burst: 3,
    every: 1000,
};

#[test]
fn a_burst_then_a_steady_rate() {
    let limit = Limiter::new(QUOTA);
    for _ in 0..3 {
        assert_eq!(limit.take("a", 5000), Ok(()));
    }
    assert_eq!(limit.take("a", 5000), Err(1000));
    assert_eq!(limit.take("a", 5400), Err(600));
    assert_eq!(
        limit.take("b", 5000),
        Ok(()),
        "keys do not touch each other"
    );
    assert_eq!(limit.take("a", 6000), Ok(()));
    assert_eq!(limit.take("a", 6000), Err(1000));
    for _ in 0..3 {
        assert_eq!(limit.take("a", 60_000), Ok(()), "all of the burst is back");
    }
}

#[test]
fn what_is_put_back_can_be_taken_again() {
    let limit = Limiter::new(QUOTA);
    for _ in 0..50 {
        assert_eq!(limit.take("a", 5000), Ok(()));
        limit.put_back("a");
    }
}

#[test]
fn a_million_keys_take_no_more_room_than_the_table_has() {
    let limit = Limiter::new(QUOTA);
    let granted = (0..1_000_000)
        .filter(|n| limit.take(n, 5000).is_ok())
        .count();
    assert_eq!(limit.len(), CAPACITY);
    assert_eq!(granted, CAPACITY + 3, "the rest shared one bucket");
    assert_eq!(limit.take(0, 5000), Ok(()), "a known key keeps its own");
    assert_eq!(limit.take("new", 60_000), Ok(()));
    assert_eq!(limit.len(), 1, "full buckets are forgotten");
}
