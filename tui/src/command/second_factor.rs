//! `redtag second-factor …`

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use redtag_protocol::{
    api::second_factor::{Answer, Standing, Wish},
    ipc::{Account, Reply, Request, SignIn},
};
use serde_json::json;

use super::{
    cli::Format,
    desk::{Desk, Line, unexpected},
    fault::{Exit, Fault},
    login::absolute,
    output,
    prompt::{ask, ask_secret, secret_from},
};
use crate::{config, qr::Qr};

/// What to do.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "With a second factor a sign-in asks for a code besides the password: six digits \
                  that an authenticator on your telephone shows, new ones every 30 seconds (RFC \
                  6238). Recovery codes are for the day on which it is lost. Nothing of it is kept \
                  on this machine, and no sign-in that there is ends."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
    /// Make one: shows its secret, as a picture too, and asks for a first code. Where nobody can be
    /// asked it prints the secret, and “confirm” takes the code
    Enrol(Ask),
    /// Show by a code that the secret arrived; prints ten recovery codes
    Confirm(Ask),
    /// Draw ten recovery codes anew; those from before are good no more
    Codes(Ask),
    /// Give it up
    Remove(Ask),
    /// Whether there is one, how many recovery codes are left, whether the shop demands it
    Status {
        #[command(flatten)]
        format: Format,
    },
}

/// Who asks. The password is wanted anew, whatever sign-ins there are.
#[derive(Debug, Default, clap::Args)]
struct Ask {
    /// The API's address, where there is no account on this machine yet
    #[arg(long, requires = "email")]
    url: Option<String>,
    /// E-mail address, with --url
    #[arg(long, requires = "url")]
    email: Option<String>,
    /// Trust the certificates in this PEM file too, with --url
    #[arg(long, value_name = "FILE", requires = "url")]
    ca: Option<PathBuf>,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    /// The code, or a recovery code; asked for where it is missing
    #[arg(long)]
    code: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Does it and prints what came of it.
pub(crate) async fn run(args: Args, desk: &Desk) -> Result<(), Fault> {
    let line = desk.line();
    let (ask, wish) = match args.deed {
        Deed::Status { format } => return status(&line, format).await,
        Deed::Enrol(ask) => (ask, Wish::Begin),
        Deed::Confirm(ask) => (ask, Wish::Confirm),
        Deed::Codes(ask) => (ask, Wish::Codes),
        Deed::Remove(ask) => (ask, Wish::Remove),
    };
    let mut who = who(&ask, desk, &line).await?;
    if wish == Wish::Begin {
        if io::stdin().is_terminal() && !ask.format.json && !ask.password_stdin {
            return enrol(&line, &who).await;
        }
    } else if who.code.is_none() {
        who.code = Some(ask_code("Code: ")?);
    }
    let answer = wished(&line, &who, wish).await?;
    if ask.format.json {
        return output::json(&answer);
    }
    output::text(&told(&answer))
}

/// Begins and confirms with the person at the terminal.
pub(super) async fn enrol(line: &Line, who: &SignIn) -> Result<(), Fault> {
    let begun = wished(line, who, Wish::Begin).await?;
    output::text(&told(&begun))?;
    let mut who = who.clone();
    loop {
        who.code = Some(ask_code("The code that it shows now: ")?);
        // A slip of the finger must not cost the secret that the telephone has already.
        match attempt(line, &who, Wish::Confirm).await? {
            Ok(answer) => return output::text(&told(&answer)),
            Err(fault) if fault.exit == Exit::Error => output::remark(&fault.words),
            Err(fault) => return Err(fault),
        }
    }
}

async fn who(ask: &Ask, desk: &Desk, line: &Line) -> Result<SignIn, Fault> {
    let (url, email) = if let (Some(url), Some(email)) = (&ask.url, &ask.email) {
        (url.clone(), email.clone())
    } else {
        let account = account(desk.account.as_deref(), line).await?;
        (account.url, account.email)
    };
    let password = if ask.password_stdin {
        secret_from(io::stdin().lock(), "--password-stdin")?
    } else {
        ask_secret("Password: ", "--password-stdin")?
    };
    Ok(SignIn {
        url,
        email,
        password,
        code: ask.code.clone(),
        enroll: None,
        shop: None,
        insecure_storage: false,
        forget_pin: false,
        ca: ask.ca.as_deref().map(absolute).transpose()?,
    })
}

/// The account that was named, or the default one.
async fn account(named: Option<&str>, line: &Line) -> Result<Account, Fault> {
    let meant = |it: &Account| match named {
        Some(named) => it.id == named || it.email.eq_ignore_ascii_case(named),
        None => it.default,
    };
    let found = line.accounts().await?.into_iter().find(meant);
    found.ok_or_else(|| {
        Fault::new(
            Exit::NotSignedIn,
            "there is no such account on this machine; say whose second factor it is with --url \
             and --email",
        )
    })
}

async fn wished(line: &Line, who: &SignIn, wish: Wish) -> Result<Answer, Fault> {
    attempt(line, who, wish).await?
}

async fn attempt(line: &Line, who: &SignIn, wish: Wish) -> Result<Result<Answer, Fault>, Fault> {
    let who = who.clone();
    match line.attempt(Request::SecondFactor { who, wish }).await? {
        Ok(Reply::SecondFactor(answer)) => Ok(Ok(answer)),
        Ok(other) => Err(unexpected(&other)),
        Err(failure) => Ok(Err(failure.into())),
    }
}

fn ask_code(prompt: &str) -> Result<String, Fault> {
    ask(prompt, "--code")
}

async fn status(line: &Line, format: Format) -> Result<(), Fault> {
    let standing = match line.ask(Request::Standing).await? {
        Reply::Standing(standing) => standing,
        other => return Err(unexpected(&other)),
    };
    if format.json {
        return output::json(&json!({
            "second_factor": standing.confirmed,
            "recovery_codes": standing.codes,
            "demanded": standing.demanded,
        }));
    }
    output::text(&stands(standing))
}

fn stands(standing: Standing) -> String {
    let demanded = if standing.demanded {
        " The shop demands it."
    } else {
        ""
    };
    if standing.confirmed {
        let left = output::count(
            standing.codes.into(),
            "recovery code is",
            "recovery codes are",
        );
        format!("A code is asked for at sign-in; {left} left.{demanded}\n")
    } else {
        format!("There is none; “redtag second-factor enrol” makes one.{demanded}\n")
    }
}

/// What was done, for people.
fn told(answer: &Answer) -> String {
    match answer {
        Answer::Begun { secret, address } => {
            let ascii = config::is_ascii(|name| std::env::var(name).ok());
            let picture = Qr::of(address).and_then(|it| it.lines(ascii, output::columns()));
            let picture = picture.map_or(String::new(), |lines| lines.join("\n") + "\n");
            format!(
                "{picture}Show this to an authenticator, or type the secret into it; it is shown \
                 this once.\nSecret:  {}\nAddress: {}\nNothing is asked of you yet: it begins with \
                 a first code (“redtag second-factor confirm”).\n",
                output::line(secret),
                output::line(address)
            )
        }
        Answer::Codes { codes } => {
            let codes: Vec<String> = codes.iter().map(|it| output::line(it)).collect();
            format!(
                "From now on a sign-in asks for a code. Keep these recovery codes where the \
                 telephone is not; each is good once, and they are shown this once:\n\n  {}\n",
                codes.join("\n  ")
            )
        }
        Answer::Removed => "There is no second factor any more.\n".to_owned(),
    }
}

#[cfg(test)]
mod tests;
