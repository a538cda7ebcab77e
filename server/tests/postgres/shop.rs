//! A shop on the hosted engine and benches that push to it, past HTTP.

use std::ops::RangeInclusive;

use redtag_protocol::{
    api::ops::{Ending, Outcome},
    entity::{EntityRef, Kind},
    event,
    ids::{CustomerId, DeviceId, PersonId, ShopId},
    op::{Edit, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};
use redtag_server::{
    core::{
        members,
        push::{PushError, Recent, Sender, push},
        shops::{self, Templates},
    },
    keys::random,
    storage::{Event, PageLimit, Person, Row, Storage},
};
use serde_json::value::{RawValue, to_raw_value};

/// When everything happens; nothing depends on it.
pub(crate) const NOW: Stamp = Stamp(1_790_000_000_000);

/// Everything at once.
const ALL: PageLimit = PageLimit {
    seqs: 100_000,
    bytes: 1 << 30,
};

/// A shop without templates, and its owner.
pub(crate) async fn shop(storage: &dyn Storage) -> (ShopId, PersonId) {
    let shop = shops::create(storage, "Quayside", Templates::None, NOW)
        .await
        .unwrap();
    let id = PersonId::from_parts(NOW.0, random());
    let owner = Person {
        id,
        email: format!("{id}@example.com"),
        name: "Olga".to_owned(),
        password: "hash".to_owned(),
        created: NOW,
    };
    storage.person_create(owner).await.unwrap();
    members::put(storage, shop, id, "Olga", Role::Owner, NOW)
        .await
        .unwrap();
    (shop, id)
}

/// A bench with operations that it must get rid of: each makes a customer.
pub(crate) struct Bench {
    sender: Sender,
    customers: Vec<CustomerId>,
    ops: Vec<Box<RawValue>>,
    /// What the API process that it pushes to remembers.
    recent: Recent,
    /// So many have an outcome.
    decided: usize,
    /// How often it was told to come again.
    pub(crate) put_off: u32,
}

impl Bench {
    /// With operations of these numbers.
    pub(crate) fn new(shop: ShopId, person: PersonId, numbers: RangeInclusive<u64>) -> Self {
        let sender = Sender {
            person,
            shop,
            device: DeviceId::from_parts(NOW.0, random()),
        };
        let customers: Vec<_> = numbers
            .clone()
            .map(|_| CustomerId::from_parts(NOW.0, random()))
            .collect();
        let ops = numbers.zip(&customers).map(|(number, id)| {
            to_raw_value(&Operation {
                number,
                group: number,
                stamp: NOW,
                base: Seq(0),
                seen: None,
                schema: SCHEMA,
                edit: Edit::CreateCustomer {
                    id: *id,
                    name: format!("Customer {number}"),
                    phones: Vec::new(),
                    emails: Vec::new(),
                    consent: false,
                },
            })
            .unwrap()
        });
        Self {
            sender,
            ops: ops.collect(),
            customers,
            recent: Recent::default(),
            decided: 0,
            put_off: 0,
        }
    }

    /// Whether all have their outcome.
    pub(crate) fn done(&self) -> bool {
        self.decided == self.ops.len()
    }

    /// Pushes once: at most so many. Whatever the storage answers, the bench may come again; any
    /// other ending than that is a failure, and so is a refused operation.
    pub(crate) async fn once(&mut self, storage: &dyn Storage, most: usize) {
        let end = self.ops.len().min(self.decided + most);
        let batch = &self.ops[self.decided..end];
        match push(storage, &self.recent, self.sender, batch, NOW).await {
            Ok(pushed) => {
                for it in &pushed.answer.outcomes {
                    let taken = matches!(it.outcome, Outcome::Accepted { .. });
                    assert!(taken, "{:?}", it.outcome);
                }
                self.decided += pushed.answer.outcomes.len();
                match pushed.answer.ending {
                    None => {}
                    Some(Ending::RetryAfter { .. }) => self.put_off += 1,
                    Some(other) => panic!("the batch ended with {other:?}"),
                }
            }
            Err(PushError::Storage(error)) => {
                assert!(error.is_transient(), "{error:?}");
                self.put_off += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Whether each of its customers is in the shop.
    pub(crate) async fn is_kept(&self, storage: &dyn Storage) -> bool {
        let keys = self.customers.iter().map(|id| EntityRef::Customer(*id));
        let found = storage.documents(self.sender.shop, keys.collect()).await;
        found.unwrap().iter().all(Option::is_some)
    }
}

/// Looks at everything that a shop has: each sequence has one event, the chain holds, each bench's
/// customers are there once and nobody else's.
pub(crate) async fn audit(storage: &dyn Storage, shop: ShopId, benches: &[Bench]) {
    let head = storage.head(shop).await.unwrap();
    let page = storage.page(shop, Seq(0), ALL).await.unwrap();
    assert!(!page.more);
    let events = page.rows.iter().filter_map(|row| match row {
        Row::Event(event) => Some(event),
        _ => None,
    });
    let mut end = (Seq(0), event::GENESIS);
    for event in events {
        end = follows(end, event);
    }
    assert_eq!(end, (head.seq, head.hash));
    let mut pushed = 0;
    for bench in benches {
        assert!(bench.done(), "an operation has no outcome");
        assert!(bench.is_kept(storage).await, "an operation is lost");
        pushed += bench.ops.len();
    }
    let customers = storage.list(shop, Kind::Customer).await.unwrap();
    assert_eq!(customers.len(), pushed);
    // The shop itself and its owner come before.
    assert_eq!(head.seq.0, pushed as u64 + 2, "an operation has two events");
}

/// The end of the chain after an event, which must be the next one.
pub(crate) fn follows((seq, hash): (Seq, [u8; 32]), event: &Event) -> (Seq, [u8; 32]) {
    assert_eq!(event.seq, seq.next(), "a sequence is missing");
    let digest = event::payload_digest(&event.salt, event.payload.as_bytes());
    let next = event::chain(&hash, event.seq, &digest);
    assert_eq!(event.hash, next, "the chain breaks at {}", event.seq);
    (event.seq, next)
}
