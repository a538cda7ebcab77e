//! The ground a test stands on: one directory for everything, and the check that nothing is left.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::{Engine, wait::within};

/// How long the last processes may take to end once their handles are gone.
const AFTERGLOW: Duration = Duration::from_secs(3);

/// A directory of one test and the program under test. Clones share it; with the last one it is
/// removed, and the test fails if a process that was started in it still runs.
#[derive(Debug, Clone)]
pub struct Ground {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    program: PathBuf,
    engine: Engine,
    directory: TempDir,
}

impl Ground {
    /// A new, empty ground. `program` is the one program that plays all three parts.
    pub fn new(program: impl AsRef<Path>) -> Result<Self> {
        Self::with(program, Engine::Embedded)
    }

    /// The same, on which servers keep their data with this engine.
    pub fn with(program: impl AsRef<Path>, engine: Engine) -> Result<Self> {
        // A short name, so that sockets fit below it.
        let directory = tempfile::Builder::new().prefix("rt").tempdir()?;
        let inner = Inner {
            program: program.as_ref().to_owned(),
            engine,
            directory,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.inner.directory.path()
    }

    /// With what servers keep their data here.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Whether no process that was started here runs any more, once the last have had a moment to
    /// end. One that does is killed.
    pub fn left_clean(&self) -> Result<()> {
        self.inner.left_clean()
    }

    /// A command that runs one part (`tui`, `daemon` or `server`) in surroundings that hold nothing
    /// of the machine's.
    pub fn command(&self, part: &str) -> Command {
        let mut command = Command::new(&self.inner.program);
        command
            .arg(part)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("HOME", self.path())
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .env("RUST_BACKTRACE", "1");
        command
    }
}

impl Inner {
    fn left_clean(&self) -> Result<()> {
        let here = self.directory.path();
        let left = within(
            AFTERGLOW,
            "no process to be left behind",
            || match running_in(here).as_slice() {
                [] => Ok(()),
                left => bail!("{left:?}"),
            },
        );
        if left.is_err() {
            for (pid, _) in running_in(here) {
                // It may end by itself in between.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        left.context("a process was left behind")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Err(left) = self.left_clean() {
            let failed = thread::panicking();
            assert!(failed, "{left:#}");
        }
    }
}

/// Processes whose surroundings or arguments name the directory.
fn running_in(directory: &Path) -> Vec<(Pid, String)> {
    let Ok(processes) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let needle = directory.as_os_str().as_bytes();
    processes
        .flatten()
        .filter_map(|process| {
            let pid = pid_of(&process.file_name())?;
            let path = process.path();
            let arguments = fs::read(path.join("cmdline")).ok()?;
            let surroundings = fs::read(path.join("environ")).ok()?;
            let here = holds(&arguments, needle) || holds(&surroundings, needle);
            // A process that has ended and waits to be reaped has neither.
            here.then(|| (pid, String::from_utf8_lossy(&arguments).replace('\0', " ")))
        })
        .collect()
}

fn pid_of(name: &OsStr) -> Option<Pid> {
    let number: i32 = name.to_str()?.parse().ok()?;
    Pid::from_raw(number)
}

/// Whether the bytes hold the needle.
fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

impl Ground {
    /// Files under a directory of the ground that hold these bytes.
    pub fn files_with(&self, directory: &Path, needle: &[u8]) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        let mut open = vec![directory.to_owned()];
        while let Some(directory) = open.pop() {
            let entries = fs::read_dir(&directory)
                .with_context(|| format!("{} cannot be listed", directory.display()))?;
            for entry in entries {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    open.push(entry.path());
                } else if kind.is_file() && holds(&fs::read(entry.path())?, needle) {
                    found.push(entry.path());
                }
            }
        }
        Ok(found)
    }
}
