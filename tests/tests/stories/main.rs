//! What a shop lives through, with real processes: each module is one story or a few that belong
//! together. One binary, so that everything is linked once, and every story is told on both of the
//! server's engines.

mod cloned;
mod doors;
mod elsewhere;
mod forgetful;
mod garbage;
mod hands;
mod harness;
mod hosted;
mod killing;
mod letting_in;
mod lies;
mod lifecycle;
mod links;
mod locked;
mod looking;
mod merging;
mod migrating;
mod moved;
mod points;
mod put_back;
mod refusals;
mod refused;
mod restored;
mod roll;
mod second_factor;
mod secrecy;
mod sharing;
mod shop_life;
mod signals;
mod signed_out;
mod story;
mod support;
mod taken_over;
mod templates;
mod terminal;
mod terminals;
mod torture;
mod unsent;
mod users;

use std::process::ExitCode;

use libtest_mimic::Arguments;
use redtag_tests::harness::{Engine, no_browser};

use self::story::{Needs, Only, Story};

/// Client, daemon and API in one.
const PROGRAM: &str = env!("CARGO_BIN_EXE_redtag-all");

/// Every story.
const MODULES: [&[Story]; 37] = [
    cloned::STORIES,
    doors::STORIES,
    elsewhere::STORIES,
    forgetful::STORIES,
    garbage::STORIES,
    hands::STORIES,
    harness::STORIES,
    hosted::STORIES,
    killing::STORIES,
    letting_in::STORIES,
    lies::STORIES,
    lifecycle::STORIES,
    links::STORIES,
    locked::STORIES,
    looking::STORIES,
    merging::STORIES,
    migrating::STORIES,
    moved::STORIES,
    points::STORIES,
    put_back::STORIES,
    refusals::STORIES,
    refused::STORIES,
    restored::STORIES,
    roll::STORIES,
    second_factor::STORIES,
    secrecy::STORIES,
    sharing::STORIES,
    shop_life::STORIES,
    signals::STORIES,
    signed_out::STORIES,
    taken_over::STORIES,
    templates::STORIES,
    terminal::STORIES,
    terminals::STORIES,
    torture::STORIES,
    unsent::STORIES,
    users::STORIES,
];

/// The stories that run on one engine only, and why. Every other runs on both.
const EXCEPTIONS: [Only; 26] = [
    embedded(
        "letting_in::a_person",
        "between a person, a browser and the pages; the story without a browser runs on both",
    ),
    embedded(
        "letting_in::a_program",
        "between a program of somebody else's and the token endpoint; the rules are the same",
    ),
    embedded(
        "links::",
        "between a person, a browser and the pages; a test of the storage shows the rest on both",
    ),
    embedded(
        "elsewhere::",
        "between a person, a browser, a provider and the pages; a test of the storage shows the rest on \
         both",
    ),
    Only {
        of: "hosted::",
        on: Engine::Postgres,
        why: "about PostgreSQL itself, and about several processes over one database",
    },
    Only {
        of: "moved::",
        on: Engine::Postgres,
        why: "from one engine to the other",
    },
    embedded("harness::", "the instruments alone, without any API"),
    embedded("roll::", "about this list"),
    embedded(
        "terminal::",
        "between a person, the client and the daemon; the API only fills the bench",
    ),
    embedded(
        "signals::",
        "between the kernel, a terminal and the client; the API only fills the bench",
    ),
    embedded(
        "locked::",
        "between people, clients and the daemon; the API only fills the bench",
    ),
    embedded(
        "terminals::",
        "between a terminal and the client; the API only fills the bench",
    ),
    embedded(
        "garbage::garbage_on_the_socket",
        "between clients and the daemon",
    ),
    embedded(
        "killing::what_was_called_saved_survives_the_daemons_death",
        "about the bench's cache, with the line cut",
    ),
    embedded(
        "migrating::a_cache",
        "about the bench's cache, with the line cut",
    ),
    embedded(
        "forgetful::what_the_api_has_no_key_of",
        "files are put back",
    ),
    embedded(
        "put_back::",
        "files are put back; a PostgreSQL is its operator's to restore, and the rules are the same",
    ),
    embedded(
        "restored::",
        "the embedded engine's command; a PostgreSQL is put back by its own means, which a test of \
         the server does",
    ),
    embedded("lies::", "in the place of the API, whatever it stands on"),
    embedded(
        "refusals::every_way_not_to_sign_in",
        "nobody comes as far as the shop's data",
    ),
    embedded(
        "refusals::a_certificate_is_believed",
        "about the line between bench and API",
    ),
    embedded(
        "secrecy::what_is_typed_lies_in_no_file",
        "about the files of the embedded engine; a PostgreSQL's disk is its operator's to encrypt",
    ),
    embedded(
        "secrecy::no_secret_is_in_arguments",
        "about the processes and the files of the bench",
    ),
    embedded(
        "secrecy::only_the_owner_of_a_home",
        "about the files of the embedded engine and of the bench",
    ),
    embedded(
        "users::",
        "between the kernel, the daemon and its clients; the API only fills the accounts",
    ),
    embedded(
        "shop_life::the_last_visits_values",
        "worked out on the bench from what it has",
    ),
];

/// The stories that need more than this machine may have, and what is missing.
const NEEDS: [Needs; 7] = [
    Needs {
        of: "forgetful::",
        missing: forgetful::missing,
    },
    Needs {
        of: "users::",
        missing: users::missing,
    },
    Needs {
        of: "letting_in::a_person_with_chromium",
        missing: no_browser,
    },
    Needs {
        of: "letting_in::a_person_without_script",
        missing: no_browser,
    },
    Needs {
        of: "links::",
        missing: no_browser,
    },
    Needs {
        of: "elsewhere::",
        missing: elsewhere::no_provider,
    },
    Needs {
        of: "letting_in::a_program_of_somebody",
        missing: letting_in::no_client,
    },
];

const fn embedded(of: &'static str, why: &'static str) -> Only {
    let on = Engine::Embedded;
    Only { of, on, why }
}

fn main() -> ExitCode {
    let stories = MODULES.into_iter().flatten();
    let trials = stories.flat_map(|story| story.trials(&EXCEPTIONS, &NEEDS));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
