//! What is typed lies nowhere in clear, and what others type cannot steer a terminal.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    inspection::InspectionWrite,
    op::{Edit, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};
use redtag_tests::{
    harness::{Ground, PASSWORD, Proxy, Stack, note},
    now,
};
use serde_json::json;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    what_is_typed_lies_in_no_file_in_clear,
    only_the_owner_of_a_home_can_read_it,
    no_secret_is_in_arguments_environment_or_logs,
    text_of_others_never_steers_a_terminal,
];

/// Long enough to be found only where it was written.
const MARKER: &str = "zebra-quartz-7731-lantern";

fn what_is_typed_lies_in_no_file_in_clear(ground: &Ground) -> Result<()> {
    let mut stack = Stack::on(ground)?;
    let line = Proxy::before(stack.address())?;
    let mut bench = stack.bench_at("bench", Role::Technician, &line.url())?;
    let id = bench.new_inspection("HIDE 1")?;
    let mut client = bench.client()?;
    client.start(id)?;
    client.save(vec![note(id, "lights.horn", MARKER)?])?;
    bench.settled()?;
    // One that waits, too.
    line.cut();
    client.save(vec![note(id, "lights.wipers", &format!("{MARKER} waits"))?])?;

    let look = |stack: &Stack, bench: &redtag_tests::harness::Device| -> Result<()> {
        for directory in [stack.data(), bench.home()] {
            let ground = stack.ground();
            for needle in [MARKER, PASSWORD, "HIDE 1"] {
                let found = ground.files_with(&directory, needle.as_bytes())?;
                ensure!(found.is_empty(), "“{needle}” lies in clear in {found:?}");
            }
            // The name of the format is what a file in clear would begin with.
            let plain = ground.files_with(&directory, b"SQLite format 3")?;
            ensure!(plain.is_empty(), "not encrypted: {plain:?}");
        }
        for log in [stack.log(), bench.log()] {
            ensure!(!log.contains(MARKER), "the note is in a log: {log}");
            ensure!(!log.contains(PASSWORD), "the password is in a log: {log}");
        }
        Ok(())
    };
    look(&stack, &bench)?;
    // With the write-ahead logs as a crash leaves them, and as a clean end does.
    bench.kill()?;
    stack.kill()?;
    look(&stack, &bench)?;
    bench.start()?;
    ensure!(bench.stop()?.success());
    look(&stack, &bench)
}

fn only_the_owner_of_a_home_can_read_it(ground: &Ground) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let mut open = vec![bench.home(), stack.data()];
    while let Some(path) = open.pop() {
        let about = std::fs::symlink_metadata(&path)?;
        let mode = about.permissions().mode();
        // The home itself was made by the harness.
        if path != bench.home() {
            ensure!(
                mode.trailing_zeros() >= 6,
                "{} has mode {mode:o}",
                path.display()
            );
        }
        if about.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        }
    }
    Ok(())
}

fn no_secret_is_in_arguments_environment_or_logs(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    bench.run(&["doctor"])?;
    let key = std::fs::read(bench.home().join("state/keys/wrapping.key"))?;
    let hex = key
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    let needles = [PASSWORD.as_bytes(), key.as_slice(), hex.as_bytes()];
    let holds = |bytes: &[u8]| {
        let within = |needle: &&[u8]| bytes.windows(needle.len()).any(|at| at == *needle);
        needles.iter().any(within)
    };
    let daemon = bench.client()?.pid();
    for pid in [daemon, stack.pid()?] {
        for file in ["cmdline", "environ"] {
            let shown = std::fs::read(format!("/proc/{pid}/{file}"))?;
            ensure!(!holds(&shown), "a secret is in {file} of process {pid}");
        }
    }
    for log in [stack.log(), bench.log()] {
        ensure!(!holds(log.as_bytes()), "a secret is in a log: {log}");
    }
    for needle in [hex.as_bytes(), PASSWORD.as_bytes()] {
        let found = ground.files_with(&bench.home(), needle)?;
        ensure!(found.is_empty(), "a secret lies in {found:?}");
    }
    let found = ground.files_with(&bench.home(), &key)?;
    ensure!(found.len() == 1, "the key lies in {found:?}");
    Ok(())
}

/// Titles, colours, the clipboard, a cleared screen, a bell, C1, and text that runs backwards.
const HOSTILE: &str =
    "a\u{1b}]0;owned\u{7}b\u{1b}[2Jc\u{1b}[31md\u{9b}31me\u{202e}f\u{1b}]52;c;eA==\u{1b}\\g";

fn text_of_others_never_steers_a_terminal(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("EVIL 1")?;
    bench.settled()?;
    // A bench of somebody else's making, straight to the API.
    let session = stack.session(Role::Owner)?;
    let api = stack.api()?;
    let point = "lights.horn".parse()?;
    let hostile = Some(HOSTILE.to_owned());
    let writes = [
        InspectionWrite::Concern {
            concern: hostile.clone(),
        },
        InspectionWrite::Bay {
            bay: hostile.clone(),
        },
        InspectionWrite::Note {
            point,
            note: hostile,
        },
    ];
    let mut operations = vec![serde_json::from_value(json!({
        "number": 1, "group": 1, "stamp": now(), "base": 0, "schema": SCHEMA,
        "edit": {"do": "move", "id": id, "verb": "start", "from": "draft"},
    }))?];
    operations.extend((2..).zip(writes).map(|(number, write)| Operation {
        number,
        group: number,
        stamp: Stamp(now()),
        base: Seq(u64::MAX >> 12),
        seen: None,
        schema: SCHEMA,
        edit: Edit::Inspection { id, write },
    }));
    let answer = api.push(&session, &operations)?;
    ensure!(answer.status.is_success(), "{answer:?}");
    let at_api = api.inspection(&session, id)?;
    let taken = at_api.concern().is_some();
    // The API may refuse such a text or clean it; either way none of it reaches a terminal.
    if taken {
        bench.sees(id, "the other's text", |view| {
            view.inspection.concern().is_some()
        })?;
    }
    let ticket = id.to_string();
    for arguments in [
        ["show", ticket.as_str()].as_slice(),
        &["timeline", &ticket],
        &["list"],
    ] {
        let outcome = bench.run(arguments)?;
        harmless(outcome.done()?.as_bytes()).with_context(|| format!("{arguments:?}"))?;
        let mut json = arguments.to_vec();
        json.push("--json");
        harmless(bench.run(&json)?.done()?.as_bytes())?;
    }
    let mut screen = bench.screen(40, 120)?;
    screen.wait_for("EVIL 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("\t")?;
    screen.wait_for("Horn")?;
    screen.keys("t")?;
    screen.wait_for("Test owner")?;
    let raw = screen.raw();
    // The client sets the window's title itself, which ends with a bell; nothing else may.
    let seen = String::from_utf8_lossy(raw).replace("\u{1b}]0;Redtag\u{7}", "");
    for sequence in ["owned\u{7}", "\u{1b}]52", "\u{9b}", "\u{202e}", "\u{7}"] {
        let around = seen.split_once(sequence).map(|(before, after)| {
            let before: String = before.chars().rev().take(60).collect();
            let before: String = before.chars().rev().collect();
            format!(
                "{before:?} … {:?}",
                after.chars().take(60).collect::<String>()
            )
        });
        ensure!(
            around.is_none(),
            "{sequence:?} reached the terminal: {around:?}"
        );
    }
    screen.signal(rustix::process::Signal::TERM)?;
    screen.ended()?;
    Ok(())
}

/// Whether no byte in it steers a terminal.
fn harmless(text: &[u8]) -> Result<()> {
    let text = std::str::from_utf8(text)?;
    let bad = text
        .chars()
        .find(|c| (c.is_control() && *c != '\n' && *c != '\t') || *c == '\u{202e}');
    ensure!(bad.is_none(), "{bad:?} in the output");
    Ok(())
}
