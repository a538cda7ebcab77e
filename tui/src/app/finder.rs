//! The list of vehicles or of customers: found as one types.

use redtag_protocol::{
    customer::Customer,
    entity::EntityRef,
    ids::{CustomerId, VehicleId},
    vehicle::Vehicle,
};

use super::Input;

/// How many are asked for: who needs more types more.
pub(crate) const FOUND: u32 = 200;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sought {
    /// A vehicle.
    Vehicle,
    /// A customer.
    Customer,
    /// The customer to whom this vehicle belongs.
    OwnerOf(VehicleId),
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Listed {
    /// Vehicles.
    Vehicles(Vec<Vehicle>),
    /// Customers.
    Customers(Vec<Customer>),
}

/// The list.
#[derive(Debug)]
pub(crate) struct Finder {
    /// What is looked for.
    pub(crate) sought: Sought,
    /// What is typed.
    pub(crate) input: Input,
    /// What was found; none before the first answer.
    pub(crate) found: Option<Listed>,
    /// The text that this answers.
    pub(crate) answers: String,
    /// The marked line.
    pub(crate) selected: usize,
    /// Whether Enter was struck before the answer to what was typed.
    pub(crate) enter_on_answer: bool,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

impl Finder {
    pub(crate) fn new(sought: Sought) -> Self {
        Self {
            sought,
            input: Input::line(""),
            found: None,
            answers: String::new(),
            selected: 0,
            enter_on_answer: false,
            trouble: None,
        }
    }

    /// How many were found.
    pub(crate) fn count(&self) -> usize {
        match &self.found {
            None => 0,
            Some(Listed::Vehicles(all)) => all.len(),
            Some(Listed::Customers(all)) => all.len(),
        }
    }

    /// Whether what was found answers what stands there.
    pub(crate) fn is_current(&self) -> bool {
        self.found.is_some() && self.answers == self.input.text().trim()
    }

    /// The marked one.
    pub(crate) fn marked(&self) -> Option<EntityRef> {
        match &self.found {
            None => None,
            Some(Listed::Vehicles(all)) => Some(EntityRef::Vehicle(all.get(self.selected)?.id)),
            Some(Listed::Customers(all)) => Some(EntityRef::Customer(all.get(self.selected)?.id)),
        }
    }

    /// The marked customer.
    pub(crate) fn customer(&self) -> Option<(CustomerId, String)> {
        match &self.found {
            Some(Listed::Customers(all)) => {
                let one = all.get(self.selected)?;
                Some((one.id, one.name.value.clone()))
            }
            _ => None,
        }
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        self.selected = stepped(self.selected, by, self.count());
    }

    /// Takes an answer; the mark stays on what it was on.
    pub(crate) fn take(&mut self, text: String, found: Listed) {
        let was = self.is_current().then(|| self.marked()).flatten();
        self.found = Some(found);
        self.answers = text;
        self.trouble = None;
        let same = was.and_then(|was| match &self.found {
            Some(Listed::Vehicles(all)) => {
                all.iter().position(|it| EntityRef::Vehicle(it.id) == was)
            }
            Some(Listed::Customers(all)) => {
                all.iter().position(|it| EntityRef::Customer(it.id) == was)
            }
            None => None,
        });
        self.selected = same.unwrap_or(0);
    }
}

/// A place in a list of so many, moved by so many.
pub(crate) fn stepped(at: usize, by: i64, count: usize) -> usize {
    let last = i64::try_from(count.saturating_sub(1)).unwrap_or(i64::MAX);
    let at = i64::try_from(at).unwrap_or(i64::MAX);
    usize::try_from(at.saturating_add(by).clamp(0, last)).unwrap_or(0)
}
