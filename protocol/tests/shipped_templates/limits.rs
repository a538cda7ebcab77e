//! Every limit of the tables: at it, just below and just above.

#![allow(clippy::too_many_lines, reason = "each test is one table")]

mod bicycle;
mod truck;
mod vehicle;
