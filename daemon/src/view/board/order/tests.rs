use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn it_is_a_sorted_set(changes in proptest::collection::vec((0_u32..3_000, any::<bool>()), 0..6_000)) {
        let (mut sorted, mut set) = (Sorted::default(), BTreeSet::new());
        // The row of a number is its bits turned around.
        let row = u32::reverse_bits;
        for (slot, insert) in changes {
            let compare = |other: u32| row(other).cmp(&row(slot));
            if insert && set.insert(row(slot)) {
                sorted.insert(slot, compare);
            } else if !insert && set.remove(&row(slot)) {
                sorted.remove(slot, compare);
            }
        }
        let all: Vec<u32> = sorted.iter().map(row).collect();
        prop_assert_eq!(all, set.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn filled_from_either_end_the_pieces_are_few() {
    for turn in [|slot: u32| slot, |slot: u32| u32::MAX - slot] {
        let mut sorted = Sorted::default();
        for slot in 0..100_000 {
            sorted.insert(slot, |other| turn(other).cmp(&turn(slot)));
        }
        let room: usize = sorted.pieces.iter().map(Vec::capacity).sum();
        assert!(room < 230_000, "{room}");
        assert_eq!(sorted.iter().count(), 100_000);
    }
}
