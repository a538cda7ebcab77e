//! How things stand for one account.

use redtag_protocol::{
    ipc::{Account, Connection, Failure, Status},
    stamp::Stamp,
};

use crate::cache::{Stage, Store};

/// What the actor knows and the cache does not.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The account; its role and shop's name are brought up to date here.
    pub account: Option<Account>,
    /// The line to the API.
    pub connection: Connection,
    /// Where the log lies.
    pub log: Option<String>,
    /// What the person should know.
    pub notices: Vec<String>,
    /// Why nothing of what waits is sent.
    pub held: Option<String>,
    /// When the next try is, where one waits, on this machine's clock.
    pub next_try: Option<Stamp>,
}

impl Standing {
    /// The status where there is no cache to ask.
    pub fn alone(self) -> Status {
        Status {
            account: self.account,
            connection: self.connection,
            cursor: None,
            seq: redtag_protocol::stamp::Seq(0),
            waiting: 0,
            sent: 0,
            quarantined: 0,
            conflicts: 0,
            last_sync: None,
            filling: false,
            documents: 0,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            log: self.log,
            notices: self.notices,
            waiting_since: None,
            held: None,
            next_try: self.next_try,
            rebuilding: false,
            progress: None,
            indexed: None,
            alarm: None,
            opened: 0,
        }
    }
}

/// What a locked account says of itself: who it is, how its line stands and how much waits.
pub fn locked(store: &Store, standing: Standing) -> Status {
    let (waiting, sent) = store.pending().unsettled();
    Status {
        waiting,
        sent,
        quarantined: store.refusals(),
        ..standing.alone()
    }
}

/// The status of an account with its cache.
pub fn status(store: &Store, mut standing: Standing) -> Result<Status, Failure> {
    if let Some(account) = &mut standing.account {
        account.role = store.role();
        if let Some((name, _)) = store.shop() {
            account.shop_name = redtag_protocol::text::clean_line(name).into_owned();
        }
    }
    standing.notices.extend(store.differs().map(str::to_owned));
    let meta = store.meta();
    let (mut waiting, mut sent) = store.pending().unsettled();
    // What was handed to a line that is not known to be good may have gone nowhere.
    if standing.connection != Connection::Online {
        (waiting, sent) = (waiting + sent, 0);
    }
    let oldest = store
        .pending()
        .iter()
        .find(|(_, op)| op.stage != Stage::Acked);
    let held = standing.held.take().filter(|_| waiting + sent > 0);
    Ok(Status {
        cursor: meta.cursor.clone(),
        seq: meta.seq,
        waiting,
        sent,
        quarantined: store.refusals(),
        conflicts: store.to_settle()?,
        last_sync: meta.last_sync,
        indexed: store.indexed(),
        rebuilding: store.rebuilding(),
        progress: store.progress(),
        alarm: store.alarm().map(str::to_owned),
        filling: meta.last_sync.is_none() || (meta.level < meta.seq && meta.level.0 == 0),
        documents: store.documents()?,
        waiting_since: oldest.map(|(_, op)| op.operation.stamp),
        held,
        ..standing.alone()
    })
}
