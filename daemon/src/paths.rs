//! Where everything lies: under `REDTAG_HOME`, in the person's XDG directories, or in the
//! directories that systemd hands to the system service.

mod files;

pub use files::{make_private_dir, replace_file};

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use redtag_protocol::ipc::socket;

/// The environment, as a function, so that tests hand in their own.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Where the shares of Unix users lie in the system service's directories.
const USERS: &str = "users";

/// The directories and the socket of one daemon. All paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// Holds `config.toml`.
    pub config: PathBuf,
    /// What must not be lost: the accounts' encrypted caches with their outboxes.
    pub data: PathBuf,
    /// Small things of this machine: wrapped keys, the lock, the secret store's record.
    pub state: PathBuf,
    /// What can be fetched again.
    pub cache: PathBuf,
    /// The log files.
    pub logs: PathBuf,
    /// The unix socket.
    pub socket: PathBuf,
    /// Where systemd's credentials lie, for the system service.
    pub credentials: Option<PathBuf>,
    /// Whether this is the system service.
    pub system: bool,
    /// Whether `REDTAG_HOME` is set: the desktop keyring is then never touched.
    pub home: bool,
}

/// Directories that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// Neither `REDTAG_HOME` nor a home directory.
    #[error(
        "there is no home directory to keep anything in; set REDTAG_HOME to a directory of yours"
    )]
    NoHome,
    /// The system service outside systemd.
    #[error(
        "--system needs $STATE_DIRECTORY from systemd; start the unit redtagd.service, or leave --system out"
    )]
    NoStateDirectory,
    /// `REDTAG_HOME` is not absolute and the present directory is unknown.
    #[error("REDTAG_HOME ({}) cannot be made absolute: {cause}", home.display())]
    Relative {
        /// What it says.
        home: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// A directory cannot be made or is not safe.
    #[error("the directory {} cannot be used: {why}", dir.display())]
    Directory {
        /// Which.
        dir: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// The cache would lie on a network file system, where SQLite's locks do not hold.
    #[error(
        "{} lies on NFS, where the encrypted cache could be damaged; \
         set REDTAG_HOME to a directory on a local disk, such as /var/lib/redtag-{uid}", dir.display()
    )]
    Network {
        /// Which.
        dir: PathBuf,
        /// The person's user id.
        uid: u32,
    },
}

impl Paths {
    /// Finds the paths; makes nothing.
    pub fn find(system: bool, env: Env<'_>) -> Result<Self, PathsError> {
        let home = env("REDTAG_HOME").filter(|home| !home.is_empty());
        match home {
            Some(home) => Self::under(Path::new(&home), env),
            None if system => Self::of_systemd(env),
            None => Self::of_person(env),
        }
    }

    /// Makes the directories, each open to their owner only, and refuses a network file system.
    pub fn make(&self) -> Result<(), PathsError> {
        for dir in [&self.data, &self.state, &self.cache, &self.logs] {
            make_private_dir(dir)?;
        }
        // The system service's is the administrator's, who may let everybody read it.
        if !self.system {
            make_private_dir(&self.config)?;
        }
        files::refuse_network(&self.data)?;
        files::refuse_network(&self.state)
    }

    /// In the system service, where each Unix user's share of the data lies.
    pub(crate) fn users(&self) -> PathBuf {
        self.data.join(USERS)
    }

    /// The share of one Unix user in the system service: directories of their own.
    #[must_use]
    pub fn of_user(&self, uid: u32) -> Self {
        let share = |dir: &Path| dir.join(USERS).join(uid.to_string());
        Self {
            data: share(&self.data),
            state: share(&self.state),
            cache: share(&self.cache),
            ..self.clone()
        }
    }

    /// The user's configuration file.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The lock that one daemon per state directory holds.
    pub fn lock_file(&self) -> PathBuf {
        self.state.join("daemon.lock")
    }

    fn under(home: &Path, env: Env<'_>) -> Result<Self, PathsError> {
        let home = std::path::absolute(home).map_err(|cause| PathsError::Relative {
            home: home.to_owned(),
            cause,
        })?;
        let state = home.join("state");
        Ok(Self {
            config: home.join("config"),
            data: home.join("data"),
            cache: home.join("cache"),
            logs: home.join("logs"),
            socket: own_socket(Some(&home), &state, env),
            state,
            credentials: None,
            system: false,
            home: true,
        })
    }

    fn of_person(env: Env<'_>) -> Result<Self, PathsError> {
        let dirs = directories::ProjectDirs::from("", "", "redtag").ok_or(PathsError::NoHome)?;
        let state = dirs
            .state_dir()
            .unwrap_or_else(|| dirs.data_local_dir())
            .to_owned();
        Ok(Self {
            config: dirs.config_dir().to_owned(),
            data: dirs.data_local_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            logs: state.join("logs"),
            socket: own_socket(None, &state, env),
            state,
            credentials: None,
            system: false,
            home: false,
        })
    }

    /// systemd.exec(5): `StateDirectory=` and its kin; each may be a list, the first counts.
    fn of_systemd(env: Env<'_>) -> Result<Self, PathsError> {
        let dir = |name: &str| {
            let all = env(name)?;
            let first = PathBuf::from(all.to_str()?.split(':').next()?);
            first.is_absolute().then_some(first)
        };
        let state = dir("STATE_DIRECTORY").ok_or(PathsError::NoStateDirectory)?;
        Ok(Self {
            config: dir("CONFIGURATION_DIRECTORY").unwrap_or_else(|| "/etc/redtag".into()),
            data: state.join("data"),
            cache: dir("CACHE_DIRECTORY").unwrap_or_else(|| state.join("cache")),
            logs: dir("LOGS_DIRECTORY").unwrap_or_else(|| state.join("logs")),
            socket: dir("RUNTIME_DIRECTORY")
                .map_or_else(|| socket::SYSTEM.into(), |run| run.join("daemon.sock")),
            state,
            credentials: dir("CREDENTIALS_DIRECTORY"),
            system: true,
            home: false,
        })
    }
}

fn own_socket(home: Option<&Path>, state: &Path, env: Env<'_>) -> PathBuf {
    let runtime = env("XDG_RUNTIME_DIR").map(PathBuf::from);
    socket::own(socket::Surroundings {
        home,
        runtime: runtime.as_deref(),
        state,
        uid: rustix::process::getuid().as_raw(),
    })
}

#[cfg(test)]
mod tests;
