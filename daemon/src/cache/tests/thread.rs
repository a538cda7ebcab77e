//! The thread that owns a cache.

use std::{
    cell::RefCell,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::*;

/// Stands for what a library keeps per thread: it goes last, and not at once.
struct Last(Arc<AtomicBool>);

impl Drop for Last {
    fn drop(&mut self) {
        for _ in 0..10_000 {
            thread::yield_now();
        }
        self.0.store(true, Ordering::SeqCst);
    }
}

thread_local! {
    static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
}

#[tokio::test]
async fn the_end_of_the_thread_is_waited_for_and_not_only_that_of_its_work() {
    let bench = Bench::empty();
    let (cache, end) = Cache::spawn(bench.store.unwrap(), || {}).unwrap();
    let gone = Arc::new(AtomicBool::new(false));
    let last = Last(Arc::clone(&gone));
    cache
        .call(move |_| LAST.with(|it| *it.borrow_mut() = Some(last)))
        .await
        .unwrap();
    drop(cache);
    end.wait().await;
    assert!(gone.load(Ordering::SeqCst));
}
