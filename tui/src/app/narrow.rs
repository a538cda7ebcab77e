//! What of the board is shown besides tab and filter, and in which order.

use redtag_protocol::{
    ids::PersonId,
    ipc::{BoardSort, TicketFilter},
    lifecycle::State,
};
use serde::{Deserialize, Serialize};

/// What is shown: each that is set narrows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Narrow {
    /// Only this state.
    pub(crate) state: Option<State>,
    /// Only this bay; empty: none.
    pub(crate) bay: Option<String>,
    /// Only this person's work, with the name.
    pub(crate) who: Option<(TicketFilter, String)>,
}

/// One way to narrow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Narrowing {
    /// Everything.
    All,
    /// A state.
    State(State),
    /// A bay, or those without one.
    Bay(Option<String>),
    /// A person's work, or nobody's.
    Who(Option<(PersonId, String)>),
}

impl Narrow {
    /// Narrows further.
    pub(crate) fn take(&mut self, by: Narrowing) {
        match by {
            Narrowing::All => *self = Self::default(),
            Narrowing::State(state) => self.state = Some(state),
            Narrowing::Bay(bay) => self.bay = Some(bay.unwrap_or_default()),
            Narrowing::Who(None) => {
                self.who = Some((TicketFilter::Unassigned, "nobody".to_owned()));
            }
            Narrowing::Who(Some((person, name))) => {
                self.who = Some((TicketFilter::Person(person), name));
            }
        }
    }

    /// In words, none where it narrows nothing: `in progress, bay 2, Sam Rivera`.
    pub(crate) fn words(&self) -> Option<String> {
        let state = self.state.map(|it| it.words().to_owned());
        let bay = self.bay.as_ref().map(|bay| match bay.as_str() {
            "" => "no bay".to_owned(),
            bay => format!("bay {bay}"),
        });
        let who = self.who.as_ref().map(|(_, name)| name.clone());
        let words: Vec<String> = [state, bay, who].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// An order, for people.
pub(crate) fn sort_words(sort: BoardSort) -> &'static str {
    match sort {
        BoardSort::Usual => "open first, then the newest",
        BoardSort::Oldest => "the oldest first",
        BoardSort::Changed => "changed last first",
        BoardSort::Worst => "most red and yellow first",
        BoardSort::Nearest => "fewest open points first",
        BoardSort::Bay => "by bay",
        BoardSort::Assignee => "by assignee",
        BoardSort::Customer => "by customer",
    }
}
