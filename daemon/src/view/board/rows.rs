//! The rows of the board. What is shared lies elsewhere and is named by a number.

use redtag_protocol::{inspection::Counts, lifecycle::State};

use super::{
    pool::Pool,
    table::{Id, NONE, Row},
    texts::Text,
};

/// An inspection: 112 bytes.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    pub(super) id: Id,
    pub(super) created: u64,
    /// [`u64::MAX`] where it has none.
    pub(super) number: u64,
    pub(super) vehicle: u32,
    pub(super) customer: u32,
    pub(super) assignee: u32,
    pub(super) bay: u32,
    pub(super) template: u32,
    /// Of its document in the cache; 0 where it is not known.
    pub(super) place: u32,
    /// Of a provisional label such as `~K7-3` the count, else its number in the pool.
    pub(super) count: u32,
    pub(super) revision: u32,
    /// When it was changed last.
    pub(super) touched: u64,
    /// The place of that in the shop's order; [`u64::MAX`] while it waits here.
    pub(super) touched_seq: u64,
    /// Who did that.
    pub(super) touched_by: u32,
    /// Total, answered, red, yellow, green, not applicable.
    pub(super) counts: [u16; 6],
    pub(super) conflicts: u16,
    pub(super) late: u16,
    /// The device's code in the provisional label; zeros where it is another label.
    pub(super) code: [u8; 2],
    pub(super) state: State,
    pub(super) counted: bool,
    /// Whether its document is there.
    pub(super) known: bool,
}

/// A vehicle.
#[derive(Debug, Clone)]
pub(super) struct Thing {
    pub(super) id: Id,
    /// Plate, VIN and serial number, a line each, and the plate without what is no letter or digit
    /// where it has such.
    pub(super) marks: Text,
    /// Maker and model, in the pool.
    pub(super) name: u32,
    /// What it was merged into.
    pub(super) merged: u32,
    pub(super) year: Option<u16>,
    /// Whose it is.
    pub(super) owners: Box<[u32]>,
    pub(super) conflicts: u16,
    pub(super) known: bool,
}

/// A customer.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) id: Id,
    pub(super) name: Text,
    /// Telephones and addresses, folded only.
    pub(super) contact: Text,
    pub(super) merged: u32,
    pub(super) conflicts: u16,
    pub(super) known: bool,
}

/// A member.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) id: Id,
    pub(super) name: Box<str>,
    pub(super) folded: Box<str>,
    pub(super) known: bool,
}

impl Row for Ticket {
    fn unknown(id: Id) -> Self {
        Self {
            id,
            created: 0,
            number: u64::MAX,
            vehicle: NONE,
            customer: NONE,
            assignee: NONE,
            bay: NONE,
            template: NONE,
            place: 0,
            count: 0,
            revision: 0,
            touched: 0,
            touched_seq: 0,
            touched_by: NONE,
            counts: [0; 6],
            conflicts: 0,
            late: 0,
            code: [0; 2],
            state: State::Draft,
            counted: true,
            known: false,
        }
    }

    fn id(&self) -> &Id {
        &self.id
    }
}

impl Row for Thing {
    fn unknown(id: Id) -> Self {
        Self {
            id,
            marks: Text::default(),
            name: NONE,
            merged: NONE,
            year: None,
            owners: Box::default(),
            conflicts: 0,
            known: false,
        }
    }

    fn id(&self) -> &Id {
        &self.id
    }
}

impl Row for Person {
    fn unknown(id: Id) -> Self {
        Self {
            id,
            name: Text::default(),
            contact: Text::default(),
            merged: NONE,
            conflicts: 0,
            known: false,
        }
    }

    fn id(&self) -> &Id {
        &self.id
    }
}

impl Row for Member {
    fn unknown(id: Id) -> Self {
        Self {
            id,
            name: "".into(),
            folded: "".into(),
            known: false,
        }
    }

    fn id(&self) -> &Id {
        &self.id
    }
}

/// A provisional label in six bytes where it is one of ours, else in the pool.
pub(super) fn provisional(label: &str, pool: &mut Pool) -> ([u8; 2], u32) {
    let ours = || {
        let (code, count) = label.strip_prefix('~')?.split_once('-')?;
        let code: [u8; 2] = code.as_bytes().try_into().ok()?;
        let count: u32 = count.parse().ok()?;
        (code[0] != 0 && label_of(code, count) == label).then_some((code, count))
    };
    ours().unwrap_or_else(|| ([0; 2], pool.number(label)))
}

fn label_of(code: [u8; 2], count: u32) -> String {
    let [first, second] = code.map(char::from);
    format!("~{first}{second}-{count}")
}

impl Ticket {
    /// The provisional label.
    pub(super) fn provisional(&self, pool: &Pool) -> String {
        if self.code == [0; 2] {
            pool.text(self.count).to_owned()
        } else {
            label_of(self.code, self.count)
        }
    }

    /// `#1042`, or the provisional label where there is no number.
    pub(super) fn label(&self, pool: &Pool) -> String {
        if self.number == u64::MAX {
            self.provisional(pool)
        } else {
            format!("#{}", self.number)
        }
    }

    /// The points by condition.
    pub(super) fn counts(&self) -> Counts {
        let [total, answered, red, yellow, green, not_applicable] = self.counts.map(u32::from);
        Counts {
            total,
            answered,
            red,
            yellow,
            green,
            not_applicable,
        }
    }
}

/// Counts as a row keeps them; no template has as many points as would not fit.
pub(super) fn counts(it: Counts) -> [u16; 6] {
    let all = [
        it.total,
        it.answered,
        it.red,
        it.yellow,
        it.green,
        it.not_applicable,
    ];
    all.map(super::short)
}
