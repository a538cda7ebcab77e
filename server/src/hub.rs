//! Who waits for news of which shop. In this process only, and it carries no truth: a hint that is
//! lost costs a delay.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redtag_protocol::{ids::ShopId, stamp::Seq};
use tokio::sync::watch;

/// The newest known sequence of every shop that somebody listens to. A copy is the same hub.
#[derive(Debug, Clone, Default)]
pub struct Hub(Arc<Mutex<HashMap<ShopId, Line>>>);

#[derive(Debug, Default)]
struct Line {
    news: watch::Sender<Seq>,
    /// How often those who listen were woken.
    wakes: u64,
}

impl Hub {
    /// Changes whenever the shop moves on. The value to begin with may be any older one: subscribe
    /// first, then read the shop's head.
    pub fn watch(&self, shop: ShopId) -> watch::Receiver<Seq> {
        let mut shops = self.lock();
        shops.retain(|_, line| line.news.receiver_count() > 0);
        shops.entry(shop).or_default().news.subscribe()
    }

    /// The shop is at least at this sequence.
    pub fn tell(&self, shop: ShopId, seq: Seq) {
        if let Some(line) = self.lock().get(&shop) {
            line.news.send_if_modified(|known| {
                let newer = seq > *known;
                *known = seq.max(*known);
                newer
            });
        }
    }

    /// As [`tell`](Self::tell), and wakes who listens also where the shop has not moved on: their
    /// right to listen may have ended.
    pub fn wake(&self, shop: ShopId, seq: Seq) {
        if let Some(line) = self.lock().get_mut(&shop) {
            line.wakes += 1;
            line.news.send_modify(|known| *known = seq.max(*known));
        }
    }

    /// How often those who listen now were [woken](Self::wake): while it is the same, nobody has
    /// said that a right to listen may have ended.
    pub fn wakes(&self, shop: ShopId) -> u64 {
        self.lock().get(&shop).map_or(0, |line| line.wakes)
    }

    /// Whether somebody listens who does not know yet that the shop is at this sequence.
    pub fn is_behind(&self, shop: ShopId, seq: Seq) -> bool {
        self.lock()
            .get(&shop)
            .is_some_and(|it| it.news.receiver_count() > 0 && *it.news.borrow() < seq)
    }

    /// Whether anybody listens.
    pub fn is_watched(&self, shop: ShopId) -> bool {
        self.lock()
            .get(&shop)
            .is_some_and(|it| it.news.receiver_count() > 0)
    }

    /// The shops that somebody listens to.
    pub fn watched(&self) -> Vec<ShopId> {
        let shops = self.lock();
        let watched = shops.iter().filter(|(_, it)| it.news.receiver_count() > 0);
        watched.map(|(shop, _)| *shop).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ShopId, Line>> {
        // Entries come and go whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
