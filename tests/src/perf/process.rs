//! What the kernel says of a process: memory, work, files.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};

/// How often memory is looked at.
const PACE: Duration = Duration::from_millis(10);

const MIB: f64 = 1024.0 * 1024.0;

/// Memory that is a process's own and lies in no file, in MiB.
pub(super) fn anonymous(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix("RssAnon:"));
    let kib = line.and_then(|it| it.split_whitespace().next());
    let kib: f64 = kib.context("the kernel does not say RssAnon")?.parse()?;
    Ok(kib * 1024.0 / MIB)
}

/// Seconds of work that the threads of a process which still run have done.
pub(super) fn worked(pid: u32) -> Result<f64> {
    let mut nanos = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        nanos += first.and_then(|it| it.parse::<f64>().ok()).unwrap_or(0.0);
    }
    Ok(nanos / 1e9)
}

/// Nanoseconds of work of each thread of a process that runs now.
pub(super) fn threads(pid: u32) -> Result<BTreeMap<OsString, f64>> {
    let mut all = BTreeMap::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task = task?;
        // A thread may end meanwhile.
        let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else {
            continue;
        };
        let first = text.split_whitespace().next();
        let nanos = first.and_then(|it| it.parse().ok()).unwrap_or(0.0);
        all.insert(task.file_name(), nanos);
    }
    Ok(all)
}

/// Reads from files and other calls of that kind that a process made so far.
pub(super) fn reads(pid: u32) -> Result<f64> {
    let io = fs::read_to_string(format!("/proc/{pid}/io"))?;
    let line = io.lines().find_map(|it| it.strip_prefix("syscr:"));
    let line = line.context("the kernel does not count reads")?;
    Ok(line.trim().parse()?)
}

/// Bytes of the files of a directory, all that lies below it included, in MiB.
pub(super) fn size(directory: &Path) -> Result<f64> {
    let mut bytes = 0.0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            bytes += size(&entry.path())? * MIB;
        } else if kind.is_file() {
            // No file here is large enough to be counted wrongly.
            #[expect(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
            let length = entry.metadata()?.len() as f64;
            bytes += length;
        }
    }
    Ok(bytes / MIB)
}

/// Looks at the memory of a process until it is asked for the most that was seen.
pub(super) struct Peak {
    ending: Arc<AtomicBool>,
    thread: JoinHandle<Result<f64>>,
}

impl Peak {
    pub(super) fn of(pid: u32) -> Self {
        let ending = Arc::new(AtomicBool::new(false));
        let end = ending.clone();
        let thread = thread::spawn(move || {
            let mut peak = 0.0_f64;
            while !end.load(Ordering::Relaxed) {
                peak = peak.max(anonymous(pid)?);
                thread::park_timeout(PACE);
            }
            Ok(peak)
        });
        Self { ending, thread }
    }

    /// In MiB.
    pub(super) fn end(self) -> Result<f64> {
        self.ending.store(true, Ordering::Relaxed);
        self.thread.thread().unpark();
        let peak = self.thread.join();
        peak.map_err(|_| anyhow!("the look at memory panicked"))?
    }
}
