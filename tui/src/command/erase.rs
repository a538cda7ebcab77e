//! `redtag erase`.

use redtag_protocol::{ids::CustomerId, op::Edit};

use super::{
    cli::Format,
    desk::Line,
    fault::{Exit, Fault},
    meant, output, prompt,
    shape::SavedShape,
};

/// Who is erased.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A customer has a right to it. Name, telephone, e-mail and consent are \
                        emptied everywhere, in the timeline too; inspections stay. What was typed \
                        into them stays as well: names at signatures, notes, the complaint; look \
                        through them. It beats every edit and is never undone. A customer who was \
                        deleted long ago is named by id. Only an owner may."
)]
pub(crate) struct Args {
    /// The customer by name or id
    customer: String,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    format: Format,
}

/// Erases what is known of a customer, after a question where somebody can be asked.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let (id, name) = match meant::customer(line, &args.customer).await {
        Ok(found) => (found.id, output::line(&found.name.value)),
        // One who was deleted is not known here any more; the API knows.
        Err(nobody) => match args.customer.parse::<CustomerId>() {
            Ok(id) => (id, format!("customer {id}")),
            Err(_) => return Err(nobody),
        },
    };
    let question = format!("Erase what is known of {name}, for good?");
    if !args.yes && !prompt::agrees(&question)? {
        return Err(Fault::new(Exit::Error, "nothing was erased"));
    }
    let saved = line.edit(vec![Edit::EraseCustomer { id }]).await?;
    if args.format.json {
        return output::json(&SavedShape::new(saved));
    }
    output::text(&format!(
        "Saved here, waiting to send: what was known of {name} is erased. What was typed into \
         inspections (names at signatures, notes, the complaint) stays: look through them.\n"
    ))
}

#[cfg(test)]
impl Args {
    /// As somebody types who is not to be asked.
    pub(super) fn named(customer: &str) -> Self {
        Self {
            customer: customer.to_owned(),
            yes: true,
            format: Format { json: true },
        }
    }
}
