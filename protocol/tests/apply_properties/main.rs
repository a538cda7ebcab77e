//! Whatever the operations and documents: `apply` answers, never panics, and keeps what people
//! wrote.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

mod histories;
mod shop;
mod unknown;

use std::collections::BTreeSet;

use proptest::prelude::*;
use redtag_protocol::{
    entity::Entity,
    grade::Condition,
    inspection::{Answer, InspectionWrite},
    merge::{Fields as _, Write as _},
    op::{Edit, Verdict},
};

use shop::{Shop, answer, created, inspection_id, step};

proptest! {
    #[test]
    fn apply_never_panics_and_every_document_survives_its_body(
        steps in prop::collection::vec(step(), 0..60)
    ) {
        let mut shop = Shop::new();
        for (edit, by, behind, stamp) in steps {
            let key = shop.world.resolve(&edit.target());
            if shop.push(edit, by, behind, stamp).is_some()
                && let Some(entity) = shop.world.entity(&key)
            {
                let back = Entity::from_body(key.kind(), &entity.to_body().unwrap()).unwrap();
                prop_assert_eq!(&back, entity.as_ref());
            }
        }
    }

    #[test]
    fn a_conflict_always_has_two_sides_of_two_devices_and_shows_one_of_them(
        steps in prop::collection::vec(step(), 0..80)
    ) {
        let mut shop = Shop::new();
        created(&mut shop);
        for (edit, by, behind, stamp) in steps {
            shop.push(edit, by, behind, stamp);
        }
        for inspection in (0..3).filter_map(|n| shop.inspection(n)) {
            for (field, conflict) in &inspection.conflicts {
                let devices: BTreeSet<_> =
                    conflict.sides.iter().map(|side| side.writer.device).collect();
                prop_assert!(conflict.sides.len() >= 2);
                let first = &conflict.sides[0].write;
                prop_assert!(conflict.sides.iter().any(|side| side.write != *first));
                prop_assert_eq!(devices.len(), conflict.sides.len());
                prop_assert!(conflict.sides.iter().all(|side| side.write.field() == *field));
                let shown = inspection.side(field).unwrap();
                prop_assert!(conflict.sides.contains(&shown));
            }
        }
    }

    /// Edits of different fields by benches that know nothing of each other give one result,
    /// whatever the order in which they arrive.
    #[test]
    fn different_fields_merge_in_any_order(
        conditions in prop::collection::vec(0usize..4, 4),
        order in Just(vec![0usize, 1, 2, 3]).prop_shuffle(),
    ) {
        let points = ["lights.horn", "lights.wipers", "tyres.tread.lf", "interior.seat_belts"];
        let all = [Condition::Green, Condition::Yellow, Condition::Red, Condition::NotApplicable];
        let run = |order: &[usize]| {
            let mut shop = Shop::new();
            created(&mut shop);
            let base = shop.seq;
            for &i in order {
                let by = u8::try_from(i % 3).unwrap();
                let write = InspectionWrite::Answer {
                    point: points[i].parse().unwrap(),
                    answer: Some(Answer::condition(all[conditions[i]])),
                };
                let behind = shop.seq.0 - base.0;
                let edit = Edit::Inspection { id: inspection_id(0), write };
                let verdict = shop.push(edit, by, behind, 10 + i as u64);
                assert!(matches!(verdict, Some(Verdict::Applied | Verdict::Merged)), "{verdict:?}");
            }
            let inspection = shop.inspection(0).unwrap();
            assert!(inspection.conflicts.is_empty());
            points.map(|point| inspection.answer(&point.parse().unwrap()).cloned())
        };
        prop_assert_eq!(run(&order), run(&[0, 1, 2, 3]));
    }

    /// Two benches write one field without knowing of each other: whatever the order, the same
    /// value stands and both are kept.
    #[test]
    fn the_same_field_keeps_both_values_in_any_order(
        one in answer(), two in answer(), stamps in (0u64..50, 0u64..50),
    ) {
        prop_assume!(one != two && !one.is_empty() && !two.is_empty());
        let run = |swap: bool| {
            let mut shop = Shop::new();
            created(&mut shop);
            let mut writes = vec![(0u8, one.clone(), stamps.0), (2, two.clone(), stamps.1)];
            if swap {
                writes.reverse();
            }
            for (behind, (by, answer, stamp)) in writes.into_iter().enumerate() {
                let point = "tyres.tread.lf".parse().unwrap();
                let write = InspectionWrite::Answer { point, answer: Some(answer) };
                let edit = Edit::Inspection { id: inspection_id(0), write };
                shop.push(edit, by, behind as u64, stamp)?;
            }
            let inspection = shop.inspection(0).unwrap();
            let conflict = inspection.conflicts.get("answer:tyres.tread.lf").expect("a conflict");
            let mut kept: Vec<_> = conflict
                .sides
                .iter()
                .map(|side| (side.writer.device, serde_json::to_string(&side.write).unwrap()))
                .collect();
            kept.sort();
            let shown = inspection.side("answer:tyres.tread.lf").unwrap().write;
            Some((kept, shown))
        };
        let (forward, backward) = (run(false), run(true));
        prop_assert_eq!(&forward, &backward);
        if let Some((kept, _)) = forward {
            prop_assert_eq!(kept.len(), 2);
        }
    }
}
