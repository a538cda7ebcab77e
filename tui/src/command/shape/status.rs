//! How things stand, for scripts.

use redtag_protocol::{
    ids::ShopId,
    ipc::{Connection, Status},
    role::Role,
};
use serde::Serialize;

use super::FORMAT;
use crate::command::output::instant;

/// How things stand for the account.
#[derive(Debug, Serialize)]
pub(crate) struct StatusShape<'a> {
    format: u16,
    /// E-mail address; null where nobody is signed in.
    account: Option<&'a str>,
    account_id: Option<&'a str>,
    name: Option<&'a str>,
    role: Option<Role>,
    shop: Option<ShopId>,
    shop_name: Option<&'a str>,
    url: Option<&'a str>,
    /// `online`, `connecting`, `offline`, `signed_out` or `no_account`.
    connection: &'static str,
    /// Why it is not online, in words.
    why: Option<&'a str>,
    next_try: Option<String>,
    cursor: Option<&'a str>,
    seq: u64,
    /// Saved here and not yet sent.
    waiting: u64,
    /// Sent and not yet acknowledged.
    sent: u64,
    quarantined: u64,
    conflicts: u64,
    /// RFC 3339; null before the first.
    last_sync: Option<String>,
    filling: bool,
    documents: u64,
    /// When the oldest unsent edit was saved; null where none is unsent.
    waiting_since: Option<String>,
    /// Why the queue does not move, in words; null while it moves or nothing waits.
    held: Option<&'a str>,
    /// Whether a new copy of the shop is being made beside the one that is shown.
    rebuilding: bool,
    /// While a copy is on its way: how much of it came.
    progress: Option<Progress>,
    /// While texts are being indexed for search: how many are.
    indexed: Option<Progress>,
    /// The timeline's chain does not hold: what was found, and when.
    alarm: Option<&'a str>,
    daemon: Daemon<'a>,
    notices: &'a [String],
}

#[derive(Debug, Serialize)]
struct Progress {
    done: u64,
    of: u64,
}

impl From<(u64, u64)> for Progress {
    fn from((done, of): (u64, u64)) -> Self {
        Self { done, of }
    }
}

#[derive(Debug, Serialize)]
struct Daemon<'a> {
    version: &'a str,
    pid: u32,
    log: Option<&'a str>,
}

/// The connection's name for scripts.
fn connection(connection: &Connection) -> &'static str {
    match connection {
        Connection::Online => "online",
        Connection::Connecting => "connecting",
        Connection::Offline { .. } => "offline",
        Connection::SignedOut { .. } => "signed_out",
        Connection::NoAccount => "no_account",
    }
}

impl<'a> From<&'a Status> for StatusShape<'a> {
    fn from(status: &'a Status) -> Self {
        let account = status.account.as_ref();
        let (why, next_try) = match &status.connection {
            Connection::Offline { why, next_try } => (Some(why.as_str()), *next_try),
            Connection::SignedOut { why } => (Some(why.as_str()), None),
            _ => (None, None),
        };
        Self {
            format: FORMAT,
            account: account.map(|it| it.email.as_str()),
            account_id: account.map(|it| it.id.as_str()),
            name: account.map(|it| it.name.as_str()),
            role: account.map(|it| it.role),
            shop: account.map(|it| it.shop),
            shop_name: account.map(|it| it.shop_name.as_str()),
            url: account.map(|it| it.url.as_str()),
            connection: connection(&status.connection),
            why,
            next_try: next_try.or(status.next_try).map(instant),
            cursor: status.cursor.as_deref(),
            seq: status.seq.0,
            waiting: status.waiting,
            sent: status.sent,
            quarantined: status.quarantined,
            conflicts: status.conflicts,
            last_sync: status.last_sync.map(instant),
            filling: status.filling,
            documents: status.documents,
            waiting_since: status.waiting_since.map(instant),
            held: status.held.as_deref(),
            rebuilding: status.rebuilding,
            progress: status.progress.map(Into::into),
            indexed: status.indexed.map(Into::into),
            alarm: status.alarm.as_deref(),
            daemon: Daemon {
                version: &status.version,
                pid: status.pid,
                log: status.log.as_deref(),
            },
            notices: &status.notices,
        }
    }
}
