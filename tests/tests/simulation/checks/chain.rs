//! The timeline's chain verifies, and benches hold the same.

use std::collections::BTreeMap;

use redtag_protocol::{
    event::{GENESIS, chain, payload_digest},
    stamp::Seq,
};
use redtag_server::storage::Event;

use super::Violation;

const NAME: &str = "the chain verifies";

/// From the first event to the head.
pub(crate) fn check<'a>(
    events: impl Iterator<Item = &'a Event>,
    head: [u8; 32],
) -> Result<(), Violation> {
    let (mut hash, mut seq) = (GENESIS, Seq(0));
    for event in events {
        seq = seq.next();
        let told = payload_digest(&event.salt, event.payload.as_bytes());
        // An erased payload leaves its digest behind, so that the chain stays whole.
        let digest = event
            .digest
            .filter(|_| &*event.payload == "{}")
            .unwrap_or(told);
        hash = chain(&hash, seq, &digest);
        if event.seq != seq || event.hash != hash {
            return Err(Violation::new(NAME, format!("it breaks at {}", event.seq)));
        }
    }
    if hash != head {
        return Err(Violation::new(NAME, "it does not end at the head"));
    }
    Ok(())
}

/// Every link of a bench is the API's.
pub(crate) fn same(
    api: &BTreeMap<Seq, Event>,
    bench: &[(u64, String)],
    name: &str,
) -> Result<(), Violation> {
    for (seq, hash) in bench {
        let theirs = api.get(&Seq(*seq)).map(|it| hex(&it.hash));
        if theirs.as_deref() != Some(hash) {
            return Err(Violation::new(
                NAME,
                format!("{name} has another event {seq}"),
            ));
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn events() -> Vec<Event> {
    use redtag_protocol::{entity::EntityRef, ids::CustomerId};
    let mut hash = GENESIS;
    (1..=3)
        .map(|seq| {
            let digest = payload_digest(&[1; 16], b"{}");
            hash = chain(&hash, Seq(seq), &digest);
            Event {
                seq: Seq(seq),
                key: EntityRef::Customer(CustomerId::from_parts(1, [1; 10])),
                salt: [1; 16],
                digest: None,
                hash,
                payload: "{}".into(),
            }
        })
        .collect()
}

pub(crate) fn can_fail() {
    let good = events();
    let head = good[2].hash;
    assert!(check(good.iter(), head).is_ok());
    assert!(check(good[..2].iter(), head).is_err());
    assert!(check(good[1..].iter(), head).is_err());
    let mut forged = good;
    forged[1].payload = "{\"a\":1}".into();
    assert!(check(forged.iter(), head).is_err());
}

pub(crate) fn same_can_fail() {
    let api: BTreeMap<Seq, Event> = events().into_iter().map(|it| (it.seq, it)).collect();
    let link = |seq: u64| (seq, hex(&api[&Seq(seq)].hash));
    assert!(same(&api, &[link(2), link(3)], "b").is_ok());
    assert!(same(&api, &[(2, link(3).1)], "b").is_err());
    assert!(same(&api, &[(4, link(3).1)], "b").is_err());
}
