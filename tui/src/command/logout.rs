//! `redtag logout`.

use redtag_protocol::ipc::{Reply, Request};

use super::{
    desk::{Line, unexpected},
    fault::Fault,
    output,
};

/// What may be lost.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Sign out even if edits are unsent: they are lost for ever
    #[arg(long)]
    discard: bool,
}

/// Signs the account out. The daemon refuses while edits are unsent.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let discard = args.discard;
    match line
        .ask(Request::SignOut {
            discard,
            exported: None,
        })
        .await?
    {
        Reply::Done => output::text("Signed out; the account's cache is gone from this machine."),
        other => Err(unexpected(&other)),
    }
}
