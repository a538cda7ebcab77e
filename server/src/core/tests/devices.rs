use redtag_protocol::{
    api::devices::{Digests, short},
    op::Operation,
    stamp::{Seq, Stamp},
};

use super::{NOW, Stage, new_vehicle, vehicle};
use crate::{
    core::devices::{Held, held},
    storage::Shops as _,
};

#[tokio::test]
async fn who_asks_what_is_held_waits_for_no_writer() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let op = bench.op(Seq(0), vehicle(new_vehicle()));
    stage.push(&bench, std::slice::from_ref(&op)).await;
    let writer = stage.storage.begin(stage.shop).await.unwrap();
    let head = writer.head();
    let asked = [(bench.sender.device, Some(1))];
    let found = held(&stage.storage, stage.shop, &asked).await.unwrap();
    let digest = short(&Operation::digest(op.get().as_bytes()));
    assert_eq!(found[0].digests, Digests(vec![Some(digest)]));
    // The writer still has its turn: one that is silent for seconds loses it.
    writer.commit(head).await.unwrap();
}

#[tokio::test]
async fn what_stands_under_a_number_is_told_by_its_digest() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let stranger = stage.bench(stage.technician).sender.device;
    let ops: Vec<_> = (0..3)
        .map(|_| bench.op(Seq(0), vehicle(new_vehicle())))
        .collect();
    stage.push(&bench, &ops).await;
    let digest = |at: usize| Some(short(&Operation::digest(ops[at].get().as_bytes())));
    let device = bench.sender.device;
    let of = |last, digests: Vec<_>| Held {
        last,
        digests: Digests(digests),
    };
    let asked = [
        (device, Some(2)),
        (stranger, Some(1)),
        (device, None),
        (device, Some(0)),
        (device, Some(4)),
    ];
    let found = held(&stage.storage, stage.shop, &asked).await.unwrap();
    let all: Vec<_> = (0..3).map(digest).collect();
    assert_eq!(
        found,
        [
            of(3, all[1..].to_vec()),
            of(0, vec![]),
            of(3, vec![]),
            of(3, all),
            of(3, vec![])
        ]
    );
    let later = Stamp(NOW.0 + 1);
    let forgotten = stage.storage.forget_outcomes(stage.shop, later, 10).await;
    assert_eq!(forgotten.unwrap(), 3);
    let found = held(&stage.storage, stage.shop, &asked[..1]).await.unwrap();
    assert_eq!(found, [of(3, vec![None, None])]);
}
