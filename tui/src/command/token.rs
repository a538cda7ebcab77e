//! `redtag token [list|new|end]`

use std::io;

use redtag_protocol::{
    api::{
        error::code,
        tokens::{self, DAYS, MOST_DAYS, Made, Token},
    },
    event::Scope,
    ids::PassId,
    ipc::{Reply, Request},
};

use super::{
    cli::Format,
    desk::{Line, unexpected},
    fault::Fault,
    output,
    prompt::{agrees, ask, ask_secret, secret_from},
};

/// What to do; nothing lists.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "A script sends its token to the API: “Authorization: Bearer TOKEN”. It acts as you in \
                  this shop, and never with more than you may. “redtag token end” ends it, and so \
                  does the end of your membership, or a password that was forgotten and replaced."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    deed: Option<Deed>,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// The tokens that are good: your own, everybody's for an owner
    List {
        #[command(flatten)]
        format: Format,
    },
    /// Make one and print it, this once
    New(New),
    /// Take one back
    End {
        /// Which, by the id that the list shows
        token: PassId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    /// What it is for, such as the script's name
    name: String,
    /// read, or write to push operations as well
    #[arg(long, default_value = "read")]
    scope: Scope,
    /// For how many days it is good
    #[arg(long, default_value_t = DAYS, value_parser = clap::value_parser!(u64).range(1..=MOST_DAYS))]
    days: u64,
    /// Read your password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// A code of the second factor; asked for where it is wanted
    #[arg(long)]
    code: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Lists, makes or takes back.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    match args.deed {
        None => list(line, args.format).await,
        Some(Deed::List { format }) => list(line, format).await,
        Some(Deed::New(new)) => make(new, line).await,
        Some(Deed::End { token, yes }) => end(line, token, yes).await,
    }
}

async fn list(line: &Line, format: Format) -> Result<(), Fault> {
    let tokens = good(line).await?;
    if format.json {
        return output::json(&tokens);
    }
    output::text(&listed(&tokens))
}

async fn good(line: &Line) -> Result<Vec<Token>, Fault> {
    match line.ask(Request::Tokens).await? {
        Reply::Tokens(tokens) => Ok(tokens),
        other => Err(unexpected(&other)),
    }
}

fn listed(tokens: &[Token]) -> String {
    if tokens.is_empty() {
        return "There is no access token; “redtag token new NAME” makes one.\n".to_owned();
    }
    let row = |it: &Token| {
        vec![
            it.id.to_string(),
            output::line(&it.called),
            it.scope.to_string(),
            format!("until {}", output::moment(it.expires)),
            output::line(&it.name),
        ]
    };
    output::table(&tokens.iter().map(row).collect::<Vec<_>>())
}

async fn make(new: New, line: &Line) -> Result<(), Fault> {
    const FLAG: &str = "--password-stdin";
    let password = if new.password_stdin {
        secret_from(io::stdin().lock(), FLAG)?
    } else {
        ask_secret("Password: ", FLAG)?
    };
    let mut wanted = tokens::Request {
        password,
        code: new.code,
        name: new.name,
        scope: new.scope,
        days: new.days,
    };
    loop {
        match line.attempt(Request::NewToken(wanted.clone())).await? {
            Ok(Reply::Token(made)) => return show(&made, new.format),
            Ok(other) => return Err(unexpected(&other)),
            Err(failure)
                if failure.remote.as_deref() == Some(code::SECOND_FACTOR_REQUIRED)
                    && wanted.code.is_none() =>
            {
                wanted.code = Some(ask("Code of the second factor: ", "--code")?);
            }
            Err(failure) => return Err(failure.into()),
        }
    }
}

/// The token alone goes to standard output, so that a pipe takes it where it belongs.
fn show(made: &Made, format: Format) -> Result<(), Fault> {
    if format.json {
        return output::json(made);
    }
    output::remark(&format!(
        "The access token “{}”, good to {} until {}. It is not shown again; its id is {}.",
        output::line(&made.token.called),
        made.token.scope,
        output::moment(made.token.expires),
        made.token.id
    ));
    output::text(&format!("{}\n", output::line(&made.secret)))
}

async fn end(line: &Line, token: PassId, yes: bool) -> Result<(), Fault> {
    let known = good(line).await?;
    let whose = match known.iter().find(|it| it.id == token) {
        Some(it) => format!(
            "the access token “{}” of {}",
            output::line(&it.called),
            output::line(&it.name)
        ),
        None => "a token that is not in the list, perhaps one for a kiosk".to_owned(),
    };
    if !yes && !agrees(&format!("This takes back {whose}."))? {
        return Err(Fault::error("nothing was taken back"));
    }
    match line.ask(Request::EndToken { token }).await? {
        Reply::Done => output::text("It is good no more.\n"),
        other => Err(unexpected(&other)),
    }
}

#[cfg(test)]
mod tests;
