//! The client's log: a file a day, open to its owner only, a bounded number of them. It holds what
//! happened to the line to the daemon and why the screen ended, never what was typed.

use std::io;

use rustix::{fs::Mode, process::umask};
use tracing::level_filters::LevelFilter;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{
    Layer as _, filter::Targets, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use crate::paths::Paths;

/// How many days are kept.
const KEPT: usize = 7;

/// Begins to log into the directory of the logs. Without a log the client works as well, so the
/// caller may go on after an error.
pub(crate) fn begin(paths: &Paths) -> io::Result<()> {
    // What this process creates from now on, the log above all, is its owner's only.
    umask(Mode::RWXG | Mode::RWXO);
    std::fs::create_dir_all(paths.logs())?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("redtag-client")
        .filename_suffix("log")
        .max_log_files(KEPT)
        .build(paths.logs())
        .map_err(io::Error::other)?;
    let ours = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("redtag", LevelFilter::INFO);
    let layer = fmt::layer()
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(files))
        .with_filter(ours);
    // A second screen in one process, as in the demo, goes on with the first log.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "the client opens");
    Ok(())
}
