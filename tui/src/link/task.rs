//! The task that owns the connection.

use std::{collections::HashMap, time::Duration};

use redtag_protocol::ipc::{FromClient, FromDaemon, Push, Reply, Request, frame};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Ask, Error, Event, Options,
    dial::{Greeted, dial},
};

/// The number of the request for news, which nobody waits for. Requests count from 1.
const SUBSCRIPTION: u64 = 0;
/// The first and the longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// Connects and serves until the last handle is gone.
pub(super) async fn run(
    options: Options,
    mut asks: mpsc::Receiver<Ask>,
    events: mpsc::UnboundedSender<Event>,
) {
    let mut waiting: Vec<Ask> = Vec::new();
    let mut told: Option<String> = None;
    let mut pause = PAUSES.0;
    loop {
        match reach(&options, &mut asks, &mut waiting).await {
            Reached::Up(greeted) => {
                pause = PAUSES.0;
                told = None;
                tracing::info!(
                    pid = greeted.pid,
                    version = greeted.version,
                    "daemon reached"
                );
                // Who wants no events has dropped the receiver.
                let _ = events.send(Event::Up {
                    version: greeted.version.clone(),
                    pid: greeted.pid,
                });
                let waited = std::mem::take(&mut waiting);
                let Some(words) = serve(*greeted, &options, &mut asks, waited, &events).await
                else {
                    return;
                };
                tracing::info!("daemon lost: {words}");
                let _ = events.send(Event::Down { words });
            }
            Reached::Failed(words) => {
                for ask in waiting.drain(..) {
                    let _ = ask.answer.send(Err(Error::NotSent(words.clone())));
                }
                if told.as_ref() != Some(&words) {
                    tracing::warn!("daemon not reached: {words}");
                    let _ = events.send(Event::Down {
                        words: words.clone(),
                    });
                    told = Some(words);
                }
                let until = Instant::now() + pause;
                pause = (pause * 2).min(PAUSES.1);
                tokio::select! {
                    () = sleep_until(until) => {}
                    // A person wants something: try at once.
                    ask = asks.recv() => match ask {
                        Some(ask) => waiting.push(ask),
                        None => return,
                    },
                }
            }
            Reached::Closed => return,
        }
    }
}

enum Reached {
    Up(Box<Greeted>),
    Failed(String),
    Closed,
}

/// One attempt to connect; requests that come meanwhile wait for it.
async fn reach(
    options: &Options,
    asks: &mut mpsc::Receiver<Ask>,
    waiting: &mut Vec<Ask>,
) -> Reached {
    let mut dialling = std::pin::pin!(dial(options));
    loop {
        tokio::select! {
            dialled = &mut dialling => return match dialled {
                Ok(greeted) => Reached::Up(Box::new(greeted)),
                Err(words) => Reached::Failed(words),
            },
            ask = asks.recv() => match ask {
                Some(ask) => waiting.push(ask),
                None => return Reached::Closed,
            },
        }
    }
}

/// Serves one connection; says why it ended, or none when the last handle is gone.
async fn serve(
    greeted: Greeted,
    options: &Options,
    asks: &mut mpsc::Receiver<Ask>,
    waited: Vec<Ask>,
    events: &mpsc::UnboundedSender<Event>,
) -> Option<String> {
    let (reader, writer) = greeted.stream.into_split();
    // Writing and reading apart: neither side may wait for the other to empty its buffer.
    let (frames, outbox) = mpsc::channel(64);
    let writing = tokio::spawn(write(writer, outbox));
    let mut connection = Connection {
        options,
        frames,
        next: SUBSCRIPTION + 1,
        pending: HashMap::new(),
        events,
    };
    if options.subscribe {
        connection.send(SUBSCRIPTION, Request::Subscribe).await;
    }
    for ask in waited {
        connection.ask(ask).await;
    }
    let mut messages = Messages {
        reader,
        decoder: greeted.decoder,
        buffer: vec![0; 64 << 10],
    };
    let why = loop {
        tokio::select! {
            ask = asks.recv() => match ask {
                Some(ask) => connection.ask(ask).await,
                None => break None,
            },
            message = messages.next() => match message {
                Ok(message) => connection.take(message),
                Err(why) => break Some(why),
            },
        }
    };
    let words = why.clone().unwrap_or_default();
    for (_, answer) in connection.pending.drain() {
        let _ = answer.send(Err(Error::Unanswered(format!(
            "{words} before it answered; look whether it was done, then try again"
        ))));
    }
    drop(connection);
    let _ = writing.await;
    why
}

async fn write(mut writer: OwnedWriteHalf, mut frames: mpsc::Receiver<Vec<u8>>) {
    while let Some(frame) = frames.recv().await {
        // A broken connection is noticed, and told, by the reading side.
        if writer.write_all(&frame).await.is_err() {
            return;
        }
    }
}

/// What the reading side needs; dropping [`Messages::next`] half way loses nothing.
struct Messages {
    reader: OwnedReadHalf,
    decoder: frame::Decoder,
    buffer: Vec<u8>,
}

impl Messages {
    async fn next(&mut self) -> Result<FromDaemon, String> {
        loop {
            match self.decoder.next() {
                Ok(Some(message)) => return Ok(message),
                Ok(None) => {}
                Err(error) => return Err(format!("the daemon could not be understood ({error})")),
            }
            match self.reader.read(&mut self.buffer).await {
                Ok(0) => return Err("the daemon has gone away".to_owned()),
                Ok(read) => self.decoder.feed(&self.buffer[..read]),
                Err(error) => return Err(format!("the daemon has gone away ({error})")),
            }
        }
    }
}

type Answer = tokio::sync::oneshot::Sender<Result<Reply, Error>>;

struct Connection<'a> {
    options: &'a Options,
    frames: mpsc::Sender<Vec<u8>>,
    next: u64,
    pending: HashMap<u64, Answer>,
    events: &'a mpsc::UnboundedSender<Event>,
}

impl Connection<'_> {
    async fn ask(&mut self, ask: Ask) {
        let id = self.next;
        self.next += 1;
        match self.frame(id, ask.request) {
            Ok(frame) => {
                self.pending.insert(id, ask.answer);
                let _ = self.frames.send(frame).await;
            }
            Err(words) => {
                let _ = ask.answer.send(Err(Error::NotSent(words)));
            }
        }
    }

    async fn send(&mut self, id: u64, request: Request) {
        if let Ok(frame) = self.frame(id, request) {
            let _ = self.frames.send(frame).await;
        }
    }

    fn frame(&self, id: u64, request: Request) -> Result<Vec<u8>, String> {
        frame::encode(&FromClient {
            id,
            account: self.options.account.clone(),
            request,
        })
        .map_err(|error| error.to_string())
    }

    fn take(&mut self, message: FromDaemon) {
        match message {
            FromDaemon::Push(push) => self.tell(push),
            FromDaemon::Reply {
                id: SUBSCRIPTION,
                result: Ok(Reply::Status(status)),
            } => self.tell(Push::Status(status)),
            FromDaemon::Reply { id, result } => {
                if let Some(answer) = self.pending.remove(&id) {
                    // Who asked may have lost interest.
                    let _ = answer.send(result.map_err(Error::Failed));
                }
            }
        }
    }

    fn tell(&self, push: Push) {
        let _ = self.events.send(Event::Push(push));
    }
}
