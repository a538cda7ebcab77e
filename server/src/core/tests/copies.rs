//! However writes, pages and cuts fall together, a bench that follows its cursors ends with exactly
//! the server's documents.

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;
use redtag_protocol::{
    api::changes::{Cursor, Line},
    audit::Tally,
    entity::{EntityRef, Kind},
    ids::{CustomerId, ShopId, VehicleId},
    stamp::{Seq, Stamp},
};

use super::NOW;
use crate::{
    core::changes::begin,
    storage::{
        Changes, Event, Index, Shops as _, Storage, Stored, Tombstone,
        conformance::new_shop,
        memory::{Disk, MemoryStorage},
    },
};

/// What happens between two looks at the stream.
#[derive(Debug, Clone)]
enum Move {
    /// A document of a few changes, opens, closes or comes back.
    Put { kind: u8, which: u8, open: bool },
    /// It goes.
    Remove { kind: u8, which: u8, erased: bool },
    /// The bench asks for the next answer, takes so many pieces of it, and then the line breaks.
    Pull { limit: u32, pieces: usize },
    /// Tombstones are forgotten.
    Forget,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        5 => (0_u8..3, 0_u8..12, any::<bool>())
            .prop_map(|(kind, which, open)| Move::Put { kind, which, open }),
        2 => (0_u8..3, 0_u8..12, any::<bool>())
            .prop_map(|(kind, which, erased)| Move::Remove { kind, which, erased }),
        5 => (1_u32..9, 0_usize..6).prop_map(|(limit, pieces)| Move::Pull { limit, pieces }),
        1 => Just(Move::Forget),
    ]
}

fn key(kind: u8, which: u8) -> EntityRef {
    let kind = [Kind::Inspection, Kind::Vehicle, Kind::Customer][usize::from(kind)];
    EntityRef::from_parts(kind, [which + 1; 16])
}

async fn write(storage: &MemoryStorage, shop: ShopId, step: &Move) {
    let mut transaction = storage.begin(shop).await.unwrap();
    let mut head = transaction.head();
    if let Move::Forget = step {
        let (_, highest) = transaction.forget_tombstones(NOW, 3).await.unwrap();
        head.floor = head.floor.max(highest.unwrap_or_default());
        return transaction.commit(head).await.unwrap();
    }
    head.seq = head.seq.next();
    head.hash[..8].copy_from_slice(&head.seq.0.to_be_bytes());
    let version = head.seq;
    let mut changes = Changes::default();
    let key = match *step {
        Move::Put { kind, which, open } => {
            let key = key(kind, which);
            let names = key.kind() == Kind::Inspection;
            changes.documents.push(Stored {
                key,
                version,
                index: Index {
                    open: names && open,
                    vehicle: names.then(|| VehicleId::from_bytes([which / 2 + 1; 16])),
                    customer: names.then(|| CustomerId::from_bytes([which / 3 + 1; 16])),
                },
                body: format!("{{\"at\":{version}}}").into(),
            });
            key
        }
        Move::Remove {
            kind,
            which,
            erased,
        } => {
            let key = key(kind, which);
            changes.gone.push(Tombstone {
                key,
                version,
                at: Stamp(NOW.0 - 1),
                erased,
                body: None,
            });
            key
        }
        _ => unreachable!(),
    };
    changes.events.push(Event {
        seq: version,
        key,
        salt: [0; 16],
        hash: head.hash,
        payload: "{\"some\":1}".into(),
        digest: None,
    });
    transaction.finish(changes, head).await.unwrap();
}

/// What a bench has.
#[derive(Default)]
struct Bench {
    cursor: Option<String>,
    documents: BTreeMap<(String, String), (Seq, String)>,
    /// Everything it has asked from and taken, since it began anew.
    asked: Vec<Option<String>>,
    level: bool,
}

impl Bench {
    /// One answer, of which it takes all or nothing.
    async fn pull(&mut self, storage: &MemoryStorage, shop: ShopId, limit: u32, pieces: usize) {
        let cursor = self.cursor.as_ref().map(|it| it.parse().unwrap());
        let storage: Arc<dyn Storage> = Arc::new(storage.clone());
        let mut reader = begin(storage, shop, cursor, Some(limit)).await.unwrap();
        let mut body = Vec::new();
        for _ in 0..pieces {
            match reader.next().await.unwrap() {
                Some(piece) => body.extend(piece),
                None => break,
            }
        }
        let lines = body.split_inclusive(|it| *it == b'\n');
        let mut lines: Vec<_> = lines.map(|line| Line::parse(line).unwrap()).collect();
        let Some(Line::End(end)) = lines.pop() else {
            return; // Cut.
        };
        if let Some(Line::Reset) = lines.first() {
            *self = Self::default();
            return;
        }
        assert!(!self.asked.contains(&self.cursor), "a page is needed once");
        if self.cursor.as_ref() != Some(&end.cursor) {
            self.asked.push(self.cursor.replace(end.cursor.clone()));
        }
        for line in lines {
            match line {
                Line::Document(it) => {
                    let known = self.documents.get(&(it.kind.clone(), it.id.clone()));
                    assert!(known.is_none_or(|known| known.0 <= it.version));
                    let body = it.body.get().to_owned();
                    self.documents.insert((it.kind, it.id), (it.version, body));
                }
                Line::Gone(it) => drop(self.documents.remove(&(it.kind, it.id))),
                Line::Event(_) => {}
                other => unreachable!("{other:?}"),
            }
        }
        let cursor: Cursor = end.cursor.parse().unwrap();
        assert_eq!(cursor.copying.is_some(), end.filling);
        assert_eq!(end.sum.is_some(), !end.more);
        if let Some(sum) = end.sum {
            let tally = self.tally();
            assert_eq!((tally.documents, tally.sum), (end.documents.unwrap(), sum));
        }
        self.level = !end.more;
    }

    fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for ((kind, id), (version, _)) in &self.documents {
            tally.add(kind, id, *version);
        }
        tally
    }
}

async fn play(steps: Vec<Move>) {
    let storage = Disk::new(7).open();
    let shop = new_shop(&storage, "A").await;
    let mut bench = Bench::default();
    for step in &steps {
        match *step {
            Move::Pull { limit, pieces } => bench.pull(&storage, shop, limit, pieces).await,
            _ => write(&storage, shop, step).await,
        }
    }
    bench.level = false;
    for _ in 0..500 {
        if bench.level {
            break;
        }
        bench.pull(&storage, shop, 4, usize::MAX).await;
    }
    assert!(bench.level, "it never came to an end");
    let server = storage.disk().look(|all| {
        let content = all.content(shop).unwrap();
        let each = content.documents.values();
        let each = each.map(|it| {
            let key = (it.key.kind().to_string(), it.key.id_text());
            (key, (it.version, it.body.to_string()))
        });
        each.collect::<BTreeMap<_, _>>()
    });
    assert_eq!(bench.documents, server);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_bench_that_follows_its_cursors_ends_with_the_servers_documents(
        before in prop::collection::vec(moves(), 0..40),
        steps in prop::collection::vec(moves(), 0..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        // A shop that was there before the bench was, mostly.
        let before = before.into_iter().filter(|it| !matches!(it, Move::Pull { .. }));
        runtime.block_on(play(before.chain(steps).collect()));
    }
}
