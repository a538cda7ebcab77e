use redtag_protocol::{
    ids::{PersonId, ShopId},
    role::Role,
    shop::Member,
    stamp::Seq,
};
use serde_json::Map;

use super::{Documents, Entity, EntityRef, Head, MOST, MOST_OF_SHOP, MOST_SHOPS, Recent};
use crate::keys::random;

fn shop() -> ShopId {
    ShopId::from_parts(1, random())
}

fn head(seq: u64, hash: u8) -> Head {
    Head {
        seq: Seq(seq),
        hash: [hash; 32],
        ticket: 0,
        floor: Seq(0),
    }
}

fn member() -> (EntityRef, std::sync::Arc<Entity>) {
    let member = Entity::Member(Member {
        id: PersonId::from_parts(1, random()),
        name: "Rosa Ratchet".to_owned(),
        role: Role::Technician,
        removed: false,
        unknown: Map::new(),
    });
    (member.key(), member.into())
}

/// Documents with one in it of so many bytes.
fn one(bytes: usize) -> (EntityRef, Documents) {
    let (key, entity) = member();
    let mut documents = Documents::default();
    documents.learn(entity, bytes);
    (key, documents)
}

#[test]
fn what_is_known_counts_at_the_same_head_only() {
    let recent = Recent::default();
    let shop = shop();
    for (asked, known) in [
        (head(7, 1), true),
        (head(8, 1), false),
        (head(6, 1), false),
        // Another life of the shop: a backup that was restored and went on.
        (head(7, 2), false),
    ] {
        let (key, documents) = one(100);
        recent.put(shop, &head(7, 1), documents);
        let mut found = recent.take(shop, &asked);
        assert_eq!(found.find(&key).is_some(), known, "{asked:?}");
        assert!(recent.take(shop, &head(7, 1)).find(&key).is_none());
    }
}

#[test]
fn one_shop_knows_nothing_of_another() {
    let recent = Recent::default();
    let (key, documents) = one(100);
    recent.put(shop(), &head(7, 1), documents);
    assert!(recent.take(shop(), &head(7, 1)).find(&key).is_none());
}

#[test]
fn a_large_shop_keeps_what_its_last_push_used() {
    let (recent, shop, at) = (Recent::default(), shop(), head(7, 1));
    let (first, documents) = one(MOST_OF_SHOP - 1);
    recent.put(shop, &at, documents);
    let mut documents = recent.take(shop, &at);
    let (second, entity) = member();
    documents.learn(entity, 100);
    recent.put(shop, &at, documents);
    let mut documents = recent.take(shop, &at);
    assert!(documents.find(&first).is_none());
    assert!(documents.find(&second).is_some());
}

#[test]
fn the_shop_that_was_used_longest_ago_is_forgotten_first() {
    let recent = Recent::default();
    let shops: Vec<ShopId> = (0..=MOST / (MOST_OF_SHOP / 2)).map(|_| shop()).collect();
    for shop in &shops {
        let (_, documents) = one(MOST_OF_SHOP / 2);
        recent.put(*shop, &head(7, 1), documents);
    }
    let kept = |shop: &ShopId| recent.take(*shop, &head(7, 1)).bytes > 0;
    assert!(!kept(&shops[0]));
    assert!(shops[1..].iter().all(kept));
    assert_eq!(recent.lock().bytes, 0);
}

#[test]
fn shops_that_hold_nothing_are_forgotten_too() {
    let recent = Recent::default();
    for _ in 0..MOST_SHOPS + 10 {
        recent.put(shop(), &head(7, 1), Documents::default());
    }
    assert_eq!(recent.lock().shops.len(), MOST_SHOPS);
}
