//! `redtag outbox`.

use std::{collections::BTreeSet, fmt::Write as _};

use redtag_protocol::{
    ids::InspectionId,
    ipc::{BoardQuery, BoardRow, InspectionView, Quarantined, Status, SyncState},
    op::Edit,
};
use serde::Serialize;

use super::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, count, instant, moment},
    shape::FORMAT,
};

/// The largest page that the daemon gives.
const PAGE: u32 = 1_000;

/// What to do with it, and how to print.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    format: Format,
}

/// What a person decides about a refused edit.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
enum Action {
    /// Show one refused edit, with what went with it and why
    Show {
        /// Its number, as `redtag outbox` lists it
        number: u64,
        #[command(flatten)]
        format: Format,
    },
    /// Try a refused edit again as a new one, with all that was done in the same stroke
    Retry {
        /// Its number
        number: u64,
    },
    /// Give a refused edit up for good, with all that was done in the same stroke
    Discard {
        /// Its number
        number: u64,
    },
}

/// For scripts.
#[derive(Debug, Serialize)]
struct OutboxShape<'a> {
    format: u16,
    waiting: u64,
    sent: u64,
    /// Inspections with an edit that is not acknowledged. Edits of customers and vehicles are
    /// counted above and have no row of their own.
    inspections: Vec<WaitingShape<'a>>,
    quarantined: Vec<RefusedShape<'a>>,
}

#[derive(Debug, Serialize)]
struct WaitingShape<'a> {
    id: InspectionId,
    label: String,
    sync: SyncState,
    waiting: u64,
    /// What the edits write, such as `answer:frame.cracks`.
    fields: &'a BTreeSet<String>,
}

#[derive(Debug, Serialize)]
struct RefusedShape<'a> {
    number: u64,
    group: u64,
    at: String,
    code: &'static str,
    words: &'a str,
    because: Option<u64>,
    parent: Option<u64>,
    edit: &'a Edit,
}

/// Prints what waits and what was refused, or does what was decided about a refused edit.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    match args.action {
        None => list(args, line).await,
        Some(Action::Show { number, format }) => show(number, format, line).await,
        Some(Action::Retry { number }) => {
            line.retry(number).await?;
            output::text(
                "Saved here as a new edit, waiting to send; it has left the refused ones.\n",
            )
        }
        Some(Action::Discard { number }) => {
            line.discard(number).await?;
            output::text("Given up.\n")
        }
    }
}

async fn show(number: u64, format: Format, line: &Line) -> Result<(), Fault> {
    let refused = line.quarantine().await?;
    let Some(group) = refused
        .iter()
        .find(|it| it.number == number)
        .map(|it| it.group)
    else {
        return Err(Fault::usage(format!(
            "no refused edit has the number {number}; `redtag outbox` lists those there are"
        )));
    };
    let stroke: Vec<Quarantined> = refused
        .into_iter()
        .filter(|item| item.group == group)
        .collect();
    if format.json {
        return output::json(&refused_shapes(&stroke));
    }
    let mut text = String::new();
    for item in &stroke {
        let edit = serde_json::to_string_pretty(&item.edit).unwrap_or_default();
        let _ = writeln!(
            text,
            "Edit {} of {}, refused: {}\n{edit}\n",
            item.number,
            moment(item.stamp),
            item.refusal.words
        );
    }
    text.push_str("`redtag outbox retry` tries it again, `redtag outbox discard` gives it up.\n");
    output::text(&text)
}

async fn list(args: &Args, line: &Line) -> Result<(), Fault> {
    let status = line.status().await?;
    let refused = line.quarantine().await?;
    let waiting = unacknowledged(line, &status).await?;
    if args.format.json {
        return output::json(&shape(&status, &waiting, &refused));
    }
    output::text(&render(&status, &waiting, &refused))
}

/// The inspections with edits that are waiting or sent, as the board knows them.
async fn unacknowledged(line: &Line, status: &Status) -> Result<Vec<InspectionView>, Fault> {
    let mut views = Vec::new();
    if status.waiting + status.sent == 0 {
        return Ok(views);
    }
    let mut offset = 0;
    loop {
        let query = BoardQuery {
            offset,
            limit: PAGE,
            ..BoardQuery::default()
        };
        let page = line.board(query).await?;
        let rows = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let own = |row: &&BoardRow| row.sync != SyncState::Acknowledged;
        for row in page.rows.iter().filter(own) {
            let view = line.inspection(row.id).await?;
            // What was refused is listed by itself.
            if view.waiting > 0 {
                views.push(view);
            }
        }
        offset = offset.saturating_add(rows);
        if rows == 0 || u64::from(offset) >= page.matched {
            return Ok(views);
        }
    }
}

fn shape<'a>(
    status: &Status,
    waiting: &'a [InspectionView],
    refused: &'a [Quarantined],
) -> OutboxShape<'a> {
    OutboxShape {
        format: FORMAT,
        waiting: status.waiting,
        sent: status.sent,
        inspections: waiting
            .iter()
            .map(|view| WaitingShape {
                id: view.inspection.id,
                label: view.inspection.label(),
                sync: view.sync,
                waiting: view.waiting,
                fields: &view.pending,
            })
            .collect(),
        quarantined: refused_shapes(refused),
    }
}

fn refused_shapes(refused: &[Quarantined]) -> Vec<RefusedShape<'_>> {
    refused
        .iter()
        .map(|item| RefusedShape {
            number: item.number,
            group: item.group,
            at: instant(item.stamp),
            code: item.refusal.code.as_str(),
            words: &item.refusal.words,
            because: item.refusal.because,
            parent: item.refusal.parent,
            edit: &item.edit,
        })
        .collect()
}

fn render(status: &Status, waiting: &[InspectionView], refused: &[Quarantined]) -> String {
    let mut text = format!(
        "{} saved here, waiting to send; {} sent, not yet acknowledged.\n",
        count(status.waiting, "edit", "edits"),
        status.sent
    );
    if !waiting.is_empty() {
        let head = ["INSPECTION", "EDITS", "HOW FAR", "WHAT"].map(str::to_owned);
        let mut rows = vec![head.to_vec()];
        rows.extend(waiting.iter().map(|view| {
            vec![
                view.inspection.label(),
                view.waiting.to_string(),
                view.sync.words().to_owned(),
                fields(view),
            ]
        }));
        text.push_str(&output::table(&rows));
    }
    let told: u64 = waiting.iter().map(|view| view.waiting).sum();
    let others = (status.waiting + status.sent).saturating_sub(told);
    if others > 0 {
        let edits = count(others, "edit", "edits");
        let _ = writeln!(text, "Besides, {edits} of customers and vehicles.");
    }
    if refused.is_empty() {
        text.push_str("Nothing was refused.\n");
        return text;
    }
    let head = ["EDIT", "WHEN", "WHERE", "WHY IT WAS REFUSED"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    rows.extend(refused.iter().map(|item| {
        vec![
            item.number.to_string(),
            moment(item.stamp),
            item.edit.target().to_string(),
            item.refusal.words.clone(),
        ]
    }));
    text.push_str(&output::table(&rows));
    text
}

/// What the edits write, in the words of the template; at most three by name.
fn fields(view: &InspectionView) -> String {
    const NAMED: usize = 3;
    let mut words: Vec<String> = view
        .pending
        .iter()
        .take(NAMED)
        .map(|field| label(field, view))
        .collect();
    let more = view.pending.len().saturating_sub(NAMED);
    if view.inspection.number.is_none() {
        words.insert(0, "created here".to_owned());
    }
    if more > 0 {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

fn label(field: &str, view: &InspectionView) -> String {
    let Some((kind, key)) = field.split_once(':') else {
        return field.to_owned();
    };
    let key = key.split_once('/').map_or(key, |(point, _)| point);
    let point = || Some(view.template.point(&key.parse().ok()?)?.label.clone());
    let choice = || Some(view.template.choice(&key.parse().ok()?)?.label.clone());
    let label = point().or_else(choice).unwrap_or_else(|| key.to_owned());
    match kind {
        "note" => format!("note on {label}"),
        "line" => format!("work for {label}"),
        _ => label,
    }
}

#[cfg(test)]
mod tests;
