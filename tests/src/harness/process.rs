//! One process of the programs under test: its log is kept, and it never outlives its handle.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow, bail};
use rustix::process::{Pid, Signal, kill_process};

use super::wait::{PATIENCE, eventually};

/// Where a program lies that this machine may have.
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|path| path.is_file())
}

/// A running process. Dropping it kills it and waits for its end.
#[derive(Debug)]
pub struct Process {
    child: Child,
    what: String,
    log: PathBuf,
}

impl Process {
    /// Starts a command with nothing to read; its standard error goes to the end of the file `log`,
    /// which failure messages quote.
    pub fn start(mut command: Command, what: &str, log: &Path) -> Result<Self> {
        let errors = appending(log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .with_context(|| format!("{what} cannot be started"))?;
        Ok(Self {
            child,
            what: what.to_owned(),
            log: log.to_owned(),
        })
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The first line on its standard output. The rest is read and dropped, so that it never blocks.
    pub fn first_line(&mut self) -> Result<String> {
        self.first_line_within(PATIENCE)
    }

    /// The same of a program that works for long before it says anything.
    pub fn first_line_within(&mut self, patience: Duration) -> Result<String> {
        let out = self.child.stdout.take();
        let out = out.with_context(|| format!("{}: the output was taken already", self.what))?;
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Nobody listens after the first line.
                let _ = send.send(line);
            }
        });
        lines.recv_timeout(patience).map_err(|_| {
            anyhow!(
                "{} said nothing on its output; its log:\n{}",
                self.what,
                self.log()
            )
        })
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        tail(&self.log)
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// A signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).with_context(|| format!("{} cannot be signalled", self.what))
    }

    /// SIGTERM, and waits for the end.
    pub fn terminate(mut self) -> Result<ExitStatus> {
        self.signal(Signal::TERM)?;
        self.wait()
    }

    /// Waits for the end.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.what);
        eventually(&what, || match self.child.try_wait()? {
            Some(status) => Ok(status),
            None => bail!("it still runs; its log:\n{}", tail(&self.log)),
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last 6,000 bytes of a log, or why it cannot be read.
pub(super) fn tail(log: &Path) -> String {
    match std::fs::read(log) {
        Ok(bytes) => {
            let from = bytes.len().saturating_sub(6_000);
            String::from_utf8_lossy(&bytes[from..]).into_owned()
        }
        Err(error) => format!("({}: {error})", log.display()),
    }
}

fn appending(log: &Path) -> Result<File> {
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.with_context(|| format!("the log {} cannot be opened", log.display()))
}
