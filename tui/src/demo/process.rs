//! One program of the demo, as a process that never outlives it.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use redtag_protocol::text::clean_text;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::programs::{Call, Programs};

/// How long a program may take to finish after it was asked to.
const FAREWELL: Duration = Duration::from_secs(20);
/// How much of a program's last words is shown when it fails, in bytes.
const LAST_WORDS: u64 = 2_000;

/// A running program.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

/// How to run one.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// Which.
    pub(super) call: &'a Call,
    /// Its arguments.
    pub(super) args: Vec<String>,
    /// Its `REDTAG_HOME`.
    pub(super) home: &'a Path,
    /// Where its standard error goes.
    pub(super) log: PathBuf,
}

impl Run<'_> {
    /// The command, tied to this process: what the person set for Redtag has no place in the demo.
    fn command(&self, programs: &Programs) -> Result<Command, String> {
        let missing = |missing: crate::programs::Missing| missing.to_string();
        let program = self.call.command().map_err(missing)?;
        let mut own = programs.tui.command().map_err(missing)?;
        own.args(["demo", "--tied-to", &std::process::id().to_string()])
            .arg(program.get_program())
            .args(program.get_args())
            .args(&self.args);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"REDTAG_") {
                own.env_remove(name);
            }
        }
        let log = File::options().append(true).create(true).open(&self.log);
        let log = log.map_err(|error| format!("{}: {error}", self.log.display()))?;
        own.env("REDTAG_HOME", self.home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        let mut own = Command::from(own);
        own.kill_on_drop(true);
        Ok(own)
    }

    /// Starts it.
    pub(super) fn start(self, programs: &Programs) -> Result<Process, String> {
        let child = self.command(programs)?.spawn();
        self.running(child)
    }

    /// Starts it and reads the one line of JSON that it prints.
    pub(super) async fn start_announced(
        self,
        programs: &Programs,
        patience: Duration,
    ) -> Result<(Process, serde_json::Value), String> {
        let child = self.command(programs)?.stdout(Stdio::piped()).spawn();
        let mut process = self.running(child)?;
        let mut line = String::new();
        if let Some(stdout) = process.child.stdout.take() {
            let mut stdout = BufReader::new(stdout);
            // A program that fails or hangs is told apart below: there is no JSON then.
            let _ = timeout(patience, stdout.read_line(&mut line)).await;
        }
        match serde_json::from_str(&line) {
            Ok(announced) => Ok((process, announced)),
            Err(_) => Err(process.failed("did not begin")),
        }
    }

    /// Runs it to its end with this input and gives its output.
    pub(super) async fn output(self, programs: &Programs, input: &str) -> Result<String, String> {
        let mut command = self.command(programs)?;
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = self.running(child)?;
        if let Some(mut stdin) = process.child.stdin.take() {
            // A program that ended without reading it says so itself.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
        let Process { name, child, log } = process;
        let output = child.wait_with_output().await;
        let output = output.map_err(|error| format!("{name}: {error}"))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(words(&name, "failed", &log))
    }

    fn running(self, child: std::io::Result<Child>) -> Result<Process, String> {
        let name = self.call.name().to_owned();
        let child = child.map_err(|error| format!("{name} cannot be run: {error}"))?;
        Ok(Process {
            name,
            child,
            log: self.log,
        })
    }
}

impl Process {
    /// Whether it has ended by itself, and its last words then.
    pub(super) fn ended(&mut self) -> Option<String> {
        match self.child.try_wait() {
            Ok(None) => None,
            Ok(Some(_)) | Err(_) => Some(self.failed("has ended")),
        }
    }

    /// Waits until it has ended by itself.
    pub(super) async fn over(&mut self) {
        // An error means that there is nothing to wait for.
        let _ = self.child.wait().await;
    }

    /// Asks it to finish and waits for that. An error where it did not end cleanly.
    pub(super) async fn stop(&mut self) -> Result<(), String> {
        let pid = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = pid.and_then(Pid::from_raw) {
            // It may have ended between; then waiting tells.
            let _ = kill_process(pid, Signal::TERM);
        }
        match timeout(FAREWELL, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(_) => Err(self.failed("did not end cleanly")),
            Err(_) => {
                let _ = self.child.kill().await;
                Err(self.failed("did not end in twenty seconds and was killed"))
            }
        }
    }

    fn failed(&self, how: &str) -> String {
        words(&self.name, how, &self.log)
    }
}

/// What happened, with the end of what the program said.
fn words(name: &str, how: &str, log: &Path) -> String {
    let said = last_words(log).unwrap_or_default();
    let said = clean_text(said.trim()).into_owned();
    if said.is_empty() {
        format!("{name} {how}, without a word")
    } else {
        format!("{name} {how}:\n{said}")
    }
}

fn last_words(log: &Path) -> std::io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
