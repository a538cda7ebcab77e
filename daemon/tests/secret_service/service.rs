//! A private session bus with a real gnome-keyring on it. Both are children of the test and die
//! with it; nothing of the person's own session is touched.

use std::{
    fs::{self, DirBuilder},
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAMS: [&str; 3] = ["dbus-daemon", "dbus-send", "gnome-keyring-daemon"];

/// The first program that is not installed.
pub(crate) fn missing() -> Option<&'static str> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = |program: &&str| dirs.iter().any(|dir| dir.join(program).is_file());
    PROGRAMS.into_iter().find(|program| !found(program))
}

/// How the keyring is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyring {
    Unlocked,
    Locked,
    NoCollection,
}

/// A bus, and a keyring when one was started.
pub(crate) struct Service {
    home: tempfile::TempDir,
    bus: Child,
    keyring: Option<Child>,
}

impl Service {
    /// A bus without a keyring.
    pub(crate) fn start() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let run = home.path().join("run");
        DirBuilder::new()
            .mode(0o700)
            .create(run)
            .expect("a directory");
        let socket = home.path().join("bus");
        let conf = home.path().join("bus.conf");
        // No <servicedir>: the bus can then start neither a second keyring nor a prompter.
        let text = format!(
            r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>"#,
            socket.display()
        );
        fs::write(&conf, text).expect("a file");
        let bus = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&conf)
            .args(["--nofork", "--nopidfile", "--nosyslog"])
            .stderr(Stdio::null())
            .spawn()
            .expect("dbus-daemon is installed (package dbus)");
        let it = Self {
            home,
            bus,
            keyring: None,
        };
        until(|| socket.exists());
        it
    }

    /// What a child needs to talk to this bus and to nothing else.
    pub(crate) fn env(&self) -> [(&'static str, PathBuf); 4] {
        let at = |name: &str| self.home.path().join(name);
        let address = format!("unix:path={}", at("bus").display());
        [
            ("DBUS_SESSION_BUS_ADDRESS", address.into()),
            ("HOME", at("")),
            ("XDG_DATA_HOME", at("data")),
            ("XDG_RUNTIME_DIR", at("run")),
        ]
    }

    /// Takes the bus away, as on a machine that has none.
    pub(crate) fn end_bus(&mut self) {
        end(&mut self.bus);
        let _ = fs::remove_file(self.home.path().join("bus"));
    }

    /// Starts the keyring anew; one that was unlocked before keeps what it holds.
    pub(crate) fn keyring(&mut self, state: Keyring) {
        self.stop();
        if state == Keyring::NoCollection {
            let data = self.home.path().join("data");
            assert!(!Path::new(&data).exists(), "the keyring was used before");
        }
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets"])
            .env_remove("DISPLAY")
            .envs(self.env())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if state == Keyring::Unlocked {
            command.arg("--unlock");
        }
        let mut keyring = command
            .spawn()
            .expect("gnome-keyring-daemon is installed (package gnome-keyring)");
        // It reads the password to the end of its input, without a line end.
        let mut input = keyring.stdin.take().expect("a pipe");
        input.write_all(b"test").expect("the keyring reads");
        drop(input);
        self.keyring = Some(keyring);
        until(|| self.owned());
    }

    /// Stops the keyring where it stands, as a prompt that nobody answers would.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let keyring = self.keyring.as_ref().expect("a keyring runs");
        kill_process(Pid::from_child(keyring), signal).expect("it is ours");
    }

    fn owned(&self) -> bool {
        let out = Command::new("dbus-send")
            .envs(self.env())
            .args([
                "--session",
                "--dest=org.freedesktop.DBus",
                "--print-reply=literal",
                "/org/freedesktop/DBus",
                "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets",
            ])
            .output()
            .expect("dbus-send is installed (package dbus)");
        String::from_utf8_lossy(&out.stdout).contains("true")
    }

    fn stop(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            end(&mut keyring);
            until(|| !self.owned());
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            end(&mut keyring);
        }
        end(&mut self.bus);
    }
}

fn end(child: &mut Child) {
    // Either fails only when it is gone already.
    let _ = child.kill();
    let _ = child.wait();
}

fn until(mut done: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < end, "waited ten seconds in vain");
        std::thread::yield_now();
    }
}
