//! One client: peer, greeting, then requests in and messages out until either side ends it.

use std::{io, time::Duration};

use redtag_protocol::ipc::{
    ANSWERED, Failure, FailureCode, FromClient, FromDaemon, Hello, LOCKED, Push, Welcome,
    frame::{Decoder, FrameError, encode},
};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Semaphore, mpsc, oneshot},
    time,
};
use tokio_util::sync::CancellationToken;

use super::{ConnId, Inbound, Knock, Outbox};

/// How long a client may take to greet.
const GREETING: Duration = Duration::from_secs(5);

/// How many requests of one client may be unanswered. What it asks beyond that stays in the socket until
/// a reply has gone out: so it is slowed down, nothing of it is lost, and it fills no queue.
pub(super) const ASKED: usize = 64;

/// How long a client may leave one message unread.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where clients are let in.
#[derive(Debug, Clone)]
pub(super) struct Door {
    /// Whether the socket's mode alone says who may speak; else only its owner may.
    pub(super) group: bool,
    /// Asks for the actor that serves a client.
    pub(super) knocks: mpsc::Sender<Knock>,
}

/// Serves one client to its end.
pub(super) async fn run(conn: ConnId, stream: UnixStream, door: Door, stop: CancellationToken) {
    if let Err(error) = serve(conn, stream, door, stop).await {
        tracing::debug!(conn = conn.0, %error, "a client's connection ended");
    }
}

async fn serve(
    conn: ConnId,
    stream: UnixStream,
    door: Door,
    stop: CancellationToken,
) -> io::Result<()> {
    let uid = stream.peer_cred()?.uid();
    let (read, mut write) = stream.into_split();
    let mut reader = Reader::new(read);
    let welcome = match time::timeout(GREETING, reader.next::<Hello>()).await {
        Err(_) => return Err(io::Error::other("it did not greet")),
        Ok(Ok(None)) => return Ok(()),
        Ok(Ok(Some(Ok(hello)))) => greet(&hello, uid, door.group),
        Ok(Ok(Some(Err(unread)))) => Welcome::Refused {
            words: format!("the greeting cannot be read: {}", unread.why),
        },
        Ok(Err(error)) => return Err(error),
    };
    let ipc = match &welcome {
        Welcome::Welcome { ipc, .. } => *ipc,
        Welcome::Refused { .. } => 0,
    };
    let (welcome, inbound) = match welcome {
        Welcome::Welcome { .. } => match knock(&door, uid).await? {
            Ok(inbound) => (welcome, Some(inbound)),
            Err(words) => (Welcome::Refused { words }, None),
        },
        refused @ Welcome::Refused { .. } => (refused, None),
    };
    let frame = encode(&welcome).map_err(io::Error::other)?;
    write_frame(&mut write, &frame).await?;
    let Some(inbound) = inbound else {
        return Ok(());
    };

    let cut = CancellationToken::new();
    let (outbox, mut queue) = Outbox::new(cut.clone());
    let gone = |_| io::Error::other("the daemon stops");
    let opened = Inbound::Opened {
        conn,
        outbox: outbox.clone(),
        uid,
    };
    inbound.send(opened).await.map_err(gone)?;
    let turns = Semaphore::new(ASKED);
    let ended = tokio::select! {
        ended = listen(conn, &mut reader, outbox, &inbound, &turns) => ended,
        ended = speak(&mut write, &mut queue, &stop, ipc, &turns) => ended,
        () = cut.cancelled() => Err(io::Error::other("it reads too slowly")),
    };
    inbound.send(Inbound::Closed { conn }).await.map_err(gone)?;
    if ended.is_ok() {
        // A client that only closed its sending half still waits for its replies.
        let rest = speak(&mut write, &mut queue, &stop, ipc, &turns);
        let _ = time::timeout(PATIENCE, rest).await;
    }
    ended
}

/// Asks for the way to the actor that serves this user.
async fn knock(door: &Door, uid: u32) -> io::Result<Result<mpsc::Sender<Inbound>, String>> {
    let gone = || io::Error::other("the daemon stops");
    let (answer, answered) = oneshot::channel();
    let knock = Knock { uid, answer };
    door.knocks.send(knock).await.map_err(|_| gone())?;
    answered.await.map_err(|_| gone())
}

/// Who may speak, and in which version. In the system service (`group`) everybody whom the socket's
/// mode lets in.
pub(super) fn greet(hello: &Hello, uid: u32, group: bool) -> Welcome {
    let us = rustix::process::geteuid().as_raw();
    // Root could read our memory anyway; refusing it would only hinder the administrator.
    if !group && uid != us && uid != 0 {
        return Welcome::Refused {
            words: format!("this daemon serves user {us} only, and you are user {uid}"),
        };
    }
    match ANSWERED.common(hello.ipc) {
        Some(ipc) => Welcome::Welcome {
            ipc,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
        },
        None => Welcome::Refused {
            words: format!(
                "redtag {} and redtagd {} have no language in common; \
                 install the same version of both and restart the older one",
                redtag_protocol::text::clean(&hello.version),
                env!("CARGO_PKG_VERSION"),
            ),
        },
    }
}

/// Requests until the client ends. One that cannot be read is answered and the connection goes on.
async fn listen(
    conn: ConnId,
    reader: &mut Reader,
    outbox: Outbox,
    inbound: &mpsc::Sender<Inbound>,
    turns: &Semaphore,
) -> io::Result<()> {
    loop {
        // Given back with the reply.
        if let Ok(turn) = turns.acquire().await {
            turn.forget();
        }
        let Some(message) = reader.next::<FromClient>().await? else {
            return Ok(());
        };
        match message {
            Ok(request) => {
                // Waits while the actor is busy: a flood of requests slows its sender down.
                let request = Inbound::Request { conn, request };
                if inbound.send(request).await.is_err() {
                    return Err(io::Error::other("the daemon stops"));
                }
            }
            Err(unread) => {
                let words = format!("the request cannot be read: {}", unread.why);
                outbox.send(FromDaemon::Reply {
                    id: unread.id,
                    result: Err(Failure::new(FailureCode::Invalid, words)),
                });
            }
        }
    }
}

/// Messages out until the actor lets the connection go; at a stop, those that are queued.
async fn speak(
    write: &mut OwnedWriteHalf,
    queue: &mut mpsc::Receiver<FromDaemon>,
    stop: &CancellationToken,
    ipc: u16,
    turns: &Semaphore,
) -> io::Result<()> {
    loop {
        let message = tokio::select! {
            biased;
            message = queue.recv() => message,
            () = stop.cancelled() => {
                queue.close();
                queue.recv().await
            }
        };
        match message {
            Some(message) => {
                let answered = matches!(message, FromDaemon::Reply { .. });
                if let Some(message) = understood(message, ipc) {
                    write_frame(write, &frame(&message)?).await?;
                }
                if answered {
                    turns.add_permits(1);
                }
            }
            None => return Ok(()),
        }
    }
}

/// A message as a client of this version understands it; none where it is nothing for it.
pub(super) fn understood(message: FromDaemon, ipc: u16) -> Option<FromDaemon> {
    match message {
        FromDaemon::Push(Push::Locked { .. }) if ipc < LOCKED => None,
        FromDaemon::Reply {
            id,
            result: Err(mut failure),
        } if ipc < LOCKED && failure.code == FailureCode::Locked => {
            failure.code = FailureCode::NotAllowed;
            Some(FromDaemon::Reply {
                id,
                result: Err(failure),
            })
        }
        message => Some(message),
    }
}

/// The message's frame; for a reply that is too large, the frame of a failure that says so.
fn frame(message: &FromDaemon) -> io::Result<Vec<u8>> {
    match (encode(message), message) {
        (Ok(frame), _) => Ok(frame),
        (Err(error @ FrameError::TooLarge(_)), FromDaemon::Reply { id, .. }) => {
            let failure = Failure::new(FailureCode::Internal, error.to_string());
            encode(&FromDaemon::Reply {
                id: *id,
                result: Err(failure),
            })
            .map_err(io::Error::other)
        }
        (Err(error), _) => Err(io::Error::other(error)),
    }
}

async fn write_frame(write: &mut OwnedWriteHalf, frame: &[u8]) -> io::Result<()> {
    time::timeout(PATIENCE, write.write_all(frame))
        .await
        .map_err(|_| io::Error::other("it reads too slowly"))?
}

/// A whole frame that is not the message it should be.
struct Unread {
    /// The number of the request, or 0 where not even that can be read.
    id: u64,
    why: String,
}

struct Reader {
    read: OwnedReadHalf,
    decoder: Decoder,
    buffer: Vec<u8>,
}

impl Reader {
    fn new(read: OwnedReadHalf) -> Self {
        Self {
            read,
            decoder: Decoder::new(),
            buffer: vec![0; 16 << 10],
        }
    }

    /// The next message; none at the end of the stream. An error ends the connection.
    async fn next<T: DeserializeOwned>(&mut self) -> io::Result<Option<Result<T, Unread>>> {
        loop {
            if let Some(body) = self.decoder.body().map_err(refused)? {
                return Ok(Some(serde_json::from_slice(body).map_err(|error| Unread {
                    id: number(body),
                    why: error.to_string(),
                })));
            }
            let count = self.read.read(&mut self.buffer).await?;
            if count == 0 {
                return Ok(None);
            }
            self.decoder.feed(&self.buffer[..count]);
        }
    }
}

fn refused(error: FrameError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

fn number(body: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Numbered {
        id: u64,
    }
    serde_json::from_slice::<Numbered>(body).map_or(0, |it| it.id)
}
