//! `redtag config`: what is set on this machine, for the daemon and for the client.

use clap::Subcommand;
use redtag_protocol::ipc::{Reply, Request, Setting};
use serde::Serialize;

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    output, shape,
};
use crate::{
    config::{self, Config},
    keys::Keymap,
    paths::Paths,
};

/// What is set: the daemon's values, and the full-screen client's keys, theme and mouse
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print what the daemon goes by
    Show {
        /// Where each value comes from: a flag, a variable, a file, or the defaults
        #[arg(long)]
        origin: bool,
        #[command(flatten)]
        format: Format,
    },
    /// Print the client's keys as TOML, as they hold
    Keys {
        /// The built-in ones instead
        #[arg(long)]
        defaults: bool,
    },
    /// Print the client's theme as TOML, as it holds
    Theme {
        /// The built-in one instead
        #[arg(long)]
        defaults: bool,
    },
    /// Print where the client's file lies
    Path,
    /// Say what in the client's file cannot be taken
    Check,
}

/// For scripts.
#[derive(Debug, Serialize)]
struct ConfigShape {
    format: u16,
    settings: Vec<Setting>,
}

impl Args {
    /// Whether only the daemon can tell.
    pub(crate) fn asks_daemon(&self) -> bool {
        matches!(self.what, What::Show { .. })
    }
}

/// Prints the daemon's configuration as it holds now.
pub(crate) async fn show(args: &Args, line: &Line) -> Result<(), Fault> {
    let What::Show { origin, format } = &args.what else {
        return Ok(());
    };
    let settings = match line.ask(Request::Settings).await? {
        Reply::Settings(settings) => settings,
        other => return Err(unexpected(&other)),
    };
    if format.json {
        return output::json(&ConfigShape {
            format: shape::FORMAT,
            settings,
        });
    }
    output::text(&render(&settings, *origin))
}

fn render(settings: &[Setting], origin: bool) -> String {
    let row = |it: &Setting| {
        let value = if it.value.is_empty() {
            "# not set".to_owned()
        } else {
            it.value.clone()
        };
        let mut row = vec![it.key.clone(), "=".to_owned(), value];
        row.extend(origin.then(|| format!("# {}", it.origin)));
        row
    };
    output::table(&settings.iter().map(row).collect::<Vec<_>>())
}

/// Prints what holds; what could not be taken is said besides.
pub(crate) fn run(args: &Args, paths: &Paths) -> Result<(), Fault> {
    let config = Config::read(paths);
    let variable = |name: &str| std::env::var(name).ok();
    match args.what {
        // Answered by `show`.
        What::Show { .. } => return Ok(()),
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

#[cfg(test)]
mod tests;
