//! Ties a child to the demo: it ends when the demo does, however the demo ends.
//!
//! A process can only ask for that itself, and code between fork and exec would be unsafe. So the
//! demo calls its own executable, which asks and then becomes the program.

use std::{ffi::OsString, os::unix::process::CommandExt as _, process::Command};

use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};

use crate::command::Fault;

/// Becomes the program. Returns only where that failed.
pub(super) fn become_one(parent: u32, program: &[OsString]) -> Fault {
    let Some((name, args)) = program.split_first() else {
        return Fault::usage("--tied-to needs a program");
    };
    // Kept over exec; the daemon and the API end cleanly at this signal.
    if let Err(error) = set_parent_process_death_signal(Some(Signal::TERM)) {
        return Fault::error(format!("the demo cannot tie a program to itself: {error}"));
    }
    // The demo may have ended before it was asked for.
    let alive = getppid().map(Pid::as_raw_nonzero).map(i32::from);
    if alive != i32::try_from(parent).ok() {
        return Fault::error("the demo has ended");
    }
    let error = Command::new(name).args(args).exec();
    Fault::error(format!("{} cannot be run: {error}", name.display()))
}
