//! A screen with nothing on it, in a state that we know.
//!
//! A terminal without an alternate screen (the Linux console, GNU screen and tmux where it is switched
//! off) takes no notice of the switch, and one that a killed client left on its alternate screen clears
//! nothing: what stood there would show through every frame.

use std::fmt;

use crossterm::Command;

/// Nothing of what was before: no style, no scrolling region, no text; the cursor is at home. In the
/// same write as the switch, so that it costs no frame.
pub(super) struct Clean;

/// The numeric pad sends its digits and Enter. The codes of its other mode are unknown to crossterm,
/// which drops them; a program that was killed may have left it on.
pub(super) struct PlainPad;

impl Command for Clean {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b[0m\x1b[r\x1b[2J\x1b[H")
    }
}

impl Command for PlainPad {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        f.write_str("\x1b>")
    }
}
