//! `redtag accounts`.

use std::fmt::Write as _;

use redtag_protocol::ipc::Account;

use super::{cli::Format, desk::Line, fault::Fault, output, shape::AccountsShape};

/// How to print.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    format: Format,
}

/// Prints the accounts; none is no fault.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let accounts = line.accounts().await?;
    if args.format.json {
        return output::json(&AccountsShape::from(accounts.as_slice()));
    }
    output::text(&render(&accounts))
}

fn render(accounts: &[Account]) -> String {
    if accounts.is_empty() {
        return "Nobody is signed in here. “redtag login URL” signs in.\n".to_owned();
    }
    let row = |account: &Account| {
        let default = if account.default { "*" } else { "" };
        [
            default,
            &account.email,
            account.role.as_str(),
            &account.shop_name,
            &account.url,
            &account.id,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let head = ["", "ACCOUNT", "ROLE", "SHOP", "API", "ID"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    rows.extend(accounts.iter().map(row));
    let mut text = output::table(&rows);
    for shut in accounts.iter().filter_map(|account| account.shut.as_ref()) {
        let _ = writeln!(text, "Note: {}", output::line(shut));
    }
    text
}

#[cfg(test)]
mod tests;
