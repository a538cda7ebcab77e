//! Threads that own connections. What the rest of the program knows of them is a queue.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::{
    StorageError,
    convert::fault,
    migrate::{self, Schema},
    open::{self, Purpose},
};
use crate::storage::ShopKey;

/// The threads of one storage, those of files that were closed meanwhile included.
#[derive(Clone, Default)]
pub(super) struct Crew(Arc<Mutex<Vec<thread::JoinHandle<()>>>>);

impl Crew {
    fn add(&self, thread: thread::JoinHandle<()>) {
        let mut threads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = threads.extract_if(.., |it| it.is_finished());
        ended.for_each(join);
        threads.push(thread);
    }
}

/// Waits for a crew when it is dropped, which must come after the last [`Workers`].
///
/// The database's cryptography is a C library that takes itself down as the process exits; a thread
/// that still closes a file would crash in it. So no thread outlives its storage.
pub(super) struct Muster(pub(super) Crew);

impl Drop for Muster {
    fn drop(&mut self) {
        let threads = &mut *self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        threads.drain(..).for_each(join);
    }
}

fn join(thread: thread::JoinHandle<()>) {
    // One that panicked has ended too, and the log has it.
    let _ = thread.join();
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// After so many written rows the log is written back: a push of one edit writes six, on some
/// twenty pages.
const WRITE_BACK: u64 = 600;

/// Which file to open, and how.
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) key: ShopKey,
    pub(super) schema: Schema,
    /// Whether it was complete once: then it is never made anew.
    pub(super) whole: bool,
    pub(super) crew: Crew,
}

/// The threads of one file: one that writes, some that read. They end when this is dropped, after
/// what was asked for until then.
pub(super) struct Workers {
    writer: mpsc::Sender<Job>,
    readers: mpsc::Sender<Job>,
}

impl Workers {
    /// Opens a file, brings its schema up to date and starts its threads.
    pub(super) async fn start(
        name: &str,
        file: File,
        readers: usize,
    ) -> Result<Self, StorageError> {
        let File {
            path,
            key,
            schema,
            whole,
            crew,
        } = file;
        let (writer, jobs) = mpsc::channel();
        let writing = Arc::new(Mutex::new(jobs));
        // The writer closes last: only the last connection writes the log back, and readers may not.
        let (reader, gone) = mpsc::channel();
        let (at, secret) = (path.clone(), key.clone());
        start(name, &crew, writing, End::Writer(gone), move || {
            if whole {
                open::must_be_there(&at)?;
            }
            let mut connection = open::open(&at, &secret, Purpose::Write)?;
            migrate::migrate(&mut connection, schema, &at)?;
            Ok(connection)
        })?
        .await
        .map_err(|_| StorageError::Lost)??;
        let (read, jobs) = mpsc::channel();
        let reading = Arc::new(Mutex::new(jobs));
        for _ in 0..readers {
            let (at, secret) = (path.clone(), key.clone());
            let end = End::Reader(reader.clone());
            start(name, &crew, reading.clone(), end, move || {
                open::open(&at, &secret, Purpose::Read)
            })?
            .await
            .map_err(|_| StorageError::Lost)??;
        }
        Ok(Self {
            writer,
            readers: read,
        })
    }

    /// Runs one write as a transaction of its own.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        ask(&self.writer, move |connection| {
            let transaction = connection
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .map_err(fault)?;
            let done = write(&transaction)?;
            transaction.commit().map_err(fault)?;
            Ok(done)
        })
        .await
    }

    /// Runs reads over one snapshot.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Result<T, StorageError> {
        ask(&self.readers, move |connection| {
            let snapshot = connection
                .transaction_with_behavior(TransactionBehavior::Deferred)
                .map_err(fault)?;
            read(&snapshot)
        })
        .await
    }

    /// Copies the file, as it is at one moment, into one that is not there yet, with the same key;
    /// others read and write meanwhile. The copy is on the disk when this returns.
    pub(super) async fn copy(&self, to: PathBuf) -> Result<(), StorageError> {
        ask(&self.readers, move |connection| open::copy(connection, &to)).await
    }

    /// Lends the writing connection to a job for as long as it likes.
    pub(super) fn lend(
        &self,
        job: impl FnOnce(&mut Connection) + Send + 'static,
    ) -> Result<(), StorageError> {
        self.writer
            .send(Box::new(job))
            .map_err(|_| StorageError::Lost)
    }
}

async fn ask<T: Send + 'static>(
    queue: &mpsc::Sender<Job>,
    work: impl FnOnce(&mut Connection) -> Result<T, StorageError> + Send + 'static,
) -> Result<T, StorageError> {
    let (answer, answered) = oneshot::channel();
    let job: Job = Box::new(move |connection| {
        // Nobody may be waiting any more.
        let _ = answer.send(work(connection));
    });
    queue.send(job).map_err(|_| StorageError::Lost)?;
    answered.await.map_err(|_| StorageError::Lost)?
}

/// What a thread waits for, or tells, as it ends.
enum End {
    /// All readers' connections are closed when this hangs up.
    Writer(mpsc::Receiver<()>),
    /// Held until the reader's connection is closed.
    Reader(#[expect(dead_code, reason = "what counts is when it is dropped")] mpsc::Sender<()>),
}

/// Starts a thread that opens its connection and then works off the queue until nobody can put
/// anything in any more.
fn start(
    name: &str,
    crew: &Crew,
    queue: Arc<Mutex<mpsc::Receiver<Job>>>,
    end: End,
    open: impl FnOnce() -> Result<Connection, StorageError> + Send + 'static,
) -> Result<oneshot::Receiver<Result<(), StorageError>>, StorageError> {
    let (ready, opened) = oneshot::channel();
    let thread = thread::Builder::new()
        .name(format!("db {}", name.get(..8).unwrap_or(name)))
        .spawn(move || {
            let opened = open();
            let (connection, said) = match opened {
                Ok(connection) => (Some(connection), Ok(())),
                Err(error) => (None, Err(error)),
            };
            let _ = ready.send(said);
            if let Some(mut connection) = connection {
                match &end {
                    End::Writer(_) => write(&mut connection, &queue),
                    End::Reader(_) => serve(&mut connection, &queue),
                }
                if let End::Writer(gone) = &end {
                    // Nothing is ever sent.
                    let _ = gone.recv();
                }
                drop(connection);
            }
            drop(end);
        })
        .map_err(|source| StorageError::Io {
            place: "starting a database thread".to_owned(),
            source,
        })?;
    crew.add(thread);
    Ok(opened)
}

fn serve(connection: &mut Connection, queue: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = {
            let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.recv()
        };
        let Ok(job) = job else { return };
        run(connection, job);
    }
}

/// [`serve`], and writes the log back in between, when the answers are out and nobody waits: left to
/// itself, SQLite does it before it says that a commit is done.
fn write(connection: &mut Connection, queue: &Mutex<mpsc::Receiver<Job>>) {
    // Nobody else takes from this queue.
    let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let mut written = connection.total_changes();
    loop {
        let job = match queue.try_recv() {
            Ok(job) => job,
            Err(mpsc::TryRecvError::Disconnected) => return,
            Err(mpsc::TryRecvError::Empty) => {
                if connection.total_changes().saturating_sub(written) >= WRITE_BACK {
                    written = connection.total_changes();
                    write_back(connection);
                }
                match queue.recv() {
                    Ok(job) => job,
                    Err(mpsc::RecvError) => return,
                }
            }
        };
        run(connection, job);
    }
}

/// Writes back what no reader still needs, and waits for none.
fn write_back(connection: &Connection) {
    let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    if let Err(error) = done {
        tracing::warn!(%error, "a log is not written back yet");
    }
}

fn run(connection: &mut Connection, job: Job) {
    // A transaction that a panic ended was rolled back when it was dropped, so the connection
    // is as good as before; whoever waits gets `Lost`.
    if catch_unwind(AssertUnwindSafe(|| job(connection))).is_err() {
        tracing::error!("a database job panicked");
    }
}

#[cfg(test)]
mod tests;
