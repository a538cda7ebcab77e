//! Manual pages and completions, made from the command lines themselves, for the packages.

use std::{ffi::OsString, fs, io::Write as _, path::Path, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Parser;
use clap_complete::Shell;

/// Writes the manual pages and completions of Redtag's three programs.
#[derive(Debug, Parser)]
struct Cli {
    /// Where to: a directory for each package, and DIR/completions
    dir: std::path::PathBuf,
}

/// Runs the program; 0 after everything is written.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let written = match Cli::try_parse_from(args) {
        Ok(cli) => write(&cli.dir),
        Err(error) => {
            // Nobody is left to tell when this cannot be written.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "redtag-pages: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// A page for each program and each of its subcommands, as `redtag-daemon-install(1)`, in a directory
/// for each package, and a completion for each shell.
pub fn write(dir: &Path) -> Result<()> {
    let completions = dir.join("completions");
    for (package, command) in [
        ("redtag", redtag::command_line()),
        ("redtag", redtagd::command_line()),
        ("redtag-server", redtag_server::command_line()),
    ] {
        let man = dir.join(package);
        for dir in [&man, &completions] {
            fs::create_dir_all(dir).with_context(|| format!("{}", dir.display()))?;
        }
        let name = command.get_name().to_owned();
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            clap_complete::generate_to(shell, &mut command.clone(), &name, &completions)?;
        }
        // “redtag help” and its kin are no commands that anybody looks up.
        let command = command.disable_help_subcommand(true);
        clap_mangen::generate_to(command, &man).with_context(|| format!("the pages of {name}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
