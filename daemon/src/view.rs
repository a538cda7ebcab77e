//! What clients see: documents with the outbox applied, joined and counted for one screen, with
//! texts from outside made harmless.

mod board;
mod clean;
mod conflicts;
mod fold;
mod inspection;
mod lean;
mod lists;
mod previous;
mod status;
mod subject;
mod timeline;
mod unsent;
mod watch;
mod words;

pub use board::{Board, Notes};
pub use clean::clean;
pub use conflicts::conflicts;
pub use inspection::inspection;
pub use lean::{Forms, Lean, texts};
pub use lists::{canned, customers, members, template_page, templates, vehicles};
pub use previous::previous;
pub use status::{Standing, locked, status};
pub use subject::{alike, customer, vehicle};
pub use timeline::timeline;
pub use unsent::outbox;
pub use watch::{Watches, differences, watch};

#[cfg(test)]
pub(crate) mod corpus;
#[cfg(test)]
mod tests;
