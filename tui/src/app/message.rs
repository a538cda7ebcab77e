//! What happens to the client.

use crossterm::event::KeyEvent;
use redtag_protocol::{ipc::Reply, stamp::Stamp};

use super::Mouse;
use crate::link;

/// Something that happened.
#[derive(Debug)]
pub(crate) enum Message {
    /// A key was struck.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(Mouse),
    /// Text was pasted.
    Paste(String),
    /// The window has this size now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// A request was answered, or was not.
    Answer {
        /// The number of the ask.
        ask: u64,
        /// The answer.
        result: Box<Result<Reply, link::Error>>,
    },
    /// The link tells something by itself.
    Link(link::Event),
    /// A text that a person keeps lies in its file, or does not.
    Kept {
        /// The file.
        file: String,
        /// How many edits are in it.
        edits: u64,
        /// Why it does not lie there.
        failed: Option<String>,
    },
    /// The person's editor has ended.
    Composed {
        /// The file in which the text lies.
        file: Option<String>,
        /// The text, or why it could not be had.
        text: Result<String, String>,
    },
    /// No shell waits to which one could go back for a while.
    NoShell,
    /// Time has passed, and something that is shown depends on it.
    Clock,
}

/// When a message came, and randomness for what it may create.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    /// This machine's clock.
    pub(crate) now: Stamp,
    /// Random bytes, fresh with every message: three ids can be made of them.
    pub(crate) random: [u8; 30],
}

impl Moment {
    /// Ten of the random bytes, for the first, second or third id.
    pub(crate) fn ten(&self, which: usize) -> [u8; 10] {
        let mut ten = [0; 10];
        let from = which.min(2) * 10;
        ten.copy_from_slice(&self.random[from..from + 10]);
        ten
    }
}
