//! What the client wants done.

use redtag_protocol::ipc::Request;

/// Something to be done outside.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// Ask the daemon; the answer comes back as a message with the same number.
    Ask {
        /// The ask's number; later asks have greater ones.
        ask: u64,
        /// What is asked.
        request: Box<Request>,
    },
    /// Keep a text in a new file; whether it lies there comes back as a message.
    Keep {
        /// The file.
        file: String,
        /// The text.
        text: String,
        /// How many edits are in it.
        edits: u64,
    },
    /// Hand a template to the person's editor; what comes of it comes back as a message.
    Compose {
        /// What the file is called, for people.
        name: String,
        /// The text.
        text: String,
        /// The file in which it lies already.
        file: Option<String>,
        /// The line at which to begin.
        line: Option<usize>,
    },
    /// Remove a file that was handed to the editor.
    Remove {
        /// The file.
        file: String,
    },
    /// Sleep until the shell wakes us.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Leave.
    Quit,
}
