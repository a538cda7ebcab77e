//! Redtag's domain and wire: pure types and rules. No I/O, no clock, no randomness.
//!
//! Client, daemon and API share this crate and nothing else. [`apply`](apply::apply) is the one
//! function that applies an edit to a document; [`merge`] the one rule for edits that meet;
//! [`lifecycle`] and [`role`] the one table of who may do what.

#![warn(clippy::float_arithmetic)]
#![cfg_attr(
    feature = "openapi",
    allow(
        clippy::large_stack_arrays,
        reason = "the schema of a large enum, in derived code"
    )
)]

pub mod api;
pub mod apply;
pub mod audit;
pub mod canned;
pub mod condition;
pub mod customer;
pub mod entity;
pub mod event;
pub mod field;
pub mod grade;
pub mod ids;
pub mod inspection;
pub mod ipc;
pub mod lifecycle;
pub mod merge;
pub mod money;
pub mod op;
#[cfg(feature = "packed")]
pub mod packed;
pub mod role;
pub mod settle;
pub mod shop;
pub mod stamp;
pub mod template;
pub mod text;
pub mod units;
pub mod vehicle;
pub mod vin;
