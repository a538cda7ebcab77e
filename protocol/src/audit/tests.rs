use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[test]
fn a_document_counts_with_what_the_format_says() {
    let mut tally = Tally::default();
    tally.add("customer", "c1", Seq(7));
    // printf 'customer\0c1\0\0\0\0\0\0\0\0\7' | sha256sum
    assert_eq!(tally.sum.to_string(), "d5a02f7a98499c506892d5d30f11b683");
    assert_eq!(tally.documents, 1);
    tally.take_out("customer", "c1", Seq(7));
    assert_eq!(tally, Tally::default());
}

#[test]
fn a_sum_survives_its_text_and_its_bytes() {
    for sum in [Sum(0), Sum(1), Sum(u128::MAX), Sum(0xabc << 64)] {
        assert_eq!(sum.to_string().parse(), Ok(sum));
        assert_eq!(Sum::from_bytes(sum.to_bytes()), sum);
        let json = serde_json::to_string(&sum).unwrap();
        assert_eq!(serde_json::from_str::<Sum>(&json).unwrap(), sum);
    }
    for bad in [
        "",
        "0",
        &"g".repeat(32),
        &format!("+{:031x}", 1),
        &"0".repeat(33),
    ] {
        assert_eq!(bad.parse::<Sum>(), Err(SumError), "{bad}");
    }
}

type Key = (u8, u8);

fn kind(key: Key) -> &'static str {
    ["customer", "vehicle", "inspection"][usize::from(key.0 % 3)]
}

fn of(documents: &BTreeMap<Key, u64>) -> Tally {
    let mut tally = Tally::default();
    for (key, version) in documents {
        tally.add(kind(*key), &key.1.to_string(), Seq(*version));
    }
    tally
}

proptest! {
    #[test]
    fn kept_change_by_change_it_is_what_a_scan_counts(
        steps in prop::collection::vec((0_u8..3, 0_u8..20, any::<bool>()), 0..200),
    ) {
        let mut documents: BTreeMap<Key, u64> = BTreeMap::new();
        let mut tally = Tally::default();
        for (version, (a, b, goes)) in (1_u64..).zip(steps) {
            let key = (a, b);
            if let Some(former) = documents.remove(&key) {
                tally.take_out(kind(key), &b.to_string(), Seq(former));
            }
            if !goes {
                documents.insert(key, version);
                tally.add(kind(key), &b.to_string(), Seq(version));
            }
            prop_assert_eq!(tally, of(&documents));
        }
    }

    #[test]
    fn any_difference_shows(
        documents in prop::collection::btree_map((0_u8..3, any::<u8>()), 1_u64..1000, 1..50),
        which in any::<prop::sample::Index>(),
        by in 1_u64..5,
    ) {
        let whole = of(&documents);
        let key = *which.get(&documents.keys().copied().collect::<Vec<_>>());
        let mut less = documents.clone();
        less.remove(&key);
        prop_assert_ne!(of(&less), whole);
        let mut older = documents;
        *older.get_mut(&key).unwrap() += by;
        prop_assert_ne!(of(&older), whole);
    }
}
