//! One process's share of a test: the steps on its command line, and in words what came of them.

use std::{io::Write, path::Path, process::ExitCode};

use redtagd::{
    paths::Paths,
    secret::{Rung, SecretError, Store},
};

/// Does the steps; prints the rung and the key, or what went wrong.
pub(crate) fn run(mut args: impl Iterator<Item = String>) -> ExitCode {
    let Some(dir) = args.next() else {
        return ExitCode::FAILURE;
    };
    let said = match steps(Path::new(&dir), args) {
        Ok(said) => said,
        Err(error @ SecretError::NoStore { .. }) => format!("no-store: {error}"),
        Err(error @ SecretError::Forgotten { .. }) => format!("forgotten: {error}"),
        Err(error @ SecretError::Locked { .. }) => format!("locked: {error}"),
        Err(error) => format!("{error:?}"),
    };
    match writeln!(std::io::stdout(), "{said}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Until a line comes, so that something may happen meanwhile.
fn wait() {
    let _ = writeln!(std::io::stdout(), "waits");
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn steps(dir: &Path, args: impl Iterator<Item = String>) -> Result<String, SecretError> {
    let paths = paths(dir);
    if let Err(error) = paths.make() {
        return Ok(error.to_string());
    }
    let mut store: Option<Store> = None;
    let mut key = None;
    for step in args {
        match (step.as_str(), &store) {
            ("open", _) => store = Store::open(&paths)?,
            ("choose", _) => store = Some(Store::choose(&paths, false)?),
            ("kiosk", _) => store = Some(Store::choose_lasting(&paths, false)?),
            ("consent", _) => store = Some(Store::choose(&paths, true)?),
            ("make", Some(store)) => key = Some(store.make("a1")?),
            ("remind", Some(store)) => store.remind(&paths)?,
            ("wait", _) => wait(),
            ("load", Some(store)) => key = Some(store.load("a1")?),
            _ => return Ok(format!("{step} is not possible")),
        }
    }
    let rung = match store.map(|store| store.rung()) {
        None => "none",
        Some(Rung::SecretService) => "secret-service",
        Some(Rung::SystemdCredential) => "systemd-credential",
        Some(Rung::KernelKeyring) => "kernel-keyring",
        Some(Rung::KeyFile) => "key-file",
    };
    Ok(match key {
        Some(key) => format!("{rung} {:?}", key.expose()),
        None => rung.to_owned(),
    })
}

/// A person's directories, all under `dir`; not a `REDTAG_HOME`, which would never ask a keyring.
fn paths(dir: &Path) -> Paths {
    Paths {
        config: dir.join("config"),
        data: dir.join("data"),
        state: dir.join("state"),
        cache: dir.join("cache"),
        logs: dir.join("logs"),
        socket: dir.join("daemon.sock"),
        credentials: None,
        system: false,
        home: false,
    }
}
