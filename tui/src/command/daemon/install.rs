//! `redtag daemon install`: the person's own daemon as a unit of their systemd.

use std::{
    fs, io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use super::stop;
use crate::command::{desk::Desk, fault::Fault, output};

/// The units as they are delivered, with the packages' path in them.
const UNITS: [(&str, &str); 2] = [
    (
        "redtagd.socket",
        include_str!("../../../../assets/systemd/user/redtagd.socket"),
    ),
    (
        "redtagd.service",
        include_str!("../../../../assets/systemd/user/redtagd.service"),
    ),
];

/// Where packages put the daemon and units of persons.
const PACKAGED: &str = "/usr/bin/redtagd";
const PACKAGED_UNIT: &str = "/usr/lib/systemd/user/redtagd.service";

/// Runs one of systemd's programs.
type Run<'a> = &'a dyn Fn(&str, &[&str]) -> io::Result<Output>;

/// Installs and starts the unit. A daemon that runs already is stopped first; nothing is lost.
pub(super) async fn run(desk: &Desk) -> Result<(), Fault> {
    if std::env::var_os("REDTAG_HOME").is_some_and(|home| !home.is_empty()) {
        return Err(Fault::error(
            "REDTAG_HOME is set, and the unit serves your ordinary home; take it out of the \
             environment and try again. Without a unit the daemon starts when a command needs it",
        ));
    }
    let exec = |program: &str, args: &[&str]| Command::new(program).args(args).output();
    reachable(&exec)?;
    let program = desk.programs.daemon.command();
    let program = program.map_err(|missing| Fault::error(missing.to_string()))?;
    let dir = directory()?;
    let packaged = Path::new(program.get_program()) == Path::new(PACKAGED)
        && Path::new(PACKAGED_UNIT).exists();
    if !packaged {
        write(&dir, &program)?;
    }
    // Two cannot serve one home, and this one was not started by systemd.
    stop::run(desk).await?;
    begin(&exec)?;
    let user = rustix::process::getuid().as_raw().to_string();
    output::text(&match linger(&exec, &user) {
        None => "The daemon runs under systemd: from the start of the machine on, and on after \
                 you log out."
            .to_owned(),
        Some(why) => format!(
            "The daemon runs under systemd, and ends with your last session, because lingering \
             could not be switched on: {}. Unsent edits are kept and go out with the next \
             session. An administrator switches it on with “loginctl enable-linger {user}”.",
            output::line(&why)
        ),
    })
}

/// Whether a systemd runs for this person.
fn reachable(exec: Run<'_>) -> Result<(), Fault> {
    let words = |why: &str| {
        Fault::error(format!(
            "systemd does not run for you here ({}); nothing was changed. It is not needed: the \
             daemon starts when a command needs it and goes on after you log out",
            output::line(why)
        ))
    };
    match exec("systemctl", &["--user", "show-environment"]) {
        Ok(said) if said.status.success() => Ok(()),
        Ok(said) => Err(words(&first_line(&said.stderr))),
        Err(error) => Err(words(&error.to_string())),
    }
}

fn begin(exec: Run<'_>) -> Result<(), Fault> {
    for args in [
        ["--user", "daemon-reload"].as_slice(),
        &["--user", "enable", "redtagd.socket", "redtagd.service"],
        // Anew, so that what was installed before goes by what was just written.
        &["--user", "restart", "redtagd.socket", "redtagd.service"],
    ] {
        let said = exec("systemctl", args)?;
        if !said.status.success() {
            return Err(Fault::error(format!(
                "“systemctl {}” failed: {}. Nothing is lost; without the unit the daemon starts \
                 when a command needs it",
                args.join(" "),
                output::line(&first_line(&said.stderr))
            )));
        }
    }
    Ok(())
}

/// Why the person's systemd ends with their last session; none where it does not.
fn linger(exec: Run<'_>, user: &str) -> Option<String> {
    match exec("loginctl", &["enable-linger", user]) {
        Ok(said) if said.status.success() => None,
        Ok(said) => Some(first_line(&said.stderr)),
        Err(error) => Some(error.to_string()),
    }
}

/// Writes the units for the program that lies here.
fn write(dir: &Path, program: &Command) -> Result<(), Fault> {
    let failed = |path: &Path, error: io::Error| {
        Fault::error(format!("{} cannot be written: {error}", path.display()))
    };
    let call: Vec<String> = std::iter::once(program.get_program())
        .chain(program.get_args())
        .map(quoted)
        .collect::<Result<_, _>>()?;
    fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
    for (name, text) in UNITS {
        let path = dir.join(name);
        let text = text.replace(PACKAGED, &call.join(" "));
        fs::write(&path, text).map_err(|error| failed(&path, error))?;
    }
    Ok(())
}

/// A word of a command line as units spell it: systemd.service(5), “Command lines”.
fn quoted(word: &std::ffi::OsStr) -> Result<String, Fault> {
    let plain = |b: u8| b.is_ascii_graphic() && !b"\"'\\$%;".contains(&b) || b == b' ';
    match word
        .to_str()
        .filter(|_| word.as_bytes().iter().copied().all(plain))
    {
        Some(word) => Ok(format!("\"{word}\"")),
        None => Err(Fault::error(format!(
            "the path {} holds characters that a unit cannot name; install the programs elsewhere",
            word.display()
        ))),
    }
}

fn directory() -> Result<PathBuf, Fault> {
    let dirs = directories::BaseDirs::new();
    let dirs = dirs.ok_or_else(|| Fault::error("there is no home directory for the units"))?;
    Ok(dirs.config_dir().join("systemd/user"))
}

fn first_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let line = said.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("it gave no reason").to_owned()
}

#[cfg(test)]
mod tests;
