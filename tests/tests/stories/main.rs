//! What a shop lives through, with real processes: each module is one story or a few that belong
//! together. One binary, so that everything is linked once.

mod cloned;
mod garbage;
mod harness;
mod killing;
mod merging;
mod refusals;
mod refused;
mod secrecy;
mod sharing;
mod shop_life;
mod signed_out;
mod terminal;

/// Client, daemon and API in one.
const PROGRAM: &str = env!("CARGO_BIN_EXE_redtag-all");
