//! `redtag timeline ID`.

use redtag_protocol::ipc::{InspectionView, SyncState, TimelineEntry};

use super::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, moment},
    shape::TimelineShape,
    words,
};

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The inspection: number, provisional number or id
    id: String,
    #[command(flatten)]
    format: Format,
}

/// Prints what happened.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let view = line.find(&args.id).await?;
    let id = view.inspection.id;
    let entries = line.timeline(id).await?;
    let label = view.inspection.label();
    if args.format.json {
        let told = |entry: &TimelineEntry| words::told(entry, &view);
        return output::json(&TimelineShape::new(id, label, &entries, told));
    }
    output::text(&render(&entries, &view))
}

fn render(entries: &[TimelineEntry], view: &InspectionView) -> String {
    let row = |entry: &TimelineEntry| {
        let at = entry.happening.as_ref().map(|it| moment(it.stamp));
        let sync = match entry.sync {
            SyncState::Acknowledged => "",
            other => other.words(),
        };
        vec![
            at.unwrap_or_default(),
            entry.who.clone(),
            words::told(entry, view),
            sync.to_owned(),
        ]
    };
    output::table(&entries.iter().map(row).collect::<Vec<_>>())
}
