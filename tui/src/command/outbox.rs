//! `redtag outbox`.

use redtag_protocol::{
    ipc::{Quarantined, Status},
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

/// How to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

/// For scripts.
#[derive(Debug, Serialize)]
struct OutboxShape<'a> {
    format: u16,
    waiting: u64,
    sent: u64,
    quarantined: Vec<RefusedShape<'a>>,
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

/// Prints what waits and what was refused.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let status = line.status().await?;
    let refused = line.quarantine().await?;
    if args.format.json {
        return output::json(&shape(&status, &refused));
    }
    output::text(&render(&status, &refused))
}

fn shape<'a>(status: &Status, refused: &'a [Quarantined]) -> OutboxShape<'a> {
    OutboxShape {
        format: FORMAT,
        waiting: status.waiting,
        sent: status.sent,
        quarantined: refused
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
            .collect(),
    }
}

fn render(status: &Status, refused: &[Quarantined]) -> String {
    let mut text = format!(
        "{} saved here, waiting to send; {} sent, not yet acknowledged.\n",
        count(status.waiting, "edit", "edits"),
        status.sent
    );
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
