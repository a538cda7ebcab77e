//! Signing in by a code that one types into a browser, on whatever machine.

use std::io::{self, IsTerminal as _};

use redtag_protocol::ipc::{Account, Failure, FailureCode, Pair, Pairing, Reply, Request};

use super::{absolute, consent};
use crate::{
    command::{
        desk::{Line, unexpected},
        fault::Fault,
        output,
    },
    config::is_ascii,
    qr::Qr,
};

/// Whether this is the way that was asked for: no e-mail address, and somebody to type the code.
pub(super) fn is_wanted(args: &super::Args) -> bool {
    args.email.is_none()
        && !args.password_stdin
        && args.shop.is_none()
        && args.totp.is_none()
        && args.enroll.is_none()
        // The password outranks a PIN.
        && !args.forget_pin
        && io::stderr().is_terminal()
}

/// Shows the code and waits for the word of whoever types it.
pub(super) async fn sign_in(line: &Line, args: &super::Args) -> Result<Account, Fault> {
    let mut pair = Pair {
        url: args.url.clone(),
        insecure_storage: args.insecure_storage,
        ca: args.ca.as_deref().map(absolute).transpose()?,
    };
    let pairing = loop {
        match line.attempt(Request::Pair(pair.clone())).await? {
            Ok(Reply::Pairing(pairing)) => break pairing,
            Ok(other) => return Err(unexpected(&other)),
            Err(failure) => {
                consent_to(failure, &mut pair)?;
            }
        }
    };
    output::remark(&shown(&pairing, room().as_ref()));
    match line.ask(Request::Paired).await? {
        Reply::Account(account) => Ok(account),
        other => Err(unexpected(&other)),
    }
}

fn consent_to(failure: Failure, pair: &mut Pair) -> Result<(), Fault> {
    if failure.code != FailureCode::NoSecretStore || pair.insecure_storage {
        return Err(failure.into());
    }
    consent(failure)?;
    pair.insecure_storage = true;
    Ok(())
}

/// How much a terminal shows.
pub(super) struct Room {
    pub(super) width: usize,
    pub(super) ascii: bool,
}

fn room() -> Option<Room> {
    let (width, _) = crossterm::terminal::size().ok()?;
    Some(Room {
        width: width.into(),
        ascii: is_ascii(|name| std::env::var(name).ok()),
    })
}

/// Where to go and what to type, with the address as a QR code where there is room.
pub(super) fn shown(pairing: &Pairing, room: Option<&Room>) -> String {
    let page = output::line(&pairing.page);
    let code = output::line(&pairing.code);
    let qr = room.and_then(|it| Qr::of(&pairing.page)?.lines(it.ascii, it.width));
    let qr = qr.map(|lines| format!("\n{}\n\n", lines.join("\n")));
    // The picture first: what is to be read stays on a terminal of 24 lines.
    format!(
        "{}Open this page in a browser, on any machine:\n    {page}\nand type this code:\n    {code}\n\n\
         It is good for {} minutes. Waiting for you; Ctrl-C gives up.\n\
         With --email you sign in here, by password.",
        qr.unwrap_or_default(),
        pairing.left.div_ceil(60),
    )
}
