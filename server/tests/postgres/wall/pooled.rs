//! A pool of one connection, and everything that can happen to a transaction on it: whoever has it
//! next finds no shop said, and sees nothing.

use std::{future::poll_fn, pin::pin, task::Poll};

use redtag_protocol::{entity::Kind, ids::ShopId, stamp::Stamp};
use redtag_server::storage::{
    Author, Changes, Control as _, Event, Head, Logged, ShopRow, Shops as _, StorageError,
    postgres::{PATIENCE, PostgresStorage},
};

use tokio_postgres::error::SqlState;

use super::world::{self, ASKING, said};
use crate::ground::Database;

pub(super) async fn carries_nothing(database: Database) {
    let storage = database.open_with(1, PATIENCE).await;
    let shop = begun(&storage).await;
    database.sql(&ASKING.rows());
    let clean = Clean::look(&database).await;
    clean.is(&storage, "a shop made").await;

    let mut transaction = storage.begin(shop).await.unwrap();
    let changes = change(transaction.head());
    let head = after(transaction.head(), &changes);
    transaction.write(changes).await.unwrap();
    transaction.commit(head).await.unwrap();
    clean.is(&storage, "a commit").await;

    let mut transaction = storage.begin(shop).await.unwrap();
    transaction.write(change(head)).await.unwrap();
    drop(transaction);
    clean.is(&storage, "a transaction dropped").await;

    let mut transaction = storage.begin(shop).await.unwrap();
    let mut again = change(head);
    again.log.push(again.log[0].clone());
    let refused = transaction.write(again).await;
    assert!(matches!(refused, Err(StorageError::Constraint(_))));
    drop(transaction);
    clean.is(&storage, "a refused write").await;

    let mut transaction = storage.begin(shop).await.unwrap();
    transaction.write(change(head)).await.unwrap();
    transaction.commit(head).await.unwrap_err();
    clean.is(&storage, "a refused commit").await;

    storage.list(shop, Kind::Customer).await.unwrap();
    clean.is(&storage, "a read").await;

    let nowhere = ShopId::from_bytes([9; 16]);
    storage.head(nowhere).await.unwrap_err();
    assert!(storage.begin(nowhere).await.is_err());
    clean.is(&storage, "a shop that is not there").await;

    storage.shops().await.unwrap();
    clean.is(&storage, "all shops").await;

    // Given up after the first step, the second, and so on, until it is done within them.
    for steps in 0.. {
        let read = give_up(storage.list(shop, Kind::Customer), steps).await;
        clean.is(&storage, "a read given up").await;
        let begun = give_up(storage.begin(shop), steps).await;
        clean.is(&storage, "a beginning given up").await;
        let transaction = storage.begin(shop).await.unwrap();
        let committed = give_up(transaction.commit(head), steps).await;
        clean.is(&storage, "a commit given up").await;
        if read && begun && committed {
            assert!(steps > 1, "nothing was given up half-way");
            return;
        }
    }
}

/// Lets a future take so many steps and then drops it; says whether it was done before.
async fn give_up<T>(work: impl Future<Output = T>, steps: usize) -> bool {
    let mut work = pin!(work);
    let mut taken = 0;
    poll_fn(|context| {
        if taken == steps {
            return Poll::Ready(false);
        }
        taken += 1;
        work.as_mut().poll(context).map(|_| true)
    })
    .await
}

async fn begun(storage: &PostgresStorage) -> ShopId {
    let id = ShopId::from_bytes([7; 16]);
    let row = ShopRow {
        id,
        name: "A shop".to_owned(),
        created: Stamp(1),
    };
    storage.shop_create(row).await.unwrap();
    storage.shop_ready(id).await.unwrap();
    id
}

/// One event and one outcome after a head.
fn change(head: Head) -> Changes {
    let key = redtag_protocol::entity::EntityRef::from_parts(Kind::Customer, [1; 16]);
    let number = head.seq.0 + 1;
    Changes {
        events: vec![Event {
            seq: head.seq.next(),
            key,
            salt: [2; 16],
            hash: [3; 32],
            payload: "{}".into(),
            digest: None,
        }],
        log: vec![Logged {
            number,
            digest: [4; 32],
            outcome: "{}".into(),
            refused: None,
        }],
        author: Some(Author {
            device: redtag_protocol::ids::DeviceId::from_bytes([5; 16]),
            last: number,
            at: Stamp(1),
        }),
        ..Changes::default()
    }
}

fn after(head: Head, changes: &Changes) -> Head {
    let last = changes.events.last().unwrap();
    Head {
        seq: last.seq,
        hash: last.hash,
        ..head
    }
}

/// What the pool's connection must look like between two transactions.
struct Clean {
    tables: Vec<String>,
}

impl Clean {
    async fn look(database: &Database) -> Self {
        let admin = world::admin(database).await;
        let tables = world::tables_of_shops(&admin).await;
        Self { tables }
    }

    async fn is(&self, storage: &PostgresStorage, after: &str) {
        let client = storage.peek().await.unwrap();
        for name in ["shop_id", "person_id", "session_id", "every_shop"] {
            let asked = format!("SELECT coalesce(current_setting('app.{name}', true), '')");
            let said: String = client.query_one(&asked, &[]).await.unwrap().get(0);
            assert_eq!(said, "", "app.{name} after {after}");
        }
        let inside = client.batch_execute("SAVEPOINT inside").await;
        let outside =
            said(&inside.expect_err(after)).code() == &SqlState::NO_ACTIVE_SQL_TRANSACTION;
        assert!(outside, "still in a transaction after {after}");
        for table in &self.tables {
            let count = format!("SELECT count(*) FROM {table}");
            let seen: i64 = client.query_one(&count, &[]).await.unwrap().get(0);
            assert_eq!(seen, 0, "{table} after {after}");
        }
    }
}
