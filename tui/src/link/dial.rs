//! Gets a greeted connection, starting the daemon where none runs.

use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use redtag_protocol::ipc::{
    Hello, IPC, Welcome,
    frame::{self, Decoder},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::UnixStream,
    process::{Child, Command},
    time::{Instant, sleep, timeout},
};

use super::Options;
use crate::programs::Call;

/// How long one attempt may take, a daemon's start included.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a daemon may take to greet.
const GREETING: Duration = Duration::from_secs(5);
/// How often the socket is tried while a daemon starts.
const PACE: Duration = Duration::from_millis(25);
/// How many daemons may end at once before the attempt is given up. The first may have met one
/// that was just stopping.
const STARTS: u32 = 3;
/// How many connections may end before the greeting. A daemon that is killed or stops leaves the
/// one that it was about to let in; whatever comes after it says more.
const HANG_UPS: u32 = 20;

/// What is added where the machine's own daemon is there for others.
const KEPT_OUT: &str = "; this machine's own daemon lets in only members of the group redtag \
                        (an administrator adds you with “adduser NAME redtag”)";

/// A connection on which both sides have said hello.
pub(super) struct Greeted {
    pub(super) stream: UnixStream,
    /// What came after the greeting already.
    pub(super) decoder: Decoder,
    pub(super) version: String,
    pub(super) pid: u32,
    /// The version of the socket's language that both speak.
    pub(super) ipc: u16,
}

/// One whole attempt. The error is in words for people.
pub(super) async fn dial(options: &Options) -> Result<Greeted, String> {
    let deadline = Instant::now() + PATIENCE;
    let mut starts = 0;
    let mut hang_ups = 0;
    let mut child: Option<Child> = None;
    loop {
        let refused = match open(&options.sockets).await {
            Ok(stream) => match greet(stream).await {
                Ok(greeted) => return Ok(greeted),
                Err(Ungreeted::Gone(_)) if hang_ups < HANG_UPS => {
                    hang_ups += 1;
                    sleep(PACE).await;
                    continue;
                }
                Err(Ungreeted::Gone(words) | Ungreeted::Failed(words)) => return Err(words),
            },
            Err(refused) if refused.gone && hang_ups < HANG_UPS => {
                hang_ups += 1;
                sleep(PACE).await;
                continue;
            }
            Err(refused) => refused,
        };
        let Some(call) = &options.daemon else {
            return Err(refused.words);
        };
        if !refused.absent {
            return Err(refused.words);
        }
        if let Some(ended) = ended(&mut child) {
            if starts >= STARTS {
                return Err(format!(
                    "the daemon ends as soon as it is started ({ended}); nothing is lost. Run \
                     “{} run” to see why",
                    call.name()
                ));
            }
            child = None;
        }
        if Instant::now() > deadline {
            return Err(format!(
                "the daemon was started and does not answer; nothing is lost. Look into its log with \
                 “redtag daemon logs” ({})",
                refused.words
            ));
        }
        if child.is_none() {
            child = Some(start(call)?);
            starts += 1;
        }
        sleep(PACE).await;
    }
}

/// Why no socket answers.
struct Refused {
    words: String,
    /// Whether simply no daemon runs, so that starting one helps.
    absent: bool,
    /// Whether one ended while it was being connected to, so that the next try knows more.
    gone: bool,
}

/// The first socket that answers. Only the person's own, the last, says why none does.
async fn open(sockets: &[PathBuf]) -> Result<UnixStream, Refused> {
    let mut refused = Refused {
        words: "no place is known where a daemon could answer".to_owned(),
        absent: false,
        gone: false,
    };
    let mut kept_out = "";
    for (left, socket) in (0..sockets.len()).rev().zip(sockets) {
        match UnixStream::connect(socket).await {
            // In a directory that others may write to, somebody else could answer in our daemon's
            // place; the system's daemon runs as a user of its own.
            Ok(stream) if left == 0 && !is_ours(&stream) => {
                refused = Refused {
                    words: format!(
                        "what answers at {} belongs to another user and is not trusted; set \
                         REDTAG_HOME to a directory of your own",
                        socket.display()
                    ),
                    absent: false,
                    gone: false,
                };
            }
            Ok(stream) => return Ok(stream),
            Err(error) => {
                if left > 0 && error.kind() == io::ErrorKind::PermissionDenied {
                    kept_out = KEPT_OUT;
                }
                refused = why(socket, &error);
            }
        }
    }
    refused.words.push_str(kept_out);
    Err(refused)
}

fn is_ours(stream: &UnixStream) -> bool {
    let own = rustix::process::getuid().as_raw();
    stream.peer_cred().is_ok_and(|peer| peer.uid() == own)
}

fn why(socket: &Path, error: &io::Error) -> Refused {
    let socket = socket.display();
    let absent = matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused
    );
    let words = if absent {
        format!("no daemon runs: nothing answers at {socket}")
    } else if error.kind() == io::ErrorKind::PermissionDenied {
        format!(
            "the daemon's socket {socket} belongs to somebody else; ask for access, or set \
             REDTAG_HOME to a directory of your own"
        )
    } else {
        format!("the daemon's socket {socket} cannot be opened: {error}")
    };
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted
    );
    Refused {
        words,
        absent,
        gone,
    }
}

/// Starts the daemon apart from this terminal: `--detach` puts it in a session of its own, so that
/// it outlives an SSH line.
fn start(call: &Call) -> Result<Child, String> {
    let mut command = call.command().map_err(|missing| missing.to_string())?;
    command
        .args(["run", "--detach"])
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Dropped later without waiting: tokio reaps it should it end while we run.
    Command::from(command)
        .spawn()
        .map_err(|error| format!("the daemon ({}) cannot be started: {error}", call.name()))
}

/// How a started daemon ended, if it did.
fn ended(child: &mut Option<Child>) -> Option<String> {
    match child.as_mut()?.try_wait() {
        Ok(None) => None,
        Ok(Some(status)) => Some(status.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

/// Why a connection was not greeted, in words.
enum Ungreeted {
    /// The other side ended it, as a daemon does that dies just then.
    Gone(String),
    /// The other side is no daemon to talk to.
    Failed(String),
}

async fn greet(mut stream: UnixStream) -> Result<Greeted, Ungreeted> {
    let hello = Hello {
        ipc: IPC,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let broken = |why: String| {
        Ungreeted::Failed(format!("the daemon answered, but not as it should: {why}"))
    };
    let gone = |why: &dyn std::fmt::Display| {
        Ungreeted::Gone(format!("the daemon hung up before it greeted: {why}"))
    };
    let greeting = async {
        let hello = frame::encode(&hello).map_err(|error| broken(error.to_string()))?;
        stream
            .write_all(&hello)
            .await
            .map_err(|error| gone(&error))?;
        let mut decoder = Decoder::new();
        let mut buffer = vec![0; 16 << 10];
        loop {
            let welcome = decoder.next::<Welcome>();
            if let Some(welcome) = welcome.map_err(|error| broken(error.to_string()))? {
                return Ok((welcome, decoder));
            }
            match stream.read(&mut buffer).await {
                Ok(0) => return Err(gone(&"without a word")),
                Ok(read) => decoder.feed(&buffer[..read]),
                Err(error) => return Err(gone(&error)),
            }
        }
    };
    let (welcome, decoder) = timeout(GREETING, greeting)
        .await
        .map_err(|_| broken("no greeting within five seconds".to_owned()))??;
    match welcome {
        Welcome::Welcome { ipc, version, pid } if (IPC.min..=IPC.max).contains(&ipc) => {
            Ok(Greeted {
                stream,
                decoder,
                version,
                pid,
                ipc,
            })
        }
        Welcome::Welcome { version, .. } => Err(Ungreeted::Failed(format!(
            "the daemon (version {version}) and this program (version {}) do not understand each \
             other; install both from one release, then “redtag daemon restart”",
            env!("CARGO_PKG_VERSION")
        ))),
        Welcome::Refused { words } => Err(Ungreeted::Failed(format!(
            "the daemon refused the connection: {words}"
        ))),
    }
}

#[cfg(test)]
mod tests;
