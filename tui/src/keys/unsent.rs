//! Keys of the outbox and of what there is to settle.

use crossterm::event::KeyCode;
use redtag_protocol::role::Permission;

use super::{Action, Binding, Chord};

const UP: &[Chord] = &[Chord::key(KeyCode::Up), Chord::char('k')];
const DOWN: &[Chord] = &[Chord::key(KeyCode::Down), Chord::char('j')];
const PAGE_UP: &[Chord] = &[Chord::key(KeyCode::PageUp)];
const PAGE_DOWN: &[Chord] = &[Chord::key(KeyCode::PageDown)];
const FIRST: &[Chord] = &[Chord::key(KeyCode::Home)];
const LAST: &[Chord] = &[Chord::key(KeyCode::End)];
const BACK: &[Chord] = &[
    Chord::key(KeyCode::Esc),
    Chord::char('q'),
    Chord::key(KeyCode::Left),
];

pub(super) const OUTBOX: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter), Chord::key(KeyCode::Right)],
        Action::Enter,
        "open the inspection at the point",
    )
    .hint("open"),
    Binding::new(
        &[Chord::char('r')],
        Action::Retry,
        "try a refused edit again as a new one, with its whole stroke",
    )
    .hint("try again"),
    Binding::new(
        &[Chord::char('x'), Chord::key(KeyCode::Delete)],
        Action::Discard,
        "give a refused edit up, and what is nothing without it; asks first",
    )
    .hint("give up"),
    Binding::new(
        &[Chord::char('e')],
        Action::Export,
        "keep it in a file, encrypted or plain",
    )
    .hint("export"),
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down"),
    Binding::new(PAGE_UP, Action::PageUp, "a page up"),
    Binding::new(PAGE_DOWN, Action::PageDown, "a page down"),
    Binding::new(FIRST, Action::First, "the oldest"),
    Binding::new(LAST, Action::Last, "the newest"),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now").hint("sync"),
    Binding::new(
        &[Chord::char('!')],
        Action::Conflicts,
        "what there is to settle",
    ),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(BACK, Action::Back, "back").hint("back"),
];

pub(super) const CONFLICTS: &[Binding] = &[
    Binding::new(
        &[Chord::char('1')],
        Action::Digit,
        "the left value stands; the others stay in the timeline",
    )
    .hint("first stands")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('2')],
        Action::Digit,
        "the second value stands, which is at the right at first",
    )
    .hint("second stands")
    .needs(Permission::Fill),
    Binding::new(
        &[
            Chord::char('3'),
            Chord::char('4'),
            Chord::char('5'),
            Chord::char('6'),
            Chord::char('7'),
            Chord::char('8'),
            Chord::char('9'),
        ],
        Action::Digit,
        "the value with this number stands",
    )
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::char('0')],
        Action::Keep,
        "what stands stays: late edits are dropped, a document that was to be deleted stays",
    )
    .hint("keep as it is")
    .needs(Permission::Fill),
    Binding::new(
        &[Chord::key(KeyCode::Enter), Chord::key(KeyCode::Right)],
        Action::Enter,
        "open the inspection at the point",
    )
    .hint("open"),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the next value at the right, where there are more than two",
    ),
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down"),
    Binding::new(PAGE_UP, Action::PageUp, "a page up"),
    Binding::new(PAGE_DOWN, Action::PageDown, "a page down"),
    Binding::new(FIRST, Action::First, "the first"),
    Binding::new(LAST, Action::Last, "the last"),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now"),
    Binding::new(
        &[Chord::char('w')],
        Action::Outbox,
        "what waits to be sent, is on its way, or was refused",
    ),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(BACK, Action::Back, "back").hint("back"),
];
