//! The command line: one file per subcommand. This one parses, dispatches and turns the end of a
//! command into an exit code.

mod accounts;
mod cli;
mod completions;
mod config;
mod conflicts;
mod customers;
mod daemon;
mod delete;
mod desk;
mod doctor;
mod erase;
mod fault;
mod list;
mod login;
mod logout;
mod meant;
mod merge;
mod r#move;
mod new;
mod outbox;
pub(crate) mod output;
mod passphrase;
mod password;
mod pick;
mod pin;
mod prompt;
mod second_factor;
mod sessions;
mod set;
mod shape;
mod show;
mod status;
mod sync;
mod timeline;
mod token;
mod r#use;
mod vehicles;
mod words;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, Parser as _};

use self::{
    cli::{Cli, Command},
    desk::Desk,
    fault::Exit,
};
pub(crate) use self::{desk::unexpected, fault::Fault};
use crate::{
    demo,
    link::{self, Link},
    paths::Paths,
    programs::Programs,
};

/// Parses, runs, and gives the exit code.
pub(crate) fn run(args: impl IntoIterator<Item = OsString>, programs: Programs) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(said) => {
            // Help and version come this way too, with the code of success.
            let _ = said.print();
            return ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(2));
        }
    };
    match begin(cli, programs) {
        Ok(()) => Exit::Done.into(),
        Err(fault) => {
            if !fault.words.is_empty() {
                output::remark(&fault.words);
            }
            fault.exit.into()
        }
    }
}

/// What may be typed, for manual pages and completions.
pub(crate) fn command_line() -> clap::Command {
    Cli::command()
}

fn begin(cli: Cli, programs: Programs) -> Result<(), Fault> {
    match &cli.command {
        Some(Command::Completions(args)) => return completions::run(args),
        Some(Command::Demo(args)) => {
            if let Some(failed) = args.becomes() {
                return Err(failed);
            }
        }
        _ => {}
    }
    let paths = Paths::from_env().map_err(|error| Fault::error(error.to_string()))?;
    if let Some(Command::Config(args)) = &cli.command
        && !args.asks_daemon()
    {
        return config::run(args, &paths);
    }
    let desk = Desk {
        programs,
        paths,
        account: cli.account,
        pin_stdin: cli.pin_stdin,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Fault::error(format!("no task can be run: {error}")))?;
    let ended = runtime.block_on(dispatch(cli.command, desk));
    // A prompt that is still being read must not hold the program.
    runtime.shutdown_background();
    ended
}

async fn dispatch(command: Option<Command>, desk: Desk) -> Result<(), Fault> {
    let Some(command) = command else {
        crate::needs_terminal("for scripts there are subcommands, see redtag --help")?;
        let (link, events) = Link::open(link::Options {
            subscribe: true,
            ..desk.options(true)
        });
        return crate::screen(link, events, &desk.paths).await;
    };
    match command {
        Command::Login(args) => login::run(args, &desk).await,
        Command::SecondFactor(args) => second_factor::run(args, &desk).await,
        Command::Password(args) => password::run(args, &desk.line()).await,
        Command::Sessions(args) => sessions::run(args, &desk.line()).await,
        Command::Token(args) => token::run(args, &desk.line()).await,
        Command::Logout(args) => logout::run(&args, &desk.line()).await,
        Command::Accounts(args) => accounts::run(&args, &desk.line()).await,
        Command::Use(args) => r#use::run(args, &desk.line()).await,
        Command::Pin(args) => pin::run(args, &desk.line()).await,
        Command::Status(args) => status::run(&args, &desk.line()).await,
        Command::Sync(args) => sync::run(&args, &desk.line()).await,
        Command::List(args) => list::run(&args, &desk.line()).await,
        Command::Show(args) => show::run(&args, &desk.line()).await,
        Command::Vehicles(args) => vehicles::list(&args, &desk.line()).await,
        Command::Vehicle(args) => vehicles::show(&args, &desk.line()).await,
        Command::Customers(args) => customers::list(&args, &desk.line()).await,
        Command::Customer(args) => customers::show(&args, &desk.line()).await,
        Command::New(args) => new::run(&args, &desk.line()).await,
        Command::Set(args) => set::run(&args, &desk.line()).await,
        Command::Move(args) => r#move::run(&args, &desk.line()).await,
        Command::Delete(args) => delete::run(&args, &desk.line()).await,
        Command::Merge(args) => merge::run(&args, &desk.line()).await,
        Command::Erase(args) => erase::run(&args, &desk.line()).await,
        Command::Timeline(args) => timeline::run(&args, &desk.line()).await,
        Command::Outbox(args) => outbox::run(args, &desk.line()).await,
        Command::Conflicts(args) => conflicts::run(args, &desk.line()).await,
        Command::Daemon(args) => daemon::run(&args, &desk).await,
        Command::Doctor(args) => doctor::run(&args, &desk).await,
        Command::Completions(args) => completions::run(&args),
        Command::Config(args) => config::show(&args, &desk.line()).await,
        Command::Demo(args) => demo::run(&args, &desk.programs).await,
    }
}
