//! What clients see: documents with the outbox applied, joined and counted for one screen, with
//! texts from outside made harmless.

mod board;
mod clean;
mod fold;
mod inspection;
mod lean;
mod lists;
mod previous;
mod status;
mod timeline;

pub use board::{Board, Notes};
pub use clean::clean;
pub use inspection::inspection;
pub use lean::{Forms, Lean, texts};
pub use lists::{customers, members, templates, vehicles};
pub use previous::previous;
pub use status::{Standing, status};
pub use timeline::timeline;

#[cfg(test)]
pub(crate) mod corpus;
#[cfg(test)]
mod tests;
