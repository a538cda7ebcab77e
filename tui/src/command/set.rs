//! `redtag set ID POINT`.

mod edits;

use redtag_protocol::{grade::Condition, ids::InspectionId, stamp::Stamp};

use super::{
    cli::Format,
    desk::{Line, Saved},
    fault::Fault,
    output::{self, line},
    shape::InspectionShape,
};

/// What to set.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// The inspection: number, provisional number or id
    id: String,
    /// The point's key, such as tyres.tread.lf, or a question's, such as `wheel_size`
    point: String,
    /// green, yellow, red or na (g, y, r, n)
    #[arg(long)]
    condition: Option<Condition>,
    /// A measured value with or without its unit (5, 3,5, "5 mm"), an option, a text, or the name
    /// that signs
    #[arg(long, allow_hyphen_values = true)]
    value: Option<String>,
    /// The placard, stamped or rated value that it is judged against; kept for the next visit
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    reference: Option<String>,
    /// The lower end, where the part prints a range
    #[arg(long, value_name = "VALUE", requires = "reference")]
    reference_low: Option<String>,
    /// A note; an empty one clears it
    #[arg(long)]
    note: Option<String>,
    /// Take the answer back
    #[arg(long, conflicts_with_all = ["condition", "value", "reference"])]
    clear: bool,
    #[command(flatten)]
    format: Format,
}

/// Saves the answer and says how far it is.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let (id, saved, remarks) = save(args, line).await?;
    report(line, id, saved, remarks, args.format).await
}

async fn save(args: &Args, line: &Line) -> Result<(InspectionId, Saved, Vec<String>), Fault> {
    let view = line.find(&args.id).await?;
    let plan = edits::plan(args, &view, now())?;
    let saved = line.edit(plan.edits).await?;
    Ok((view.inspection.id, saved, plan.remarks))
}

/// Tells what was saved and where it stands now, not where it will be.
pub(super) async fn report(
    desk: &Line,
    id: InspectionId,
    saved: Saved,
    remarks: Vec<String>,
    format: Format,
) -> Result<(), Fault> {
    let view = desk.inspection(id).await?;
    if format.json {
        return output::json(&InspectionShape::from(&view).saved(saved, &remarks));
    }
    let mut text = format!(
        "{} is {}: {}.\n",
        line(&view.inspection.label()),
        view.inspection.state.value.words(),
        view.sync.words()
    );
    for remark in &remarks {
        text.push_str(&line(remark));
        text.push('\n');
    }
    output::text(&text)
}

/// The clock of this machine. The daemon corrects and stamps operations itself.
pub(super) fn now() -> Stamp {
    Stamp(u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default())
}

#[cfg(test)]
mod tests;
