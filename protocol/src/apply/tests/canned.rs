//! Canned notes that a shop keeps.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, json};

use super::shop::{Bench, ShopUnderTest};
use crate::{
    canned::{Canned, Kept, MAX_KEPT, Scope},
    entity::{Entity, EntityRef},
    ids::{CannedId, ShopId},
    op::{Edit, RefusalCode},
    role::Role,
    shop::{Settings, Shop},
    stamp::Seq,
};

fn shop_id() -> ShopId {
    ShopId::from_parts(1, [1; 10])
}

fn id(n: u64) -> CannedId {
    CannedId::from_parts(n, [2; 10])
}

fn kept(text: &str) -> Kept {
    Kept {
        scope: Scope::Shop,
        note: Canned {
            text: text.to_owned(),
            condition: None,
            recommendation: None,
            unknown: Map::new(),
        },
    }
}

fn add(n: u64, text: &str) -> Edit {
    Edit::AddCanned {
        shop: shop_id(),
        id: id(n),
        kept: kept(text),
    }
}

fn stage() -> ShopUnderTest {
    let mut stage = ShopUnderTest::new();
    let mut unknown = Map::new();
    unknown.insert("slogan".to_owned(), json!("kept as it came"));
    stage.world.insert(Arc::new(Entity::Shop(Shop {
        id: shop_id(),
        name: "Marker Cars".to_owned(),
        settings: Settings::default(),
        canned: BTreeMap::new(),
        unknown,
    })));
    stage
}

fn shop(stage: &ShopUnderTest) -> Shop {
    match stage
        .world
        .entity(&EntityRef::Shop(shop_id()))
        .unwrap()
        .as_ref()
    {
        Entity::Shop(shop) => shop.clone(),
        _ => unreachable!("the key says so"),
    }
}

#[test]
fn who_may_write_templates_adds_and_drops_and_nothing_else_is_touched() {
    let mut stage = stage();
    let dispatcher = Bench::new(2, Role::Dispatcher);
    let technician = Bench::new(1, Role::Technician);
    let refusal = stage.refused(&technician, Seq(0), add(1, "a"));
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    stage.accepted(&dispatcher, Seq(0), add(1, "a"));
    // From a bench that has seen nothing of the first: both are there.
    let owner = Bench::new(3, Role::Owner);
    stage.accepted(&owner, Seq(0), add(2, "b"));
    let there = shop(&stage);
    assert_eq!(there.canned.len(), 2);
    assert_eq!(there.unknown["slogan"], "kept as it came");
    let drop = |n| Edit::DropCanned {
        shop: shop_id(),
        id: id(n),
    };
    stage.accepted(&dispatcher, Seq(0), drop(1));
    // Somebody was faster.
    stage.accepted(&owner, Seq(0), drop(1));
    assert_eq!(shop(&stage).canned.keys().collect::<Vec<_>>(), [&id(2)]);
}

#[test]
fn a_note_is_never_changed() {
    let mut stage = stage();
    let owner = Bench::new(3, Role::Owner);
    stage.accepted(&owner, Seq(0), add(1, "a"));
    stage.accepted(&owner, Seq(0), add(1, "a"));
    let refusal = stage.refused(&owner, Seq(0), add(1, "b"));
    assert_eq!(refusal.code, RefusalCode::Exists);
}

#[test]
fn what_no_program_here_knows_and_what_is_too_much_is_refused() {
    let mut stage = stage();
    let owner = Bench::new(3, Role::Owner);
    let mut odd = kept("a");
    odd.note.unknown.insert("colour".to_owned(), json!("blue"));
    let mut evil = kept("\u{1b}[2J");
    evil.scope = Scope::Shop;
    let mut nowhere = kept("a");
    nowhere.scope = Scope::Unknown;
    for kept in [odd, evil, nowhere, kept(""), kept(&"x".repeat(501))] {
        let edit = Edit::AddCanned {
            shop: shop_id(),
            id: id(1),
            kept,
        };
        let refusal = stage.refused(&owner, Seq(0), edit);
        assert_eq!(refusal.code, RefusalCode::Invalid);
    }
    for n in 0..MAX_KEPT as u64 {
        stage.accepted(&owner, Seq(0), add(n, "a"));
    }
    let refusal = stage.refused(&owner, Seq(0), add(9_999, "a"));
    assert_eq!(refusal.code, RefusalCode::Invalid);
    assert_eq!(shop(&stage).canned.len(), MAX_KEPT);
}

#[test]
fn the_shop_of_another_is_not_found() {
    let mut stage = stage();
    let owner = Bench::new(3, Role::Owner);
    let edit = Edit::AddCanned {
        shop: ShopId::from_parts(9, [9; 10]),
        id: id(1),
        kept: kept("a"),
    };
    let refusal = stage.refused(&owner, Seq(0), edit);
    assert_eq!(refusal.code, RefusalCode::NotFound);
}
