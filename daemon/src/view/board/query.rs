//! A page of the board: a scan over all tickets in their order.

use memchr::memmem::Finder;
use redtag_protocol::{
    ids::{InspectionId, PersonId},
    ipc::{BoardQuery, SyncState, TicketPage},
    lifecycle::State,
};

use super::{
    Board, NONE,
    columns::Columns,
    label::{InLabel, write_number},
    rows::{Thing, Ticket},
    spread,
    table::Table,
};
use crate::view::fold::words;

/// The most rows of one answer.
pub(super) const MOST: u32 = 1_000;

/// The tickets whose notes hold a word, for each word of a query that was looked for in them.
#[derive(Debug, Default)]
pub struct Notes {
    words: Vec<(String, Vec<u64>)>,
}

impl Notes {
    pub(super) fn holds(&self, word: usize, slot: u32) -> bool {
        let bits = self.words.get(word).map(|(_, bits)| bits);
        let block = bits.and_then(|bits| bits.get(slot as usize / 64));
        block.is_some_and(|block| block >> (slot % 64) & 1 == 1)
    }

    /// Whether a word was looked for at all.
    pub fn any(&self) -> bool {
        !self.words.is_empty()
    }

    fn of(&self, word: &str) -> Option<usize> {
        self.words.iter().position(|(known, _)| known == word)
    }
}

/// A word of a query, with what of the shared texts holds it.
pub(super) struct Word<'a> {
    pub(super) finder: Finder<'a>,
    /// The word without what is no letter or digit, where it has such: plates are typed with blanks
    /// and dashes and without.
    compact: Option<Finder<'static>>,
    /// How it could stand in a number or a label of ours.
    pub(super) label: InLabel,
    /// Whether it could stand in a year.
    pub(super) years: bool,
    pub(super) pool: Vec<bool>,
    pub(super) members: Vec<bool>,
    /// The states that it begins the name of.
    states: Vec<State>,
    /// Of `bay 3` the bays that are called so, by their numbers.
    bays: Vec<u32>,
    pub(super) notes: Option<usize>,
    /// Which vehicles and customers hold it, where so many tickets are looked at that it pays to
    /// know that of all of them.
    pub(super) columns: Option<Columns>,
}

/// What a bay is called before its name.
const BAY: &str = "bay";

/// So many letters of a state's name mean it.
const STATE: usize = 4;

impl Word<'_> {
    /// Whether it says in which state a ticket is, or in which bay.
    pub(super) fn places(&self, ticket: &Ticket) -> bool {
        self.states.contains(&ticket.state) || self.bays.contains(&ticket.bay)
    }
}

fn states(word: &str) -> Vec<State> {
    let says = |state: &State| {
        let mut parts = state.words().split(' ');
        let whole = state.words().starts_with(word);
        word.len() >= STATE && (whole || parts.any(|part| part.starts_with(word)))
    };
    State::ALL.into_iter().filter(says).collect()
}

impl Board {
    /// The words of a query as they are compared, for looking them up in notes.
    pub fn words(text: &str) -> Vec<String> {
        words(text)
    }

    /// Gathers where notes hold words: for each word the places of the documents.
    pub fn notes(&self, found: impl IntoIterator<Item = (String, Vec<i64>)>) -> Notes {
        let blocks = self.tickets.iter().count().div_ceil(64);
        let mark = |(word, places): (String, Vec<i64>)| {
            let mut bits = vec![0_u64; blocks];
            for place in places {
                if let Some(slot) = self.at_place(place)
                    && let Some(block) = bits.get_mut(slot as usize / 64)
                {
                    *block |= 1 << (slot % 64);
                }
            }
            (word, bits)
        };
        Notes {
            words: found.into_iter().map(mark).collect(),
        }
    }

    /// Notes whether a word stands in an inspection's notes, in the place of what was found.
    pub fn note(&self, notes: &mut Notes, word: &str, id: InspectionId, holds: bool) {
        let Some(slot) = self.tickets.find(id.as_bytes()) else {
            return;
        };
        let found = notes.words.iter_mut().find(|(known, _)| known == word);
        let block = found.and_then(|(_, bits)| bits.get_mut(slot as usize / 64));
        if let Some(block) = block {
            *block = *block & !(1 << (slot % 64)) | u64::from(holds) << (slot % 64);
        }
    }

    fn at_place(&self, place: i64) -> Option<u32> {
        let place = u32::try_from(place).ok()?;
        let found = self.places.find(spread(place), |entry| entry.0 == place);
        found.map(|entry| entry.1)
    }

    /// A page of the board, without looking into notes.
    pub fn page(
        &self,
        query: &BoardQuery,
        me: PersonId,
        sync: &dyn Fn(InspectionId) -> SyncState,
    ) -> TicketPage {
        self.page_with(query, me, sync, &Notes::default())
    }

    /// A page of the board. `me` is who asks; `sync` says where edits are; `notes` what was found
    /// in notes.
    pub fn page_with(
        &self,
        query: &BoardQuery,
        me: PersonId,
        sync: &dyn Fn(InspectionId) -> SyncState,
        notes: &Notes,
    ) -> TicketPage {
        self.gather(query, me, sync, notes)
    }

    /// The words of a query as a board is searched for them: “bay 3” means the bay, not whatever has a
    /// 3 in it, where there is such a bay; and “in progress” is one state. Otherwise words are words:
    /// in a note there is an engine bay.
    pub(super) fn sought(&self, text: &str) -> Vec<String> {
        let mut sought: Vec<String> = Vec::new();
        for word in words(text) {
            if let Some(last) = sought.last_mut()
                && matches!(last.as_str(), BAY | "in")
            {
                let both = format!("{last} {word}");
                if !self.named_bays(&both).is_empty() || !states(&both).is_empty() {
                    *last = both;
                    continue;
                }
            }
            sought.push(word);
        }
        sought
    }

    pub(super) fn word<'a>(&self, word: &'a str, notes: &Notes) -> Word<'a> {
        let finder = Finder::new(word.as_bytes());
        let members = self.members.iter().map(|(_, row)| &row.folded);
        Word {
            years: word.len() <= 5 && word.bytes().all(|b| b.is_ascii_digit()),
            label: InLabel::of(word),
            pool: self.pool.holding(&finder),
            members: members
                .map(|name| finder.find(name.as_bytes()).is_some())
                .collect(),
            notes: notes.of(word),
            states: states(word),
            bays: self.named_bays(word),
            columns: None,
            compact: plate(word).map(|it| Finder::new(it.as_bytes()).into_owned()),
            finder,
        }
    }

    pub(super) fn holds(
        &self,
        slot: u32,
        ticket: &Ticket,
        word: &Word<'_>,
        notes: &Notes,
        label: &mut Vec<u8>,
    ) -> bool {
        let marked = |all: &[bool], at: u32| all.get(at as usize).copied().unwrap_or(false);
        word.places(ticket)
            || marked(&word.pool, ticket.bay)
            || marked(&word.members, ticket.assignee)
            || (ticket.code == [0; 2] && marked(&word.pool, ticket.count))
            || word.label.holds(ticket, &word.finder, label)
            || match &word.columns {
                Some(columns) => {
                    columns.vehicles.has(ticket.vehicle) || columns.customers.has(ticket.customer)
                }
                None => {
                    self.vehicle_holds(ticket.vehicle, word, label)
                        || self.customer_holds(ticket.customer, &word.finder)
                }
            }
            || word.notes.is_some_and(|at| notes.holds(at, slot))
    }

    /// Which bays a word names: of `bay 3` the one that is called `3`.
    fn named_bays(&self, word: &str) -> Vec<u32> {
        let named = word.strip_prefix(BAY).and_then(|it| it.strip_prefix(' '));
        let numbers = 0..u32::try_from(self.pool.len()).unwrap_or(0);
        named.map_or_else(Vec::new, |bay| {
            numbers.filter(|at| self.pool.folded(*at) == bay).collect()
        })
    }

    pub(super) fn vehicle_holds(&self, slot: u32, word: &Word<'_>, digits: &mut Vec<u8>) -> bool {
        let row = self.vehicles.row(self.vehicle_of(slot));
        row.is_some_and(|row| self.thing_holds(row, word, digits))
    }

    pub(super) fn thing_holds(&self, row: &Thing, word: &Word<'_>, digits: &mut Vec<u8>) -> bool {
        word.pool.get(row.name as usize).copied().unwrap_or(false)
            || self.marks_hold(row.marks, word)
            || (word.years
                && row
                    .year
                    .is_some_and(|year| in_number(year, &word.finder, digits)))
    }

    /// Whether plate, VIN or serial number hold a word.
    pub(super) fn marks_hold(&self, marks: super::Text, word: &Word<'_>) -> bool {
        let marks = self.texts.folded(marks);
        word.finder.find(marks).is_some()
            || word
                .compact
                .as_ref()
                .is_some_and(|word| word.find(marks).is_some())
    }

    pub(super) fn customer_holds(&self, slot: u32, word: &Finder<'_>) -> bool {
        slot != NONE
            && self
                .customers
                .row(self.customer_of(slot))
                .is_some_and(|row| word.find(self.texts.folded(row.name)).is_some())
    }

    /// Finds an inspection by number (`1042`, `#1042`), provisional label (`~K7-3`, which stays
    /// findable for ever) or id.
    pub fn find(&self, ticket: &str) -> Option<InspectionId> {
        let ticket = ticket.trim();
        if let Ok(id) = ticket.parse::<InspectionId>() {
            let row = self.tickets.row(self.tickets.find(id.as_bytes())?)?;
            return row.known.then_some(id);
        }
        let digits = ticket.strip_prefix('#').unwrap_or(ticket);
        let number = digits.parse::<u64>().ok().filter(|it| *it != u64::MAX);
        let label = ticket.starts_with('~') || number.is_none();
        let found = |it: &Ticket| {
            it.known
                && (number == Some(it.number)
                    || (label && it.provisional(&self.pool).eq_ignore_ascii_case(ticket)))
        };
        newest(&self.tickets, found)
    }
}

fn newest(tickets: &Table<Ticket>, found: impl Fn(&Ticket) -> bool) -> Option<InspectionId> {
    tickets
        .iter()
        .filter(|(_, it)| found(it))
        .max_by_key(|(_, it)| it.created)
        .map(|(_, it)| InspectionId::from_bytes(it.id))
}

/// What a word is as a plate that is kept without blanks and dashes; none where it is as good as it
/// stands, or no plate: a ticket's number begins with `#` or `~`.
fn plate(word: &str) -> Option<String> {
    let plain = word.bytes().all(|b| b.is_ascii_alphanumeric());
    let digits = word.bytes().any(|b| b.is_ascii_digit());
    if plain || !digits || word.starts_with(['#', '~']) {
        return None;
    }
    Some(super::exact::compact(word)).filter(|it| it.len() > 2)
}

pub(super) fn in_number(number: u16, word: &Finder<'_>, digits: &mut Vec<u8>) -> bool {
    digits.clear();
    write_number(digits, u64::from(number));
    word.find(digits).is_some()
}
