//! The one thread that owns a cache's connection. Others hand it work, which runs in order.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::mpsc,
    thread,
};

use tokio::sync::oneshot;

use super::{CacheError, Store, error::met_damage};

type Work = Box<dyn FnOnce(&mut Store) + Send>;

/// The end of a cache's thread.
#[derive(Debug)]
pub struct End {
    closed: oneshot::Receiver<()>,
    thread: thread::JoinHandle<()>,
}

impl End {
    /// Waits until the database is closed and the thread is gone, which needs every handle to be
    /// dropped. A thread that outlived `main` could still be in the database's library while its
    /// exit handlers take it apart.
    pub async fn wait(self) {
        // The sender is dropped only with the thread.
        let _ = self.closed.await;
        // It has nothing left to do but to end. Its panics were caught and said in the log.
        let _ = self.thread.join();
    }
}

/// A handle to a cache. When the last handle goes, the thread finishes what it was given, closes
/// the database and ends.
#[derive(Clone, Debug)]
pub struct Cache {
    work: mpsc::Sender<Work>,
}

impl Cache {
    /// Gives a store its thread, whose end is to be waited for before the process ends. `damaged` is
    /// told after any work that met damage, when whoever asked for it has its answer.
    pub fn spawn(
        mut store: Store,
        damaged: impl Fn() + Send + 'static,
    ) -> Result<(Self, End), CacheError> {
        let (work, queue) = mpsc::channel::<Work>();
        let (closed, when_closed) = oneshot::channel();
        let thread = thread::Builder::new()
            .name("cache".to_owned())
            .spawn(move || {
                while let Some(work) = next(&queue, &mut store) {
                    // The index of notes mends itself while nobody asks for anything.
                    let _ = met_damage();
                    let done = panic::catch_unwind(AssertUnwindSafe(|| work(&mut store)));
                    // The transaction of a panic was rolled back; memory follows the database.
                    if done.is_err() {
                        tracing::error!("a fault in the cache; what was saved is safe");
                        if let Err(error) = store.refill() {
                            tracing::error!(%error, "the cache cannot be read");
                            break;
                        }
                    }
                    if met_damage() {
                        damaged();
                    }
                    store.looking.wake();
                }
                store.close();
                // Nobody may be waiting for the end.
                let _ = closed.send(());
            })
            .map_err(CacheError::file("the cache's thread"))?;
        let end = End {
            closed: when_closed,
            thread,
        };
        Ok((Self { work }, end))
    }

    /// Hands work over at once, so that the order of calls is the order of work, and gives where
    /// its result will be.
    pub fn call<T: Send + 'static, W: FnOnce(&mut Store) -> T + Send + 'static>(
        &self,
        work: W,
    ) -> impl Future<Output = Result<T, CacheError>> + Send + 'static + use<T, W> {
        let (done, result) = oneshot::channel();
        let sent = self.work.send(Box::new(move |store| {
            // Who asked may have gone away; the work was done all the same.
            let _ = done.send(work(store));
        }));
        async move {
            sent.map_err(|_| CacheError::Closed)?;
            result.await.map_err(|_| CacheError::Closed)
        }
    }
}

/// The next work, which goes before looking through documents. None once nobody can give any.
fn next(queue: &mpsc::Receiver<Work>, store: &mut Store) -> Option<Work> {
    loop {
        match queue.try_recv() {
            Ok(work) => return Some(work),
            Err(mpsc::TryRecvError::Disconnected) => return None,
            Err(mpsc::TryRecvError::Empty) if store.unlooked() => {
                let mut came = None;
                let done = panic::catch_unwind(AssertUnwindSafe(|| {
                    store.look(&mut || {
                        came = queue.try_recv().ok();
                        came.is_some()
                    });
                }));
                if done.is_err() {
                    tracing::error!("a fault while looking through notes; the search stays short");
                    store.halt_look();
                }
                if came.is_some() {
                    return came;
                }
            }
            Err(mpsc::TryRecvError::Empty) => match store.sweep() {
                Ok(true) => {}
                Ok(false) => return queue.recv().ok(),
                Err(error) => {
                    tracing::warn!(%error, "what is left of an old copy stays for now");
                    return queue.recv().ok();
                }
            },
        }
    }
}
