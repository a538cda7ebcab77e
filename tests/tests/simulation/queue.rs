//! What is to happen, in order of time; what happens at one time is in an order that the seed
//! shuffles.

use std::{cmp::Reverse, collections::BinaryHeap};

/// The queue of events.
pub(crate) struct Queue<E> {
    heap: BinaryHeap<Reverse<Item>>,
    events: Vec<Option<E>>,
}

/// Time, seeded tie, place among all events ever.
type Item = (u64, u64, usize);

impl<E> Queue<E> {
    pub(crate) fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            events: Vec::new(),
        }
    }

    pub(crate) fn put(&mut self, at: u64, tie: u64, event: E) {
        self.heap.push(Reverse((at, tie, self.events.len())));
        self.events.push(Some(event));
    }

    /// The next event and its time.
    pub(crate) fn next(&mut self) -> Option<(u64, E)> {
        loop {
            let Reverse((at, _, place)) = self.heap.pop()?;
            if let Some(event) = self.events.get_mut(place).and_then(Option::take) {
                return Some((at, event));
            }
        }
    }

    /// Everything that is to come, comes so much later.
    pub(crate) fn later(&mut self, by: u64) {
        let moved = self.heap.drain();
        self.heap = moved
            .map(|Reverse((at, tie, place))| Reverse((at + by, tie, place)))
            .collect();
    }

    /// Forgets events that nobody will live to see.
    pub(crate) fn retain(&mut self, keep: impl Fn(&E) -> bool) {
        for event in &mut self.events {
            if event.as_ref().is_some_and(|event| !keep(event)) {
                *event = None;
            }
        }
    }
}
