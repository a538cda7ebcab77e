//! The measurements: what a person or a shop waits for, each beside a floor that does the least
//! that any program of this shape must do, measured in the same run. Only the ratios carry over to
//! another machine.

mod accept;
mod apply;
mod bootstrap;
mod fanout;
mod floor;
mod report;
mod saved;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::{Result, bail};
use clap::Parser;

use self::report::Row;

/// Measures Redtag against bare floors.
#[derive(Debug, Parser)]
#[command(name = "cargo perf")]
struct Cli {
    /// Only these: E1, W1, W2, A1, P1; none: all
    ids: Vec<String>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Fewer rounds, for a first look
    #[arg(long)]
    quick: bool,
}

type Measure = fn(bool) -> Result<Vec<Row>>;

/// Every measurement by its id, in the order of the table. Each is told whether to be quick.
const ALL: [(&str, Measure); 5] = [
    ("E1", saved::measure),
    ("W1", bootstrap::measure),
    ("W2", fanout::measure),
    ("A1", apply::measure),
    ("P1", accept::measure),
];

/// Runs the measurements and prints their table.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody is left to tell when this cannot be written.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match measure(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "perf: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn measure(cli: &Cli) -> Result<()> {
    let wanted = |id: &str| cli.ids.is_empty() || cli.ids.iter().any(|it| it == id);
    if let Some(unknown) = cli
        .ids
        .iter()
        .find(|id| !ALL.iter().any(|(it, _)| it == id))
    {
        let known: Vec<&str> = ALL.iter().map(|(id, _)| *id).collect();
        bail!(
            "there is no measurement {unknown}; there are {}",
            known.join(", ")
        );
    }
    let mut rows = Vec::new();
    for (_, measure) in ALL.iter().filter(|(id, _)| wanted(id)) {
        rows.extend(measure(cli.quick)?);
    }
    let mut out = io::stdout().lock();
    if cli.json {
        serde_json::to_writer_pretty(&mut out, &rows)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", report::table(&rows))?;
    }
    Ok(())
}
