//! `redtag doctor`: what of this machine's set-up works, and what to do about what does not.

use std::{fmt::Write as _, os::unix::fs::PermissionsExt as _};

use redtag_protocol::ipc::{Connection, Status};
use serde::Serialize;

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
    what: &'static str,
    ok: bool,
    /// What was found.
    found: String,
}

/// Looks, prints, and fails where a check does.
pub(crate) async fn run(args: &Args, desk: &Desk) -> Result<(), Fault> {
    let reached = desk.line().status().await;
    let mut checks = vec![daemon(&reached)];
    checks.push(socket(desk));
    checks.push(config(desk));
    if let Ok(status) = &reached {
        checks.extend(account(status));
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

fn daemon(reached: &Result<Status, Fault>) -> Check {
    let own = env!("CARGO_PKG_VERSION");
    match reached {
        Ok(status) => Check {
            what: "daemon",
            ok: true,
            found: format!(
                "runs as process {}; its version is {}, this program's {own}",
                status.pid, status.version
            ),
        },
        Err(fault) => Check {
            what: "daemon",
            ok: false,
            found: fault.words.clone(),
        },
    }
}

/// Only the person, and for the system service its group, may open the socket.
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
        what: "client.toml",
        ok: wrong.is_empty(),
        found,
    }
}

fn socket(desk: &Desk) -> Check {
    let sockets = desk.paths.sockets();
    let found = sockets
        .iter()
        .find_map(|path| Some((path, path.metadata().ok()?)));
    let Some((path, meta)) = found else {
        let last = sockets.last().map(|path| path.display().to_string());
        return Check {
            what: "socket",
            ok: false,
            found: format!("there is none at {}", last.unwrap_or_default()),
        };
    };
    let mode = meta.permissions().mode() & 0o777;
    let others = mode & 0o007;
    Check {
        what: "socket",
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
            what: "account",
            ok: false,
            found: "nobody is signed in; “redtag login URL” signs in".to_owned(),
        }];
    };
    if let Some(why) = &account.shut {
        return vec![Check {
            what: "account",
            ok: false,
            found: why.clone(),
        }];
    }
    let filling = if now.filling {
        "; the first copy is still on its way"
    } else {
        ""
    };
    let mut checks = vec![
        Check {
            what: "account",
            ok: true,
            found: format!("{} at {}", account.email, account.shop_name),
        },
        Check {
            what: "secrets",
            ok: true,
            found: account.secret.clone(),
        },
        Check {
            what: "cache",
            ok: true,
            found: format!("{} documents, encrypted{filling}", now.documents),
        },
        Check {
            what: "connection",
            ok: matches!(now.connection, Connection::Online | Connection::Connecting),
            found: status::words(&now.connection, output::now()),
        },
        Check {
            what: "outbox",
            ok: now.quarantined == 0,
            found: format!(
                "{} waiting, {} sent, {} refused",
                now.waiting, now.sent, now.quarantined
            ),
        },
    ];
    checks.extend(now.notices.iter().map(|notice| Check {
        what: "notice",
        ok: true,
        found: notice.clone(),
    }));
    checks
}

fn render(checks: &[Check]) -> String {
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| {
            let mark = if check.ok { "ok" } else { "PROBLEM" };
            vec![mark.to_owned(), check.what.to_owned(), check.found.clone()]
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
