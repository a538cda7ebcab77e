//! Keys of what is done with one point: canned notes, recommended work, earlier revisions.

use crossterm::event::KeyCode;
use redtag_protocol::role::Permission;

use super::{Action, Binding, Chord};

const UP: &[Chord] = &[Chord::key(KeyCode::Up), Chord::char('k')];
const DOWN: &[Chord] = &[Chord::key(KeyCode::Down), Chord::char('j')];

pub(super) const CANNED: &[Binding] = &[
    Binding::new(
        &[
            Chord::char('1'),
            Chord::char('2'),
            Chord::char('3'),
            Chord::char('4'),
            Chord::char('5'),
            Chord::char('6'),
            Chord::char('7'),
            Chord::char('8'),
            Chord::char('9'),
        ],
        Action::Digit,
        "take the note with this number: it sets condition and recommended work too",
    )
    .hint("take"),
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "take the marked note; letters before it find one",
    ),
    Binding::new(&[Chord::key(KeyCode::Up)], Action::Up, "one up"),
    Binding::new(&[Chord::key(KeyCode::Down)], Action::Down, "one down"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Delete)],
        Action::Discard,
        "drop the marked note, where the shop keeps it; asks first",
    )
    .needs(Permission::Templates),
    Binding::new(&[Chord::key(KeyCode::F(1))], Action::Help, "these keys").hint("keys"),
    Binding::new(&[Chord::key(KeyCode::Esc)], Action::Back, "none of them").hint("cancel"),
];

pub(super) const WORK: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "the next field; at the last one save",
    )
    .hint("next, save"),
    Binding::new(
        &[Chord::key(KeyCode::Tab), Chord::key(KeyCode::Down)],
        Action::NextGroup,
        "the next field",
    )
    .hint("next field"),
    Binding::new(
        &[Chord::key(KeyCode::BackTab), Chord::key(KeyCode::Up)],
        Action::PreviousGroup,
        "the field before",
    ),
    Binding::new(&[Chord::ctrl('s')], Action::Save, "save").hint("save"),
    Binding::new(&[Chord::ctrl('d')], Action::TakeBack, "take the line back").hint("take back"),
    Binding::new(&[Chord::key(KeyCode::F(1))], Action::Help, "these keys"),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "leave it as it was",
    )
    .hint("cancel"),
];

pub(super) const PAST: &[Binding] = &[
    Binding::new(UP, Action::Up, "the point above"),
    Binding::new(DOWN, Action::Down, "the point below"),
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
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the revision before this one",
    )
    .hint("older"),
    Binding::new(
        &[Chord::key(KeyCode::BackTab)],
        Action::PreviousGroup,
        "the revision after this one",
    )
    .hint("newer"),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(
        &[
            Chord::key(KeyCode::Esc),
            Chord::char('q'),
            Chord::key(KeyCode::Left),
        ],
        Action::Back,
        "back to the inspection",
    )
    .hint("back"),
];
