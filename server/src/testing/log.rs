use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing::{
    Dispatch,
    level_filters::LevelFilter,
    subscriber::{DefaultGuard, NoSubscriber},
};

/// What this thread logs, as long as the guard lives.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

/// Ends the listening when it is dropped.
pub struct Listening(
    #[expect(dead_code, reason = "what counts is when it is dropped")] (DefaultGuard, Dispatch),
);

impl Log {
    /// Listens as the server's own log does.
    pub fn listen() -> (Self, Listening) {
        // With one subscriber in the process, tracing asks only the thread that meets a line first
        // whether anybody listens, and another test's thread would say no for all. Two are asked.
        let deaf = Dispatch::new(NoSubscriber::default());
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_max_level(LevelFilter::INFO)
            .finish();
        let guard = tracing::subscriber::set_default(subscriber);
        (log, Listening((guard, deaf)))
    }

    /// The lines so far that hold a text.
    pub fn lines(&self, text: &str) -> Vec<String> {
        let all = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = all.lines().filter(|line| line.contains(text));
        lines.map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
