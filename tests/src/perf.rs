//! The measurements: what a person or a shop waits for, each beside a floor that does the least
//! that any program of this shape must do, measured in the same run. Only the ratios carry over to
//! another machine.

mod accept;
mod apply;
mod bootstrap;
mod corpus;
mod crowd;
mod delta;
mod fanout;
mod floor;
mod keystrokes;
mod offline;
mod process;
mod report;
mod saved;
mod ui;

use std::{
    ffi::OsString,
    fmt,
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
    /// Only these: E1, W1a, W1b, W1c, W2, W3, W4, W5, W6, A1, P1, U1, U2, U2s, U3, U4, U5, U6;
    /// W1 is all of W1, U all of U; none: all
    ids: Vec<String>,
    /// Print a JSON array
    #[arg(long)]
    json: bool,
    /// Smaller shops and fewer rounds, for a first look
    #[arg(long)]
    quick: bool,
    /// Shops of so many inspections at most
    #[arg(long, value_name = "INSPECTIONS")]
    at_most: Option<usize>,
    /// So many rounds at most
    #[arg(long, value_name = "COUNT")]
    rounds: Option<usize>,
}

/// Points of the multi-point template that take notes while something is measured.
const POINTS: [&str; 10] = [
    "lights.horn",
    "lights.wipers",
    "lights.mirrors",
    "interior.heating",
    "bonnet.oil",
    "bonnet.hoses",
    "tyres.spare",
    "brakes.lines",
    "suspension.bushes",
    "underbody.exhaust",
];

/// What is measured, and how much.
#[derive(Debug)]
struct Plan {
    ids: Vec<String>,
    quick: bool,
    at_most: Option<usize>,
    rounds: Option<usize>,
}

impl Plan {
    /// Whether somebody asked for it.
    fn wants(&self, id: &str) -> bool {
        let names = |it: &String| it == id || is_group(it) && id.starts_with(it.as_str());
        self.ids.is_empty() || self.ids.iter().any(names)
    }

    /// The size of a shop.
    fn shop(&self, inspections: usize) -> usize {
        self.at_most
            .map_or(inspections, |most| inspections.min(most))
    }

    /// How many rounds.
    fn rounds(&self, rounds: usize) -> usize {
        self.rounds.map_or(rounds, |most| rounds.min(most))
    }

    /// Tells whoever waits what is being done.
    #[expect(
        clippy::unused_self,
        reason = "what is said depends on the plan's owner, who may be quiet one day"
    )]
    fn say(&self, what: fmt::Arguments<'_>) {
        // Nobody is left to tell when this cannot be written.
        let _ = writeln!(io::stderr(), "perf: {what}");
    }
}

/// Whether the name stands for several.
fn is_group(id: &str) -> bool {
    matches!(id, "W1" | "U")
}

/// What is measured together, because one shop serves for it.
struct Measure {
    ids: &'static [&'static str],
    run: fn(&Plan) -> Result<Vec<Row>>,
}

/// Every measurement, in the order of the table.
const ALL: &[Measure] = &[
    Measure {
        ids: &["E1"],
        run: saved::measure,
    },
    Measure {
        ids: &["W1a", "W1b", "W1c", "W4", "W5"],
        run: bootstrap::measure,
    },
    Measure {
        ids: &["W2"],
        run: fanout::measure,
    },
    Measure {
        ids: &["W3"],
        run: offline::measure,
    },
    Measure {
        ids: &["W6"],
        run: crowd::measure,
    },
    Measure {
        ids: &["A1"],
        run: |plan| apply::measure(plan.quick),
    },
    Measure {
        ids: &["U6"],
        run: keystrokes::measure,
    },
    Measure {
        ids: &["P1"],
        run: |plan| accept::measure(plan.quick),
    },
    Measure {
        ids: &["U1", "U2", "U2s", "U3", "U4", "U5"],
        run: ui::measure,
    },
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

/// Plays a part of a measurement, in a process of its own.
pub fn part(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut args = args.into_iter().skip(1);
    match args.next().as_deref().and_then(|it| it.to_str()) {
        Some("crowd") => crowd::play(args),
        Some("echo") => ui::play(),
        _ => floor::serve(args),
    }
}

fn measure(cli: &Cli) -> Result<()> {
    let plan = Plan {
        ids: cli.ids.clone(),
        quick: cli.quick,
        at_most: cli.at_most,
        rounds: cli.rounds,
    };
    let known: Vec<&str> = ALL.iter().flat_map(|it| it.ids).copied().collect();
    let is_known = |id: &str| is_group(id) || known.contains(&id);
    if let Some(unknown) = cli.ids.iter().find(|id| !is_known(id)) {
        bail!(
            "there is no measurement {unknown}; there are {}",
            known.join(", ")
        );
    }
    let mut rows = Vec::new();
    for it in ALL {
        if it.ids.iter().any(|id| plan.wants(id)) {
            plan.say(format_args!("{}", it.ids.join(", ")));
            let measured = (it.run)(&plan)?;
            rows.extend(measured.into_iter().filter(|row| plan.wants(row.id)));
        }
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
