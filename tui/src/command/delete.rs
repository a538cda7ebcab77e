//! `redtag delete`.

use redtag_protocol::{entity::EntityRef, op::Edit};

use super::{
    cli::Format,
    desk::Line,
    fault::{Exit, Fault},
    meant, output, prompt,
    shape::SavedShape,
};

/// What is deleted.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("what").required(true).args(["ticket", "customer", "vehicle"])),
    after_help = "Deleted can be a draft that was never handed in, and a customer or vehicle that \
                  no inspection names; everything else is withdrawn with `redtag move ID void`. \
                  Where another bench was working on it meanwhile, it stays, and `redtag \
                  conflicts` asks what is meant."
)]
pub(crate) struct Args {
    /// A draft: number, provisional number or id
    ticket: Option<String>,
    /// A customer by name or id
    #[arg(long)]
    customer: Option<String>,
    /// A vehicle by VIN, plate, serial number or id
    #[arg(long)]
    vehicle: Option<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// Deletes it, after a question where somebody can be asked.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let (what, called) = match (&args.ticket, &args.customer, &args.vehicle) {
        (Some(ticket), ..) => {
            let view = line.find(ticket).await?;
            let called = format!("the draft {}", view.inspection.label());
            (EntityRef::Inspection(view.inspection.id), called)
        }
        (None, Some(name), _) => {
            let found = meant::customer(line, name).await?;
            let called = format!("the customer {}", found.name.value);
            (EntityRef::Customer(found.id), called)
        }
        (None, None, Some(mark)) => {
            let found = meant::vehicle(line, mark, "--vehicle").await?;
            let called = format!("the vehicle {}", meant::called(&found));
            (EntityRef::Vehicle(found.id), called)
        }
        (None, None, None) => return Err(Fault::usage("say what is to be deleted")),
    };
    if !args.yes && !prompt::agrees(&format!("Delete {}?", output::line(&called)))? {
        return Err(Fault::new(Exit::Error, "nothing was deleted"));
    }
    let saved = line.edit(vec![Edit::Delete { what }]).await?;
    if args.format.json {
        return output::json(&SavedShape::new(saved));
    }
    output::text(&format!(
        "Saved here, waiting to send: {called} is deleted. Its timeline stays.\n"
    ))
}

#[cfg(test)]
mod tests;
