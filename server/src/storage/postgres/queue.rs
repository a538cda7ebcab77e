//! Writers of one shop wait here, in the order they came, before they take a connection: else one
//! busy shop's writers would hold the whole pool while all but one of them wait for its head.
//!
//! This is courtesy among the writers of this process. What keeps two writers apart is the lock on
//! the head in the database.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redtag_protocol::ids::ShopId;
use tokio::sync::OwnedMutexGuard;

type Gate = Arc<tokio::sync::Mutex<()>>;

/// The shops that somebody writes to or waits for.
#[derive(Debug, Clone, Default)]
pub(super) struct Queues(Arc<Mutex<HashMap<ShopId, Gate>>>);

/// Being first in a shop's queue. Dropping it lets the next one in.
#[derive(Debug)]
pub(super) struct Turn {
    // Dropped before the seat, which looks whether anybody else still knows the gate.
    _gate: OwnedMutexGuard<()>,
    _seat: Seat,
}

/// A place in a shop's queue, also of one who gives up waiting.
#[derive(Debug)]
struct Seat {
    queues: Queues,
    shop: ShopId,
    gate: Option<Gate>,
}

impl Queues {
    /// Waits for one's turn.
    pub(super) async fn turn(&self, shop: ShopId) -> Turn {
        let gate = Arc::clone(self.lock().entry(shop).or_default());
        let seat = Seat {
            queues: self.clone(),
            shop,
            gate: Some(Arc::clone(&gate)),
        };
        Turn {
            _gate: gate.lock_owned().await,
            _seat: seat,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ShopId, Gate>> {
        // Entries come and go whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut shops = self.queues.lock();
        // Under the lock nobody can come to know the gate who does not know it already.
        self.gate = None;
        if shops
            .get(&self.shop)
            .is_some_and(|gate| Arc::strong_count(gate) == 1)
        {
            shops.remove(&self.shop);
        }
    }
}

#[cfg(test)]
mod tests;
