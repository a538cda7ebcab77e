//! From the command line to a running daemon and back.

mod harden;
mod signals;
mod tell;

use std::{ffi::OsString, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::{
    actor,
    config::{self, Config, Flags, Level, Settings},
    ipc,
    log::{self, Log},
    paths::Paths,
};

/// How many requests may wait for the actor; beyond, their senders wait.
const REQUESTS: usize = 64;

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

struct Ready {
    paths: Paths,
    flags: Flags,
    config: Config,
}

fn prepare(run: Run) -> anyhow::Result<Ready> {
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
    let config = Config::load(&paths, &flags, &env).inspect_err(|_| {
        // A client that started us reads no standard error, but names the log.
        let _ = Log::begin(&paths, &Config::default());
    })?;
    Ok(Ready {
        paths,
        flags,
        config,
    })
}

fn serve(ready: Ready) -> anyhow::Result<()> {
    let log = Log::begin(&ready.paths, &ready.config).context("the log cannot be opened")?;
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
        paths,
        flags,
        config,
    } = ready;
    let stop = CancellationToken::new();
    signals::cancel(&stop)?;
    let listener = ipc::listen(&paths)?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        pid = std::process::id(),
        socket = %paths.socket.display(),
        "redtagd runs"
    );

    let paths = Arc::new(paths);
    let (settings, seen) = watch::channel(Settings {
        config,
        problem: None,
    });
    let level = tokio::spawn(follow_level(log, seen.clone()));
    let watching = tokio::spawn({
        let (paths, stop) = (Arc::clone(&paths), stop.clone());
        async move { config::watch(&paths, flags, settings, stop).await }
    });
    let (requests, inbound) = mpsc::channel(REQUESTS);
    // The socket outlives the actor, whose last words still have to go out.
    let closed = CancellationToken::new();
    let serving = tokio::spawn({
        // Without a socket nobody could ask for anything: then the daemon ends.
        let (closed, ended) = (closed.clone(), stop.clone().drop_guard());
        async move {
            listener.serve(requests, closed).await;
            drop(ended);
        }
    });
    let setup = actor::Setup {
        log: (!paths.system).then(|| paths.logs.clone()),
        bench: bench(),
        paths,
        settings: seen,
    };
    tell::systemd("READY=1");

    // Among the runtime's own threads: what it sets going needs no other thread to wake up.
    let run = tokio::spawn(actor::run(setup, inbound, stop.clone()));
    let done = run.await.context("the daemon failed")?;
    tell::systemd("STOPPING=1");
    stop.cancel();
    closed.cancel();
    for task in [serving, watching, level] {
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
