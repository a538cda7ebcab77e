use super::*;

fn shop(byte: u8) -> ShopId {
    ShopId::from_parts(1, [byte; 10])
}

#[test]
fn news_go_forward_only_and_to_their_own_shop() {
    let hub = Hub::default();
    let (mut one, other) = (hub.watch(shop(1)), hub.watch(shop(2)));
    hub.tell(shop(1), Seq(5));
    assert_eq!(*one.borrow_and_update(), Seq(5));
    hub.tell(shop(1), Seq(4));
    assert!(!one.has_changed().unwrap(), "an older hint is no news");
    assert!(!other.has_changed().unwrap());
    hub.tell(shop(3), Seq(9));
}

#[test]
fn a_shop_that_nobody_listens_to_is_forgotten() {
    let hub = Hub::default();
    drop(hub.watch(shop(1)));
    let _other = hub.watch(shop(2));
    assert_eq!(hub.lock().len(), 1);
}
