//! Where the client finds the daemon and keeps its own files.

use std::{
    env,
    path::{Path, PathBuf},
};

use directories::ProjectDirs;
use redtag_protocol::ipc::socket::{self, Surroundings};

/// The places of one person, or of one `REDTAG_HOME`.
#[derive(Debug, Clone)]
pub struct Paths {
    /// `REDTAG_HOME`, absolute.
    home: Option<PathBuf>,
    state: PathBuf,
    config: PathBuf,
    logs: PathBuf,
}

/// Neither `REDTAG_HOME` nor a home directory says where things lie.
#[derive(Debug, thiserror::Error)]
#[error("there is no home directory; set REDTAG_HOME to a directory for Redtag's files")]
pub struct NoHome;

impl Paths {
    /// From the environment.
    pub fn from_env() -> Result<Self, NoHome> {
        if let Some(home) = env::var_os("REDTAG_HOME").filter(|home| !home.is_empty()) {
            return Ok(Self::under(Path::new(&home)));
        }
        let own = ProjectDirs::from("", "", "redtag").ok_or(NoHome)?;
        let state = own.state_dir().unwrap_or_else(|| own.data_local_dir());
        Ok(Self {
            home: None,
            logs: state.join("logs"),
            state: state.to_owned(),
            config: own.config_dir().to_owned(),
        })
    }

    /// Everything under one directory.
    pub fn under(home: &Path) -> Self {
        // A relative directory counts from where the program was started.
        let home = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
        Self {
            state: home.join("state"),
            config: home.join("config"),
            logs: home.join("logs"),
            home: Some(home),
        }
    }

    /// Where a daemon may answer, in order; the last is the one that may be started.
    pub fn sockets(&self) -> Vec<PathBuf> {
        let runtime = env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        socket::candidates(Surroundings {
            home: self.home.as_deref(),
            runtime: runtime.as_deref(),
            state: &self.state,
            uid: rustix::process::getuid().as_raw(),
        })
    }

    /// Where templates lie while an editor has them.
    pub fn editing(&self) -> PathBuf {
        self.state.join("editing")
    }

    /// The directory of the configuration.
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The directory of the logs, the daemon's among them.
    pub fn logs(&self) -> &Path {
        &self.logs
    }
}
