//! `redtag use ACCOUNT`.

use redtag_protocol::ipc::{Reply, Request};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    output,
    shape::AccountShape,
};

/// Which account.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// E-mail address or id, as “redtag accounts” shows them
    #[arg(value_name = "ACCOUNT", id = "chosen")]
    account: String,
    #[command(flatten)]
    format: Format,
}

/// Makes it the default.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    let account = args.account;
    match line.ask(Request::Use { account }).await? {
        Reply::Account(account) if args.format.json => output::json(&AccountShape::from(&account)),
        Reply::Account(account) => output::text(&format!(
            "{} at {} is the account of commands that name none.",
            output::line(&account.email),
            output::line(&account.shop_name)
        )),
        other => Err(unexpected(&other)),
    }
}
