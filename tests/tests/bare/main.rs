//! The packages on a bare Debian: a machine with systemd as its first process, set up by the words of
//! the README. `.ci/deb` makes the packages and the Debian and then runs this; without them all of it
//! is ignored.

mod keeping;
mod living;
mod machine;
mod own;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use libtest_mimic::{Arguments, Failed, Trial};

/// What `.ci/deb` made.
#[derive(Debug, Clone)]
struct Made {
    /// A directory with a bare Debian.
    debian: PathBuf,
    /// A directory with the packages, and `next` in it with the same under a later version.
    packages: PathBuf,
}

impl Made {
    fn find() -> Option<Self> {
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        Some(Self {
            debian: path("REDTAG_BARE")?,
            packages: path("REDTAG_PACKAGES")?,
        })
    }
}

fn main() -> ExitCode {
    let made = Made::find();
    let trial = |name: &str, story: fn(&Made) -> Result<()>| {
        let given = made.clone();
        let run = move || {
            let made = given.ok_or("nothing to install")?;
            // With its causes, which Display alone would leave out.
            story(&made).map_err(|error| Failed::from(format!("{error:?}")))
        };
        let missing = made.is_none();
        Trial::test(name, run)
            .with_kind(if missing { "run by .ci/deb" } else { "" })
            .with_ignored_flag(missing)
    };
    let trials = vec![
        trial(
            "a_bench_is_installed_and_never_thought_of_again",
            living::story,
        ),
        trial("a_person_keeps_a_daemon_of_their_own", own::story),
        trial("upgrade_removal_and_purge_lose_nothing", keeping::story),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}
