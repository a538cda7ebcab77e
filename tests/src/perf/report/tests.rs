use super::*;

fn pairs(ours: &[u64], floor: &[u64]) -> Pairs {
    let mut pairs = Pairs::default();
    for took in ours {
        pairs.ours(Duration::from_millis(*took));
    }
    for took in floor {
        pairs.floor(Duration::from_millis(*took));
    }
    pairs
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() < 1e-9
}

#[test]
fn times_give_median_slow_end_and_spread() {
    let row = pairs(&[9, 1, 3, 2, 4], &[1, 1, 2]).times("X1", "something");
    assert!(close(row.median, 3.0) && close(row.p99, 9.0), "{row:?}");
    assert!(close(row.floor, 1.0) && close(row.ratio, 3.0), "{row:?}");
    let spread = row.spread;
    assert!(
        close(spread.min, 1.0) && close(spread.max, 9.0),
        "{spread:?}"
    );
    assert!(close(spread.floor_p99, 2.0), "{spread:?}");
    assert_eq!(row.n, 5);
}

#[test]
fn rates_turn_the_ratio_round() {
    let row = pairs(&[200, 100, 400], &[50]).rates("X2", "something", "docs/s", 10.0);
    assert!(close(row.median, 50.0), "{row:?}");
    assert!(close(row.spread.min, 25.0), "{row:?}");
    assert!(close(row.floor, 200.0) && close(row.ratio, 0.25), "{row:?}");
}

#[test]
fn a_target_bounds_what_it_says() {
    let row = || pairs(&[9, 1, 3, 2, 4], &[1, 1, 2]).times("X1", "something");
    let met = |bound, target| row().bounded(bound, target).met;
    assert_eq!(met(Bound::RatioAtMost, 3.5), Some(true));
    assert_eq!(met(Bound::RatioAtLeast, 3.5), Some(false));
    assert_eq!(met(Bound::SlowRatioAtMost, 4.0), Some(false));
    assert_eq!(met(Bound::MedianAtMost, 3.0), Some(true));
    assert_eq!(met(Bound::SlowAtMost, 8.0), Some(false));
}

#[test]
fn what_was_not_measured_meets_nothing() {
    let row = Row::without("X1", "there is no clock").reaching(1.0);
    assert_eq!(row.met, Some(false));
    let json = serde_json::to_value(&row).unwrap();
    assert!(json["median"].is_null() && json["spread"]["max"].is_null());
}

#[test]
fn the_table_says_when_nothing_is_promised() {
    let row = pairs(&[1], &[1]).times("X1", "something");
    assert!(table(&[row]).contains("–"));
}
