//! `redtag password`

use std::io::{self, BufRead as _, Read as _};

use redtag_protocol::{
    api::{error::code, password},
    ipc::{NewPassword, Reply, Request},
};

use super::{
    desk::{Line, unexpected},
    fault::Fault,
    output,
    prompt::{ask, ask_secret},
};

/// What it asks for otherwise.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Every other sign-in of yours ends, in all shops; this one goes on. What is unsent \
                  elsewhere stays there and goes out after the next sign-in."
)]
pub(crate) struct Args {
    /// Read the password until now and the new one from standard input, a line each
    #[arg(long)]
    passwords_stdin: bool,
    /// A code of the second factor; asked for where it is wanted
    #[arg(long)]
    code: Option<String>,
}

/// Changes the password of the account's person.
pub(crate) async fn run(args: Args, line: &Line) -> Result<(), Fault> {
    let (current, new) = if args.passwords_stdin {
        lines(io::stdin().lock())?
    } else {
        typed()?
    };
    let mut wanted = password::Request {
        current,
        code: args.code,
        new,
    };
    loop {
        let request = Request::Password(NewPassword(wanted.clone()));
        match line.attempt(request).await? {
            Ok(Reply::Done) => {
                return output::text(
                    "The password is changed; your other sign-ins have ended. Access tokens of scripts \
                     stay good; “redtag token” lists them.\n",
                );
            }
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

fn typed() -> Result<(String, String), Fault> {
    const FLAG: &str = "--passwords-stdin";
    let current = ask_secret("Password until now: ", FLAG)?;
    let new = ask_secret("New password: ", FLAG)?;
    if ask_secret("The same once more: ", FLAG)? != new {
        return Err(Fault::usage(
            "the two are not the same, so nothing was changed; try again",
        ));
    }
    Ok((current, new))
}

fn lines(mut input: impl io::BufRead) -> Result<(String, String), Fault> {
    let mut next = || {
        let mut line = String::new();
        input
            .by_ref()
            .take(8192)
            .read_line(&mut line)
            .map_err(|error| Fault::error(format!("--passwords-stdin: {error}")))?;
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        if line.is_empty() {
            return Err(Fault::usage(
                "--passwords-stdin: two lines are wanted, the password until now and the new one",
            ));
        }
        Ok(line)
    };
    Ok((next()?, next()?))
}

#[cfg(test)]
mod tests;
