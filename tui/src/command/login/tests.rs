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

#[test]
fn a_code_is_shown_with_the_page_and_a_qr_where_there_is_room() {
    use super::by_code::{Room, shown};
    let pairing = redtag_protocol::ipc::Pairing {
        page: "https://shop.example.com:7420/device".to_owned(),
        code: "BCDF-GHJK".to_owned(),
        left: 600,
    };
    let room = |width, ascii| Some(Room { width, ascii });
    for (room, drawn) in [
        (room(80, false), Some("█▀")),
        (room(80, true), Some("##  ")),
        (room(20, false), None),
        (None, None),
    ] {
        let text = shown(&pairing, room.as_ref());
        for word in [
            "https://shop.example.com:7420/device",
            "BCDF-GHJK",
            "10 minutes",
        ] {
            assert!(text.contains(word), "{word}: {text}");
            // What is to be read stands last: a picture fills a small terminal.
            let line = text.lines().rev().position(|it| it.contains(word));
            assert!(line.is_some_and(|line| line < 8), "{word}: {text}");
        }
        match drawn {
            Some(drawn) => assert!(text.contains(drawn), "{text}"),
            None => assert!(!text.contains('█'), "{text}"),
        }
    }
}
