//! A machine of its own: a copy of the bare Debian in a container, with its own processes, users and
//! loopback, and no network besides.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_tests::harness::{Outcome, PASSWORD, Process, Screen, eventually, within};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::Made;

/// How long a machine may take to start or to end, on one that does ten other things.
const BOOT: Duration = Duration::from_mins(2);

/// What a login gives a person and nothing of ours.
const SURROUNDINGS: [&str; 4] = [
    "env",
    "-i",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "DEBIAN_FRONTEND=noninteractive",
];

/// The machine. Dropping it cuts its power and removes it.
pub(crate) struct Machine {
    directory: TempDir,
    running: Option<Running>,
}

struct Running {
    container: Process,
    /// The process outside that is the first one inside.
    first: Pid,
}

impl Machine {
    /// A machine on which nothing of Redtag's is installed yet; it is started.
    pub(crate) fn new(made: &Made) -> Result<Self> {
        let place = made.debian.parent().context("the Debian lies nowhere")?;
        let directory = tempfile::Builder::new().prefix("bench").tempdir_in(place)?;
        let mut it = Self {
            directory,
            running: None,
        };
        let copied = Command::new("cp")
            .args(["-a", "--reflink=auto"])
            .args([made.debian.as_path(), &it.root()])
            .status()?;
        ensure!(copied.success(), "the Debian cannot be copied");
        it.start()?;
        Ok(it)
    }

    /// The same with both packages installed, a shop with an owner and a technician, and sshd letting
    /// these people in, of whom the first are in the group `redtag`.
    pub(crate) fn furnished(made: &Made, members: &[&str], others: &[&str]) -> Result<Self> {
        let it = Self::new(made)?;
        it.install(&made.packages)?;
        it.shop()?;
        it.run(
            &[
                "ssh-keygen",
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-f",
                "/root/.ssh/id_ed25519",
            ],
            "",
        )?
        .done()?;
        let key = fs::read_to_string(it.root().join("root/.ssh/id_ed25519.pub"))?;
        let host = fs::read_to_string(it.root().join("etc/ssh/ssh_host_ed25519_key.pub"))?;
        fs::write(
            it.root().join("root/.ssh/known_hosts"),
            format!("127.0.0.1 {host}"),
        )?;
        for person in members.iter().chain(others) {
            it.run(
                &["useradd", "--create-home", "--shell=/bin/bash", person],
                "",
            )?
            .done()?;
            let ssh = format!("/home/{person}/.ssh");
            it.run(&["install", "-d", "-m700", "-o", person, &ssh], "")?
                .done()?;
            let keys = it
                .root()
                .join(format!("home/{person}/.ssh/authorized_keys"));
            fs::write(&keys, &key)?;
        }
        for person in members {
            it.run(&["adduser", "--quiet", person, "redtag"], "")?
                .done()?;
        }
        Ok(it)
    }

    /// Its root directory, seen from outside.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// Whether something lies there, also in what it keeps in memory.
    pub(crate) fn has(&self, path: &str) -> bool {
        let first = self
            .running
            .as_ref()
            .map(|running| running.first.as_raw_pid());
        first.is_some_and(|first| fs::symlink_metadata(format!("/proc/{first}/root{path}")).is_ok())
    }

    /// Both packages of a directory, by apt, also in the place of later ones.
    pub(crate) fn install(&self, packages: &Path) -> Result<String> {
        let place = self.root().join("srv");
        let mut call = vec![
            "apt-get".to_owned(),
            "install".to_owned(),
            "--yes".to_owned(),
            "--no-install-recommends".to_owned(),
            "--allow-downgrades".to_owned(),
        ];
        for package in fs::read_dir(packages)? {
            let package = package?.path();
            if package.extension().is_some_and(|it| it == "deb") {
                let name = package.file_name().context("a package without a name")?;
                fs::copy(&package, place.join(name))?;
                // apt unpacks as a user who owns nothing.
                fs::set_permissions(place.join(name), fs::Permissions::from_mode(0o644))?;
                call.push(format!("/srv/{}", name.display()));
            }
        }
        ensure!(call.len() == 7, "two packages, not {:?}", &call[5..]);
        let call: Vec<&str> = call.iter().map(String::as_str).collect();
        let outcome = self.run(&call, "")?;
        let told = outcome.out.clone() + &outcome.err;
        outcome.done()?;
        Ok(told)
    }

    /// The README's shop, with an owner and a technician.
    fn shop(&self) -> Result<()> {
        let made = self.operator(&["shop", "create", "Example Motors", "--json"], "")?;
        let made: Value = serde_json::from_str(&made)?;
        let shop = made["shop"].as_str().context("no id of the shop")?;
        for (email, name, role) in [
            ("ann@example.com", "Ann Owner", "owner"),
            ("tim@example.com", "Tim Technician", "technician"),
        ] {
            let member = [
                "member", "add", "--shop", shop, "--email", email, "--name", name,
            ];
            let role = ["--role", role, "--password-stdin"];
            self.operator(&[&member[..], &role].concat(), PASSWORD)?;
        }
        Ok(())
    }

    /// A command of the server's operator, as its user.
    pub(crate) fn operator(&self, arguments: &[&str], input: &str) -> Result<String> {
        let call = ["runuser", "-u", "redtag-server", "--", "redtag-server"];
        let data = ["--data", "/var/lib/redtag-server"];
        self.run(&[&call[..], arguments, &data].concat(), input)?
            .done()
    }

    /// A command of root's.
    pub(crate) fn run(&self, call: &[&str], input: &str) -> Result<Outcome> {
        let mut child = self
            .command(call)?
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
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// What `redtag …` does for a person who comes by SSH.
    pub(crate) fn redtag(&self, person: &str, arguments: &[&str], input: &str) -> Result<Outcome> {
        self.by_ssh(person, &[&["redtag"], arguments].concat(), input)
    }

    /// What a command does for a person who comes by SSH. No word of it may need quoting.
    pub(crate) fn by_ssh(&self, person: &str, call: &[&str], input: &str) -> Result<Outcome> {
        let at = at(person);
        self.run(
            &[&["ssh", "-o", "BatchMode=yes", &at], call].concat(),
            input,
        )
    }

    /// The same with `--json`.
    pub(crate) fn json(&self, person: &str, arguments: &[&str]) -> Result<Value> {
        let told = self.redtag(person, &[arguments, &["--json"]].concat(), "")?;
        Ok(serde_json::from_str(&told.done()?)?)
    }

    /// The full-screen client of a person who comes by SSH, from a terminal of this size.
    pub(crate) fn screen(&self, person: &str, rows: u16, columns: u16) -> Result<Screen> {
        let command = self.command(&terminal(&[], &at(person), &[]))?;
        Screen::open(&command, rows, columns)
    }

    /// `redtag …` in the terminal of a person who comes by SSH and has the API forwarded to their own
    /// machine meanwhile. Also gives the socket where it is reached.
    pub(crate) fn forwarding(&self, person: &str, call: &[&str]) -> Result<(Screen, PathBuf)> {
        let socket = format!("/srv/{person}.sock");
        let forward = format!("{socket}:127.0.0.1:7420");
        let options = ["-o", "ExitOnForwardFailure=yes", "-L", &forward];
        let command = self.command(&terminal(&options, &at(person), call))?;
        let screen = Screen::open(&command, 50, 80)?;
        Ok((screen, self.root().join(&socket[1..])))
    }

    /// Whether systemd says so of a unit: `is-active`, `is-enabled`.
    pub(crate) fn unit(&self, unit: &str, state: &str) -> Result<()> {
        let told = self.run(&["systemctl", state, unit], "")?;
        let wanted = state.trim_start_matches("is-");
        ensure!(told.out.trim() == wanted, "{unit}: {}", told.out.trim());
        Ok(())
    }

    /// The end of what a unit told the journal.
    pub(crate) fn journal(&self, unit: &str) -> String {
        let told = self.run(&["journalctl", "--no-pager", "-n60", "-u", unit], "");
        told.map_or_else(|error| error.to_string(), |told| told.out)
    }

    /// Shut down in order and started again.
    pub(crate) fn reboot(&mut self) -> Result<()> {
        self.run(&["systemctl", "poweroff"], "")?.done()?;
        let mut running = self.running.take().context("it does not run")?;
        within(BOOT, "the machine to shut down", || {
            ensure!(running.container.ended()?.is_some());
            Ok(())
        })?;
        self.start()
    }

    /// The power goes, and comes back.
    pub(crate) fn power_cut(&mut self) -> Result<()> {
        self.off()?;
        self.start()
    }

    fn off(&mut self) -> Result<()> {
        if let Some(mut running) = self.running.take() {
            // Its processes go with the first of them; of the container's own it is independent.
            kill_process(running.first, Signal::KILL)?;
            within(BOOT, "the machine's end", || {
                ensure!(running.container.ended()?.is_some(), "it still runs");
                Ok(())
            })?;
        }
        Ok(())
    }

    fn start(&mut self) -> Result<()> {
        let mut command = Command::new("systemd-nspawn");
        command
            .arg(format!("--directory={}", self.root().display()))
            .args(["--quiet", "--boot", "--private-network", "--register=no"])
            .args(["--console=pipe", "--hostname=bench"]);
        if !Path::new("/run/systemd/system").exists() {
            // Nobody here could give it a unit.
            command.arg("--keep-unit");
        }
        // Nobody reads what it would say on its console.
        command.arg("systemd.show_status=false");
        let log = self.directory.path().join("container.log");
        let mut container = Process::start(command, "the container", &log)?;
        let first = within(BOOT, "the machine's first process", || {
            if let Some(status) = container.ended()? {
                bail!("it ended with {status}: {}", container.log());
            }
            first_of(container.pid())
        })?;
        self.running = Some(Running { container, first });
        within(BOOT, "the machine to be up", || {
            let told = self.run(&["systemctl", "is-system-running"], "")?;
            let told = told.out.trim();
            if told == "degraded" {
                let failed = self.run(&["systemctl", "--failed", "--no-pager"], "")?;
                bail!("{}", failed.out);
            }
            ensure!(told == "running", "{told}");
            Ok(())
        })
    }

    /// A command inside, in its namespaces.
    fn command(&self, call: &[&str]) -> Result<Command> {
        let running = self.running.as_ref().context("it does not run")?;
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--target={}", running.first.as_raw_pid()))
            .args(["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"])
            .args(["--wdns=/root", "--"])
            .args(SURROUNDINGS)
            .args(["HOME=/root", "TERM=xterm-256color"])
            .args(call);
        Ok(command)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Told by whoever looks for processes afterwards.
        let _ = self.off();
    }
}

fn at(person: &str) -> String {
    format!("{person}@127.0.0.1")
}

/// `redtag …` by SSH, with a terminal.
fn terminal<'a>(options: &[&'a str], at: &'a str, call: &[&'a str]) -> Vec<&'a str> {
    let ssh = ["ssh", "-tt", "-o", "BatchMode=yes"];
    [&ssh, options, &[at, "redtag"], call].concat()
}

/// The only child of the container's own process, once it is systemd.
fn first_of(container: u32) -> Result<Pid> {
    let children = fs::read_to_string(format!("/proc/{container}/task/{container}/children"))?;
    let first = children.split_whitespace().next();
    let first: i32 = first.context("it has no child yet")?.parse()?;
    let program = fs::read_link(format!("/proc/{first}/exe"))?;
    ensure!(
        program.ends_with("systemd/systemd"),
        "{}",
        program.display()
    );
    Pid::from_raw(first).context("no process")
}

/// Waits until an account's work is all acknowledged and it has what the others did.
pub(crate) fn settled(machine: &Machine, person: &str) -> Result<()> {
    eventually("nothing to wait to be sent", || {
        machine.redtag(person, &["sync", "--wait"], "")?.done()?;
        Ok(())
    })
}
