//! The daemon's core and the API's core in one deterministic simulation: no sockets, no clock, no
//! files. A seed decides everything; one that breaks an invariant says so and can be lived again.
//!
//! `cargo test -p redtag-tests --test simulation -- --seeds N --from S` lives any seeds through;
//! `REDTAG_SIM_SEEDS` and `REDTAG_SIM_FROM` do the same. Without either it is a test like others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::large_enum_variant,
    clippy::needless_pass_by_value,
    clippy::struct_excessive_bools,
    reason = "tests: what fails here fails them"
)]

mod act;
mod api;
mod bench;
mod call;
mod checks;
mod edits;
mod hands;
mod leaving;
mod life;
mod look;
mod network;
mod poison;
mod pull;
mod queue;
mod rng;
mod run;
mod seeds;
mod templates;
mod trouble;
mod view;
mod weather;
mod witness;
mod world;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let mut rest = Vec::new();
    let asked = match seeds::Asked::read(std::env::args(), &mut rest) {
        Ok(asked) => asked,
        Err(words) => {
            println!("{words}");
            return ExitCode::from(2);
        }
    };
    if asked.by_hand {
        return match asked.live() {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let arguments = Arguments::from_iter(rest);
    let mut trials: Vec<Trial> = checks::PROOFS
        .iter()
        .map(|(name, proof)| {
            Trial::test(format!("can_fail::{name}"), move || {
                proof();
                Ok(())
            })
        })
        .collect();
    trials.push(Trial::test("can_fail::enough", || {
        seeds::enough_can_fail();
        Ok(())
    }));
    trials.push(Trial::test("a_seed_is_lived_the_same_twice", || {
        seeds::same_twice();
        Ok(())
    }));
    trials.push(Trial::test("seeds", move || {
        asked.live().map_err(Into::into)
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}
