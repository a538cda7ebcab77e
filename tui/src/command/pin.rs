//! `redtag pin set|remove|status`, and the PIN that a locked account asks for.

use std::io::{self, BufRead as _, IsTerminal as _};

use redtag_protocol::ipc::{Account, FailureCode, Lock, Pin, Reply, Request};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    output,
    prompt::ask_secret,
    shape::LockShape,
};

/// What to do with the PIN.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Set a PIN, or another one: 4 to 12 digits
    ///
    /// From then on every client and every command asks for it, and the account locks itself when
    /// nobody presses a key for a while (`lock.idle_seconds`, five minutes). A PIN keeps colleagues
    /// apart on one machine. It derives no key: it is no protection from whoever takes the disk.
    Set(SetArgs),
    /// Remove the PIN
    Remove,
    /// Whether there is a PIN, and how the lock stands
    Status(StatusArgs),
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    /// Read the new PIN from standard input, after the line of --pin-stdin, instead of asking for it
    #[arg(long)]
    stdin: bool,
}

#[derive(Debug, clap::Args)]
struct StatusArgs {
    #[command(flatten)]
    format: Format,
}

/// Sets, removes or tells.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    match args.command {
        Command::Set(args) => set(&args, line).await,
        Command::Remove => {
            change(line, None).await?;
            output::text("The account has no PIN any more.")
        }
        Command::Status(args) => tell(line, args.format).await,
    }
}

async fn set(args: &SetArgs, line: &Line) -> Result<(), Fault> {
    // The one that is there first, so that nobody types a new one in vain.
    line.open().await?;
    let pin = Pin(if args.stdin { read()? } else { twice()? });
    if let Some(why) = pin.unfit() {
        return Err(Fault::usage(format!("{why}; nothing was changed")));
    }
    change(line, Some(pin)).await?;
    output::text(
        "The PIN is set. Clients and commands ask for it; a client locks itself when nobody presses \
         a key for a while.",
    )
}

async fn change(line: &Line, pin: Option<Pin>) -> Result<(), Fault> {
    match line.ask(Request::SetPin { pin }).await? {
        Reply::Done => Ok(()),
        other => Err(unexpected(&other)),
    }
}

async fn tell(line: &Line, format: Format) -> Result<(), Fault> {
    let account = line.status().await?.account;
    let account = account.ok_or_else(|| {
        let words = "nobody is signed in; use `redtag login URL`";
        Fault::from(redtag_protocol::ipc::Failure::new(
            FailureCode::NotSignedIn,
            words,
        ))
    })?;
    if format.json {
        return output::json(&LockShape::from(&account));
    }
    output::text(&words(&account))
}

fn words(account: &Account) -> String {
    let who = output::line(&account.email);
    match &account.lock {
        None => format!("{who} has no PIN; “redtag pin set” gives it one."),
        Some(Lock::Open | Lock::Locked) => format!("{who} has a PIN."),
        Some(Lock::Lapsed) => {
            format!("{who} is shut: this machine has not heard from the API for too long.")
        }
        Some(Lock::Waiting { seconds }) => {
            format!("{who} has a PIN; after wrong ones the next is taken in {seconds} seconds.")
        }
        Some(Lock::Spent) => {
            format!("{who} has a PIN that was wrong too often; only “redtag login” opens it.")
        }
    }
}

/// The PIN of an account that is locked; none where nobody can be asked.
pub(super) fn of_locked(words: &str, from_input: bool) -> Option<String> {
    if from_input {
        return first_line();
    }
    if !io::stdin().is_terminal() {
        return None;
    }
    output::remark(words);
    ask_secret("PIN: ", "--pin-stdin").ok()
}

fn first_line() -> Option<String> {
    let mut text = String::new();
    io::stdin().lock().read_line(&mut text).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn read() -> Result<String, Fault> {
    first_line().ok_or_else(|| Fault::usage("--stdin: there is no PIN on standard input"))
}

fn twice() -> Result<String, Fault> {
    let first = ask_secret("New PIN: ", "--stdin")?;
    if ask_secret("The same once more: ", "--stdin")? != first {
        return Err(Fault::usage(
            "the two are not the same, so nothing was changed; try again",
        ));
    }
    Ok(first)
}
