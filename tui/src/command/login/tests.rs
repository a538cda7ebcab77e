use redtag_protocol::role::Role;

use super::*;
use crate::testing;

#[test]
fn a_change_of_person_is_said_with_the_way_back() {
    let former = testing::account();
    let mut now = testing::account();
    now.default = true;
    assert_eq!(switched(&now, None), "");
    assert_eq!(switched(&now, Some(&former)), "");
    now.id = "b2".to_owned();
    let words = switched(&now, Some(&former));
    assert!(words.contains("redtag use a1"), "{words}");
    now.email = "other@example.com".to_owned();
    let words = switched(&now, Some(&former));
    assert!(words.contains("works as other@example.com"), "{words}");
    assert!(words.contains("redtag use tech@example.com"), "{words}");
}

fn shop(name: &str, last: u8) -> Membership {
    let mut id = [0; 16];
    id[15] = last;
    Membership {
        shop: ShopId::from_bytes(id),
        name: name.to_owned(),
        role: Role::Technician,
    }
}

#[test]
fn a_shop_is_found_by_name_or_id() {
    let shops = [shop("North", 1), shop("South", 2)];
    assert_eq!(shop_called(&shops, "south").unwrap(), shops[1].shop);
    let id = shops[0].shop.to_string();
    assert_eq!(shop_called(&shops, &id).unwrap(), shops[0].shop);
    let none = shop_called(&shops, "West").unwrap_err();
    assert!(none.words.contains("North") && none.words.contains("--shop"));
}

#[test]
fn two_shops_of_one_name_are_told_apart_by_id() {
    let shops = [shop("North", 1), shop("north", 2)];
    let both = shop_called(&shops, "North").unwrap_err();
    assert!(both.words.contains(&shops[1].shop.to_string()));
}
