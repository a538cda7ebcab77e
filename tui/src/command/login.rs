//! `redtag login URL`.

mod by_code;

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
    time::Duration,
};

use redtag_protocol::{
    api::{error::code, sign_in::Membership},
    ids::ShopId,
    ipc::{Account, Connection, Failure, FailureCode, Reply, Request, SignIn, Status},
};

use tokio::time::{Instant, sleep};

use super::{
    cli::Format,
    desk::{Desk, Line, unexpected},
    fault::Fault,
    output,
    prompt::{ask, ask_secret, secret_from},
    second_factor,
    shape::AccountShape,
};

/// How long a sign-in waits for the first copy, and how often it looks.
const FILLING: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(50);

/// Where, and as whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The API's address: https://…, or http:// on this machine
    url: String,
    /// Sign in here with this e-mail address and a password. Without it a code is shown, which you type
    /// on a page of the API in a browser, on whatever machine
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    /// A code of the second factor: the six digits that the authenticator shows, or a recovery code;
    /// asked for where it is wanted
    #[arg(long, value_name = "CODE")]
    totp: Option<String>,
    /// Sign a kiosk in with the token that “redtag-server kiosk token” printed; “-” reads it from
    /// standard input, for arguments can be read by every user of the machine
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["email", "password_stdin", "totp", "shop"])]
    enroll: Option<String>,
    /// The shop, by name or id, for people who belong to several
    #[arg(long)]
    shop: Option<String>,
    /// Trust the certificates in this PEM file too
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Consent to keeping the cache's key in a plain file (0600) where there is no secret store
    #[arg(long)]
    insecure_storage: bool,
    /// Forget the account's PIN on this machine, which the password outranks
    #[arg(long)]
    forget_pin: bool,
    #[command(flatten)]
    format: Format,
}

/// Signs in and prints the account.
pub(crate) async fn run(args: Args, desk: &Desk) -> Result<(), Fault> {
    let line = desk.line();
    let before = line.accounts().await?;
    let former = before.iter().find(|it| it.default);
    let account = if by_code::is_wanted(&args) {
        by_code::sign_in(&line, &args).await?
    } else {
        by_password(&line, &args).await?
    };
    // Only the line that has signed in has shown who it is to an account with a PIN.
    let whole = match account.lock {
        Some(_) => fill(&line).await?,
        None => fill(&desk.line_for(&account.id)).await?,
    };
    if args.format.json {
        return output::json(&AccountShape::from(&account));
    }
    output::text(&format!(
        "{}{}{}",
        welcome(&account, &whole),
        unpinned(&account, &before),
        switched(&account, former)
    ))
}

async fn by_password(line: &Line, args: &Args) -> Result<Account, Fault> {
    let enroll = match args.enroll.as_deref() {
        Some("-") => Some(secret_from(io::stdin().lock(), "--enroll -")?),
        other => other.map(str::to_owned),
    };
    let (email, password) = if enroll.is_some() {
        (String::new(), String::new())
    } else {
        credentials(args)?
    };
    let mut sign_in = SignIn {
        url: args.url.clone(),
        email,
        password,
        code: args.totp.clone(),
        enroll,
        shop: args.shop.as_deref().and_then(|shop| shop.parse().ok()),
        insecure_storage: args.insecure_storage,
        ca: args.ca.as_deref().map(absolute).transpose()?,
        forget_pin: args.forget_pin,
    };
    sign_in_to(line, &mut sign_in, args.shop.as_deref()).await
}

fn credentials(args: &Args) -> Result<(String, String), Fault> {
    let email = match &args.email {
        Some(email) => email.clone(),
        None => ask("E-mail: ", "--email")?,
    };
    let password = if args.password_stdin {
        secret_from(io::stdin().lock(), "--password-stdin")?
    } else {
        ask_secret("Password: ", "--password-stdin")?
    };
    Ok((email, password))
}

/// Waits a little for the first copy, so that the next command finds the shop. A large shop goes on
/// in the background.
async fn fill(line: &Line) -> Result<Status, Fault> {
    let deadline = Instant::now() + FILLING;
    loop {
        let status = line.status().await?;
        let trying = matches!(
            status.connection,
            Connection::Online | Connection::Connecting
        );
        if !status.filling || !trying || Instant::now() >= deadline {
            return Ok(status);
        }
        sleep(GLANCE).await;
    }
}

/// Signs in; where the person must choose a shop, give a code, make a second factor or consent to a
/// key file, asks and tries again.
async fn sign_in_to(
    line: &Line,
    sign_in: &mut SignIn,
    shop: Option<&str>,
) -> Result<Account, Fault> {
    loop {
        let failure = match line.attempt(Request::SignIn(sign_in.clone())).await? {
            Ok(Reply::Account(account)) => return Ok(account),
            Ok(other) => return Err(unexpected(&other)),
            Err(failure) => failure,
        };
        if !failure.shops.is_empty() && sign_in.shop.is_none() {
            sign_in.shop = Some(choose(&failure, shop)?);
        } else if wants_code(&failure) && sign_in.code.is_none() {
            sign_in.code = Some(ask("Code of the second factor: ", "--totp")?);
        } else if must_enrol(&failure) && io::stdin().is_terminal() {
            output::remark(&failure.words);
            second_factor::enrol(line, sign_in).await?;
            sign_in.code = Some(ask("To sign in, the next code that it shows: ", "--totp")?);
        } else if failure.code == FailureCode::NoSecretStore && !sign_in.insecure_storage {
            consent(failure)?;
            sign_in.insecure_storage = true;
        } else {
            return Err(failure.into());
        }
    }
}

fn wants_code(failure: &Failure) -> bool {
    failure.remote.as_deref() == Some(code::SECOND_FACTOR_REQUIRED)
}

fn must_enrol(failure: &Failure) -> bool {
    failure.remote.as_deref() == Some(code::MUST_ENROL)
}

/// The shop that was named, or that the person names now.
fn choose(failure: &Failure, named: Option<&str>) -> Result<ShopId, Fault> {
    if let Some(named) = named {
        return shop_called(&failure.shops, named);
    }
    output::remark(&failure.words);
    output::remark(&listed(&failure.shops));
    shop_called(&failure.shops, &ask("Shop: ", "--shop")?)
}

fn shop_called(shops: &[Membership], named: &str) -> Result<ShopId, Fault> {
    let is = |it: &&Membership| {
        it.name.to_lowercase() == named.to_lowercase() || it.shop.to_string() == named
    };
    let found: Vec<&Membership> = shops.iter().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one.shop),
        [] => Err(Fault::usage(format!(
            "--shop: you belong to no shop called “{named}”; use one of\n{}",
            listed(shops)
        ))),
        _ => Err(Fault::usage(format!(
            "--shop: you belong to several shops called “{named}”; name one by its id\n{}",
            listed(shops)
        ))),
    }
}

fn listed(shops: &[Membership]) -> String {
    let row = |it: &Membership| {
        vec![
            it.name.clone(),
            it.role.as_str().to_owned(),
            it.shop.to_string(),
        ]
    };
    output::table(&shops.iter().map(row).collect::<Vec<_>>())
}

/// The last resort needs a person's own word, or the flag.
fn consent(failure: Failure) -> Result<(), Fault> {
    if !io::stdin().is_terminal() {
        return Err(failure.into());
    }
    output::remark(&failure.words);
    let answer = ask(
        "Keep the key in a plain file that anyone with this login can read? Type yes: ",
        "--insecure-storage",
    )?;
    if answer == "yes" {
        Ok(())
    } else {
        Err(Fault::error("not signed in; nothing was kept"))
    }
}

fn welcome(account: &Account, status: &Status) -> String {
    let documents = output::count(status.documents, "document is", "documents are");
    let rest = if status.filling {
        "; the rest is on its way"
    } else {
        ""
    };
    format!(
        "Signed in to {} as {} ({}, {}). {documents} here{rest}. The cache's key: {}.\n",
        output::line(&account.shop_name),
        output::line(&account.name),
        output::line(&account.email),
        account.role,
        output::line(&account.secret),
    )
}

/// That the sign-in took the PIN away; nothing where there is one, or was none.
fn unpinned(account: &Account, before: &[Account]) -> &'static str {
    let had = before
        .iter()
        .any(|it| it.id == account.id && it.lock.is_some());
    if had && account.lock.is_none() {
        "The account has no PIN any more; “redtag pin set” gives it one.\n"
    } else {
        ""
    }
}

/// Whose account commands use from now on, and the way back; nothing where it was the same before.
fn switched(account: &Account, former: Option<&Account>) -> String {
    let Some(former) = former.filter(|former| former.id != account.id && account.default) else {
        return String::new();
    };
    let is = |it: &Account| {
        format!(
            "{} at {}",
            output::line(&it.email),
            output::line(&it.shop_name)
        )
    };
    // One person may belong to several shops.
    let name = if former.email.eq_ignore_ascii_case(&account.email) {
        &former.id
    } else {
        &former.email
    };
    format!(
        "From now on “redtag” works as {}, no longer as {}; “redtag use {}” goes back.\n",
        is(account),
        is(former),
        output::line(name),
    )
}

pub(super) fn absolute(path: &std::path::Path) -> Result<String, Fault> {
    // The daemon runs elsewhere.
    let path = std::path::absolute(path)
        .map_err(|error| Fault::usage(format!("--ca: {}: {error}", path.display())))?;
    path.into_os_string()
        .into_string()
        .map_err(|path| Fault::usage(format!("--ca: {} is no plain text", path.display())))
}

#[cfg(test)]
mod tests;
