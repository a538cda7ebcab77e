//! The hosted engine against a real PostgreSQL: a cluster of this program's own, and a database of
//! its own for each test. Where PostgreSQL is not installed the tests are ignored, unless
//! `REDTAG_REQUIRE=all` says that they must run.

#![allow(
    dead_code,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests: what fails here fails them"
)]

mod address;
mod conformance;
mod faults;
mod ground;
mod hints;
mod moving;
mod plans;
#[path = "../program/mod.rs"]
mod program;
mod proxy;
mod restored;
mod sequence;
mod serving;
mod shop;
mod statements;
mod upgrade;
mod wall;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use self::ground::{Database, runtime};

/// A test by name.
type Case = (&'static str, Box<dyn FnOnce() + Send>);

/// A [`Case`] of a plain function.
fn case(name: &'static str, test: fn()) -> Case {
    (name, Box::new(test))
}

/// A [`Case`] of a function on a fresh database.
fn on_database(name: &'static str, test: impl AsyncFnOnce(Database) + Send + 'static) -> Case {
    let run = move || runtime().block_on(async { test(Database::fresh().await).await });
    (name, Box::new(run))
}

fn main() -> ExitCode {
    let ignored = redtag_postgres::ignored().map(|missing| missing.to_string());
    let groups = [
        ("address", address::cases()),
        ("conformance", conformance::cases()),
        ("faults", faults::cases()),
        ("hints", hints::cases()),
        ("moving", moving::cases()),
        ("plans", plans::cases()),
        ("restored", restored::cases()),
        ("sequence", sequence::cases()),
        ("serving", serving::cases()),
        ("statements", statements::cases()),
        ("upgrade", upgrade::cases()),
        ("wall", wall::cases()),
    ];
    let mut trials = Vec::new();
    for (group, cases) in groups {
        for (name, test) in cases {
            let run = move || {
                test();
                Ok::<_, Failed>(())
            };
            let trial = Trial::test(format!("{group}::{name}"), run)
                .with_kind(ignored.clone().unwrap_or_default())
                .with_ignored_flag(ignored.is_some());
            trials.push(trial);
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
