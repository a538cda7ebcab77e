//! The orders of the board besides the usual one. What is equal stands in the usual order.

use std::cmp::Ordering;

use redtag_protocol::{ipc::BoardSort, lifecycle::State};

use super::{Board, NONE, rows::Ticket};

/// An order, with what it needs worked out.
pub(super) struct Order<'a> {
    board: &'a Board,
    sort: BoardSort,
    /// The places of shared words or of members among each other.
    ranks: Vec<u32>,
}

impl<'a> Order<'a> {
    pub(super) fn new(board: &'a Board, sort: BoardSort) -> Self {
        let ranks = match sort {
            BoardSort::Bay => ranks(board.pool.len(), |at| {
                let text = board.pool.folded(at);
                (text.is_empty(), number(text), text.to_owned())
            }),
            BoardSort::Assignee => ranks(board.members.iter().count(), |at| {
                let row = board.members.row(at);
                row.map(|it| it.folded.clone())
            }),
            _ => Vec::new(),
        };
        Self { board, sort, ranks }
    }

    /// Brings the first `wanted` of them into order and drops the rest.
    pub(super) fn first(&self, slots: &mut Vec<u32>, wanted: usize) {
        let mut places: Vec<(u32, u32)> = (0..).zip(slots.iter().copied()).collect();
        let compare = |left: &(u32, u32), right: &(u32, u32)| {
            self.compare(left.1, right.1).then(left.0.cmp(&right.0))
        };
        if wanted > 0 && places.len() > wanted {
            places.select_nth_unstable_by(wanted - 1, compare);
        }
        places.truncate(wanted);
        places.sort_unstable_by(compare);
        slots.clear();
        slots.extend(places.into_iter().map(|(_, slot)| slot));
    }

    fn compare(&self, left: u32, right: u32) -> Ordering {
        let row = |slot| self.board.tickets.row(slot);
        let (Some(left), Some(right)) = (row(left), row(right)) else {
            return Ordering::Equal;
        };
        match self.sort {
            BoardSort::Usual => Ordering::Equal,
            BoardSort::Oldest => left.created.cmp(&right.created),
            BoardSort::Changed => right.touched.cmp(&left.touched),
            _ => done(left)
                .cmp(&done(right))
                .then_with(|| self.within(left, right)),
        }
    }

    fn within(&self, left: &Ticket, right: &Ticket) -> Ordering {
        let rank = |at: u32| self.ranks.get(at as usize).copied().unwrap_or(NONE);
        match self.sort {
            BoardSort::Worst => {
                let [_, _, red, yellow, ..] = left.counts;
                let [_, _, other_red, other_yellow, ..] = right.counts;
                (other_red, other_yellow).cmp(&(red, yellow))
            }
            BoardSort::Nearest => {
                let open = |it: &Ticket| it.counts().unanswered();
                open(left).cmp(&open(right))
            }
            BoardSort::Bay => rank(left.bay).cmp(&rank(right.bay)),
            BoardSort::Assignee => rank(left.assignee).cmp(&rank(right.assignee)),
            BoardSort::Customer => self.customer(left).cmp(&self.customer(right)),
            BoardSort::Usual | BoardSort::Oldest | BoardSort::Changed => Ordering::Equal,
        }
    }

    /// The name, with nobody last.
    fn customer(&self, ticket: &Ticket) -> (bool, &[u8]) {
        let row = self
            .board
            .customers
            .row(self.board.customer_of(ticket.customer));
        let name = row.map_or(&[][..], |it| self.board.texts.folded(it.name));
        (name.is_empty(), name)
    }
}

fn done(ticket: &Ticket) -> bool {
    matches!(ticket.state, State::Closed | State::Void)
}

/// Bay 2 comes before bay 10.
pub(super) fn number(text: &str) -> u64 {
    let digits: String = text.chars().filter(char::is_ascii_digit).take(12).collect();
    digits.parse().unwrap_or(u64::MAX)
}

/// For each of so many numbers its place among all by a key.
fn ranks<K: Ord>(count: usize, key: impl Fn(u32) -> K) -> Vec<u32> {
    let mut all: Vec<u32> = (0..u32::try_from(count).unwrap_or(NONE)).collect();
    all.sort_by_cached_key(|at| key(*at));
    let mut ranks = vec![0; count];
    for (rank, at) in (0..).zip(all) {
        if let Some(place) = ranks.get_mut(at as usize) {
            *place = rank;
        }
    }
    ranks
}
