//! The one thread that owns a cache's connection. Others hand it work, which runs in order.

use std::{
    panic::{self, AssertUnwindSafe},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{CacheError, Store, error::met_damage};

type Work = Box<dyn FnOnce(&mut Store) + Send>;

/// How long nothing must have come before documents that have changed are looked through again.
/// Changes come in bursts, such as a colleague's morning without a line; each would be looked
/// through many times, while the next ones wait for the processor.
const QUIET: Duration = Duration::from_millis(100);

/// How long that may put it off.
const LATE: Duration = Duration::from_secs(2);

/// When something came last, and since when looking is put off.
struct Pace {
    came: Instant,
    put_off: Option<Instant>,
}

impl Pace {
    /// How long to wait for more work before looking; none where it is time to look.
    fn pause(&mut self, level: bool, now: Instant) -> Option<Duration> {
        let quiet = now.saturating_duration_since(self.came);
        let since = *self.put_off.get_or_insert(now);
        let late = now.saturating_duration_since(since) >= LATE;
        // What was never looked through is not put off: a search would find nothing at all.
        let pause = QUIET.checked_sub(quiet).filter(|_| level && !late);
        let pause = pause.filter(|it| !it.is_zero());
        if pause.is_none() {
            self.put_off = None;
        }
        pause
    }
}

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
                let mut pace = Pace {
                    came: Instant::now(),
                    put_off: None,
                };
                while let Some(work) = next(&queue, &mut store, &mut pace) {
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
                    pace.came = Instant::now();
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
fn next(queue: &mpsc::Receiver<Work>, store: &mut Store, pace: &mut Pace) -> Option<Work> {
    loop {
        match queue.try_recv() {
            Ok(work) => return Some(work),
            Err(mpsc::TryRecvError::Disconnected) => return None,
            Err(mpsc::TryRecvError::Empty)
                if store.unlooked()
                    && let Some(pause) = pace.pause(store.looked_once(), Instant::now()) =>
            {
                match queue.recv_timeout(pause) {
                    Ok(work) => return Some(work),
                    Err(mpsc::RecvTimeoutError::Timeout) => {}
                    Err(mpsc::RecvTimeoutError::Disconnected) => return None,
                }
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changed_is_looked_through_when_it_is_quiet_or_late() {
        let begun = Instant::now();
        let mut pace = Pace {
            came: begun,
            put_off: None,
        };
        assert_eq!(pace.pause(false, begun), None, "never looked through");
        assert_eq!(pace.pause(true, begun), Some(QUIET));
        assert_eq!(pace.pause(true, begun + QUIET / 4), Some(QUIET * 3 / 4));
        assert_eq!(pace.pause(true, begun + QUIET), None, "it is quiet");
        // Something comes again and again.
        let mut at = begun;
        let mut put_off = 0;
        loop {
            pace.came = at;
            if pace.pause(true, at).is_none() {
                break;
            }
            at += QUIET / 2;
            put_off += 1;
        }
        assert_eq!(put_off, 40, "until it is late");
    }
}
