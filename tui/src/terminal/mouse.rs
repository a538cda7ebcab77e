//! Clicks and the wheel, and no more: crossterm's own command asks for every movement as well, which
//! would wake an idle client whenever somebody touches the mouse.

use std::fmt;

use crossterm::Command;

/// Clicks and the wheel are reported, in a form that holds beyond column 223.
pub(super) struct MouseOn;

/// Nothing of the mouse is reported.
pub(super) struct MouseOff;

impl Command for MouseOn {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1000h\x1b[?1006h")
    }
}

impl Command for MouseOff {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[?1006l\x1b[?1000l")
    }
}
