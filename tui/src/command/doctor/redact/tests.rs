use redtag_protocol::{
    ids::{PersonId, ShopId},
    role::Role,
};

use super::*;

#[test]
fn no_person_shop_or_address_is_left() {
    let account = Account {
        id: "3f21".to_owned(),
        email: "tim@example.com".to_owned(),
        person: PersonId::from_bytes([1; 16]),
        name: "Tim Technician".to_owned(),
        shop: ShopId::from_bytes([2; 16]),
        shop_name: "Example Motors".to_owned(),
        role: Role::Technician,
        url: "https://shop.example.com:7420".to_owned(),
        default: true,
        secret: String::new(),
        lease: None,
        shut: None,
        lock: None,
    };
    let redaction = Redaction::of(&[account]);
    let told = redaction.apply(
        "Tim Technician (tim@example.com) of Example Motors cannot reach \
         https://shop.example.com:7420: shop.example.com:7420 does not answer",
    );
    for secret in ["Tim", "tim@", "example.com", "Motors"] {
        assert!(!told.contains(secret), "{told}");
    }
    assert!(told.contains("(API of 3f21)"), "{told}");
}
