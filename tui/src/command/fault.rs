//! Why a command ends otherwise than done, and the exit code that says so to scripts.

use std::{io, process::ExitCode};

use redtag_protocol::{
    ipc::{Failure, FailureCode},
    op::RefusalCode,
};

use crate::link;

/// What a script learns from the exit code. The numbers are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done.
    Done = 0,
    /// 1: it failed.
    Error = 1,
    /// 2: the command line is wrong.
    Usage = 2,
    /// 3: nobody is signed in.
    NotSignedIn = 3,
    /// 4: the network is needed and not there.
    Offline = 4,
    /// 5: synchronising opened a conflict.
    Conflict = 5,
    /// 6: the role does not allow it, or the account is locked.
    NotAllowed = 6,
    /// 7: the daemon is not reachable.
    NoDaemon = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The end of a command before it was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// For scripts.
    pub(crate) exit: Exit,
    /// For people: what failed, what is safe, what to do next. Empty: nothing to say.
    pub(crate) words: String,
}

impl Fault {
    /// A fault with its words.
    pub(crate) fn new(exit: Exit, words: impl Into<String>) -> Self {
        Self {
            exit,
            words: words.into(),
        }
    }

    /// Something failed.
    pub(crate) fn error(words: impl Into<String>) -> Self {
        Self::new(Exit::Error, words)
    }

    /// The command line is wrong.
    pub(crate) fn usage(words: impl Into<String>) -> Self {
        Self::new(Exit::Usage, words)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let exit = match (failure.code, failure.refusal) {
            (FailureCode::NotAllowed | FailureCode::Locked, _)
            | (_, Some(RefusalCode::NotAllowed)) => Exit::NotAllowed,
            (FailureCode::NotSignedIn, _) => Exit::NotSignedIn,
            (FailureCode::Offline, _) => Exit::Offline,
            _ => Exit::Error,
        };
        Self::new(exit, failure.words)
    }
}

impl From<link::Error> for Fault {
    fn from(error: link::Error) -> Self {
        match error {
            link::Error::Failed(failure) => failure.into(),
            link::Error::NotSent(words) | link::Error::Unanswered(words) => {
                Self::new(Exit::NoDaemon, words)
            }
        }
    }
}

/// Writing to standard output failed. A reader that has seen enough (`| head`) is no fault.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Exit::Done, "");
        }
        Self::error(format!("the output cannot be written: {error}"))
    }
}

#[cfg(test)]
mod tests;
