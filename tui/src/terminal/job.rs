//! Job control: whether a shell waits for us, and going to sleep for it.

use std::fs;

use rustix::{
    io,
    process::{Pid, Signal, getpgid, getpgrp, getppid, getsid, kill_process_group},
};

/// Stops this process and its group, as Ctrl-Z does to other programs; returns once woken.
///
/// STOP and not TSTP: a handler stands on the latter.
pub(super) fn stop() -> io::Result<()> {
    kill_process_group(getpgrp(), Signal::STOP)
}

/// Whether somebody is there to wake us again: a process of our session outside our group that is
/// the parent of one in it. Without one, as on a kiosk or under `ssh host redtag`, the kernel
/// ignores TSTP, and so must we: a stopped client would stay stopped for ever.
pub(crate) fn shell_waits() -> bool {
    let group = getpgrp();
    let Ok(session) = getsid(None) else {
        return false;
    };
    let mut parent = getppid();
    // A few programs may lie between, such as `sh -c`; they are of our group.
    for _ in 0..16 {
        let Some(pid) = parent else { return false };
        match (getpgid(Some(pid)), getsid(Some(pid))) {
            (Ok(theirs), Ok(of)) if theirs != group => return of == session,
            (Ok(_), Ok(_)) => parent = parent_of(pid),
            _ => return false,
        }
    }
    false
}

/// The fourth field of `/proc/PID/stat`; the second is a name in brackets that may hold anything.
fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    let (_, after) = stat.rsplit_once(") ")?;
    let parent = after.split(' ').nth(1)?.parse().ok()?;
    Pid::from_raw(parent)
}
