//! Numbers in an order that their rows give, in short pieces: one is put in or taken out by a
//! binary search and a small move, and it takes four bytes a number.

use std::cmp::Ordering;

/// The most numbers in one piece.
const MOST: usize = 512;

/// The numbers in order.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// None is empty.
    pieces: Vec<Vec<u32>>,
}

impl Sorted {
    /// Puts a number in. `compare` gives how another one's row stands to its own.
    pub(super) fn insert(&mut self, slot: u32, compare: impl Fn(u32) -> Ordering) {
        let at = self
            .piece(&compare)
            .min(self.pieces.len().saturating_sub(1));
        let Some(piece) = self.pieces.get_mut(at) else {
            self.pieces.push(vec![slot]);
            return;
        };
        let place = piece.partition_point(|other| compare(*other) == Ordering::Less);
        piece.insert(place, slot);
        if piece.len() > MOST {
            // Filled from one end, which is usual, the pieces behind stay nearly full.
            let cut = if place == 0 { MOST / 8 } else { MOST / 2 };
            let mut back = piece.split_off(cut);
            back.shrink_to_fit();
            self.pieces.insert(at + 1, back);
        }
    }

    /// Takes a number out, with its row as it was put in.
    pub(super) fn remove(&mut self, slot: u32, compare: impl Fn(u32) -> Ordering) {
        let at = self.piece(&compare);
        let Some(piece) = self.pieces.get_mut(at) else {
            return;
        };
        let place = piece.partition_point(|other| compare(*other) == Ordering::Less);
        if piece.get(place) == Some(&slot) {
            piece.remove(place);
        }
        if piece.is_empty() {
            self.pieces.remove(at);
        }
    }

    /// The first piece that does not end before the row.
    fn piece(&self, compare: &impl Fn(u32) -> Ordering) -> usize {
        self.pieces.partition_point(|piece| {
            let last = piece.last().copied();
            last.is_some_and(|last| compare(last) == Ordering::Less)
        })
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.pieces.iter().flatten().copied()
    }
}

#[cfg(test)]
mod tests;
