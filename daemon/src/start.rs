//! From the command line to a running daemon and back.

mod harden;
mod signals;
mod tell;

use std::{
    ffi::OsString, os::unix::net::UnixListener, path::PathBuf, process::ExitCode, sync::Arc,
};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{self, Config, Flags, Level, Loaded, Settings},
    household::{self, Household},
    ipc,
    log::{self, Log},
    paths::Paths,
    service,
};

/// How many clients may wait to be let in; beyond, they wait before they are greeted.
const KNOCKS: usize = 16;

/// The daemon of Redtag: owns the encrypted cache, the outbox, the sign-in and the network.
#[derive(Debug, Parser)]
#[command(name = "redtagd", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs in the foreground until SIGTERM, SIGINT or `redtag daemon stop`.
    Run(Run),
}

#[derive(Debug, clap::Args)]
struct Run {
    /// Runs as the system service, in the directories that systemd gives.
    #[arg(long)]
    system: bool,
    /// Reads this file instead of the user's config.toml.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Logs this much, whatever the files say.
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<Level>,
    /// Leaves the session of the terminal that started it, and so outlives it.
    #[arg(long, hide = true)]
    detach: bool,
}

/// Runs the program; 0 after a clean stop, 1 after a failure, 2 for a wrong command line.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let Command::Run(run) = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(error) => {
            // Also `--help` and `--version`, which are no errors and go to standard output.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match prepare(run).and_then(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            tell::person(&error);
            ExitCode::FAILURE
        }
    }
}

/// What may be typed, for manual pages and completions.
pub(crate) fn command_line() -> clap::Command {
    Cli::command()
}

struct Ready {
    /// The socket that systemd made.
    socket: Option<UnixListener>,
    paths: Paths,
    flags: Flags,
    loaded: Loaded,
}

fn prepare(run: Run) -> anyhow::Result<Ready> {
    // The first of all: it takes what it read out of the environment, and there are no threads yet.
    let socket = service::socket().context("the socket that systemd gave cannot be used")?;
    harden::process();
    log::panics();
    if run.detach {
        // Refused only to the leader of a session or group, who needs it no more.
        let _ = rustix::process::setsid();
    }
    let env = |name: &str| std::env::var_os(name);
    let paths = Paths::find(run.system, &env)?;
    let flags = Flags {
        file: run.config.map(std::path::absolute).transpose()?,
        log_level: run.log_level,
    };
    paths.make()?;
    let loaded = Config::load(&paths, &flags, &env).inspect_err(|_| {
        // A client that started us reads no standard error, but names the log.
        let _ = Log::begin(&paths, &Config::default());
    })?;
    Ok(Ready {
        socket,
        paths,
        flags,
        loaded,
    })
}

fn serve(ready: Ready) -> anyhow::Result<()> {
    let log = Log::begin(&ready.paths, &ready.loaded.config).context("the log cannot be opened")?;
    // One thread waits for the sockets; a cache has its own, and what takes long is given to others.
    // Each further one would keep memory of its own that it used once.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    let done = runtime.block_on(until_stopped(ready, log));
    // A keyring that never answers may still hold a thread; it must not hold up the end.
    runtime.shutdown_background();
    done
}

async fn until_stopped(ready: Ready, log: Log) -> anyhow::Result<()> {
    let Ready {
        socket,
        paths,
        flags,
        loaded,
    } = ready;
    let stop = CancellationToken::new();
    let reload = Arc::new(Notify::new());
    signals::follow(&stop, &reload)?;
    let listener = match socket {
        Some(socket) => ipc::listen_on(socket, &paths)?,
        None => ipc::listen(&paths)?,
    };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        pid = std::process::id(),
        socket = %paths.socket.display(),
        "redtagd runs"
    );

    let paths = Arc::new(paths);
    let (settings, seen) = watch::channel(Settings::from(loaded));
    let level = tokio::spawn(follow_level(log, seen.clone()));
    let watching = tokio::spawn({
        let (paths, stop) = (Arc::clone(&paths), stop.clone());
        async move { config::watch(&paths, flags, settings, &reload, stop).await }
    });
    let (knocks, knocked) = mpsc::channel(KNOCKS);
    // The socket outlives the actors, whose last words still have to go out.
    let closed = CancellationToken::new();
    let serving = tokio::spawn({
        // Without a socket nobody could ask for anything: then the daemon ends.
        let (closed, ended) = (closed.clone(), stop.clone().drop_guard());
        async move {
            listener.serve(knocks, closed).await;
            drop(ended);
        }
    });
    let household = Household {
        log: (!paths.system).then(|| paths.logs.clone()),
        bench: bench(),
        paths,
        settings: seen,
    };
    let (rolls, called) = mpsc::channel(1);
    let beating = tokio::spawn(service::beat(rolls, stop.clone()));
    let done = household::run(household, knocked, called, stop.clone()).await;
    service::stopping();
    stop.cancel();
    closed.cancel();
    for task in [serving, watching, level, beating] {
        task.await.context("a part of the daemon failed")?;
    }
    tracing::info!("redtagd ends");
    done
}

async fn follow_level(log: Log, mut settings: watch::Receiver<Settings>) {
    while settings.changed().await.is_ok() {
        log.set(settings.borrow_and_update().config.log_level);
    }
}

/// What a person calls this machine.
fn bench() -> String {
    let name = rustix::system::uname();
    let name = redtag_protocol::text::clean(&name.nodename().to_string_lossy()).into_owned();
    if name.is_empty() {
        "bench".into()
    } else {
        name
    }
}

#[cfg(test)]
mod tests;
