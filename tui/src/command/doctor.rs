//! `redtag doctor`: what of this machine's set-up works, and what to do about what does not. What it
//! prints names no person, shop or address, so that it can be pasted into a ticket.

mod redact;

use std::{fmt::Write as _, os::unix::fs::PermissionsExt as _};

use redtag_protocol::ipc::{Connection, Finding, Reply, Request, Status};
use serde::Serialize;

use self::redact::Redaction;
use super::{
    cli::Format,
    desk::Desk,
    fault::{Exit, Fault},
    output, shape, status,
};
use crate::config::Config;

/// How to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

/// For scripts.
#[derive(Debug, Serialize)]
struct DoctorShape {
    format: u16,
    /// Whether every check held.
    ok: bool,
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, PartialEq, Eq)]
struct Check {
    what: String,
    ok: bool,
    /// What was found.
    found: String,
}

/// Looks, prints, and fails where a check does.
pub(crate) async fn run(args: &Args, desk: &Desk) -> Result<(), Fault> {
    let line = desk.line();
    let reached = line.status().await;
    let mut checks = vec![daemon(&reached)];
    checks.push(socket(desk));
    checks.push(config(desk));
    let mut accounts = Vec::new();
    if let Ok(status) = &reached {
        accounts = line.accounts().await?;
        checks.extend(account(status));
        checks.extend(examined(line.attempt(Request::Examine).await?));
        checks.extend(notices(status));
    }
    let redaction = Redaction::of(&accounts);
    for check in &mut checks {
        check.found = redaction.apply(&check.found);
    }
    let ok = checks.iter().all(|check| check.ok);
    let unreachable = reached.is_err();
    if args.format.json {
        output::json(&DoctorShape {
            format: shape::FORMAT,
            ok,
            checks,
        })?;
    } else {
        output::text(&render(&checks))?;
    }
    match (ok, unreachable) {
        (true, _) => Ok(()),
        (false, true) => Err(Fault::new(Exit::NoDaemon, "")),
        (false, false) => Err(Fault::error("")),
    }
}

/// What the daemon found of itself. One that is older knows no such question.
fn examined(answer: Result<Reply, redtag_protocol::ipc::Failure>) -> Vec<Check> {
    let check = |it: Finding| Check {
        what: it.what,
        ok: it.ok,
        found: it.found,
    };
    match answer {
        Ok(Reply::Examined(found)) => found.into_iter().map(check).collect(),
        Ok(_) => Vec::new(),
        Err(failure) => vec![Check {
            what: "more".to_owned(),
            ok: false,
            found: failure.words,
        }],
    }
}

/// That there are notices. What they say may name a shop or a person that is no account here any more,
/// whom nothing could take out.
fn notices(now: &Status) -> Option<Check> {
    let count = now.notices.len();
    (count > 0).then(|| Check {
        what: "notices".to_owned(),
        ok: true,
        found: format!("{count}; `redtag status` says them, and may name people and the shop"),
    })
}

fn daemon(reached: &Result<Status, Fault>) -> Check {
    let own = env!("CARGO_PKG_VERSION");
    match reached {
        Ok(status) => Check {
            what: "daemon".to_owned(),
            ok: true,
            found: format!(
                "runs as process {}; its version is {}, this program's {own}",
                status.pid, status.version
            ),
        },
        Err(fault) => Check {
            what: "daemon".to_owned(),
            ok: false,
            found: fault.words.clone(),
        },
    }
}

/// What was set for the client.
fn config(desk: &Desk) -> Check {
    let config = Config::read(&desk.paths);
    let wrong: Vec<String> = config.complaints().collect();
    let found = if wrong.is_empty() {
        format!("{}: all of it holds", config.file.display())
    } else {
        format!("{}; the rest holds", wrong.join("; "))
    };
    Check {
        what: "client.toml".to_owned(),
        ok: wrong.is_empty(),
        found,
    }
}

/// Only the person, and for the system service its group, may open the socket.
fn socket(desk: &Desk) -> Check {
    let sockets = desk.paths.sockets();
    let found = sockets
        .iter()
        .find_map(|path| Some((path, path.metadata().ok()?)));
    let Some((path, meta)) = found else {
        let last = sockets.last().map(|path| path.display().to_string());
        return Check {
            what: "socket".to_owned(),
            ok: false,
            found: format!("there is none at {}", last.unwrap_or_default()),
        };
    };
    let mode = meta.permissions().mode() & 0o777;
    let others = mode & 0o007;
    Check {
        what: "socket".to_owned(),
        ok: others == 0,
        found: if others == 0 {
            format!("{} with mode {mode:04o}", path.display())
        } else {
            format!(
                "{} has mode {mode:04o}, so that everybody may open it; “redtag daemon restart” \
                 makes it anew",
                path.display()
            )
        },
    }
}

fn account(now: &Status) -> Vec<Check> {
    let Some(account) = &now.account else {
        return vec![Check {
            what: "account".to_owned(),
            ok: false,
            found: "nobody is signed in; “redtag login URL” signs in".to_owned(),
        }];
    };
    if let Some(why) = &account.shut {
        return vec![Check {
            what: "account".to_owned(),
            ok: false,
            found: why.clone(),
        }];
    }
    let filling = if now.filling {
        "; the first copy is still on its way"
    } else {
        ""
    };
    vec![
        Check {
            what: "account".to_owned(),
            ok: true,
            found: format!("{}, signed in as {}", account.id, account.role.as_str()),
        },
        Check {
            what: "copy".to_owned(),
            ok: true,
            found: format!("{} documents{filling}", now.documents),
        },
        Check {
            what: "connection".to_owned(),
            ok: matches!(now.connection, Connection::Online | Connection::Connecting),
            found: status::words(&now.connection, output::now()),
        },
        Check {
            what: "outbox".to_owned(),
            ok: now.quarantined == 0,
            found: format!(
                "{} waiting, {} sent, {} refused",
                now.waiting, now.sent, now.quarantined
            ),
        },
    ]
}

fn render(checks: &[Check]) -> String {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            let mark = if check.ok { "ok" } else { "PROBLEM" };
            vec![mark.to_owned(), check.what.clone(), check.found.clone()]
        })
        .collect();
    let mut text = output::table(&rows);
    let problems = checks.iter().filter(|check| !check.ok).count();
    if problems == 0 {
        text.push_str("Everything is in order.\n");
    } else {
        let _ = writeln!(text, "{problems} of {} need attention.", checks.len());
    }
    text
}
