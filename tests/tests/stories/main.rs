//! What a shop lives through, with real processes: each module is one story or a few that belong
//! together. One binary, so that everything is linked once.

mod harness;

/// Client, daemon and API in one.
const PROGRAM: &str = env!("CARGO_BIN_EXE_redtag-all");
