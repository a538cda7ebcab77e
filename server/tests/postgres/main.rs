//! The hosted engine against a real PostgreSQL: a cluster of this program's own, and a database of
//! its own for each test. Where PostgreSQL is not installed the tests are ignored, unless
//! `REDTAG_REQUIRE=all` says that they must run.

#![allow(
    dead_code,
    clippy::unused_self,
    clippy::unwrap_used,
    reason = "a test: what fails here fails it"
)]

mod conformance;
mod faults;
mod ground;
mod hints;
mod moving;
mod sequence;
mod wall;

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};

use self::ground::Ground;

/// A test by name. Each gets the ground that all share, and takes a fresh database from it.
type Case = (&'static str, Box<dyn FnOnce(&Ground) + Send>);

/// A [`Case`] of a plain function.
fn case(name: &'static str, test: fn(&Ground)) -> Case {
    (name, Box::new(test))
}

fn main() -> ExitCode {
    let missing = ground::missing();
    let required = std::env::var_os("REDTAG_REQUIRE").is_some_and(|it| it == "all");
    let ground = Arc::new(Ground::default());
    let groups = [
        ("conformance", conformance::cases()),
        ("faults", faults::cases()),
        ("hints", hints::cases()),
        ("moving", moving::cases()),
        ("sequence", sequence::cases()),
        ("wall", wall::cases()),
    ];
    let mut trials = Vec::new();
    for (group, cases) in groups {
        for (name, test) in cases {
            let ground = Arc::clone(&ground);
            let run = move || {
                test(&ground);
                Ok::<_, Failed>(())
            };
            let trial = Trial::test(format!("{group}::{name}"), run)
                .with_kind(missing.clone().unwrap_or_default())
                .with_ignored_flag(missing.is_some() && !required);
            trials.push(trial);
        }
    }
    let code = libtest_mimic::run(&Arguments::from_args(), trials).exit_code();
    ground.end();
    code
}
