//! The process that stands between a cluster and its holder: a shell that outlives the holder by as
//! long as it takes to stop the cluster and to remove its directory.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use rustix::process::geteuid;

use crate::Bin;

const SCRIPT: &str = include_str!("keeper.sh");

/// The shell that keeps one cluster. Dropping it ends the cluster and waits until its directory is
/// gone.
#[derive(Debug)]
pub(crate) struct Keeper {
    shell: Child,
    directory: PathBuf,
}

/// Who PostgreSQL runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Keeper {
    /// Makes a cluster, which is not started yet.
    pub(crate) fn new(bin: &Bin, password: &str) -> Result<Self> {
        let other = other_user()?;
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", SCRIPT, "keeper"])
            .arg(base(other))
            .args(["initdb", "postgres"].map(|it| bin.program(it)))
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        if let Some(User { uid, gid }) = other {
            command.uid(uid).gid(gid);
        }
        let shell = command.spawn().context("the shell cannot be started")?;
        let mut keeper = Self {
            shell,
            directory: PathBuf::new(),
        };
        keeper.order(password)?;
        let out = keeper.shell.stdout.take();
        let mut out = BufReader::new(out.context("the shell has no output")?);
        let mut first = String::new();
        out.read_line(&mut first)?;
        let mut second = String::new();
        out.read_line(&mut second)?;
        if second.trim_end() != "made" {
            let mut rest = String::new();
            out.read_to_string(&mut rest)?;
            bail!("PostgreSQL's files cannot be made: {first}{second}{rest}");
        }
        keeper.directory = PathBuf::from(first.trim_end());
        Ok(keeper)
    }

    /// The directory: `data`, `log`, and the sockets in it.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Tells the shell something.
    pub(crate) fn order(&mut self, line: &str) -> Result<()> {
        let orders = self.shell.stdin.as_mut();
        let orders = orders.context("the shell takes no orders any more")?;
        writeln!(orders, "{line}").context("PostgreSQL's keeper has ended")
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It fails only where the shell is gone already.
        let _ = self.shell.wait();
    }
}

/// Who runs it instead of root, under whom PostgreSQL refuses to run; none for anybody else.
pub(crate) fn other_user() -> Result<Option<User>> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").context("/etc/passwd cannot be read")?;
    let nobody = users.lines().find_map(nobody);
    let nobody = nobody.context("/etc/passwd has no user nobody, whom PostgreSQL could run as")?;
    Ok(Some(nobody))
}

/// Uid and gid where a line of `/etc/passwd` is nobody's.
fn nobody(line: &str) -> Option<User> {
    let mut fields = line.strip_prefix("nobody:")?.split(':').skip(1);
    let uid = fields.next()?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    Some(User { uid, gid })
}

/// Where the directory is made. Root's own place for temporary files may be closed to others.
fn base(other: Option<User>) -> PathBuf {
    let own = env::var_os("TMPDIR").filter(|it| !it.is_empty() && other.is_none());
    own.map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

#[cfg(test)]
mod tests;
