//! `redtag set ID POINT`.

mod edits;
mod outcome;
mod told;

use std::fmt::Write as _;

use redtag_protocol::{grade::Condition, ids::InspectionId, ipc::InspectionView};

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
    /// green, yellow, red or na (g, y, r, x)
    #[arg(long, value_parser = condition)]
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

/// Saves the answer and says what was taken and how far it is.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let (id, saved, done) = save(args, line).await?;
    report(line, id, saved, done, args.format).await
}

async fn save(args: &Args, line: &Line) -> Result<(InspectionId, Saved, Done), Fault> {
    let view = line.find(&args.id).await?;
    let plan = edits::plan(args, &view, output::now())?;
    let took = Some(told::told(&plan.edits, &view));
    let saved = line.edit(plan.edits).await?;
    let done = Done {
        took,
        remarks: plan.remarks,
        ..Done::default()
    };
    Ok((view.inspection.id, saved, done))
}

/// What a command did, for its report.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// What was taken, in words; none where the state tells it.
    pub(super) took: Option<String>,
    /// What else was done or is worth knowing.
    pub(super) remarks: Vec<String>,
    /// Of a move: how many points are without an answer.
    pub(super) unanswered: Option<u32>,
}

/// Tells what was saved and where it stands now, not where it will be.
pub(super) async fn report(
    desk: &Line,
    id: InspectionId,
    saved: Saved,
    done: Done,
    format: Format,
) -> Result<(), Fault> {
    let (view, outcome) = outcome::settled(desk, id).await?;
    if format.json {
        return output::json(&InspectionShape::from(&view).saved(saved, &done));
    }
    output::text(&render(&view, &done, &outcome))
}

fn render(view: &InspectionView, done: &Done, outcome: &str) -> String {
    let label = line(&view.inspection.label());
    let state = || format!("is {}", view.inspection.state.value.words());
    let took = done.took.as_deref().map_or_else(state, line);
    let mut text = format!("{label} {took}; {outcome}.\n");
    for remark in &done.remarks {
        let _ = writeln!(text, "{}", line(remark));
    }
    text
}

/// A condition by its word, or by its key on the full screen.
fn condition(text: &str) -> Result<Condition, String> {
    if text.trim().eq_ignore_ascii_case("x") {
        return Ok(Condition::NotApplicable);
    }
    text.parse().map_err(|_| {
        format!(
            "“{}” is not a condition; use green, yellow, red or na (g, y, r, x)",
            line(text)
        )
    })
}

#[cfg(test)]
mod tests;
