//! `redtag list`.

use std::fmt::Write as _;

use redtag_protocol::{
    ipc::{BoardQuery, BoardRow, BoardSort, SyncState, TicketFilter},
    lifecycle::State,
};

use super::{
    cli::Format,
    desk::Line,
    fault::Fault,
    output::{self, moment},
    pick,
    shape::ListShape,
};

/// The columns that may be cut, by their place.
const VEHICLE: usize = 2;
const MARK: usize = 3;
const CUSTOMER: usize = 4;
const ASSIGNEE: usize = 5;

/// From so many columns on there is room for the time and for whole words.
const ROOMY: usize = 110;

/// The largest page that the daemon gives.
const PAGE: u32 = 1_000;

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only these states, such as `draft,in_progress`
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    state: Vec<State>,
    /// Only this person's: me, nobody, a name or an id
    #[arg(long, value_name = "WHO")]
    assignee: Option<String>,
    /// Only this bay; “none”: those without one
    #[arg(long, value_name = "BAY")]
    bay: Option<String>,
    /// In this order: usual, oldest, changed, worst, nearest, bay, assignee or customer
    #[arg(long, value_name = "ORDER", default_value = "usual", value_parser = sort)]
    sort: BoardSort,
    /// Words that must all occur in number, plate, VIN, serial, vehicle, customer, assignee or bay
    #[arg(long, value_name = "TEXT", default_value = "")]
    query: String,
    /// At most this many
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    format: Format,
}

/// An order by its name.
fn sort(text: &str) -> Result<BoardSort, String> {
    let name = serde_json::Value::String(text.to_owned());
    serde_json::from_value(name).map_err(|_| {
        "there is no such order; use usual, oldest, changed, worst, nearest, bay, assignee or \
         customer"
            .to_owned()
    })
}

/// Prints the inspections, open ones first, then the newest first.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let assignee = match args.assignee.as_deref() {
        None => None,
        Some("me") => Some(TicketFilter::Mine),
        Some(who) => {
            let person = pick::person(&line.members().await?, None, who, "--assignee")?;
            Some(person.map_or(TicketFilter::Unassigned, TicketFilter::Person))
        }
    };
    let mut rows: Vec<BoardRow> = Vec::new();
    let (mut matched, mut total) = (0, 0);
    loop {
        let have = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let query = BoardQuery {
            text: args.query.clone(),
            states: args.state.clone(),
            assignee: assignee.clone(),
            offset: have,
            limit: args.limit.saturating_sub(have).min(PAGE),
            bay: args.bay.as_ref().map(|bay| match bay.as_str() {
                "none" => String::new(),
                bay => bay.to_owned(),
            }),
            sort: args.sort,
            ..BoardQuery::default()
        };
        let page = line.board(query).await?;
        (matched, total) = (page.matched.max(matched), page.total.max(total));
        let end = page.rows.is_empty();
        rows.extend(page.rows);
        if end || rows.len() >= usize::try_from(args.limit).unwrap_or(usize::MAX) {
            break;
        }
        if u64::try_from(rows.len()).unwrap_or(u64::MAX) >= matched {
            break;
        }
    }
    if args.format.json {
        return output::json(&ListShape::new(&rows, matched, total));
    }
    output::text(&render(&rows, matched, total, output::columns()))
}

/// In so many columns of the terminal.
fn render(rows: &[BoardRow], matched: u64, total: u64, width: usize) -> String {
    if rows.is_empty() {
        return format!("No inspection matches; the shop has {total}.\n");
    }
    let narrow = width < ROOMY;
    let mut head = vec![
        "TICKET", "STATE", "VEHICLE", "MARK", "CUSTOMER", "ASSIGNEE", "R", "Y", "OPEN",
    ];
    head.extend((!narrow).then_some("CREATED"));
    let mut table = vec![head.into_iter().map(str::to_owned).collect()];
    table.extend(rows.iter().map(|row| {
        let mut cells = vec![
            row.label.clone(),
            row.state.words().to_owned(),
            row.vehicle.clone(),
            row.mark.clone(),
            row.customer.clone(),
            row.assignee.clone(),
            row.counts.red.to_string(),
            row.counts.yellow.to_string(),
            row.counts.unanswered().to_string(),
        ];
        cells.extend((!narrow).then(|| moment(row.created)));
        cells.push(marks(row, narrow));
        cells
    }));
    // What names the row and what must be done about it stays whole.
    let mut text = output::fitted(&table, width, &[VEHICLE, CUSTOMER, ASSIGNEE, MARK]);
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if shown < matched {
        let _ = writeln!(text, "{shown} of {matched} that match; --limit shows more.");
    }
    text
}

/// What is worth knowing of a row besides.
fn marks(row: &BoardRow, narrow: bool) -> String {
    let mut marks = Vec::new();
    if row.conflicts > 0 {
        marks.push(format!("conflict ×{}", row.conflicts));
    }
    if row.late > 0 {
        marks.push(format!("late ×{}", row.late));
    }
    if row.sync != SyncState::Acknowledged {
        let words = match row.sync {
            SyncState::Waiting if narrow => "waiting",
            SyncState::Refused if narrow => "refused",
            other => other.words(),
        };
        marks.push(words.to_owned());
    }
    marks.join(", ")
}

#[cfg(test)]
mod tests;
