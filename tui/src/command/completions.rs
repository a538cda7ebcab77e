//! `redtag completions SHELL`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{cli::Cli, fault::Fault, output};

/// Which shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(args: &Args) -> Result<(), Fault> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "redtag", &mut script);
    output::raw(&script)
}
