//! The command line: what there is to do, one file for each.

mod backup;
mod database;
mod kiosk;
mod login;
mod member;
mod moving;
mod oidc;
mod openapi;
mod operator;
mod output;
mod owner;
mod public;
mod restore;
mod serve;
mod session;
mod shop;
mod smtp;
mod template;
mod token;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, builder::RangedU64ValueParser};
use secrecy::SecretString;
use tracing::level_filters::LevelFilter;

use crate::storage::postgres;

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
    /// Benches that nobody in particular signs in on
    #[command(subcommand)]
    Kiosk(kiosk::Kiosk),
    /// Sign-ins to a shop
    #[command(subcommand)]
    Session(session::Session),
    /// Access tokens of scripts
    #[command(subcommand)]
    Token(token::Token),
    /// Templates of a shop
    #[command(subcommand)]
    Template(template::Template),
    /// A PostgreSQL database: its roles, its schema, and whether it can be served
    #[command(subcommand)]
    Database(database::Database),
    /// Move an embedded server's data into a PostgreSQL database, or go back
    Move(Box<moving::Move>),
    Backup(Box<backup::Backup>),
    Restore(Box<restore::Restore>),
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
    #[command(flatten)]
    database: Hosted,
}

/// The database, where it is not the embedded one. A password never needs to stand in an argument.
#[derive(Debug, Args)]
struct Hosted {
    #[arg(
        long = "database",
        value_name = "URL",
        env = "REDTAG_SERVER_DATABASE",
        hide_env_values = true,
        value_parser = secret,
        help = "PostgreSQL instead of the embedded database, such as \
                postgres://redtag_app@db.example/redtag"
    )]
    url: Option<SecretString>,
    /// File with the password of the URL's role [default: the URL's, then PGPASSWORD]
    #[arg(long = "database-password-file", value_name = "FILE", requires = "url")]
    password_file: Option<PathBuf>,
    /// Certificates in PEM to trust for the database's server instead of the system's
    #[arg(long = "database-ca", value_name = "FILE", requires = "url")]
    ca: Option<PathBuf>,
    /// So many connections to the database server at most
    #[arg(
        long = "database-connections",
        value_name = "N",
        default_value_t = postgres::CONNECTIONS,
        value_parser = RangedU64ValueParser::<usize>::new().range(2..=1000)
    )]
    connections: usize,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a parser of arguments has this shape"
)]
fn secret(text: &str) -> Result<SecretString, std::convert::Infallible> {
    Ok(text.into())
}

impl Cli {
    /// Does what was asked for. Errors are for people.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        log(&self.command);
        match self.command {
            Command::Serve(it) => it.run(),
            Command::Shop(it) => it.run(),
            Command::Member(it) => it.run(),
            Command::Kiosk(it) => it.run(),
            Command::Session(it) => it.run(),
            Command::Token(it) => it.run(),
            Command::Template(it) => it.run(),
            Command::Database(it) => it.run(),
            Command::Move(it) => it.run(),
            Command::Backup(it) => it.run(),
            Command::Restore(it) => it.run(),
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
