//! A hint whose line broke under it.

use super::{NEVER, ann, listening, server, start};
use crate::{ground::Database, proxy::Proxy};
use redtag_server::testing::{Live, Place};

/// Only the line that tells is cut: what it was given is told by the next one.
pub(super) async fn kept(database: Database) {
    let proxy = Proxy::before(&database).await;
    let place = Place {
        others: Some(proxy.address(&database)),
        heartbeat: Some(NEVER),
        ..Place::default()
    };
    let one = start(&database, place).await;
    let two = server(&database, NEVER).await;
    let (_, ann) = ann(&one).await;
    listening(&database, 2).await;
    let mut there = Live::of(&two, &ann).await;
    let mut seq = there.seq().await;
    for number in 1..=3 {
        ann.push_customer(&one, number).await;
        seq = seq.next();
        there.until(seq).await;
        proxy.cut();
    }
    drop(there);
    one.stop().await;
    two.stop().await;
}
