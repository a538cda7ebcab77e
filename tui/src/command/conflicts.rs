//! `redtag conflicts`.

mod find;
mod list;
mod settle;
mod show;

use redtag_protocol::ipc::{ConflictView, Reply, Request};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
};

/// What to do with them, and how to print.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Two benches that wrote the same field without knowing of each other are in \
                  conflict: both values are kept, one stands, and a person settles it. To settle \
                  are also edits that came after the work was handed in, and the deletion of \
                  something that another bench was working on.\n\n\
                  --json prints {format, conflicts: [{target, label, subject, field, title, sort, \
                  pending, sides: [{side, value, write, who, person, at, own, stands}]}]}; sort is \
                  field, late or deletion, and the side that stands comes first. Fields may be \
                  added."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    format: Format,
}

/// What a person does with them.
#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show every value, with who wrote it and when, and which stands
    Show {
        /// The inspection by number, provisional number or id; a vehicle by plate, VIN
        /// or serial number, a customer by name or telephone number, or by id
        ticket: String,
        /// The field, such as answer:tyres.tread.lf or tyres.tread.lf; all of them where it is
        /// missing
        field: Option<String>,
        #[command(flatten)]
        format: Format,
    },
    /// Say which value stands; the others stay in the timeline
    Settle(SettleArgs),
}

/// What is settled, and how.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("choice").required(true).args(["take", "keep"])))]
struct SettleArgs {
    /// The inspection by number, provisional number or id; a vehicle by plate, VIN or
    /// serial number, a customer by name or telephone number, or by id
    ticket: String,
    /// The field, such as answer:tyres.tread.lf or tyres.tread.lf
    field: String,
    /// This side stands: its number in `conflicts show`, mine, theirs, a person's name, or the
    /// side as --json names it
    #[arg(long, value_name = "SIDE")]
    take: Option<String>,
    /// What stands now stays; late edits are dropped, a document that was to be deleted stays
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    format: Format,
}

/// Prints what there is to settle, or settles it.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    match args.action {
        None => list::run(args.format, line).await,
        Some(Action::Show {
            ticket,
            field,
            format,
        }) => show::run(&ticket, field.as_deref(), format, line).await,
        Some(Action::Settle(args)) => settle::run(&args, line).await,
    }
}

/// Everything there is to settle.
async fn all(line: &Line) -> Result<Vec<ConflictView>, Fault> {
    match line.ask(Request::Conflicts { of: None }).await? {
        Reply::Conflicts(views) => Ok(views),
        other => Err(unexpected(&other)),
    }
}

#[cfg(test)]
mod tests;
