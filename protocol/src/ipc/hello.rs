//! The greeting: both sides say which versions of the socket's language they speak.

use serde::{Deserialize, Serialize};

use crate::api::version::Range;

/// The versions that a client of this source understands. Each adds requests, with replies that only
/// they are answered with, and fields of views that an older reader passes over:
///
/// 1. what the first release knew;
/// 2. [`super::Request::Outbox`], `Export`, `Adopt`, `Conflicts`, `Settle`, `Undo`, `History` and
///    the receipt of a sign-out;
/// 3. inspections with a table of writers ([`crate::inspection::Inspection`]), which an older reader
///    does not pass over;
/// 4. [`super::Request::Redo`], `Draft`, `Canned`, `Facets`, `Found`, `Vehicle`, `Customer`, `Alike`,
///    `Jump`, `Remember`, `Recall` and the orders and narrowings of a [`super::BoardQuery`];
/// 5. [`super::Request::Settings`] and `Examine`;
/// 6. [`super::Request::Watch`] and `Unwatch`, and the [`super::Difference`] in what is told;
/// 7. [`super::Request::Unlock`], `Lock`, `SetPin`, `Active`, [`super::Push::Locked`] and
///    [`super::FailureCode::Locked`]; [`super::Request::Pair`] and `Paired`;
///    [`super::Request::SecondFactor`], `Standing`, `Sessions`, `Revoke` and `Password`, and code and
///    enrolment token of a sign-in;
/// 8. [`super::Request::TemplatePage`]; [`super::Request::Tokens`], `NewToken` and `EndToken`.
pub const IPC: Range = Range { min: 1, max: 8 };

/// The first version in which an inspection can be watched.
pub const WATCHED: u16 = 6;

/// The first version in which a client understands that an account is locked.
pub const LOCKED: u16 = 7;

/// The first version in which templates are asked for in pages.
pub const PAGED: u16 = 8;

/// The versions that a daemon of this source answers in: no older client could read an inspection.
pub const ANSWERED: Range = Range { min: 3, max: 8 };

/// The client's first message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// The versions it speaks.
    pub ipc: Range,
    /// The program's version.
    pub version: String,
}

/// The daemon's first message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Welcome {
    /// They understand each other.
    Welcome {
        /// The version they will speak.
        ipc: u16,
        /// The daemon's version.
        version: String,
        /// The daemon's process id.
        pid: u32,
    },
    /// No version in common, or a peer that may not speak; the connection ends.
    Refused {
        /// Why, and what to do.
        words: String,
    },
}
