use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{
    entity::{Entity, Kind},
    inspection::Inspection,
    lifecycle::State,
    stamp::Stamp,
    template::Template,
};

use super::seed;
use crate::{
    core,
    storage::{Storage, conformance::Place as _, sqlite::tests::Here},
};

const NOW: Stamp = Stamp(1_800_000_000_000);

async fn documents(
    storage: &impl Storage,
    shop: redtag_protocol::ids::ShopId,
) -> (Vec<Inspection>, Vec<Template>) {
    let mut inspections = Vec::new();
    let mut templates = Vec::new();
    for kind in [Kind::Inspection, Kind::Template] {
        for stored in storage.list(shop, kind).await.unwrap() {
            match core::entity(&stored).unwrap() {
                Entity::Inspection(it) => inspections.push(*it),
                Entity::Template(it) => templates.push(it),
                _ => unreachable!(),
            }
        }
    }
    (inspections, templates)
}

#[tokio::test]
async fn the_demo_shop_is_lively_and_consistent() {
    let here = Here::new();
    let storage = here.open().await;
    let seeded = seed(&storage, NOW, "hash").await.unwrap();
    let (inspections, templates) = documents(&storage, seeded.shop).await;

    let states: BTreeSet<State> = inspections.iter().map(|it| it.state.value).collect();
    assert_eq!(states.len(), State::ALL.len(), "{states:?}");
    assert_eq!(templates.len(), 3);
    assert!(inspections.len() > 90);

    let numbers: BTreeSet<u64> = inspections.iter().filter_map(|it| it.number).collect();
    assert_eq!(
        numbers.len(),
        inspections.len(),
        "every ticket has a number"
    );
    let mut by_age: Vec<_> = inspections
        .iter()
        .map(|it| (it.created.stamp, it.number))
        .collect();
    by_age.sort();
    assert!(by_age.is_sorted_by_key(|(_, number)| *number));

    for inspection in &inspections {
        assert!(inspection.conflicts.is_empty() && inspection.late.is_empty());
        assert!(inspection.state.writer.stamp <= NOW);
        let template = templates.iter().find(|it| it.id == inspection.template.id);
        let counts = inspection.counts(template.unwrap());
        let begun = inspection.state.value != State::Draft;
        assert_eq!(counts.answered > 0, begun, "{}", inspection.label());
    }
    let mut visits: BTreeMap<_, u32> = BTreeMap::new();
    for inspection in &inspections {
        *visits.entry(inspection.vehicle).or_default() += 1;
    }
    assert!(visits.values().filter(|count| **count > 1).count() > 20);
}
