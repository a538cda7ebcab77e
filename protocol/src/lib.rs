//! Redtag's domain and wire: pure types and rules. No I/O, no clock, no randomness.

pub mod grade;
pub mod ids;
pub mod money;
pub mod template;
pub mod text;
pub mod units;
pub mod vin;
