//! How many inspections there are of each kind.

use redtag_protocol::{
    ids::PersonId,
    ipc::{BoardQuery, Facets, TicketFilter},
    lifecycle::State,
};

use super::{Board, NONE, sort::number};

impl Board {
    /// Counts by state, bay and assignee, over what a query without words asks for.
    pub fn facets(&self, states: &[State], mine: Option<PersonId>) -> Facets {
        let person = mine.unwrap_or(PersonId::from_bytes([0; 16]));
        let query = BoardQuery {
            states: states.to_vec(),
            assignee: mine.map(|_| TicketFilter::Mine),
            ..BoardQuery::default()
        };
        let wanted = self.wanted(&query, person);
        let mut by_state: Vec<(State, u64)> = Vec::new();
        let mut bays = vec![0_u64; self.pool.len()];
        let mut people = vec![0_u64; self.members.iter().count()];
        let mut nobody = 0;
        for (_, ticket) in self.tickets.iter().filter(|(_, it)| it.known && wanted(it)) {
            match by_state
                .iter_mut()
                .find(|(state, _)| *state == ticket.state)
            {
                Some((_, count)) => *count += 1,
                None => by_state.push((ticket.state, 1)),
            }
            if let Some(count) = bays.get_mut(ticket.bay as usize) {
                *count += 1;
            }
            match people.get_mut(ticket.assignee as usize) {
                Some(count) => *count += 1,
                None if ticket.assignee == NONE => nobody += 1,
                None => {}
            }
        }
        by_state.sort_by_key(|(state, _)| State::ALL.iter().position(|it| it == state));
        Facets {
            states: by_state,
            bays: self.bays(&bays),
            people: self.people(&people, nobody),
        }
    }

    fn bays(&self, counts: &[u64]) -> Vec<(Option<String>, u64)> {
        let mut bays: Vec<(&str, u64)> = (0..)
            .zip(counts)
            .filter(|(_, count)| **count > 0)
            .map(|(at, count)| (self.pool.text(at), *count))
            .collect();
        bays.sort_by_key(|(bay, _)| (bay.is_empty(), number(bay), bay.to_lowercase()));
        let named = |bay: &str| (!bay.is_empty()).then(|| bay.to_owned());
        bays.into_iter()
            .map(|(bay, count)| (named(bay), count))
            .collect()
    }

    fn people(&self, counts: &[u64], nobody: u64) -> Vec<(Option<(PersonId, String)>, u64)> {
        let mut people: Vec<_> = (0..)
            .zip(counts)
            .filter(|(_, count)| **count > 0)
            .filter_map(|(slot, count)| Some((self.members.row(slot)?, *count)))
            .collect();
        people.sort_by(|(left, _), (right, _)| left.folded.cmp(&right.folded));
        let mut all: Vec<_> = people
            .into_iter()
            .map(|(row, count)| {
                let person = (PersonId::from_bytes(row.id), row.name.to_string());
                (Some(person), count)
            })
            .collect();
        if nobody > 0 {
            all.push((None, nobody));
        }
        all
    }
}
