use clap::{CommandFactory as _, Parser as _};

use super::*;

fn code(words: &str) -> i32 {
    let words = ["redtag"].into_iter().chain(words.split_whitespace());
    match Cli::try_parse_from(words) {
        Ok(_) => 0,
        Err(error) => error.exit_code(),
    }
}

#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn every_subcommand_of_this_release_is_there() {
    for words in [
        "",
        "status --json",
        "--account tess@example.com status",
        "status --account tess@example.com",
        "sync --wait",
        "list --state draft,in_progress --assignee me --query honda --limit 5 --json",
        "show #1042 --json",
        "new --template bicycle-service --serial X1 --kind bicycle --customer Someone",
        "new --template bicycle-service --plate P1 --customer A --phone 1 --phone 2 --email a@b.c",
        "set 1042 tyres.tread.lf --value 3,5",
        "move 1042 submit",
        "move 1042 assign --to me",
        "delete ~K7-3 --yes",
        "delete --vehicle ABC-1234",
        "merge --customer A --into B --yes",
        "erase A --yes --json",
        "timeline ~K7-3 --json",
        "outbox --json",
        "outbox show 3 --json",
        "outbox retry 3",
        "outbox discard 3 --yes",
        "outbox export",
        "outbox export work.age --passphrase-stdin",
        "outbox export work.json --plain --only 3",
        "outbox adopt work.age --passphrase-stdin",
        "conflicts --json",
        "conflicts show 1042",
        "conflicts show 1042 answer:frame.cracks --json",
        "conflicts settle 1042 frame.cracks --take mine",
        "conflicts settle 1042 frame.cracks --keep",
        "daemon logs -n 5",
        "doctor",
        "doctor --json",
        "config show --origin",
        "config show --json",
        "daemon install",
        "completions bash",
        "login http://127.0.0.1:1 --email a@example.com --password-stdin --ca ca.pem",
        "login http://127.0.0.1:1 --email a@example.com --totp 081804",
        "login http://127.0.0.1:1 --enroll -",
        "password --passwords-stdin",
        "sessions --json",
        "sessions list",
        "sessions revoke 019a2b3c-4d5e-7f60-8a9b-00000000000e --yes",
        "second-factor enrol",
        "second-factor enrol --url http://127.0.0.1:1 --email a@example.com --password-stdin --json",
        "second-factor confirm --code 081804 --password-stdin",
        "second-factor codes",
        "second-factor remove",
        "second-factor status --json",
        "logout --discard",
        "logout --export work.age --passphrase-stdin",
        "accounts --json",
        "use tess@example.com",
    ] {
        assert_eq!(code(words), 0, "{words}");
    }
}

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    for words in [
        "fly",
        "list --state flying",
        "new --template k --customer c",
        "new --template k --vin 1M8GDM9AXKPO42788 --customer c",
        "new --template k --vehicle x --plate y --customer c",
        "new --template k --plate p --phone 1",
        "set 1042",
        "set 1042 a.b --condition blue",
        "set 1042 a.b --clear --value 3",
        "move 1042 fly",
        "delete",
        "delete 1042 --customer A",
        "merge --customer A",
        "outbox export --plain --passphrase-stdin",
        "conflicts settle 1042 frame.cracks",
        "conflicts settle 1042 frame.cracks --take 1 --keep",
        "logout --discard --export work.json",
    ] {
        assert_eq!(code(words), 2, "{words}");
    }
    let letter = Cli::try_parse_from([
        "redtag",
        "new",
        "--template",
        "k",
        "--vin",
        "1M8GDM9AXKPO42788",
    ]);
    let words = letter.unwrap_err().to_string();
    assert!(
        words.contains("--vin") && words.contains("letter O"),
        "{words}"
    );
}
