//! What may be typed.

use clap::{Args, Parser, Subcommand};

use super::{
    accounts, completions, config, conflicts, customers, daemon, delete, doctor, erase, list,
    login, logout, merge, r#move, new, outbox, password, pin, second_factor, sessions, set, show,
    status, sync, timeline, token, r#use, vehicles,
};

/// Vehicle inspections from the keyboard, online and offline.
///
/// Without a subcommand the full-screen client opens. It works with no network: edits are saved on
/// this machine first and sent when the line is there.
#[derive(Debug, Parser)]
#[command(
    name = "redtag",
    bin_name = "redtag",
    version,
    after_help = "Exit codes: 0 done, 1 error, 2 usage, 3 not signed in, 4 offline, 5 conflict, \
                  6 not allowed or locked, 7 daemon not reachable.\n\
                  REDTAG_HOME=DIR keeps everything under DIR."
)]
pub(crate) struct Cli {
    /// The account to use, by e-mail address or id; the default is set by “redtag use”
    #[arg(long, global = true, env = "REDTAG_ACCOUNT", value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,

    /// Read the PIN of a locked account from the first line of standard input instead of asking for it
    #[arg(long, global = true)]
    pub(crate) pin_stdin: bool,

    /// What to do; nothing opens the full-screen client
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// How a command prints.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct Format {
    /// Print JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// The subcommands, in the order of their help.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Try it: a real API with a demo shop, two benches and the client, gone at the end
    Demo(crate::demo::Args),
    /// Sign in to a shop's API
    Login(login::Args),
    /// Sign out and remove the account's cache from this machine
    Logout(logout::Args),
    /// The second factor of your sign-ins: make one, renew its recovery codes, give it up
    #[command(name = "second-factor")]
    SecondFactor(second_factor::Args),
    /// Change your password
    Password(password::Args),
    /// Where you are signed in, and taking a sign-in from a device that was lost
    Sessions(sessions::Args),
    /// Access tokens for scripts that call the API
    Token(token::Args),
    /// The accounts on this machine
    Accounts(accounts::Args),
    /// Make an account the default
    Use(r#use::Args),
    /// The account's PIN on this machine, which locks it on a bench that several people use
    Pin(pin::Args),
    /// How things stand: connection, what waits, what was refused
    Status(status::Args),
    /// Send and fetch now
    Sync(sync::Args),
    /// The shop's inspections
    List(list::Args),
    /// One inspection
    Show(show::Args),
    /// The shop's vehicles
    Vehicles(vehicles::ListArgs),
    /// One vehicle with its history
    Vehicle(vehicles::Args),
    /// The shop's customers
    Customers(customers::ListArgs),
    /// One customer with the history
    Customer(customers::Args),
    /// Begin a new inspection
    New(new::Args),
    /// Answer a point of an inspection
    Set(set::Args),
    /// Move an inspection through its lifecycle, or assign it
    Move(r#move::Args),
    /// Delete a draft, or a customer or vehicle that no inspection names
    Delete(delete::Args),
    /// Say that two customers, or two vehicles, are one
    Merge(merge::Args),
    /// Erase what is known of a customer, who has a right to it
    Erase(erase::Args),
    /// What happened to an inspection, the newest first
    Timeline(timeline::Args),
    /// What waits to be sent, is on its way, or was refused by the API
    Outbox(outbox::Args),
    /// What two benches said of the same thing: both values, and which stands
    Conflicts(conflicts::Args),
    /// The background service
    Daemon(daemon::Args),
    /// Check this machine's set-up
    Doctor(doctor::Args),
    /// What is set: the daemon's values, and the full-screen client's keys, theme and mouse
    Config(config::Args),
    /// Print a shell's completion script
    Completions(completions::Args),
}

#[cfg(test)]
mod tests;
