//! What the daemon says to whoever started it.

use std::{
    ffi::OsStr,
    io::Write,
    os::{
        linux::net::SocketAddrExt,
        unix::{
            ffi::OsStrExt,
            net::{SocketAddr, UnixDatagram},
        },
    },
};

/// Tells a failure to the person at the terminal, or to the journal.
pub(super) fn person(error: &anyhow::Error) {
    // Nowhere left to report that this failed.
    let _ = writeln!(std::io::stderr(), "redtagd: {error:#}");
}

/// Tells a state to systemd, as in `sd_notify(3)`; nothing where systemd did not start us.
pub(super) fn systemd(state: &str) {
    if let Some(to) = std::env::var_os("NOTIFY_SOCKET")
        && let Err(error) = notify(&to, state)
    {
        tracing::warn!(%error, "systemd could not be told {state}");
    }
}

fn notify(to: &OsStr, state: &str) -> std::io::Result<()> {
    let address = match to.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(to)?,
    };
    UnixDatagram::unbound()?
        .send_to_addr(state.as_bytes(), &address)
        .map(drop)
}

#[cfg(test)]
mod tests;
