//! The scan itself: what matches, what of it is asked for, and how its rows are shown.

use redtag_protocol::{
    ids::{InspectionId, PersonId},
    ipc::{BoardQuery, BoardRow, BoardSort, Found, SyncState, TicketFilter, TicketPage, Touched},
    stamp::{Seq, Stamp},
};

use super::{
    Board, NONE,
    exact::Exact,
    line,
    query::{MOST, Notes, Word, in_number},
    rows::Ticket,
};

/// The most rows that stand first because they are exactly what was asked for.
const EARLY: usize = 64;
/// From so many tickets on it pays to look through all vehicles and customers first.
const MANY: usize = 4_000;
/// Among so many matches a short text is looked for as a whole plate; beyond that it is a beginning.
const FEW: u64 = 2_000;

/// The tickets that match, as far as they are asked for.
#[derive(Default)]
struct Gathered {
    /// What is exactly what was asked for.
    early: Vec<u32>,
    /// The others: from `skipped` on, or all of them where they are to be sorted.
    later: Vec<u32>,
    /// How many others were left out before the first of `later`.
    skipped: u64,
    others: u64,
    matched: u64,
}

impl Board {
    pub(super) fn gather(
        &self,
        query: &BoardQuery,
        me: PersonId,
        sync: &dyn Fn(InspectionId) -> SyncState,
        notes: &Notes,
    ) -> TicketPage {
        let texts = self.sought(&query.text);
        let mut words: Vec<Word<'_>> = texts.iter().map(|word| self.word(word, notes)).collect();
        let limit = query.limit.min(MOST) as usize;
        let mut found = self.scan(query, me, &mut words, notes, limit);
        let start = query.offset as usize;
        let end = start + limit;
        let early = found.early.len();
        if !query.sort.is_usual() {
            let wanted = end.saturating_sub(early);
            self.sort(&mut found.later, query.sort, wanted);
        }
        let skipped = usize::try_from(found.skipped).unwrap_or(usize::MAX);
        let slots = (start..end).map_while(|place| match place.checked_sub(early) {
            None => found.early.get(place),
            Some(place) => found.later.get(place.checked_sub(skipped)?),
        });
        let mut label = Vec::with_capacity(48);
        let rows = slots
            .filter_map(|slot| Some((*slot, self.tickets.row(*slot)?)))
            .map(|(slot, ticket)| {
                let id = InspectionId::from_bytes(ticket.id);
                let mut row = self.show(id, ticket, sync(id), me);
                self.explain(&mut row, slot, ticket, &words, notes, &mut label);
                row
            });
        TicketPage {
            rows: rows.collect(),
            matched: found.matched,
            total: u64::from(self.shown),
        }
    }

    fn scan(
        &self,
        query: &BoardQuery,
        me: PersonId,
        words: &mut [Word<'_>],
        notes: &Notes,
        limit: usize,
    ) -> Gathered {
        let wanted = self.wanted(query, me);
        let exact = Exact::of(&query.text);
        let sorted = !query.sort.is_usual();
        let first = u64::from(query.offset).saturating_sub(EARLY as u64);
        let mut label = Vec::with_capacity(48);
        let mut found = Gathered {
            skipped: if sorted { 0 } else { first },
            ..Gathered::default()
        };
        let mut looked_at = 0;
        for slot in self.order.iter() {
            let Some(ticket) = self.tickets.row(slot) else {
                continue;
            };
            if !wanted(ticket) {
                continue;
            }
            looked_at += 1;
            if looked_at == MANY {
                for word in &mut *words {
                    word.columns = Some(self.columns(word));
                }
            }
            let holds = |word: &Word<'_>| self.holds(slot, ticket, word, notes, &mut label);
            if !words.iter().all(holds) {
                continue;
            }
            found.matched += 1;
            let is = exact.as_ref().is_some_and(|exact| {
                exact.is_ticket(ticket, &self.pool)
                    || ((exact.is_long() || found.matched <= FEW)
                        && self
                            .vehicles
                            .row(self.vehicle_of(ticket.vehicle))
                            .is_some_and(|it| exact.is_marks(self.texts.folded(it.marks))))
            });
            if is && found.early.len() < EARLY {
                found.early.push(slot);
                continue;
            }
            if sorted || (found.others >= first && found.later.len() < limit + EARLY) {
                found.later.push(slot);
            }
            found.others += 1;
        }
        found
    }

    /// What is asked for besides the words.
    pub(super) fn wanted(&self, query: &BoardQuery, me: PersonId) -> impl Fn(&Ticket) -> bool {
        let states = query.states.clone();
        let slot = |person: PersonId| self.members.find(person.as_bytes());
        // The number of nobody is not that of a person who is not known.
        let assignee = match &query.assignee {
            None => None,
            Some(TicketFilter::Unassigned) => Some(Some(NONE)),
            Some(TicketFilter::Mine) => Some(slot(me)),
            Some(TicketFilter::Person(person)) => Some(slot(*person)),
        };
        let bay = query.bay.as_ref().map(|it| self.pool.find(it));
        let since = query.since.map(|it| it.0);
        let news = query.news.map(|it| it.0);
        let me = slot(me);
        move |ticket| {
            (states.is_empty() || states.contains(&ticket.state))
                && assignee.is_none_or(|wanted| wanted == Some(ticket.assignee))
                && bay.is_none_or(|wanted| wanted == Some(ticket.bay))
                && since.is_none_or(|since| ticket.touched.max(ticket.created) >= since)
                && news.is_none_or(|after| {
                    ticket.touched_seq > after
                        && ticket.touched_seq != u64::MAX
                        && Some(ticket.touched_by) != me
                })
        }
    }

    /// An inspection as the board shows it.
    pub(super) fn show(
        &self,
        id: InspectionId,
        ticket: &Ticket,
        sync: SyncState,
        me: PersonId,
    ) -> BoardRow {
        let vehicle = self.vehicles.row(self.vehicle_of(ticket.vehicle));
        let vehicle = vehicle.filter(|row| row.known);
        let customer = self.customers.row(self.customer_of(ticket.customer));
        let assignee = self.members.row(ticket.assignee);
        let template = self.template_ids.get(ticket.template as usize);
        let template = template.and_then(|id| self.template(*id));
        let by = self.members.row(ticket.touched_by);
        BoardRow {
            id,
            label: ticket.label(&self.pool),
            state: ticket.state,
            revision: ticket.revision,
            vehicle: vehicle.map_or(String::new(), |it| self.title(it)),
            mark: vehicle.map_or(String::new(), |it| self.mark(it)),
            customer: customer.map_or(String::new(), |it| self.texts.text(it.name)),
            assignee: assignee.map_or(String::new(), |it| it.name.to_string()),
            bay: self.pool.text(ticket.bay).to_owned(),
            template: template.map_or(String::new(), |it| line(&it.name).into_owned()),
            created: Stamp(ticket.created),
            counts: ticket.counts(),
            conflicts: u32::from(ticket.conflicts),
            late: u32::from(ticket.late),
            sync,
            touched: Some(Touched {
                seq: (ticket.touched_seq != u64::MAX).then_some(Seq(ticket.touched_seq)),
                at: Stamp(ticket.touched),
                who: by.map_or(String::new(), |it| it.name.to_string()),
                own: by.is_some_and(|it| it.id == *me.as_bytes()),
            }),
            found: None,
            noted: false,
        }
    }

    /// Says why a row matches where no column shows it.
    fn explain(
        &self,
        row: &mut BoardRow,
        slot: u32,
        ticket: &Ticket,
        words: &[Word<'_>],
        notes: &Notes,
        buffer: &mut Vec<u8>,
    ) {
        let marked = |all: &[bool], at: u32| all.get(at as usize).copied().unwrap_or(false);
        for word in words {
            let vehicle = self.vehicles.row(self.vehicle_of(ticket.vehicle));
            let seen = word.places(ticket)
                || marked(&word.pool, ticket.bay)
                || marked(&word.members, ticket.assignee)
                || (ticket.code == [0; 2] && marked(&word.pool, ticket.count))
                || word.label.holds(ticket, &word.finder, buffer)
                || self.customer_holds(ticket.customer, &word.finder)
                || vehicle.is_some_and(|it| {
                    marked(&word.pool, it.name)
                        || (word.years
                            && it
                                .year
                                .is_some_and(|year| in_number(year, &word.finder, buffer)))
                });
            if seen {
                continue;
            }
            let marks = vehicle.map_or(super::Text::default(), |it| it.marks);
            if vehicle.is_some() && self.marks_hold(marks, word) {
                let spelled = self.texts.text(marks);
                let lines = spelled.split('\n').zip(["plate", "VIN", "serial no."]);
                let hidden = lines
                    .filter(|(text, _)| *text != row.mark)
                    .find(|(text, _)| {
                        let folded = crate::view::fold::fold(text);
                        word.finder.find(folded.as_bytes()).is_some()
                    });
                if let Some((text, place)) = hidden {
                    row.found = Some(Found {
                        place: place.to_owned(),
                        text: text.to_owned(),
                    });
                }
                continue;
            }
            row.noted |= word.notes.is_some_and(|at| notes.holds(at, slot));
        }
    }

    /// Sorts tickets that stand in the usual order; the first `wanted` are in their places then.
    fn sort(&self, slots: &mut Vec<u32>, sort: BoardSort, wanted: usize) {
        let order = super::sort::Order::new(self, sort);
        order.first(slots, wanted);
    }
}
