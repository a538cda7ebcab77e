//! `redtag logout`.

use std::path::PathBuf;

use redtag_protocol::ipc::{Failure, FailureCode, Reply, Request};

use super::{
    desk::{Line, unexpected},
    fault::{Exit, Fault},
    outbox::{export, written},
    output,
    passphrase::Protection,
};
use crate::keep::keep;

/// What becomes of unsent edits.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Signing out removes the account's cache from this machine. While edits \
                        are unsent or refused it is not done: synchronise first, keep them in a \
                        file with --export, or give them up with --discard. `redtag outbox adopt \
                        FILE` takes an exported file over again."
)]
pub(crate) struct Args {
    /// Sign out even if edits are unsent: they are lost for ever
    #[arg(long, conflicts_with = "export")]
    discard: bool,
    /// Write what is unsent or refused to a new file first, then sign out
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    #[command(flatten)]
    protection: Protection,
}

/// Signs the account out. The daemon refuses while edits are unsent.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let Some(file) = &args.export else {
        if args.protection.plain || args.protection.passphrase_stdin {
            return Err(Fault::usage(
                "--plain and --passphrase-stdin say how --export FILE is written; name a file",
            ));
        }
        return match sign_out(line, args.discard, None).await? {
            Ok(()) => gone(""),
            Err(failure) => Err(failure.into()),
        };
    };
    // Nobody is asked for a passphrase that nothing is encrypted with.
    let status = line.whole_status().await?;
    if status.waiting + status.sent + status.quarantined == 0 {
        return match sign_out(line, false, None).await? {
            Ok(()) => gone("Nothing was unsent, so no file was written. "),
            Err(failure) => Err(failure.into()),
        };
    }
    let exported = export(line, None, args.protection.passphrase()?).await?;
    keep(file, &exported.text).map_err(|error| {
        Fault::error(format!(
            "{error}. You are still signed in and nothing is lost"
        ))
    })?;
    let kept = written(&exported, file);
    match sign_out(line, false, exported.receipt).await? {
        Ok(()) => gone(&kept),
        Err(failure) => {
            let fault = Fault::from(failure);
            Err(Fault::new(
                fault.exit,
                format!(
                    "{kept}But you are still signed in: {}. The file stays; export into another \
                     one to try again",
                    fault.words
                ),
            ))
        }
    }
}

async fn sign_out(
    line: &Line,
    discard: bool,
    exported: Option<String>,
) -> Result<Result<(), Failure>, Fault> {
    let request = Request::SignOut { discard, exported };
    match line.attempt(request).await? {
        Ok(Reply::Done) => Ok(Ok(())),
        Ok(other) => Err(unexpected(&other)),
        Err(failure) if failure.code == FailureCode::Unsent => Err(Fault::new(
            Exit::Error,
            format!(
                "{}. `redtag logout --export FILE` keeps them in a file and signs out",
                failure.words.trim_end_matches('.')
            ),
        )),
        Err(failure) => Ok(Err(failure)),
    }
}

fn gone(before: &str) -> Result<(), Fault> {
    output::text(&format!(
        "{before}Signed out; the account's cache is gone from this machine.\n"
    ))
}

#[cfg(test)]
mod tests;
