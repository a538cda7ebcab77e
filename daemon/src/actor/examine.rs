//! `redtag doctor`: what this daemon stands on, looked at while it works. What is found names
//! accounts by their ids, so that it can be shown to others.

use std::{path::Path, time::Duration};

use redtag_protocol::ipc::{Finding, Reply};
use tokio::{sync::mpsc::UnboundedSender, time::timeout};

use super::{Actor, event::Event, hands::Hands};
use crate::{
    cache,
    ipc::ConnId,
    remote::{Remote, RemoteError},
    secret,
};

/// How long the API may take to say what it speaks.
const PATIENCE: Duration = Duration::from_secs(10);

/// With less than this, in bytes, a copy or a few photos may not fit any more.
const LITTLE: u64 = 200 << 20;

/// A clock that is off by more than this, in milliseconds, makes the times of edits strange to read.
const OFF: u64 = 120_000;

impl Actor {
    /// Looks at everything and answers when it is done, without holding up anybody. Reads every page
    /// of every cache: whoever asks meanwhile waits for what is found now.
    pub(super) fn examine(&mut self, conn: ConnId, id: u64) {
        let Some(answer) = self.owed(conn, id) else {
            return;
        };
        self.examined_for.push(answer);
        if self.examined_for.len() > 1 {
            return;
        }
        let data = self.setup.paths.data.clone();
        let mut found = vec![self.secrets_found(), self.config_found()];
        let shut: Vec<Finding> = self
            .shut
            .iter()
            .map(|(id, (_, why))| {
                let found = format!("it cannot be opened: {why}");
                finding(format!("cache {id}"), false, found)
            })
            .collect();
        let open: Vec<_> = self
            .accounts
            .iter()
            .map(|(id, account)| (self.home.at(id), account.hands.clone()))
            .collect();
        let length = self.lease();
        let leases = self.accounts.iter();
        found.extend(leases.map(|(id, account)| account.lease.finding(id, length)));
        let secrets = self.secrets.clone();
        let events = self.events.clone();
        tokio::spawn(async move {
            // Also where it does not come to its end.
            let mut told = Told {
                events,
                found: None,
            };
            found.push(disk(&data));
            found.extend(shut);
            let mut rest = Vec::new();
            for (dir, hands) in open {
                // A cache can be closed only when nobody holds it any more, so it is let go before
                // anything that takes long.
                found.extend(clock_found(&hands).await);
                let Hands {
                    account, remote, ..
                } = hands;
                rest.push((dir, account, remote));
            }
            for (dir, account, remote) in rest {
                found.push(cache_found(&dir, &account, secrets.clone()).await);
                found.push(api_found(&account, &remote).await);
            }
            told.found = Some(found);
        });
    }

    /// Answers all who asked.
    pub(super) fn examined(&mut self, found: Option<&[Finding]>) {
        for mut answer in std::mem::take(&mut self.examined_for) {
            // One without findings says by itself that it was not done.
            if let Some(found) = found {
                answer.give(Ok(Reply::Examined(found.to_vec())));
            }
        }
    }

    fn secrets_found(&self) -> Finding {
        match &self.secrets {
            Some(store) => {
                let how = store
                    .how()
                    .map_or_else(String::new, |how| format!("; {how}"));
                finding(
                    "secrets",
                    true,
                    format!("the key is {}{how}", store.rung().words()),
                )
            }
            None if self.shut.is_empty() => finding(
                "secrets",
                true,
                "no store was chosen yet; the first sign-in does",
            ),
            None => finding("secrets", false, "the secret store cannot be read"),
        }
    }

    fn config_found(&self) -> Finding {
        let settings = self.setup.settings.borrow();
        if let Some(problem) = &settings.problem {
            return finding("config", false, problem);
        }
        let set: Vec<String> = settings
            .told
            .iter()
            .filter(|it| it.origin != "default")
            .map(|it| format!("{} from {}", it.key, it.origin))
            .collect();
        finding(
            "config",
            true,
            match set.as_slice() {
                [] => "everything is as delivered".to_owned(),
                set => set.join(", "),
            },
        )
    }
}

/// Tells what was found when it goes.
struct Told {
    events: UnboundedSender<Event>,
    found: Option<Vec<Finding>>,
}

impl Drop for Told {
    fn drop(&mut self) {
        // The actor may have ended; then nobody waits.
        let _ = self.events.send(Event::Examined(self.found.take()));
    }
}

fn finding(what: impl Into<String>, ok: bool, found: impl Into<String>) -> Finding {
    Finding {
        what: what.into(),
        ok,
        found: found.into(),
    }
}

fn disk(data: &Path) -> Finding {
    match rustix::fs::statvfs(data) {
        Ok(stat) => {
            let free = stat.f_bavail.saturating_mul(stat.f_frsize);
            let enough = free >= LITTLE;
            let words = if enough {
                ""
            } else {
                "; make room, or nothing more can be saved"
            };
            finding("disk", enough, format!("{} MB are free{words}", free >> 20))
        }
        Err(error) => finding("disk", false, format!("it cannot be asked: {error}")),
    }
}

async fn cache_found(dir: &Path, account: &str, secrets: Option<secret::Store>) -> Finding {
    let what = format!("cache {account}");
    let Some(secrets) = secrets else {
        return finding(what, false, "its key is not there");
    };
    let (dir, id) = (dir.to_owned(), account.to_owned());
    let checked = tokio::task::spawn_blocking(move || {
        let key = secrets.load(&id).map_err(|error| error.to_string())?;
        cache::check(&dir, &key).map_err(|error| error.to_string())
    });
    match checked.await {
        Ok(Ok(checked)) => match checked.damage {
            None => finding(
                what,
                true,
                format!(
                    "encrypted by SQLCipher {}; every page holds",
                    checked.cipher
                ),
            ),
            Some(damage) => finding(
                what,
                false,
                format!(
                    "damaged ({damage}). `redtag daemon restart` sets it aside, takes over what is \
                     unsent and fetches the rest again"
                ),
            ),
        },
        Ok(Err(words)) => finding(what, false, words),
        Err(_) => finding(what, false, "looking at it failed; the log says why"),
    }
}

async fn clock_found(hands: &Hands) -> Option<Finding> {
    let offset = hands.cache.call(|store| store.meta().offset).await.ok()?;
    let (ahead, off) = (offset < 0, offset.unsigned_abs());
    let words = match off {
        0..1000 => "within a second of the API's".to_owned(),
        _ => format!(
            "{} seconds {} the API's; times are corrected by it",
            off / 1000,
            if ahead { "ahead of" } else { "behind" }
        ),
    };
    let remedy = if off < OFF {
        ""
    } else {
        ". Have this machine's clock set"
    };
    Some(finding(
        format!("clock {}", hands.account),
        off < OFF,
        format!("{words}{remedy}"),
    ))
}

async fn api_found(account: &str, remote: &Remote) -> Finding {
    let what = format!("API {account}");
    let line = if remote.address().is_plain() {
        "plain HTTP on this machine"
    } else {
        "TLS 1.2 or newer"
    };
    match timeout(PATIENCE, remote.version()).await {
        Ok(Ok(found)) => {
            let (api, version) = (found.value.api, found.value.version);
            let version = redtag_protocol::text::clean_line(&version).into_owned();
            finding(
                what,
                true,
                format!(
                    "{line}; version {version}, speaks {} to {}",
                    api.min, api.max
                ),
            )
        }
        Ok(Err(RemoteError::Upgrade { words })) => finding(what, false, words),
        Ok(Err(error)) => finding(what, false, format!("{line}; {error}")),
        Err(_) => finding(what, false, format!("{line}; no answer in ten seconds")),
    }
}
