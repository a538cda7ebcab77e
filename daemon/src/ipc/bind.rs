//! Taking the lock, making the socket, letting clients in.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    os::unix::{
        fs::{FileTypeExt, OpenOptionsExt, PermissionsExt},
        net::UnixListener as StdListener,
    },
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::{net::UnixListener, sync::mpsc, task::JoinSet, time};
use tokio_util::sync::CancellationToken;

use super::{
    ConnId, Knock,
    session::{self, Door},
};
use crate::paths::{Paths, PathsError, make_private_dir};

/// How many clients may be connected at once: far more than benches have, far fewer than
/// descriptors.
const MAX_CLIENTS: usize = 128;

/// How many of them may be one user's, where several are served.
pub(super) const MAX_OF_ONE: usize = 32;

/// How long a stop waits for clients to take what is queued for them.
const FAREWELL: Duration = Duration::from_secs(1);

/// A socket that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another daemon holds the lock.
    #[error("a redtagd is already running here{who}; `redtag daemon stop` ends it")]
    Running {
        /// Its process id in words, where it is known.
        who: String,
    },
    /// The socket's directory cannot be used.
    #[error(transparent)]
    Directory(#[from] PathsError),
    /// The lock or the socket cannot be made.
    #[error("the {what} {} cannot be made: {cause}", path.display())]
    Io {
        /// What.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// A socket that clients can connect to, and the lock that goes with it. Both go with it.
#[derive(Debug)]
pub struct Listener {
    socket: UnixListener,
    /// What to remove at the end; none where systemd made the socket, which then stays.
    path: Option<PathBuf>,
    group: bool,
    /// Held, never read: the system frees it when the process ends, however it ends.
    _lock: File,
}

/// Takes the lock and opens the socket (mode 0600; 0660 for the system service). Needs a tokio
/// runtime.
pub fn listen(paths: &Paths) -> Result<Listener, ListenError> {
    let lock = lock(paths)?;
    let path = paths.socket.clone();
    let failed = |cause| ListenError::Io {
        what: "socket",
        path: path.clone(),
        cause,
    };
    // systemd makes the service's own and gives it to the group.
    if let Some(dir) = path.parent().filter(|_| !paths.system) {
        make_private_dir(dir)?;
    }
    remove_stale(&path).map_err(failed)?;
    // Born closed to others: the umask is 077, and the directory is ours alone.
    let socket = StdListener::bind(&path).map_err(failed)?;
    let mode = if paths.system { 0o660 } else { 0o600 };
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).map_err(failed)?;
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(Listener {
        socket: UnixListener::from_std(socket).map_err(failed)?,
        path: Some(path),
        group: paths.system,
        _lock: lock,
    })
}

/// Takes the lock and serves on a socket that systemd has made. Needs a tokio runtime.
pub fn listen_on(socket: StdListener, paths: &Paths) -> Result<Listener, ListenError> {
    let lock = lock(paths)?;
    let failed = |cause| ListenError::Io {
        what: "socket",
        path: paths.socket.clone(),
        cause,
    };
    socket.set_nonblocking(true).map_err(failed)?;
    Ok(Listener {
        socket: UnixListener::from_std(socket).map_err(failed)?,
        path: None,
        group: paths.system,
        _lock: lock,
    })
}

impl Listener {
    #[cfg(test)]
    pub(super) fn shared(&mut self, group: bool) {
        self.group = group;
    }

    /// Serves clients until `stop`; then waits until each has got what was queued for it (at most
    /// a second) and removes the socket.
    pub async fn serve(self, knocks: mpsc::Sender<Knock>, stop: CancellationToken) {
        let door = Door {
            group: self.group,
            knocks,
        };
        let mut sessions = JoinSet::new();
        let mut of: HashMap<u32, usize> = HashMap::new();
        let mut next = 0;
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = sessions.join_next() => {
                    if let Ok(uid) = ended
                        && let Some(count) = of.get_mut(&uid)
                    {
                        *count = count.saturating_sub(1);
                    }
                    continue;
                }
                accepted = self.socket.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        // Out of descriptors, most likely: give them time to be freed.
                        tracing::warn!(%error, "a client could not be let in");
                        time::sleep(Duration::from_millis(100)).await;
                        continue;
                    }
                },
            };
            if sessions.len() >= MAX_CLIENTS {
                tracing::warn!("more than {MAX_CLIENTS} clients; one was turned away");
                continue;
            }
            let Ok(uid) = stream.peer_cred().map(|peer| peer.uid()) else {
                continue;
            };
            // One user must not take every place of the others.
            let count = of.entry(uid).or_default();
            if self.group && *count >= MAX_OF_ONE {
                tracing::warn!(uid, "more than {MAX_OF_ONE} clients; one was turned away");
                continue;
            }
            *count += 1;
            next += 1;
            let session = session::run(ConnId(next), stream, door.clone(), stop.clone());
            sessions.spawn(async move {
                session.await;
                uid
            });
        }
        let all = async { while sessions.join_next().await.is_some() {} };
        if time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("some clients did not take their last messages");
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Still under the lock, so it cannot be a successor's.
        if let Some(path) = &self.path
            && let Err(error) = fs::remove_file(path)
        {
            tracing::debug!(%error, "the socket was gone already");
        }
    }
}

fn lock(paths: &Paths) -> Result<File, ListenError> {
    let path = paths.lock_file();
    let failed = |cause| ListenError::Io {
        what: "lock",
        path: path.clone(),
        cause,
    };
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut text = String::new();
            let told = file.take(1024).read_to_string(&mut text).is_ok();
            let pid = text
                .lines()
                .next()
                .and_then(|line| line.parse::<u32>().ok());
            return Err(ListenError::Running {
                who: match pid.filter(|_| told) {
                    Some(pid) => format!(" (process {pid})"),
                    None => String::new(),
                },
            });
        }
        Err(TryLockError::Error(cause)) => return Err(failed(cause)),
    }
    // For people and for a client that looks in another place: who holds it, and where it listens.
    let text = format!("{}\n{}\n", std::process::id(), paths.socket.display());
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| file.write_all(text.as_bytes()))
        .map_err(failed)?;
    Ok(file)
}

/// Removes what a killed daemon left. Only called under the lock, so nobody listens on it.
fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() => fs::remove_file(path),
        Ok(_) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "something that is no socket lies there; move it away",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
