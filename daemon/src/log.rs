//! The log: a file a day, open to its owner only, bounded in number and length; standard error for the
//! system service, whose journal keeps it. Secrets never reach it: their types do not print them.

mod files;

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer, Registry, filter::Targets, fmt, layer::SubscriberExt, reload, util::SubscriberInitExt,
};

use self::files::Files;
use crate::{
    config::{Config, Level},
    paths::Paths,
};

/// The name that every log file begins with.
pub(crate) const NAME: &str = "redtagd";

/// Lets the level change while running.
pub(crate) struct Log {
    handle: reload::Handle<Targets, Registry>,
}

impl Log {
    /// Begins to log. A second call in one process (tests boot several daemons) leaves the first
    /// log in place.
    pub(crate) fn begin(paths: &Paths, config: &Config) -> io::Result<Self> {
        let (filter, handle) = reload::Layer::new(targets(config.log_level));
        let layer = if paths.system {
            // The journal stamps its lines itself.
            fmt::layer()
                .without_time()
                .with_ansi(false)
                .with_writer(io::stderr)
                .with_filter(filter)
                .boxed()
        } else {
            let files = Files::open(&paths.logs, config.log_keep, files::LONGEST)?;
            fmt::layer()
                .with_ansi(false)
                .with_writer(std::sync::Mutex::new(files))
                .with_filter(filter)
                .boxed()
        };
        let _ = tracing_subscriber::registry().with(layer).try_init();
        Ok(Self { handle })
    }

    /// Logs at another level from now on.
    pub(crate) fn set(&self, level: Level) {
        if let Err(error) = self.handle.modify(|filter| *filter = targets(level)) {
            tracing::warn!(%error, "the log level stays as it was");
        }
    }
}

/// Sends panics of any thread to the log as well: standard error often leads nowhere.
pub(crate) fn panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        tracing::error!("a part of the program failed: {panic}");
        before(panic);
    }));
}

/// Our own words at the level; libraries below HTTP could print headers, so they stay at warnings.
fn targets(level: Level) -> Targets {
    let own = match level {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
        Level::Trace => LevelFilter::TRACE,
    };
    Targets::new()
        .with_default(own.min(LevelFilter::WARN))
        .with_target("redtagd", own)
}
