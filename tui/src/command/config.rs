//! `redtag config`: what is set for the client on this machine.

use clap::Subcommand;

use super::{fault::Fault, output};
use crate::{
    config::{self, Config},
    keys::Keymap,
    paths::Paths,
};

/// What is set for the full-screen client: keys, theme, mouse
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print the keys as TOML, as they hold
    Keys {
        /// The built-in ones instead
        #[arg(long)]
        defaults: bool,
    },
    /// Print the theme as TOML, as it holds
    Theme {
        /// The built-in one instead
        #[arg(long)]
        defaults: bool,
    },
    /// Print where the file lies
    Path,
    /// Say what in the file cannot be taken
    Check,
}

/// Prints what holds; what could not be taken is said besides.
pub(crate) fn run(args: &Args, paths: &Paths) -> Result<(), Fault> {
    let config = Config::read(paths);
    let variable = |name: &str| std::env::var(name).ok();
    match args.what {
        What::Keys { defaults: true } => {
            return output::text(&config::print_keys(&Keymap::default()));
        }
        What::Theme { defaults: true } => {
            let plain = Config::parse(&config.file, "");
            return output::text(&config::print_theme(&plain, |_| None));
        }
        What::Path => return output::text(&config.file.display().to_string()),
        What::Keys { .. } => output::text(&config::print_keys(&config.keys))?,
        What::Theme { .. } => output::text(&config::print_theme(&config, variable))?,
        What::Check if config.problems.is_empty() => {
            return output::text(&format!("{}: all of it holds", config.file.display()));
        }
        What::Check => {
            let all: Vec<String> = config.complaints().collect();
            return Err(Fault::error(all.join("\n")));
        }
    }
    for complaint in config.complaints() {
        output::remark(&complaint);
    }
    Ok(())
}
