use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use redtag_protocol::ids::ShopId;

use super::Queues;
use crate::keys::random;

fn shop() -> ShopId {
    ShopId::from_parts(1, random())
}

#[tokio::test]
async fn writers_of_a_shop_go_in_the_order_they_came() {
    let (queues, shop) = (Queues::default(), shop());
    let first = queues.turn(shop).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut waiting: Vec<_> = (0..5)
        .map(|place| {
            let (queues, order) = (queues.clone(), Arc::clone(&order));
            Box::pin(async move {
                let turn = queues.turn(shop).await;
                order.lock().unwrap().push(place);
                drop(turn);
            })
        })
        .collect();
    for it in &mut waiting {
        assert!(it.now_or_never().is_none());
    }
    drop(first);
    futures_util::future::join_all(waiting.into_iter().rev()).await;
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn shops_do_not_wait_for_each_other() {
    let queues = Queues::default();
    let held = queues.turn(shop()).await;
    drop(queues.turn(shop()).await);
    drop(held);
}

#[tokio::test]
async fn a_queue_that_nobody_uses_is_forgotten() {
    let (queues, shop) = (Queues::default(), shop());
    let held = queues.turn(shop).await;
    let (mut gone, mut stays) = (Box::pin(queues.turn(shop)), Box::pin(queues.turn(shop)));
    assert!((&mut gone).now_or_never().is_none());
    assert!((&mut stays).now_or_never().is_none());
    assert_eq!(queues.lock().len(), 1);
    drop(held);
    // The one who gave up is passed over.
    drop(gone);
    drop(stays.await);
    assert!(queues.lock().is_empty());
    // Also when the last one who waited never got in.
    let held = queues.turn(shop).await;
    let mut gone = Box::pin(queues.turn(shop));
    assert!((&mut gone).now_or_never().is_none());
    drop(held);
    drop(gone);
    assert!(queues.lock().is_empty());
}
