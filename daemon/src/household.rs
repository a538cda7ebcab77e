//! Who is served: the daemon of one person runs one actor; the system service runs one for each
//! Unix user who came, in directories of that user's own. So the wall between users is that no actor
//! has ever opened anything of another's.

use std::{collections::HashMap, fs, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use rustix::process::geteuid;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    actor,
    config::Settings,
    ipc::{Inbound, Knock},
    paths::Paths,
};

/// How many requests may wait for one actor; beyond, their senders wait.
const REQUESTS: usize = 64;

/// What every actor is given.
pub(crate) struct Household {
    /// Where things lie.
    pub(crate) paths: Arc<Paths>,
    /// The log's directory, for people who ask.
    pub(crate) log: Option<PathBuf>,
    /// What a person calls this machine.
    pub(crate) bench: String,
    /// The configuration in force.
    pub(crate) settings: watch::Receiver<Settings>,
}

/// Asks for the doors of all actors that run.
pub(crate) type Roll = oneshot::Sender<Vec<mpsc::Sender<Inbound>>>;

/// Lets people in until `stop` is cancelled or a person's own daemon is told to stop. When it
/// returns, every actor has ended.
pub(crate) async fn run(
    household: Household,
    mut knocks: mpsc::Receiver<Knock>,
    mut rolls: mpsc::Receiver<Roll>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut rooms = Rooms {
        household,
        doors: HashMap::new(),
        running: JoinSet::new(),
        stop: stop.clone(),
    };
    for uid in rooms.known()? {
        // One person's unusable directories must not keep the others out.
        if let Err(words) = rooms.enter(uid) {
            tracing::error!(uid, "{words}");
        }
    }
    let done = loop {
        tokio::select! {
            () = stop.cancelled() => break Ok(()),
            Some(knock) = knocks.recv() => {
                let _ = knock.answer.send(rooms.enter(knock.uid));
            }
            Some(roll) = rolls.recv() => {
                let _ = roll.send(rooms.doors.values().cloned().collect());
            }
            Some(ended) = rooms.running.join_next() => {
                // Of many users one's fault is not the others': the next connection of that user
                // tries again.
                let done = ended.context("the daemon failed").and_then(|done| done);
                if !rooms.household.paths.system {
                    break done;
                }
                if let Err(error) = done {
                    tracing::error!("a user's accounts cannot be served: {error:#}");
                }
                rooms.doors.retain(|_, door| !door.is_closed());
            }
        }
    };
    stop.cancel();
    while rooms.running.join_next().await.is_some() {}
    done
}

struct Rooms {
    household: Household,
    doors: HashMap<u32, mpsc::Sender<Inbound>>,
    running: JoinSet<anyhow::Result<()>>,
    stop: CancellationToken,
}

impl Rooms {
    /// Whose actors run from the start, so that what they saved goes out before they come again.
    fn known(&self) -> anyhow::Result<Vec<u32>> {
        let paths = &self.household.paths;
        if !paths.system {
            return Ok(vec![geteuid().as_raw()]);
        }
        let users = paths.users();
        let entries = match fs::read_dir(&users) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => Err(error).with_context(|| format!("{}", users.display()))?,
        };
        let uid = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
        Ok(entries.flatten().filter_map(uid).collect())
    }

    /// The door of the actor that serves this user, started where it does not run.
    fn enter(&mut self, uid: u32) -> Result<mpsc::Sender<Inbound>, String> {
        let paths = &self.household.paths;
        // The daemon of one person lets in nobody else but root, who could read its memory anyway.
        let (uid, paths) = if paths.system {
            (uid, Arc::new(paths.of_user(uid)))
        } else {
            (geteuid().as_raw(), Arc::clone(paths))
        };
        if let Some(door) = self.doors.get(&uid).filter(|door| !door.is_closed()) {
            return Ok(door.clone());
        }
        paths
            .make()
            .map_err(|error| format!("your accounts' place on this machine fails: {error}"))?;
        let (door, requests) = mpsc::channel(REQUESTS);
        let setup = actor::Setup {
            paths,
            log: self.household.log.clone(),
            bench: self.household.bench.clone(),
            settings: self.household.settings.clone(),
        };
        let stop = self.stop.clone();
        // Among the runtime's own threads: what it sets going needs no other thread to wake up.
        self.running.spawn(async move {
            let done = actor::run(setup, requests, stop).await;
            done.with_context(|| format!("user {uid}"))
        });
        self.doors.insert(uid, door.clone());
        Ok(door)
    }
}

#[cfg(test)]
mod tests;
