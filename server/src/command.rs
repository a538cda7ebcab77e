//! The command line: what there is to do, one file for each.

mod database;
mod member;
mod openapi;
mod operator;
mod output;
mod serve;
mod shop;
mod template;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

/// Redtag's hosted API and its operator's commands.
#[derive(Debug, Parser)]
#[command(name = "redtag-server", version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer benches over HTTP
    Serve(Box<serve::Serve>),
    /// Shops
    #[command(subcommand)]
    Shop(shop::Shop),
    /// Members of a shop
    #[command(subcommand)]
    Member(member::Member),
    /// Templates of a shop
    #[command(subcommand)]
    Template(template::Template),
    /// A PostgreSQL database: its roles, its schema, and whether it can be served
    #[command(subcommand)]
    Database(database::Database),
    /// Print the OpenAPI document of the HTTP interface
    Openapi,
}

/// Where the data lies and how it is opened; the same for every command.
#[derive(Debug, Args)]
struct Store {
    #[arg(
        long,
        value_name = "DIR",
        help = "Directory of the data [default: under REDTAG_HOME, $STATE_DIRECTORY or the XDG \
                data directory]"
    )]
    data: Option<PathBuf>,
    /// File with the master key: 32 bytes or 64 hexadecimal digits, readable by you alone
    #[arg(long, value_name = "FILE", env = "REDTAG_SERVER_KEY_FILE")]
    key_file: Option<PathBuf>,
    /// PostgreSQL instead of the embedded database: not there yet
    #[arg(long, value_name = "URL", hide = true)]
    database: Option<String>,
}

impl Cli {
    /// Does what was asked for. Errors are for people.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        log(&self.command);
        match self.command {
            Command::Serve(it) => it.run(),
            Command::Shop(it) => it.run(),
            Command::Member(it) => it.run(),
            Command::Template(it) => it.run(),
            Command::Database(it) => it.run(),
            Command::Openapi => openapi::run(),
        }
    }
}

/// Logs go to standard error, one line each, in colour only where a person is looking. A command
/// says what it did on standard output; its log holds only what went wrong beside that.
fn log(command: &Command) {
    use std::io::{self, IsTerminal as _};
    let level = match command {
        Command::Serve(_) => LevelFilter::INFO,
        _ => LevelFilter::WARN,
    };
    // A subscriber that is there already, as where several programs share a process, stays.
    let _ = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(level)
        .with_target(false)
        .try_init();
}
