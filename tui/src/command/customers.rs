//! `redtag customers` and `redtag customer`.

use std::fmt::Write as _;

use redtag_protocol::ipc::{BoardRow, CustomerView, Reply, Request};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    meant,
    output::{self, moment},
    shape::{CustomerShape, CustomersShape},
};

/// Which.
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Words that must all occur in name, telephone numbers or e-mail addresses
    #[arg(value_name = "TEXT", default_value = "")]
    text: String,
    /// At most this many, up to 1000
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u32,
    #[command(flatten)]
    format: Format,
}

/// Which one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name or id
    #[arg(value_name = "CUSTOMER")]
    customer: String,
    #[command(flatten)]
    format: Format,
}

/// Prints the customers that match.
pub(crate) async fn list(args: &ListArgs, line: &Line) -> Result<(), Fault> {
    let (text, limit) = (args.text.clone(), args.limit);
    let found = match line.ask(Request::Customers { text, limit }).await? {
        Reply::Customers(found) => found,
        other => return Err(unexpected(&other)),
    };
    if args.format.json {
        return output::json(&CustomersShape::new(&found));
    }
    if found.is_empty() {
        return output::text("No customer matches.\n");
    }
    let head = ["CUSTOMER", "TELEPHONE", "E-MAIL", "MESSAGES"];
    let mut table = vec![head.map(str::to_owned).to_vec()];
    table.extend(found.iter().map(|it| {
        let consent = if it.consent.value {
            "welcome"
        } else {
            "no consent"
        };
        vec![
            it.name.value.clone(),
            it.phones.value.join(", "),
            it.emails.value.join(", "),
            consent.to_owned(),
        ]
    }));
    output::text(&output::fitted(&table, output::columns(), &[0, 2]))
}

/// Prints one customer with the history.
pub(crate) async fn show(args: &Args, line: &Line) -> Result<(), Fault> {
    let id = meant::customer(line, &args.customer).await?.id;
    let view = match line.ask(Request::Customer { id }).await? {
        Reply::Customer(view) => view,
        other => return Err(unexpected(&other)),
    };
    if args.format.json {
        return output::json(&CustomerShape::new(&view));
    }
    output::text(&render(&view))
}

fn render(view: &CustomerView) -> String {
    let it = &view.customer;
    let mut text = format!("{}\n", output::line(&it.name.value));
    let mut fact = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<10} {}", output::line(value));
    };
    for phone in &it.phones.value {
        fact("telephone", phone);
    }
    for email in &it.emails.value {
        fact("e-mail", email);
    }
    let consent = if it.consent.value {
        "welcome"
    } else {
        "no consent"
    };
    fact("messages", consent);
    for vehicle in &view.vehicles {
        fact("vehicle", &meant::called(vehicle));
    }
    for other in &view.alike {
        fact("the same?", &other.name.value);
    }
    for refused in &view.quarantined {
        fact("refused", &refused.refusal.words);
    }
    fact("id", &it.id.to_string());
    text.push_str(&visits(&view.visits, view.visited));
    text
}

/// The inspections in lines, and how many there are.
pub(super) fn visits(rows: &[BoardRow], count: u64) -> String {
    let mut text = format!("  {}\n", output::count(count, "inspection", "inspections"));
    let cells = |row: &BoardRow| {
        vec![
            "   ".to_owned(),
            row.label.clone(),
            moment(row.created),
            row.state.words().to_owned(),
            format!("{} red, {} yellow", row.counts.red, row.counts.yellow),
            row.mark.clone(),
        ]
    };
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    if !rows.is_empty() {
        text.push_str(&output::table(&rows));
    }
    text
}
