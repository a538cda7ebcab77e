//! The task that owns the connection.

mod connection;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redtag_protocol::ipc::{FromDaemon, frame};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    sync::mpsc,
    time::{Instant, sleep_until},
};

use self::connection::Connection;
use super::{
    Ask, Error, Event, Options,
    dial::{Greeted, dial},
};

/// The first and the longest pause between attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// A connection that ended sooner than this is followed by a pause as well.
const SHORT: Duration = Duration::from_secs(2);

/// Connects and serves until the last handle is gone.
pub(super) async fn run(
    mut options: Options,
    mut asks: mpsc::Receiver<Ask>,
    events: mpsc::UnboundedSender<Event>,
) {
    let mut waiting: Vec<Ask> = Vec::new();
    let mut told: Option<String> = None;
    let mut pause = PAUSES.0;
    let keeps = options.subscribe && options.account.is_none();
    loop {
        match reach(&options, &mut asks, &mut waiting).await {
            Reached::Up(greeted) => {
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
                    ipc: greeted.ipc,
                });
                let begun = Instant::now();
                let waited = std::mem::take(&mut waiting);
                let (connection, frames) = Connection::new(&mut options, keeps, &events);
                let ended = serve(*greeted, connection, frames, &mut asks, waited).await;
                let Some((words, again)) = ended else { return };
                waiting = again;
                tracing::info!("daemon lost: {words}");
                let _ = events.send(Event::Down { words });
                if begun.elapsed() >= SHORT {
                    pause = PAUSES.0;
                    continue;
                }
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
            }
            Reached::Closed => return,
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

/// Serves one connection; says why it ended and what is to be asked again, or none when the last
/// handle is gone.
async fn serve(
    greeted: Greeted,
    mut connection: Connection<'_>,
    frames: mpsc::Receiver<(u64, Vec<u8>)>,
    asks: &mut mpsc::Receiver<Ask>,
    waited: Vec<Ask>,
) -> Option<(String, Vec<Ask>)> {
    let (reader, writer) = greeted.stream.into_split();
    // Writing and reading apart: neither side may wait for the other to empty its buffer.
    let handed = Arc::new(AtomicU64::new(0));
    let writing = tokio::spawn(write(writer, frames, Arc::clone(&handed)));
    connection.begin(waited).await;
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
                Ok(message) => connection.take(message).await,
                Err(why) => break Some(why),
            },
        }
    };
    let Some(words) = why else {
        drop(connection);
        let _ = writing.await;
        return None;
    };
    writing.abort();
    let _ = writing.await;
    let again = connection.end(&words, handed.load(Ordering::SeqCst));
    Some((words, again))
}

/// Writes frames. `handed` is the last request of which the daemon may hold the whole frame.
async fn write(
    mut writer: OwnedWriteHalf,
    mut frames: mpsc::Receiver<(u64, Vec<u8>)>,
    handed: Arc<AtomicU64>,
) {
    while let Some((id, frame)) = frames.recv().await {
        let before = handed.fetch_max(id, Ordering::SeqCst);
        // A broken connection is noticed, and told, by the reading side.
        if writer.write_all(&frame).await.is_err() {
            // Half a frame is no request.
            handed.store(before, Ordering::SeqCst);
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
