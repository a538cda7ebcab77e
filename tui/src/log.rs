//! The client's log: a file a day, open to its owner only, bounded in number and in size. It holds what
//! happened to the line to the daemon and why the screen ended, never what was typed.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use rustix::{fs::Mode, process::umask};
use tracing::level_filters::LevelFilter;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::paths::Paths;

/// How many days are kept.
const KEPT: usize = 7;

/// How large all of them together grow, in bytes. A session that finds them so large is silent.
const MOST: u64 = 8 << 20;

/// How much one session writes, in bytes.
const SESSION: u64 = 1 << 20;

const PREFIX: &str = "redtag-client";

/// Begins to log into the directory of the logs. Without a log the client works as well, so the
/// caller may go on after an error.
pub(crate) fn begin(paths: &Paths) -> io::Result<()> {
    // What this process creates from now on, the log above all, is its owner's only.
    umask(Mode::RWXG | Mode::RWXO);
    fs::create_dir_all(paths.logs())?;
    let left = MOST.saturating_sub(size(paths.logs())?).min(SESSION);
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix(PREFIX)
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(paths.logs())
        .map_err(io::Error::other)?;
    let ours = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("redtag", LevelFilter::INFO);
    let layer = fmt::layer()
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(Bounded::new(files, left)))
        .with_filter(ours);
    // A second screen in one process, as in the demo, goes on with the first log.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the client opens");
    Ok(())
}

/// How large the client's files in a directory are together.
fn size(dir: &Path) -> io::Result<u64> {
    let mut all = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            // One that another session has just removed is none.
            all += entry.metadata().map_or(0, |it| it.len());
        }
    }
    Ok(all)
}

/// Lets lines through until there were enough of them.
struct Bounded<W> {
    inner: W,
    left: u64,
}

impl<W> Bounded<W> {
    fn new(inner: W, left: u64) -> Self {
        Self { inner, left }
    }
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A line is written whole or not at all, and none comes after one that was left out.
        let size = u64::try_from(line.len()).unwrap_or(u64::MAX);
        match self.left.checked_sub(size) {
            Some(left) => {
                self.inner.write_all(line)?;
                self.left = left;
            }
            None => self.left = 0,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests;
