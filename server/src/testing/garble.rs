use redtag_protocol::{entity::EntityRef, ids::ShopId};

use crate::storage::{Changes, Event, Head, Index, Storage, Stored};

/// Puts a document there that nobody can read, as a fault of a program would.
pub async fn garble(storage: &dyn Storage, shop: ShopId, key: EntityRef) {
    let mut transaction = storage.begin(shop).await.unwrap();
    let seq = transaction.head().seq.next();
    let changes = Changes {
        documents: vec![Stored {
            key,
            version: seq,
            index: Index::default(),
            body: "{\"not\":\"what it should be\"}".into(),
        }],
        events: vec![Event {
            seq,
            key,
            salt: [0; 16],
            hash: [0; 32],
            payload: "{}".into(),
            digest: None,
        }],
        ..Changes::default()
    };
    let head = Head {
        seq,
        hash: [0; 32],
        ..transaction.head()
    };
    transaction.write(changes).await.unwrap();
    transaction.commit(head).await.unwrap();
}
