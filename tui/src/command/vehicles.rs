//! `redtag vehicles` and `redtag vehicle`.

use std::fmt::Write as _;

use redtag_protocol::{
    ipc::{Reply, Request, VehicleView},
    vehicle::Vehicle,
};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    meant,
    output::{self, moment},
    shape::{VehicleShape, VehiclesShape},
};

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Words that must all occur in plate, VIN, serial number, year, maker or model
    #[arg(value_name = "TEXT", default_value = "")]
    text: String,
    /// At most this many, up to 1000
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    format: Format,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// VIN, plate, serial number or id
    #[arg(value_name = "VEHICLE")]
    vehicle: String,
    #[command(flatten)]
    format: Format,
}

/// Prints the vehicles that match.
pub(crate) async fn list(args: &ListArgs, line: &Line) -> Result<(), Fault> {
    let (text, limit) = (args.text.clone(), args.limit);
    let found = match line.ask(Request::Vehicles { text, limit }).await? {
        Reply::Vehicles(found) => found,
        other => return Err(unexpected(&other)),
    };
    if args.format.json {
        return output::json(&VehiclesShape::new(&found));
    }
    if found.is_empty() {
        return output::text("No vehicle matches.\n");
    }
    let head = ["VEHICLE", "PLATE", "VIN", "SERIAL", "KIND"];
    let mut table = vec![head.map(str::to_owned).to_vec()];
    table.extend(found.iter().map(cells));
    output::text(&output::fitted(&table, output::columns(), &[0, 3]))
}

fn cells(it: &Vehicle) -> Vec<String> {
    vec![
        it.title(),
        it.plate().unwrap_or_default().to_owned(),
        it.vin().map_or(String::new(), ToString::to_string),
        it.serial().unwrap_or_default().to_owned(),
        it.kind.to_string(),
    ]
}

/// Prints one vehicle with its history.
pub(crate) async fn show(args: &Args, line: &Line) -> Result<(), Fault> {
    let id = meant::vehicle(line, &args.vehicle, "VEHICLE").await?.id;
    let view = match line.ask(Request::Vehicle { id }).await? {
        Reply::Vehicle(view) => view,
        other => return Err(unexpected(&other)),
    };
    if args.format.json {
        return output::json(&VehicleShape::new(&view));
    }
    output::text(&render(&view))
}

fn render(view: &VehicleView) -> String {
    let it = &view.vehicle;
    let mut text = format!("{}\n", output::line(&it.title()));
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "  {name:<10} {}", output::line(&value));
        }
    };
    fact("kind", Some(it.kind.to_string()));
    fact("plate", it.plate().map(ToOwned::to_owned));
    fact("VIN", it.vin().map(ToString::to_string));
    fact("serial", it.serial().map(ToOwned::to_owned));
    let odometer = it.odometer.as_ref().and_then(|it| it.value.as_ref());
    fact("odometer", odometer.map(ToString::to_string));
    for owner in &view.customers {
        fact("owner", Some(owner.name.value.clone()));
    }
    for other in &view.alike {
        fact("the same?", Some(meant::called(other)));
    }
    for refused in &view.quarantined {
        fact("refused", Some(refused.refusal.words.clone()));
    }
    fact("id", Some(it.id.to_string()));
    text.push_str(&super::customers::visits(&view.visits, view.visited));
    for trend in &view.trends {
        let values: Vec<String> = trend
            .values
            .iter()
            .map(|value| {
                let shown = value.value.rounded_to(trend.unit).unwrap_or(value.value);
                let time = moment(value.at);
                let day = time.split(' ').next().unwrap_or_default();
                format!("{} ({day})", shown.value)
            })
            .collect();
        let _ = writeln!(
            text,
            "  {} in {}: {}",
            output::line(&trend.label),
            trend.unit.symbol(),
            values.join(", ")
        );
    }
    text
}
