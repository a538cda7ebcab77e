//! What the mouse does, in terms of what was drawn where it did it.

use crate::keys::Action;

/// Something the mouse did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mouse {
    /// What it did.
    pub(crate) button: Button,
    /// On what, as it was drawn last.
    pub(crate) on: Option<Target>,
}

/// What a mouse does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    /// The left button was pressed.
    Click,
    /// The wheel was turned away from the person.
    WheelUp,
    /// The wheel was turned towards the person.
    WheelDown,
}

/// Something on the screen that takes a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// A line of the front list, by its place in the whole of it.
    Row(usize),
    /// What was found for the field one is in, by its place; what comes after all of it is a new one.
    Match(usize),
    /// A tab or a section, from 0.
    Group(usize),
    /// What a key of the lowest line does.
    Action(Action),
    /// What lies in front and takes no click; nothing below it does.
    Nothing,
}
