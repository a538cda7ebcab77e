//! A bench: a home of its own, its daemon as a real process, and the client's commands.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    ids::InspectionId,
    ipc::{Connection, InspectionView, socket},
};
use rustix::process::{Pid, Signal, getuid, kill_process};
use serde_json::Value;

use super::{Client, Ground, Process, Screen, process::tail, wait::eventually};

/// A bench. Dropping it kills its daemon, also one that a client started.
#[derive(Debug)]
pub struct Device {
    ground: Ground,
    name: String,
    daemon: Option<Process>,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its exit code; -1 where a signal ended it.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it said besides.
    pub err: String,
}

impl Device {
    /// A bench with an empty home; its daemon is not started.
    pub fn new(ground: &Ground, name: &str) -> Result<Self> {
        let device = Self {
            ground: ground.clone(),
            name: name.to_owned(),
            daemon: None,
        };
        fs::create_dir(device.home())?;
        Ok(device)
    }

    /// Its home.
    pub fn home(&self) -> PathBuf {
        self.ground.path().join(&self.name)
    }

    /// Starts the daemon and waits until it answers.
    pub fn start(&mut self) -> Result<()> {
        let mut daemon = self.launch()?;
        let pid = daemon.pid();
        eventually("a daemon that answers", || {
            if let Some(status) = daemon.ended()? {
                bail!("it ended with {status}: {}", daemon.log());
            }
            let answers = self.client()?.pid();
            ensure!(answers == pid, "process {answers} answers instead of {pid}");
            Ok(())
        })?;
        self.daemon = Some(daemon);
        Ok(())
    }

    /// Starts the daemon and waits for nothing: it may be killed before it has opened anything.
    pub fn launch(&self) -> Result<Process> {
        ensure!(self.daemon.is_none(), "the daemon runs already");
        let mut command = self.command("daemon");
        command.arg("run");
        let what = format!("the daemon of bench {}", self.name);
        Process::start(command, &what, &self.log_path())
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) -> Result<ExitStatus> {
        self.taken()?.terminate()
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) -> Result<()> {
        self.taken()?.kill()
    }

    fn taken(&mut self) -> Result<Process> {
        let daemon = self.daemon.take();
        daemon.with_context(|| format!("bench {} has no daemon", self.name))
    }

    /// A copy of this bench's home, as a backup or a disk image would make it. The daemon must be
    /// stopped.
    pub fn cloned(&self, name: &str) -> Result<Self> {
        ensure!(
            self.daemon.is_none(),
            "stop the daemon before its home is copied"
        );
        let twin = Self::new(&self.ground, name)?;
        copy(&self.home(), &twin.home())?;
        Ok(twin)
    }

    /// A connection to its daemon.
    pub fn client(&self) -> Result<Client> {
        Client::connect(&self.socket())
    }

    /// Where its daemon answers.
    pub fn socket(&self) -> PathBuf {
        let home = self.home();
        socket::own(socket::Surroundings {
            home: Some(&home),
            runtime: None,
            state: &home,
            uid: getuid().as_raw(),
        })
    }

    /// Runs a command of the client.
    pub fn run(&self, arguments: &[&str]) -> Result<Outcome> {
        self.run_with(arguments, "")
    }

    /// Runs a command of the client that reads this.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Result<Outcome> {
        let mut command = self.command("tui");
        let mut child = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that reads no input may have ended already.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output = child.wait_with_output()?;
        Ok(Outcome {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout)?,
            err: String::from_utf8(output.stderr)?,
        })
    }

    /// Runs a command with `--json` and gives what it printed.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let mut with = arguments.to_vec();
        with.push("--json");
        let outcome = self.run(&with)?;
        let done = outcome.done();
        let out = done.with_context(|| format!("{arguments:?}; the log:\n{}", self.log()))?;
        serde_json::from_str(&out).with_context(|| format!("{arguments:?} printed no JSON: {out}"))
    }

    /// The full-screen client in a terminal of this size.
    pub fn screen(&self, rows: u16, columns: u16) -> Result<Screen> {
        Screen::open(&self.command("tui"), rows, columns)
    }

    /// A command of one part on this bench.
    pub fn command(&self, part: &str) -> Command {
        let mut command = self.ground.command(part);
        command
            .env("REDTAG_HOME", self.home())
            .current_dir(self.ground.path());
        command
    }

    /// The end of its daemon's log: what it said on standard error, and the newest file of its own.
    pub fn log(&self) -> String {
        let mut log = tail(&self.log_path());
        let own = fs::read_dir(self.home().join("logs"));
        for file in own.into_iter().flatten().flatten() {
            log.push_str(&tail(&file.path()));
        }
        log
    }

    fn log_path(&self) -> PathBuf {
        self.ground.path().join(format!("{}.log", self.name))
    }

    /// Waits until nothing of this bench is on its way any more.
    pub fn settled(&self) -> Result<()> {
        let mut client = self.client()?;
        let settled = eventually("everything to be acknowledged", || {
            let status = client.status()?;
            ensure!(status.waiting == 0 && status.sent == 0, "{status:?}");
            Ok(())
        });
        settled.with_context(|| format!("the log of {}:\n{}", self.name, self.log()))
    }

    /// Waits until the line to the API stands.
    pub fn online(&self) -> Result<()> {
        let mut client = self.client()?;
        let online = eventually("the line to the API", || {
            let status = client.status()?;
            ensure!(
                status.connection == Connection::Online,
                "{:?}",
                status.connection
            );
            Ok(())
        });
        online.with_context(|| format!("the log of {}:\n{}", self.name, self.log()))
    }

    /// Waits until one inspection is as it should be here.
    pub fn sees(
        &self,
        id: InspectionId,
        what: &str,
        so: impl Fn(&InspectionView) -> bool,
    ) -> Result<InspectionView> {
        let mut client = self.client()?;
        let seen = eventually(&format!("{what}, on {}", self.name), || {
            let view = client.find(&id.to_string())?;
            ensure!(so(&view), "{:#?}", view.inspection.results);
            Ok(view)
        });
        seen.with_context(|| format!("the log of {}:\n{}", self.name, self.log()))
    }

    /// Opens an inspection of a new vehicle with the multi-point template and gives its id.
    pub fn new_inspection(&self, plate: &str) -> Result<InspectionId> {
        let arguments = ["new", "--template", "vehicle-multipoint", "--plate", plate];
        let customer = ["--customer", "Test Customer"];
        let new = self.json(&[arguments.as_slice(), customer.as_slice()].concat())?;
        let id = new["id"].as_str().context("no id in the answer")?;
        Ok(id.parse()?)
    }
}

impl Outcome {
    /// What it printed, where it ended well.
    pub fn done(&self) -> Result<String> {
        ensure!(
            self.code == 0,
            "exit code {}: {}{}",
            self.code,
            self.out,
            self.err
        );
        Ok(self.out.clone())
    }

    /// What it said, where it ended with this code.
    pub fn refused(&self, code: i32) -> Result<String> {
        ensure!(
            self.code == code,
            "exit code {} instead of {code}: {}{}",
            self.code,
            self.out,
            self.err
        );
        Ok(self.err.clone())
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        drop(self.daemon.take());
        // One that a client started, in a session of its own.
        if let Ok(client) = self.client()
            && let Some(pid) = i32::try_from(client.pid()).ok().and_then(Pid::from_raw)
        {
            // It may have ended already.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Copies what is in a directory into another, made where it is missing.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &target)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &target)?;
        }
        // A socket that lies there still is made anew.
    }
    Ok(())
}
