//! How often an edit makes the disk sync: counted from outside, by a tracer of system calls.

use std::{
    fs,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::ids::InspectionId;
use rustix::process::{Pid, Signal, kill_process};

use crate::{
    harness::{Client, eventually, note},
    perf::report::{Bound, Row, Values},
};

const TRACER: &str = "strace";

/// Edits that are counted: enough for a checkpoint of the write-ahead log, which syncs as well, to
/// fall among them now and then.
const EDITS: u32 = 200;

/// Counts while edits are saved one after the other.
pub(super) fn row(client: &mut Client, id: InspectionId) -> Result<Row> {
    match count(client, id) {
        Ok(syncs) => {
            let mut per = Values::default();
            per.ours(syncs / f64::from(EDITS));
            let what = format!(
                "syncs of the disk for an edit, checkpoints of the log included, over {EDITS} \
                 edits; counted by {TRACER}"
            );
            // One commit each, and a checkpoint's two every some hundred.
            Ok(per
                .costs("E1", what, "syncs")
                .bounded(Bound::MedianAtMost, 1.05))
        }
        Err(error) if error.is::<Missing>() => Ok(Row::without("E1", error)),
        Err(error) => Err(error),
    }
}

/// The tracer is not there, or may not trace here.
#[derive(Debug)]
struct Missing;

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "syncs of the disk for an edit: {TRACER} is not there, or may not trace"
        )
    }
}

impl std::error::Error for Missing {}

fn count(client: &mut Client, id: InspectionId) -> Result<f64> {
    let out = tempfile::NamedTempFile::new()?;
    let mut tracer = attach(client.pid(), out.path())?;
    for round in 0..EDITS {
        let text = format!("a note whose syncs are counted, {round}");
        client.save(vec![note(id, "lights.horn", &text)?])?;
    }
    // It lets go and writes its last lines.
    kill_process(Pid::from_child(&tracer), Signal::INT)?;
    tracer.wait()?;
    let text = fs::read_to_string(out.path())?;
    let syncs = text.lines().filter(|line| is_sync(line)).count();
    ensure!(syncs > 0, "the tracer saw no sync: {text:.300}");
    Ok(f64::from(u32::try_from(syncs)?))
}

/// A call that another one interrupted is told twice; the second line says “resumed”.
fn is_sync(line: &str) -> bool {
    line.contains("sync(")
}

fn attach(pid: u32, out: &std::path::Path) -> Result<Child> {
    let watched = |pid: u32| -> Result<bool> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status.lines().find_map(|it| it.strip_prefix("TracerPid:"));
        Ok(line.context("no TracerPid")?.trim() != "0")
    };
    let tracer = Command::new(TRACER)
        .args(["-f", "-e", "trace=fsync,fdatasync,sync_file_range"])
        .args(["-p", &pid.to_string(), "-o"])
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut tracer) = tracer else {
        bail!(Missing);
    };
    eventually("the tracer to attach", || {
        if tracer.try_wait()?.is_some() {
            return Ok(false);
        }
        ensure!(all(pid, &watched)?, "it does not trace every thread yet");
        Ok(true)
    })?
    .then_some(tracer)
    .context(Missing)
}

/// Whether something holds of each thread of a process.
fn all(pid: u32, holds: &impl Fn(u32) -> Result<bool>) -> Result<bool> {
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        let task: u32 = task?.file_name().to_string_lossy().parse()?;
        // A thread may end meanwhile.
        if !holds(task).unwrap_or(true) {
            return Ok(false);
        }
    }
    Ok(true)
}
