//! Keys of an inspection and its timeline.

use crossterm::event::KeyCode;
use redtag_protocol::{grade::Condition, role::Permission};

use super::{Action, Binding, Chord};

const UP: &[Chord] = &[Chord::key(KeyCode::Up), Chord::char('k')];
const DOWN: &[Chord] = &[Chord::key(KeyCode::Down), Chord::char('j')];
const BACK: &[Chord] = &[
    Chord::key(KeyCode::Esc),
    Chord::char('q'),
    Chord::key(KeyCode::Left),
];
const DIGITS: &[Chord] = &[
    Chord::char('0'),
    Chord::char('1'),
    Chord::char('2'),
    Chord::char('3'),
    Chord::char('4'),
    Chord::char('5'),
    Chord::char('6'),
    Chord::char('7'),
    Chord::char('8'),
    Chord::char('9'),
    Chord::char('.'),
    Chord::char(','),
    Chord::char('-'),
    Chord::char('+'),
];
const ERASE: &[Chord] = &[Chord::key(KeyCode::Backspace), Chord::key(KeyCode::Delete)];

pub(super) const INSPECTION: &[Binding] = &[
    Binding::new(
        &[Chord::char('g')],
        Action::Condition(Condition::Green),
        "green, and on to the next point",
    )
    .hint("green")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('y')],
        Action::Condition(Condition::Yellow),
        "yellow",
    )
    .hint("yellow")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('r')],
        Action::Condition(Condition::Red),
        "red",
    )
    .hint("red")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('x')],
        Action::Condition(Condition::NotApplicable),
        "not applicable",
    )
    .hint("n/a")
    .needs(Permission::Fill),
    Binding::new(
        DIGITS,
        Action::Digit,
        "type a measured value, or choose an option by number",
    )
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "answer here where it takes a choice, text or signature; else on to the next point",
    ),
    Binding::new(
        &[Chord::char('n')],
        Action::Note,
        "write a note; right after y or r the one of the point just marked",
    )
    .hint("note")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char(' ')],
        Action::Canned,
        "a canned note with its condition and recommended work, after y or r for the point just \
         marked",
    )
    .hint("canned")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('l')],
        Action::Work,
        "recommended work with labour and parts, after y or r for the point just marked",
    )
    .hint("work")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('v'), Chord::char('=')],
        Action::SameAsLast,
        "looked at, and the same as at the last visit",
    )
    .needs(Permission::Fill),
    Binding::new(ERASE, Action::TakeBack, "take the answer back").needs(Permission::Fill),
    Binding::new(
        &[Chord::char('a')],
        Action::AllGreen,
        "the section's other conditions green by default; on to what is left",
    )
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('f')],
        Action::Reference,
        "enter the placard's, stamped or rated value",
    )
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('u')],
        Action::Undo,
        "take back what was done last on this bench, also after it was sent",
    )
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::ctrl('r')],
        Action::Redo,
        "do again what was taken back last",
    )
    .needs(Permission::Fill),
    Binding::new(&[Chord::char('U')], Action::Unit, "another unit").needs(Permission::Fill),
    Binding::new(
        &[Chord::char('c')],
        Action::Questions,
        "the template's questions, such as the wheel size",
    )
    .needs(Permission::Fill),
    Binding::new(UP, Action::Up, "the point above"),
    Binding::new(DOWN, Action::Down, "the point below"),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the next section",
    ),
    Binding::new(
        &[Chord::key(KeyCode::BackTab)],
        Action::PreviousGroup,
        "the previous section",
    ),
    Binding::new(
        &[Chord::char('o')],
        Action::NextOpen,
        "the next point without an answer",
    ),
    Binding::new(
        &[Chord::char('O')],
        Action::PreviousOpen,
        "the previous point without an answer",
    ),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Home)],
        Action::First,
        "the first point",
    ),
    Binding::new(&[Chord::key(KeyCode::End)], Action::Last, "the last point"),
    Binding::new(
        &[Chord::char('m')],
        Action::Moves,
        "move on: submit, return, approve, as your role may",
    )
    .hint("move"),
    Binding::new(
        &[Chord::char('e')],
        Action::Details,
        "concern, bay and assignee",
    )
    .needs(Permission::Fill),
    // Before the rest, so that it still stands at the bottom of a narrow window.
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(&[Chord::char('t')], Action::Timeline, "the timeline").hint("timeline"),
    Binding::new(
        &[Chord::char('h')],
        Action::Revisions,
        "earlier revisions, where it was reopened",
    ),
    Binding::new(
        &[Chord::char('w')],
        Action::Outbox,
        "what waits to be sent, is on its way, or was refused",
    ),
    Binding::new(
        &[Chord::char('!')],
        Action::Conflicts,
        "what there is to settle here",
    ),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now"),
    Binding::new(BACK, Action::Back, "back to the board").hint("back"),
];

pub(super) const VALUE: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "take the value and go on",
    )
    .hint("take"),
    Binding::new(&[Chord::char('u')], Action::Unit, "another unit").hint("unit"),
    Binding::new(ERASE, Action::TakeBack, "delete the last character"),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "leave the value as it was; from a reference back to the value",
    )
    .hint("cancel"),
];

pub(super) const TIMELINE: &[Binding] = &[
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(&[Chord::key(KeyCode::Home)], Action::First, "the newest"),
    Binding::new(&[Chord::key(KeyCode::End)], Action::Last, "the oldest"),
    Binding::new(
        &[Chord::char('f')],
        Action::OnlyThis,
        "only what touched the marked line's point; again everything",
    )
    .hint("only this point"),
    Binding::new(
        &[Chord::char('p')],
        Action::OnlyHere,
        "only what touched the point one came from",
    )
    .hint("where I was"),
    Binding::new(
        &[Chord::key(KeyCode::Enter), Chord::key(KeyCode::Right)],
        Action::Enter,
        "back to the inspection, at the marked line's point",
    )
    .hint("to the point"),
    Binding::new(
        &[Chord::char('!')],
        Action::Conflicts,
        "settle what the marked line is in conflict about",
    )
    .hint("settle"),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(BACK, Action::Back, "back to the inspection").hint("back"),
];
