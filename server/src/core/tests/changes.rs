use std::{collections::HashMap, sync::Arc};

use futures_util::TryStreamExt as _;
use redtag_protocol::{
    api::changes::{Copying, Cursor, Line},
    event::{self, GENESIS},
    ids::ShopId,
    stamp::Seq,
};

use super::{Stage, inspection, new_inspection, new_vehicle, note, vehicle};
use crate::{
    core::changes::begin,
    demo,
    storage::{
        Control as _, PageLimit, Shops as _, Storage, StorageError, conformance::Place as _,
        sqlite::tests::Here,
    },
};

/// All lines of one answer.
async fn answer(
    storage: &Arc<dyn Storage>,
    shop: ShopId,
    cursor: Option<Cursor>,
    limit: Option<u32>,
) -> Vec<Line> {
    let reader = begin(storage.clone(), shop, cursor, limit).await.unwrap();
    let pieces: Vec<_> = reader.into_stream().try_collect().await.unwrap();
    let mut lines = Vec::new();
    for piece in pieces {
        assert!(piece.ends_with(b"\n"), "pieces are whole lines");
        let piece = piece.strip_suffix(b"\n").unwrap();
        lines.extend(
            piece
                .split(|b| *b == b'\n')
                .map(|it| Line::parse(it).unwrap()),
        );
    }
    lines
}

/// What a bench knows after pulling to the end.
#[derive(Default, PartialEq, Debug)]
struct Pulled {
    documents: HashMap<(String, String), (Seq, String)>,
    events: Vec<(Seq, String)>,
}

async fn pull(storage: &Arc<dyn Storage>, shop: ShopId, limit: Option<u32>) -> Pulled {
    let mut pulled = Pulled::default();
    let mut cursor = None;
    loop {
        let lines = answer(storage, shop, cursor, limit).await;
        let (end, lines) = lines.split_last().unwrap();
        for line in lines {
            match line {
                Line::Document(it) => {
                    let key = (it.kind.clone(), it.id.clone());
                    let body = it.body.get().to_owned();
                    pulled.documents.insert(key, (it.version, body));
                }
                Line::Event(link) => pulled.events.push((link.seq, link.hash.clone())),
                other => unreachable!("{other:?}"),
            }
        }
        let Line::End(end) = end else {
            unreachable!("an answer ends with its cursor")
        };
        cursor = Some(end.cursor.parse().unwrap());
        if !end.more {
            return pulled;
        }
    }
}

async fn demo_shop(here: &Here) -> (Arc<dyn Storage>, ShopId) {
    let storage = here.open().await;
    let seeded = demo::seed(&storage, super::NOW, "hash").await.unwrap();
    (Arc::new(storage), seeded.shop)
}

/// The stream from the very beginning: every event, and no copy.
fn from_nothing(storage: &Arc<dyn Storage>) -> Cursor {
    Cursor {
        epoch: storage.epoch(),
        seq: Seq(0),
        hash: [0; 8],
        copying: None,
    }
}

#[tokio::test]
async fn every_limit_gives_the_same_shop() {
    let here = Here::new();
    let (storage, shop) = demo_shop(&here).await;
    let whole = pull(&storage, shop, Some(u32::MAX)).await;
    let count = storage.page(shop, Seq(0), PageLimit { seqs: 1, bytes: 0 });
    let count = count.await.unwrap().tally.unwrap().documents;
    assert_eq!(whole.documents.len() as u64, count);
    for limit in [None, Some(1_000), Some(33)] {
        assert_eq!(pull(&storage, shop, limit).await, whole);
    }
}

#[tokio::test]
async fn the_chain_holds_from_the_beginning() {
    let here = Here::new();
    let (storage, shop) = demo_shop(&here).await;
    let head = storage.head(shop).await.unwrap();
    let mut hash = GENESIS;
    let begin = from_nothing(&storage);
    for line in answer(&storage, shop, Some(begin), Some(u32::MAX)).await {
        let Line::Event(link) = line else { continue };
        let digest = event::payload_digest(&bytes(&link.salt), link.payload.get().as_bytes());
        hash = event::chain(&hash, link.seq, &digest);
        assert_eq!(bytes(&link.hash), hash, "at {}", link.seq);
    }
    assert_eq!(hash, head.hash);
}

#[tokio::test]
async fn a_copy_begins_with_what_every_bench_needs_and_open_work() {
    let here = Here::new();
    let (storage, shop) = demo_shop(&here).await;
    let mut lines = answer(&storage, shop, None, Some(u32::MAX)).await;
    while let Some(Line::End(end)) = lines.last()
        && end.filling
    {
        let cursor = Some(end.cursor.parse().unwrap());
        lines.extend(answer(&storage, shop, cursor, None).await);
    }
    let mut kinds: Vec<String> = Vec::new();
    let mut events = 0;
    for line in &lines {
        match line {
            Line::Document(it) if kinds.last() != Some(&it.kind) => kinds.push(it.kind.clone()),
            Line::Event(_) => events += 1,
            _ => {}
        }
    }
    assert_eq!(kinds[..3], ["shop", "member", "template"]);
    let after = ["vehicle", "customer", "inspection"];
    assert!(after.contains(&&*kinds[3]), "{kinds:?}");
    assert!(events > 0);
    let head = storage.head(shop).await.unwrap().seq.0;
    assert!(events < head, "closed inspections tell theirs when asked");
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    let pair = |it| u8::from_str_radix(std::str::from_utf8(it).unwrap(), 16).unwrap();
    pairs.map(pair).collect()
}

#[tokio::test]
async fn after_a_cursor_come_only_news() {
    let stage = Stage::new().await;
    let mut bench = stage.bench(stage.technician);
    let (car, id) = (new_vehicle(), new_inspection());
    let ops = [
        bench.op(Seq(0), vehicle(car)),
        bench.op(Seq(0), inspection(id, stage.template, car)),
    ];
    stage.push(&bench, &ops).await;
    let seen = stage.storage.head(stage.shop).await.unwrap();
    let mut hash = [0; 8];
    hash.copy_from_slice(&seen.hash[..8]);
    let cursor = Cursor {
        epoch: stage.storage.epoch(),
        seq: seen.seq,
        hash,
        copying: None,
    };
    stage
        .push(&bench, &[bench.clone().op(seen.seq, note(id, "n"))])
        .await;
    let (shop, here) = (stage.shop, &stage.here);
    let storage: Arc<dyn Storage> = Arc::new(here.open().await);
    let lines = answer(&storage, shop, Some(cursor), None).await;
    let [Line::Event(event), Line::Document(document), Line::End(end)] = &lines[..] else {
        unreachable!("{lines:?}")
    };
    assert_eq!(event.seq, seen.seq.next());
    assert_eq!(document.id, id.to_string());
    let next: Cursor = end.cursor.parse().unwrap();
    assert_eq!((next.seq, end.more), (seen.seq.next(), false));
    let lines = answer(&storage, shop, Some(next), None).await;
    assert!(matches!(&lines[..], [Line::End(it)] if it == end));

    // Cursors of another life of the database.
    let foreign = [
        Cursor {
            epoch: next.epoch ^ 1,
            ..next
        },
        Cursor {
            hash: [9; 8],
            ..next
        },
        Cursor {
            seq: Seq(99_999),
            ..next
        },
    ];
    for cursor in foreign {
        let lines = answer(&storage, shop, Some(cursor), None).await;
        let [Line::Reset, Line::End(end)] = &lines[..] else {
            unreachable!("{lines:?}")
        };
        assert!(end.more);
        let anew: Cursor = end.cursor.parse().unwrap();
        let lines = answer(&storage, shop, Some(anew), None).await;
        assert!(matches!(lines[0], Line::Event(_)));
        // A part that there is none of, and one that was made before.
        for part in [0, 99] {
            let copying = Some(Copying { part, after: None });
            let cursor = Cursor { copying, ..cursor };
            let lines = answer(&storage, shop, Some(cursor), None).await;
            assert!(matches!(lines[0], Line::Reset));
        }
    }
}

#[tokio::test]
async fn an_unknown_shop_is_told_before_the_first_byte() {
    let here = Here::new();
    let storage: Arc<dyn Storage> = Arc::new(here.open().await);
    let nowhere = ShopId::from_parts(1, [1; 10]);
    for cursor in [
        None,
        Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".parse().unwrap()),
    ] {
        let refused = begin(storage.clone(), nowhere, cursor, None).await;
        assert!(matches!(refused.err(), Some(StorageError::NoShop(_))));
    }
}
