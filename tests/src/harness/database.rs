//! Where an API keeps its data.

use std::{
    fmt, fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use redtag_postgres::Cluster;
use serde_json::Value;

use super::{Ground, Proxy};

/// With what a server keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Encrypted files of its own.
    Embedded,
    /// PostgreSQL.
    Postgres,
}

/// The database of an API: files in its directory, or one in PostgreSQL.
#[derive(Debug, Clone)]
pub struct Database {
    hosted: Option<Hosted>,
}

#[derive(Debug, Clone)]
struct Hosted {
    /// What it is called.
    name: String,
    /// The way of the app role.
    url: String,
    /// What every API over this database must have.
    key: PathBuf,
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Postgres => "postgres",
        })
    }
}

impl Database {
    /// Files of the API's own.
    pub fn embedded() -> Self {
        Self { hosted: None }
    }

    /// A new one with the ground's engine; on PostgreSQL in the cluster that all tests share.
    pub fn on(ground: &Ground) -> Result<Self> {
        match ground.engine() {
            Engine::Embedded => Ok(Self::embedded()),
            Engine::Postgres => Self::in_cluster(ground, Cluster::shared()?),
        }
    }

    /// A new one in this cluster, with roles and schema as an operator makes them.
    pub fn in_cluster(ground: &Ground, cluster: &Cluster) -> Result<Self> {
        let name = cluster.database()?;
        let said = init(ground, cluster, &name).output()?;
        let words = String::from_utf8_lossy(&said.stderr);
        ensure!(said.status.success(), "no database was made: {words}");
        let made: Value = serde_json::from_slice(&said.stdout)?;
        let url = made["url"].as_str().context("no URL was printed")?;
        let key = ground.path().join(format!("{name}.key"));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&key)?;
        for byte in crate::random::<32>()? {
            write!(file, "{byte:02x}")?;
        }
        let url = url.to_owned();
        let hosted = Some(Hosted { name, url, key });
        Ok(Self { hosted })
    }

    /// What it is called in its cluster; none where it is files.
    pub fn name(&self) -> Option<&str> {
        self.hosted.as_ref().map(|hosted| hosted.name.as_str())
    }

    /// The same by way of a proxy that stands before the cluster.
    #[must_use]
    pub fn through(&self, cluster: &Cluster, line: &Proxy) -> Self {
        let mut through = self.clone();
        if let Some(hosted) = &mut through.hosted {
            let (there, here) = (cluster.address().to_string(), line.address().to_string());
            hosted.url = hosted.url.replace(&there, &here);
        }
        through
    }

    /// The same with the master key in this file, as that of the data that is moved into it.
    pub(super) fn keyed(mut self, key: &Path) -> Self {
        if let Some(hosted) = &mut self.hosted {
            key.clone_into(&mut hosted.key);
        }
        self
    }

    /// What `move` must be told to move into it, or back to files.
    pub(super) fn tell_move(&self, command: &mut Command) {
        match &self.hosted {
            Some(Hosted { url, key, .. }) => {
                command.args(["--to", url]).arg("--key-file").arg(key);
            }
            None => {
                command.arg("--back");
            }
        }
    }

    /// What a command of the server must be told to use it.
    pub(super) fn tell(&self, command: &mut Command) {
        if let Some(Hosted { url, key, .. }) = &self.hosted {
            command.args(["--database", url]).arg("--key-file").arg(key);
        }
    }
}

/// What an operator runs to make a database's roles and schema, or to bring them up to date.
pub fn init(ground: &Ground, cluster: &Cluster, name: &str) -> Command {
    let mut init = ground.command("server");
    init.args(["database", "init", "--json", "--admin"]);
    init.arg(cluster.admin_url(name));
    init
}
