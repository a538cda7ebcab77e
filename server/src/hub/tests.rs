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

#[test]
fn who_listens_can_be_woken_without_news() {
    let hub = Hub::default();
    let mut news = hub.watch(shop(1));
    hub.tell(shop(1), Seq(5));
    news.borrow_and_update();
    hub.wake(shop(1), Seq(5));
    assert!(news.has_changed().unwrap());
    assert_eq!(*news.borrow_and_update(), Seq(5));
    hub.wake(shop(1), Seq(4));
    assert_eq!(*news.borrow_and_update(), Seq(5), "never back");
}

#[test]
fn only_what_somebody_listens_to_is_worth_a_look() {
    let hub = Hub::default();
    let news = hub.clone().watch(shop(1));
    hub.tell(shop(1), Seq(5));
    assert!(hub.is_behind(shop(1), Seq(6)));
    assert!(!hub.is_behind(shop(1), Seq(5)), "known already");
    assert!(!hub.is_behind(shop(2), Seq(6)), "nobody asked");
    assert_eq!(hub.watched(), [shop(1)]);
    assert!(hub.is_watched(shop(1)) && !hub.is_watched(shop(2)));
    drop(news);
    assert!(!hub.is_behind(shop(1), Seq(6)) && !hub.is_watched(shop(1)));
    assert!(hub.watched().is_empty());
}
