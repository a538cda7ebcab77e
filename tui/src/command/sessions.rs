//! `redtag sessions [list|revoke]`

use redtag_protocol::{
    api::sessions::Session,
    ids::SessionId,
    ipc::{Reply, Request},
};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    output,
    prompt::agrees,
};

/// What to do; nothing lists.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "A sign-in that is revoked ends with its device's next call: the device locks, seals \
                  what was not sent for the shop, and destroys its copy. A sign-in of your own \
                  that merely is no longer needed is ended with “redtag logout” there."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    deed: Option<Deed>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Who is signed in on what: your own sign-ins, everybody's for an owner
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Take a sign-in from its device, such as one that was lost
    Revoke {
        /// Which, by the id that the list shows
        session: SessionId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Lists or revokes.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    match args.deed {
        None => list(line, args.format).await,
        Some(Deed::List { format }) => list(line, format).await,
        Some(Deed::Revoke { session, yes }) => revoke(line, session, yes).await,
    }
}

async fn list(line: &Line, format: Format) -> Result<(), Fault> {
    let sessions = sessions(line).await?;
    if format.json {
        return output::json(&sessions);
    }
    output::text(&listed(&sessions))
}

async fn sessions(line: &Line) -> Result<Vec<Session>, Fault> {
    match line.ask(Request::Sessions).await? {
        Reply::Sessions(sessions) => Ok(sessions),
        other => Err(unexpected(&other)),
    }
}

fn listed(sessions: &[Session]) -> String {
    let row = |it: &Session| {
        vec![
            it.id.to_string(),
            output::line(&it.name),
            output::line(&it.device_name),
            output::moment(it.used),
            if it.own { "this one" } else { "" }.to_owned(),
        ]
    };
    output::table(&sessions.iter().map(row).collect::<Vec<_>>())
}

async fn revoke(line: &Line, session: SessionId, yes: bool) -> Result<(), Fault> {
    let known = sessions(line).await?;
    let found = known.iter().find(|it| it.id == session);
    let whose = match found {
        Some(it) if it.own => "this very sign-in; the copy here is destroyed".to_owned(),
        Some(it) => format!(
            "the sign-in of {} on {}",
            output::line(&it.name),
            output::line(&it.device_name)
        ),
        // One that has run out may still lie on a device.
        None => "a sign-in that is not open any more".to_owned(),
    };
    if !yes && !agrees(&format!("This revokes {whose}."))? {
        return Err(Fault::error("nothing was revoked"));
    }
    match line.ask(Request::Revoke { session }).await? {
        Reply::Done => output::text("Revoked. The device hears of it with its next call.\n"),
        other => Err(unexpected(&other)),
    }
}

#[cfg(test)]
mod tests;
