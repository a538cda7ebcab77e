//! What the news answer is what the storage would have answered, byte for byte; and where they could
//! not know, they say nothing.

use std::sync::Arc;

use proptest::prelude::*;
use redtag_protocol::{
    api::changes::Cursor,
    entity::{EntityRef, Kind},
    event,
    ids::{CustomerId, PersonId, ShopId},
    role::Role,
    stamp::{Seq, Stamp},
};

use super::{Draft, MOST, MOST_OF_SHOP, MOST_SHOPS, News};
use crate::{
    core::{
        author,
        changes::{begin, begin_at},
        tests::NOW,
    },
    keys::random,
    storage::{
        Changes, Emptied, Event, Head, Index, PageLimit, Shops as _, Storage, Stored, Tip,
        Tombstone,
        conformance::new_shop,
        memory::{Disk, MemoryStorage},
    },
};

/// What happens in one of two shops, by one of two processes over one database, or to it.
#[derive(Debug, Clone)]
enum Move {
    /// Documents change together.
    Put {
        process: usize,
        which: Vec<u8>,
    },
    /// One goes.
    Remove {
        process: usize,
        which: u8,
        erased: bool,
    },
    /// Tombstones are forgotten.
    Forget,
    /// A backup is made, or the last one comes back, behind everybody's back.
    Backup,
    Restore,
}

fn moves() -> impl Strategy<Value = (usize, Move)> {
    let what = prop_oneof![
        6 => (0..4_usize, prop::collection::vec(0_u8..12, 1..4))
            .prop_map(|(process, which)| Move::Put { process: process / 3, which }),
        2 => (0..4_usize, 0_u8..12, any::<bool>())
            .prop_map(|(process, which, erased)| Move::Remove { process: process / 3, which, erased }),
        1 => Just(Move::Forget),
        1 => Just(Move::Backup),
        1 => Just(Move::Restore),
    ];
    (0..2_usize, what)
}

fn key(which: u8) -> EntityRef {
    let kinds = [Kind::Inspection, Kind::Vehicle, Kind::Member];
    EntityRef::from_parts(kinds[usize::from(which % 3)], [which + 1; 16])
}

/// A body that says which change it is of; a member's role changes with it.
fn body(key: &EntityRef, seq: Seq, salt: u8) -> String {
    match key {
        EntityRef::Member(id) => {
            let role = if salt.is_multiple_of(2) {
                "owner"
            } else {
                "viewer"
            };
            let removed = salt.is_multiple_of(5);
            format!(r#"{{"id":"{id}","name":"n","role":"{role}","removed":{removed}}}"#)
        }
        _ => format!("{{\"at\":{seq},\"salt\":{salt}}}"),
    }
}

/// Changes of these documents, each with its event, from a head on.
fn put(head: &mut Head, which: &[u8]) -> Changes {
    let mut changes = Changes::default();
    for key in which.iter().map(|it| key(*it)) {
        let salt = enter(head, key, &mut changes);
        changes.documents.retain(|it| it.key != key);
        changes.documents.push(Stored {
            key,
            version: head.seq,
            index: Index::default(),
            body: body(&key, head.seq, salt).into(),
        });
    }
    changes
}

/// The removal of a document; an erasure empties the events that it had.
fn remove(head: &mut Head, key: EntityRef, erased: Option<&[Event]>) -> Changes {
    let mut changes = Changes::default();
    enter(head, key, &mut changes);
    changes.gone.push(Tombstone {
        key,
        version: head.seq,
        at: Stamp(NOW.0 - 1),
        erased: erased.is_some(),
        body: erased.is_none().then(|| "{\"was\":1}".into()),
    });
    let emptied = erased.unwrap_or_default().iter();
    changes.erase = emptied.filter_map(Emptied::of).collect();
    changes
}

fn enter(head: &mut Head, key: EntityRef, changes: &mut Changes) -> u8 {
    let salt: [u8; 16] = random();
    let payload = format!("{{\"of\":{}}}", head.seq.next());
    let digest = event::payload_digest(&salt, payload.as_bytes());
    head.seq = head.seq.next();
    head.hash = event::chain(&head.hash, head.seq, &digest);
    changes.events.push(Event {
        seq: head.seq,
        key,
        salt,
        hash: head.hash,
        payload: payload.into(),
        digest: None,
    });
    salt[0]
}

/// Two processes over one database with two shops.
struct Ground {
    disk: Disk,
    storage: MemoryStorage,
    news: [News; 2],
    shops: [ShopId; 2],
    /// Everywhere a bench may stand.
    cursors: Vec<Cursor>,
    answered: usize,
}

impl Ground {
    async fn new() -> Self {
        let disk = Disk::new(7);
        let storage = disk.open();
        let shops = [
            new_shop(&storage, "Quayside").await,
            new_shop(&storage, "Harbour").await,
        ];
        Self {
            disk,
            storage,
            news: Default::default(),
            shops,
            cursors: vec![cursor(Seq(0), [0; 32])],
            answered: 0,
        }
    }

    async fn write(&mut self, shop: ShopId, process: usize, what: &Move) {
        let mut transaction = self.storage.begin(shop).await.unwrap();
        let from = transaction.head();
        let mut head = from;
        let changes = match what {
            Move::Put { which, .. } => put(&mut head, which),
            Move::Remove { which, erased, .. } => {
                let key = key(*which);
                let told = transaction.histories(vec![key]).await.unwrap().remove(0);
                remove(&mut head, key, erased.then_some(told.as_slice()))
            }
            _ => {
                let (_, highest) = transaction.forget_tombstones(NOW, 2).await.unwrap();
                head.floor = head.floor.max(highest.unwrap_or_default());
                Changes::default()
            }
        };
        let draft = Draft::of(&from, &head, &changes);
        let places = changes.events.iter().map(|it| cursor(it.seq, it.hash));
        self.cursors.extend(places);
        transaction.finish(changes, head).await.unwrap();
        // Only a push tells; the nightly job does not.
        if !matches!(what, Move::Forget) {
            self.news[process].tell(shop, draft);
        }
    }

    /// Asks both processes for everything that anybody could ask for.
    async fn compare(&mut self) {
        for shop in self.shops {
            let tip = self.storage.tip(shop).await.unwrap();
            for news in &self.news {
                for cursor in &self.cursors {
                    for limit in [None, Some(1), Some(3)] {
                        let read = stream(&self.storage, None, shop, tip, *cursor, limit).await;
                        let told =
                            stream(&self.storage, Some(news), shop, tip, *cursor, limit).await;
                        assert_eq!(told, read, "{cursor:?} of {tip:?}");
                    }
                    let limit = PageLimit { seqs: 9, bytes: 99 };
                    let at = (cursor.seq, cursor.hash);
                    self.answered += usize::from(news.page(shop, &tip, at, limit).is_some());
                }
                for which in (0_u8..12).filter(|it| it % 3 == 2) {
                    let person = PersonId::from_bytes([which + 1; 16]);
                    let stands = author(&self.storage, shop, person).await.unwrap();
                    if let Some(known) = news.role(shop, &tip.head, person) {
                        assert_eq!(Some(known), stands);
                        self.answered += 1;
                    } else if let Some(role) = stands {
                        news.learn(shop, &tip.head, person, role);
                    }
                }
            }
        }
    }
}

fn cursor(seq: Seq, hash: [u8; 32]) -> Cursor {
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    Cursor {
        epoch: 7,
        seq,
        hash: first,
        copying: None,
    }
}

/// The whole answer, as text.
async fn stream(
    storage: &MemoryStorage,
    news: Option<&News>,
    shop: ShopId,
    tip: Tip,
    cursor: Cursor,
    limit: Option<u32>,
) -> String {
    let storage: Arc<dyn Storage> = Arc::new(storage.clone());
    let reader = match news {
        Some(news) => begin_at(storage, news, shop, tip, Some(cursor), limit).await,
        None => begin(storage, shop, Some(cursor), limit).await,
    };
    let mut reader = reader.unwrap();
    let mut all = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        all.extend_from_slice(&piece);
    }
    String::from_utf8(all).unwrap()
}

#[test]
fn it_tells_what_the_storage_would_whoever_writes_and_whatever_is_restored() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.build().unwrap();
    let answered = std::cell::Cell::new(0);
    let steps = prop::collection::vec(moves(), 1..14);
    proptest!(ProptestConfig::with_cases(48), |(steps in steps)| {
        runtime.block_on(async {
            let mut ground = Ground::new().await;
            let mut backup = ground.disk.backup();
            for (shop, step) in steps {
                let shop = ground.shops[shop];
                match &step {
                    Move::Backup => backup = ground.disk.backup(),
                    Move::Restore => ground.disk.restore(backup.clone()),
                    Move::Put { process, .. } | Move::Remove { process, .. } => {
                        ground.write(shop, *process, &step).await;
                    }
                    Move::Forget => ground.write(shop, 0, &step).await,
                }
                ground.compare().await;
            }
            answered.set(answered.get() + ground.answered);
        });
    });
    let answered = answered.get();
    assert!(answered > 1_000, "the news answered {answered} times");
}

fn head(seq: u64, hash: u8) -> Head {
    Head {
        seq: Seq(seq),
        hash: [hash; 32],
        ticket: 0,
        floor: Seq(0),
    }
}

const ALL: PageLimit = PageLimit {
    seqs: 1_000,
    bytes: 64 << 20,
};

/// One change of a document of so many bytes, told; the head after it.
fn told(news: &News, shop: ShopId, from: Head, bytes: usize) -> Head {
    let mut to = from;
    let mut changes = put(&mut to, &[0]);
    let key = EntityRef::Customer(CustomerId::from_parts(1, random()));
    changes.documents[0].key = key;
    changes.events[0].key = key;
    changes.documents[0].body = "x".repeat(bytes).into();
    news.tell(shop, Draft::of(&from, &to, &changes));
    to
}

fn knows(news: &News, shop: ShopId, from: Head, to: Head) -> bool {
    let tip = Tip {
        head: to,
        tally: None,
    };
    let at = cursor(from.seq, from.hash);
    news.page(shop, &tip, (at.seq, at.hash), ALL).is_some()
}

#[test]
fn one_shop_is_bounded_and_loses_its_oldest_changes() {
    let (news, shop) = (News::default(), ShopId::from_parts(1, random()));
    let mut heads = vec![head(0, 0)];
    for _ in 0..6 {
        let from = heads[heads.len() - 1];
        heads.push(told(&news, shop, from, MOST_OF_SHOP / 4));
    }
    let last = heads[6];
    let known = heads.iter().map(|it| knows(&news, shop, *it, last));
    let known: Vec<bool> = known.collect();
    assert_eq!(known, [false, false, false, true, true, true, true]);
    // One that is too large for all of it.
    let after = told(&news, shop, last, MOST_OF_SHOP + 1);
    assert!(!knows(&news, shop, last, after));
    assert!(knows(&news, shop, after, after));
}

#[test]
fn all_shops_together_are_bounded() {
    let news = News::default();
    let many: Vec<ShopId> = (0..MOST_SHOPS + 2)
        .map(|_| ShopId::from_parts(1, random()))
        .collect();
    for shop in &many {
        news.learn(
            *shop,
            &head(1, 1),
            PersonId::from_parts(1, random()),
            Role::Viewer,
        );
    }
    assert_eq!(news.lock().shops.len(), MOST_SHOPS);
    for shop in &many {
        told(&news, *shop, head(1, 1), MOST_OF_SHOP / 2);
    }
    let all = news.lock();
    assert!(all.bytes <= MOST);
    let really: usize = all.shops.values().map(|it| it.kept.bytes()).sum();
    assert_eq!(all.bytes, really);
}

#[test]
fn a_role_is_known_at_its_head_and_until_the_member_changes() {
    let (news, shop) = (News::default(), ShopId::from_parts(1, random()));
    let person = PersonId::from_bytes([3; 16]);
    let mut now = head(4, 4);
    news.learn(shop, &now, person, Role::Owner);
    let hour = std::time::Duration::from_hours(1);
    assert!(news.was_member(shop, now.seq, person, hour));
    let before = now;
    now = told(&news, shop, now, 10);
    assert_eq!(news.role(shop, &now, person), Some(Role::Owner));
    assert_eq!(news.role(shop, &before, person), None);
    // Somebody who read it late, when the shop had moved on.
    news.learn(shop, &before, person, Role::Viewer);
    assert_eq!(news.role(shop, &now, person), Some(Role::Owner));
    let mut to = now;
    let changes = put(&mut to, &[2]);
    assert_eq!(changes.documents[0].key, EntityRef::Member(person));
    news.tell(shop, Draft::of(&now, &to, &changes));
    assert_eq!(news.role(shop, &to, person), None);
    assert!(!news.was_member(shop, to.seq, person, hour));
}
