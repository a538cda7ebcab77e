//! Job control: whether a shell waits for us, and going to sleep for it.

use std::fs;

use rustix::{
    io,
    process::{Signal, kill_current_process_group},
};

/// Stops this process and its group, as Ctrl-Z does to other programs; returns once woken.
///
/// STOP and not TSTP: a handler stands on the latter.
pub(crate) fn stop() -> io::Result<()> {
    kill_current_process_group(Signal::STOP)
}

/// Whether somebody is there to wake us again: a process of our session outside our group that is
/// the parent of one in it. Without one, as on a kiosk or under `ssh host redtag`, the kernel
/// ignores TSTP, and so must we: a stopped client would stay stopped for ever.
pub(crate) fn shell_waits() -> bool {
    Kin::of("self").is_some_and(|own| is_awaited(own, |pid| Kin::of(&pid.to_string())))
}

/// Where a process belongs, by numbers as `/proc` tells them: 0 stands for what lies outside the
/// PID namespace. That is why the system is not asked itself: rustix takes its answers for
/// processes, and 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kin {
    parent: i32,
    group: i32,
    session: i32,
}

impl Kin {
    fn of(process: &str) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{process}/stat")).ok()?)
    }

    /// The fourth to sixth field; the second is a name in brackets that may hold anything.
    fn parse(stat: &str) -> Option<Self> {
        let (_, after) = stat.rsplit_once(") ")?;
        let mut numbers = after.split(' ').skip(1).map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self {
            parent: next()?,
            group: next()?,
            session: next()?,
        })
    }
}

/// Whether somebody waits for a process. What lies outside the namespace is inherited, never
/// entered from within, so two zeros of a process and its parent mean the same.
fn is_awaited(own: Kin, of: impl Fn(i32) -> Option<Kin>) -> bool {
    let mut parent = own.parent;
    // A few programs may lie between, such as `sh -c`; they are of our group.
    for _ in 0..16 {
        match of(parent) {
            Some(theirs) if theirs.group != own.group => return theirs.session == own.session,
            Some(theirs) => parent = theirs.parent,
            // Gone, or the namespace ends here.
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests;
