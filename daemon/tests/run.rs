//! The program itself: it starts, says so, keeps others out, and stops cleanly.

#![expect(clippy::unwrap_used, reason = "a test: what fails here fails it")]

use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::{
        fd::OwnedFd,
        unix::{
            fs::PermissionsExt,
            net::{UnixDatagram, UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use redtag_protocol::ipc::{FromClient, Hello, IPC, Request, SignIn, Welcome, frame};
use rustix::process::{Pid, Signal, kill_process};

/// A directory for `REDTAG_HOME` and for the socket that stands in for systemd.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("home")
    }

    fn socket(&self) -> PathBuf {
        self.path().join("run/daemon.sock")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_redtagd"));
        command
            .env("REDTAG_HOME", self.path())
            .env_remove("NOTIFY_SOCKET")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Runs it to its end.
    fn output(&self, args: &[&str]) -> Output {
        let mut command = self.command();
        command
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.output().unwrap()
    }

    /// A daemon that has said that it is ready.
    fn daemon(&self) -> Daemon {
        let mut run = self.command();
        run.arg("run");
        self.ready(run)
    }

    /// Waits until a daemon is ready that is started so.
    fn ready(&self, mut command: Command) -> Daemon {
        let at = self.0.path().join("notify");
        let _ = fs::remove_file(&at);
        let systemd = UnixDatagram::bind(&at).unwrap();
        systemd
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        let child = command.env("NOTIFY_SOCKET", &at).spawn().unwrap();
        let daemon = Daemon { child, systemd };
        daemon.says("READY=1");
        daemon
    }
}

struct Daemon {
    child: Child,
    systemd: UnixDatagram,
}

impl Daemon {
    fn heard(&self) -> String {
        let mut buffer = [0; 256];
        let count = self.systemd.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..count]).into_owned()
    }

    /// Waits until systemd is told this, among other things.
    fn says(&self, state: &str) {
        while !self.heard().lines().any(|line| line == state) {}
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    fn ended(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Either fails only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn greet(socket: &Path) -> Welcome {
    welcomed(socket).1
}

/// A line on which both sides have greeted.
fn greeted(socket: &Path) -> UnixStream {
    let (stream, welcome) = welcomed(socket);
    assert!(matches!(welcome, Welcome::Welcome { .. }), "{welcome:?}");
    stream
}

fn welcomed(socket: &Path) -> (UnixStream, Welcome) {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let hello = Hello {
        ipc: IPC,
        version: "0".into(),
    };
    stream.write_all(&frame::encode(&hello).unwrap()).unwrap();
    let mut decoder = frame::Decoder::new();
    let mut buffer = [0; 1024];
    loop {
        if let Some(welcome) = decoder.next().unwrap() {
            return (stream, welcome);
        }
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the daemon hung up");
        decoder.feed(&buffer[..count]);
    }
}

#[test]
fn it_says_ready_answers_and_stops_at_sigterm_with_0() {
    let home = Home::new();
    for signal in [Signal::TERM, Signal::INT] {
        let mut daemon = home.daemon();
        match greet(&home.socket()) {
            Welcome::Welcome { pid, .. } => assert_eq!(pid, daemon.child.id()),
            other @ Welcome::Refused { .. } => panic!("{other:?}"),
        }
        daemon.signal(signal);
        daemon.says("STOPPING=1");
        assert_eq!(daemon.ended(), Some(0));
        assert!(!home.socket().exists());
    }
}

#[test]
fn a_client_that_stays_does_not_hold_up_the_end() {
    let home = Home::new();
    let mut daemon = home.daemon();
    let _silent = UnixStream::connect(home.socket()).unwrap();
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended(), Some(0));
}

#[test]
fn a_second_one_is_refused_in_words() {
    let home = Home::new();
    let daemon = home.daemon();
    let out = home.output(&["run"]);
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1));
    assert!(
        words.contains(&format!("process {}", daemon.child.id())),
        "{words}"
    );
    greet(&home.socket());
}

#[test]
fn after_a_kill_the_next_one_begins() {
    let home = Home::new();
    let mut killed = home.daemon();
    killed.signal(Signal::KILL);
    assert_eq!(killed.ended(), None);
    assert!(home.socket().exists());
    let _next = home.daemon();
    greet(&home.socket());
}

#[test]
fn a_terminal_that_goes_away_does_not_take_it_along() {
    let home = Home::new();
    let mut daemon = home.daemon();
    daemon.signal(Signal::HUP);
    greet(&home.socket());
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended(), Some(0));
}

#[test]
fn keys_reach_neither_other_users_nor_a_core_dump() {
    let home = Home::new();
    let daemon = home.daemon();
    for dir in ["state", "data", "logs", "run"] {
        let mode = fs::metadata(home.path().join(dir))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700, "{dir}");
    }
    for file in fs::read_dir(home.path().join("logs")).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A process that cannot be dumped belongs to root there; only root may then read it.
    if let Ok(limits) = fs::read_to_string(format!("/proc/{}/limits", daemon.child.id())) {
        let line = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let mut words = line.unwrap().split_whitespace().skip(4);
        assert_eq!((words.next(), words.next()), (Some("0"), Some("0")));
    }
}

#[test]
fn the_system_service_lives_in_systemds_directories_and_logs_to_the_journal() {
    let home = Home::new();
    let (state, run) = (home.0.path().join("state"), home.0.path().join("run"));
    fs::create_dir(&run).unwrap();
    let mut command = home.command();
    command
        .args(["run", "--system"])
        .env_remove("REDTAG_HOME")
        .env("STATE_DIRECTORY", &state)
        .env("RUNTIME_DIRECTORY", &run)
        .stderr(Stdio::piped());
    let mut daemon = home.ready(command);
    let socket = run.join("daemon.sock");
    let mode = fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
    greet(&socket);
    daemon.signal(Signal::TERM);
    let mut words = String::new();
    let mut journal = daemon.child.stderr.take().unwrap();
    journal.read_to_string(&mut words).unwrap();
    assert_eq!(daemon.ended(), Some(0));
    assert!(words.contains("redtagd runs"), "{words}");
    assert!(!home.path().exists());
}

#[test]
fn the_watchdog_is_fed_while_the_loop_turns() {
    let home = Home::new();
    let mut run = home.command();
    run.arg("run").env("WATCHDOG_USEC", "300000");
    let daemon = home.ready(run);
    for _ in 0..3 {
        daemon.says("WATCHDOG=1");
    }
}

#[test]
fn systemd_hears_what_is_looked_after_and_that_the_configuration_is_read_again() {
    let home = Home::new();
    let mut run = home.command();
    run.arg("run").env("WATCHDOG_USEC", "300000");
    let daemon = home.ready(run);
    daemon.says("STATUS=Nobody is signed in");
    // By the signal, and by the file alone. A refused one keeps the daemon ready all the same.
    daemon.signal(Signal::HUP);
    daemon.says("RELOADING=1");
    daemon.says("READY=1");
    fs::write(home.path().join("config/config.toml"), "[log]\nlevle = 1\n").unwrap();
    daemon.says("RELOADING=1");
    daemon.says("READY=1");
    greet(&home.socket());
}

#[test]
fn a_socket_that_systemd_made_is_served_and_outlives_the_daemon() {
    let home = Home::new();
    let path = home.0.path().join("activated");
    let socket = UnixListener::bind(&path).unwrap();
    let activated = || {
        // As systemd does: the socket as descriptor 3, and for whom it is.
        let mut shell = Command::new("sh");
        shell
            .args([
                "-c",
                "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" run 3<&0 </dev/null",
            ])
            .arg(env!("CARGO_BIN_EXE_redtagd"))
            .env("REDTAG_HOME", home.path())
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())))
            .stdout(Stdio::null());
        home.ready(shell)
    };
    for _ in 0..2 {
        let mut daemon = activated();
        match greet(&path) {
            Welcome::Welcome { pid, .. } => assert_eq!(pid, daemon.child.id()),
            other @ Welcome::Refused { .. } => panic!("{other:?}"),
        }
        assert!(!home.socket().exists());
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.ended(), Some(0));
        assert!(path.exists());
    }
}

#[test]
fn the_proxy_of_the_environment_is_asked() {
    let home = Home::new();
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut run = home.command();
    run.arg("run").env(
        "HTTPS_PROXY",
        format!("http://{}", proxy.local_addr().unwrap()),
    );
    let _daemon = home.ready(run);
    let mut stream = greeted(&home.socket());
    let ask = FromClient {
        id: 1,
        account: None,
        request: Request::SignIn(SignIn {
            url: "https://shop.example.com:7420".to_owned(),
            email: "tim@example.com".to_owned(),
            password: "secret".to_owned(),
            code: None,
            enroll: None,
            shop: None,
            insecure_storage: true,
            ca: None,
            forget_pin: false,
        }),
    };
    stream.write_all(&frame::encode(&ask).unwrap()).unwrap();
    let (mut asked, _) = proxy.accept().unwrap();
    let mut line = [0; 64];
    let count = asked.read(&mut line).unwrap();
    let line = String::from_utf8_lossy(&line[..count]).into_owned();
    assert!(line.starts_with("CONNECT shop.example.com:7420 "), "{line}");
}

#[test]
fn a_wrong_configuration_is_refused_with_file_and_line() {
    let home = Home::new();
    fs::create_dir_all(home.path().join("config")).unwrap();
    fs::write(
        home.path().join("config/config.toml"),
        "[log]\nlevle = \"warn\"\n",
    )
    .unwrap();
    let out = home.output(&["run"]);
    let words = String::from_utf8_lossy(&out.stderr).into_owned();
    assert_eq!(out.status.code(), Some(1));
    assert!(words.contains("config.toml, line 2"), "{words}");
    assert!(words.contains("levle"), "{words}");
    let log = fs::read_dir(home.path().join("logs"))
        .unwrap()
        .next()
        .unwrap();
    let log = fs::read_to_string(log.unwrap().path()).unwrap();
    assert!(log.contains("levle"), "{log}");
}

#[test]
fn it_says_its_version_and_refuses_a_wrong_command_line() {
    let home = Home::new();
    let out = home.output(&["--version"]);
    let words = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(0));
    assert_eq!(words.trim(), concat!("redtagd ", env!("CARGO_PKG_VERSION")));
    assert_eq!(home.output(&["run", "--dance"]).status.code(), Some(2));
}
