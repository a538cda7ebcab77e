//! `redtag merge`.

use redtag_protocol::op::Edit;

use super::{
    cli::Format,
    desk::Line,
    fault::{Exit, Fault},
    meant, output, prompt,
    shape::SavedShape,
};

/// What is one.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("duplicate").required(true).args(["customer", "vehicle"])),
    after_help = "The duplicate becomes another name of the one that stays: its inspections and \
                  edits that are still on their way go there. A dispatcher or owner may."
)]
pub(crate) struct Args {
    /// The duplicate, a customer by name or id
    #[arg(long)]
    customer: Option<String>,
    /// The duplicate, a vehicle by VIN, plate, serial number or id
    #[arg(long)]
    vehicle: Option<String>,
    /// The one that stays
    #[arg(long)]
    into: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// Makes two customers or two vehicles one, after a question where somebody can be asked.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let (edit, one, other) = if let Some(name) = &args.customer {
        let (one, other) = (
            meant::customer(line, name).await?,
            meant::customer(line, &args.into).await?,
        );
        let edit = Edit::MergeCustomers {
            id: one.id,
            into: other.id,
        };
        (edit, one.name.value, other.name.value)
    } else {
        let mark = args.vehicle.as_deref().unwrap_or_default();
        let one = meant::vehicle(line, mark, "--vehicle").await?;
        let other = meant::vehicle(line, &args.into, "--into").await?;
        let edit = Edit::MergeVehicles {
            id: one.id,
            into: other.id,
        };
        (edit, meant::called(&one), meant::called(&other))
    };
    let (one, other) = (output::line(&one), output::line(&other));
    if !args.yes && !prompt::agrees(&format!("Is {one} the same as {other}?"))? {
        return Err(Fault::new(Exit::Error, "nothing was merged"));
    }
    let saved = line.edit(vec![edit]).await?;
    if args.format.json {
        return output::json(&SavedShape::new(saved));
    }
    output::text(&format!(
        "Saved here, waiting to send: {one} is now another name of {other}.\n"
    ))
}

#[cfg(test)]
impl Args {
    /// As somebody types who is not to be asked.
    pub(super) fn customers(one: &str, into: &str) -> Self {
        Self {
            customer: Some(one.to_owned()),
            vehicle: None,
            into: into.to_owned(),
            yes: true,
            format: Format { json: true },
        }
    }
}
