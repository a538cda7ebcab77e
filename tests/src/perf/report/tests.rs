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
fn times_give_median_and_slow_end() {
    let row = pairs(&[9, 1, 3, 2, 4], &[1, 1, 1]).times("X1", "something");
    assert!(close(row.median, 3.0) && close(row.p99, 9.0), "{row:?}");
    assert!(close(row.floor, 1.0) && close(row.ratio, 3.0), "{row:?}");
    assert_eq!(row.n, 5);
}

#[test]
fn rates_turn_the_ratio_round() {
    let row = pairs(&[200, 100, 400], &[50]).rates("X2", "something", "docs/s", 10.0);
    assert!(close(row.median, 50.0) && close(row.p99, 25.0), "{row:?}");
    assert!(close(row.floor, 200.0) && close(row.ratio, 0.25), "{row:?}");
}

#[test]
fn the_table_says_when_nothing_is_promised() {
    let row = pairs(&[1], &[1]).times("X1", "something");
    assert!(table(&[row]).contains("–"));
}
