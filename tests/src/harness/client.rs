//! The daemon's socket, spoken to directly, as any client would.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    grade::Condition,
    ids::{InspectionId, PointKey},
    inspection::{Answer, InspectionWrite},
    ipc::{
        Failure, FromClient, FromDaemon, Hello, IPC, InspectionView, Push, Reply, Request, Status,
        Welcome, frame,
    },
    lifecycle::{State, Verb},
    op::Edit,
};

use super::wait::PATIENCE;

/// A greeted connection to a daemon.
#[derive(Debug)]
pub struct Client {
    stream: UnixStream,
    decoder: frame::Decoder,
    pushes: VecDeque<Push>,
    next: u64,
    pid: u32,
}

impl Client {
    /// Connects and greets.
    pub fn connect(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket)
            .with_context(|| format!("no daemon answers at {}", socket.display()))?;
        let mut client = Self {
            stream,
            decoder: frame::Decoder::new(),
            pushes: VecDeque::new(),
            next: 1,
            pid: 0,
        };
        let hello = Hello {
            ipc: IPC,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        client.stream.write_all(&frame::encode(&hello)?)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match client.decoder.next::<Welcome>()? {
                Some(Welcome::Welcome { pid, .. }) => {
                    client.pid = pid;
                    return Ok(client);
                }
                Some(Welcome::Refused { words }) => bail!("the daemon refused: {words}"),
                None => client.read(deadline)?,
            }
        }
    }

    /// The daemon's process id, as it says.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks and waits for the reply. The outer error is a broken connection.
    pub fn ask(&mut self, request: Request) -> Result<Result<Reply, Failure>> {
        let id = self.send(request)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.decoder.next::<FromDaemon>()? {
                Some(FromDaemon::Push(push)) => self.pushes.push_back(push),
                Some(FromDaemon::Reply { id: of, result }) => {
                    ensure!(of == id, "an answer to request {of} instead of {id}");
                    return Ok(result);
                }
                None => self.read(deadline)?,
            }
        }
    }

    /// Sends a request without waiting for its reply, and gives its number.
    pub fn send(&mut self, request: Request) -> Result<u64> {
        let id = self.next;
        self.next += 1;
        let message = FromClient {
            id,
            account: None,
            request,
        };
        self.stream.write_all(&frame::encode(&message)?)?;
        Ok(id)
    }

    /// Asks, and takes a failure as an error.
    pub fn must(&mut self, request: Request) -> Result<Reply> {
        let words = format!("{request:?}");
        let reply = self.ask(request)?;
        reply.with_context(|| format!("the daemon said no to {words:.300}"))
    }

    /// The next push, within so long.
    pub fn push(&mut self, within: Duration) -> Result<Push> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(push) = self.pushes.pop_front() {
                return Ok(push);
            }
            match self.decoder.next::<FromDaemon>()? {
                Some(FromDaemon::Push(push)) => return Ok(push),
                Some(other) => bail!("an answer that nobody waits for: {other:?}"),
                None => self.read(deadline)?,
            }
        }
    }

    /// How things stand.
    pub fn status(&mut self) -> Result<Status> {
        match self.must(Request::Status)? {
            Reply::Status(status) => Ok(*status),
            other => bail!("a status was expected, not {other:?}"),
        }
    }

    /// One inspection by number, provisional number or id.
    pub fn find(&mut self, ticket: &str) -> Result<InspectionView> {
        let ticket = ticket.to_owned();
        match self.must(Request::Find { ticket })? {
            Reply::Inspection(view) => Ok(*view),
            other => bail!("an inspection was expected, not {other:?}"),
        }
    }

    /// Saves edits as one group and gives the number of the last.
    pub fn save(&mut self, edits: Vec<Edit>) -> Result<u64> {
        match self.must(Request::Edit { edits })? {
            Reply::Saved { last, .. } => Ok(last),
            other => bail!("“saved” was expected, not {other:?}"),
        }
    }

    /// Begins the work on an inspection.
    pub fn start(&mut self, id: InspectionId) -> Result<u64> {
        self.save(vec![Edit::Move {
            id,
            verb: Verb::Start,
            from: State::Draft,
            reason: None,
        }])
    }

    fn read(&mut self, deadline: Instant) -> Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        ensure!(!left.is_zero(), "the daemon said nothing in time");
        self.stream.set_read_timeout(Some(left))?;
        let mut buffer = [0; 16 << 10];
        let read = match self.stream.read(&mut buffer) {
            // Whoever stopped us and let us go on again; the deadline is looked at anew.
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            read => read.context("the daemon said nothing in time")?,
        };
        ensure!(read > 0, "the daemon hung up");
        self.decoder.feed(&buffer[..read]);
        Ok(())
    }
}

/// A condition for a point, as an edit.
pub fn condition(id: InspectionId, point: &str, condition: Condition) -> Result<Edit> {
    let point: PointKey = point.parse()?;
    let answer = Some(Answer::condition(condition));
    let write = InspectionWrite::Answer { point, answer };
    Ok(Edit::Inspection { id, write })
}

/// A note for a point, as an edit.
pub fn note(id: InspectionId, point: &str, note: &str) -> Result<Edit> {
    let point: PointKey = point.parse()?;
    let note = Some(note.to_owned());
    let write = InspectionWrite::Note { point, note };
    Ok(Edit::Inspection { id, write })
}
