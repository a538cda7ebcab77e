//! Keys of vehicles and customers.

use crossterm::event::KeyCode;
use redtag_protocol::role::Permission;

use super::{Action, Binding, Chord};

const UP: &[Chord] = &[Chord::key(KeyCode::Up), Chord::char('k')];
const DOWN: &[Chord] = &[Chord::key(KeyCode::Down), Chord::char('j')];

pub(super) const FINDER: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "open what is marked; where nothing is found, write it down",
    )
    .hint("open"),
    Binding::new(
        &[Chord::ctrl('n')],
        Action::New,
        "write a new one down, with what was typed",
    )
    .hint("new")
    .needs(Permission::Create),
    Binding::new(&[Chord::key(KeyCode::Up)], Action::Up, "one up"),
    Binding::new(&[Chord::key(KeyCode::Down)], Action::Down, "one down"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(&[Chord::key(KeyCode::F(1))], Action::Help, "these keys").hint("keys"),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "take away what was typed, then go back",
    )
    .hint("back"),
];

pub(super) const SUBJECT: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter), Chord::key(KeyCode::Right)],
        Action::Enter,
        "open what is marked: an inspection, an owner, a vehicle",
    )
    .hint("open"),
    Binding::new(&[Chord::char('e')], Action::Change, "correct it")
        .hint("edit")
        .needs(Permission::Create),
    Binding::new(
        &[Chord::char('n')],
        Action::New,
        "of a vehicle a new inspection, of a customer a new vehicle",
    )
    .hint("new")
    .needs(Permission::Create),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the next measurement’s trend",
    )
    .hint("trend"),
    Binding::new(
        &[Chord::key(KeyCode::BackTab)],
        Action::PreviousGroup,
        "the previous measurement’s trend",
    ),
    Binding::new(
        &[Chord::char('o')],
        Action::Owner,
        "say whose vehicle it is",
    )
    .hint("owner")
    .needs(Permission::Create),
    Binding::new(
        &[Chord::char('x'), Chord::key(KeyCode::Delete)],
        Action::TakeBack,
        "it is no longer the marked owner’s",
    )
    .needs(Permission::Create),
    Binding::new(
        &[Chord::char('m')],
        Action::Merge,
        "the marked one of those that may be the same is this one",
    )
    .needs(Permission::Review),
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(&[Chord::key(KeyCode::Home)], Action::First, "the first"),
    Binding::new(&[Chord::key(KeyCode::End)], Action::Last, "the last"),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now"),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(
        &[
            Chord::key(KeyCode::Esc),
            Chord::char('q'),
            Chord::key(KeyCode::Left),
        ],
        Action::Back,
        "back",
    )
    .hint("back"),
];

pub(super) const CARD: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "the next field; at the end save",
    )
    .hint("next"),
    Binding::new(
        &[Chord::key(KeyCode::Tab), Chord::key(KeyCode::Down)],
        Action::Down,
        "the next field",
    ),
    Binding::new(
        &[Chord::key(KeyCode::BackTab), Chord::key(KeyCode::Up)],
        Action::Up,
        "the previous field",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Right)],
        Action::Next,
        "the next choice of a field with ‹ ›",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Left)],
        Action::Previous,
        "the previous choice of a field with ‹ ›",
    ),
    Binding::new(&[Chord::ctrl('s')], Action::Save, "save").hint("save"),
    Binding::new(&[Chord::key(KeyCode::F(1))], Action::Help, "these keys").hint("keys"),
    Binding::new(&[Chord::key(KeyCode::Esc)], Action::Back, "leave the form").hint("leave"),
];

pub(super) const TEMPLATES: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "what it asks, or what changed since the version before",
    )
    .hint("asks or changes"),
    Binding::new(UP, Action::Up, "the version above"),
    Binding::new(DOWN, Action::Down, "the version below"),
    Binding::new(
        &[Chord::key(KeyCode::PageUp)],
        Action::PageUp,
        "a page up in what it asks",
    ),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down in what it asks",
    )
    .hint("scroll"),
    Binding::new(
        &[Chord::char('e')],
        Action::Compose,
        "write the next version in your editor ($VISUAL or $EDITOR)",
    )
    .hint("edit")
    .needs(Permission::Templates),
    Binding::new(
        &[Chord::char('p')],
        Action::Publish,
        "publish the version: new inspections use it",
    )
    .hint("publish")
    .needs(Permission::Templates),
    Binding::new(
        &[Chord::char('c')],
        Action::Close,
        "close the version: it takes no new inspections",
    )
    .hint("close")
    .needs(Permission::Templates),
    Binding::new(&[Chord::key(KeyCode::Home)], Action::First, "the first"),
    Binding::new(&[Chord::key(KeyCode::End)], Action::Last, "the last"),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now"),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(
        &[
            Chord::key(KeyCode::Esc),
            Chord::char('q'),
            Chord::key(KeyCode::Left),
        ],
        Action::Back,
        "back",
    )
    .hint("back"),
];

pub(super) const GO_TO: &[Binding] = &[
    Binding::new(&[Chord::key(KeyCode::Enter)], Action::Enter, "go there").hint("go there"),
    Binding::new(&[Chord::key(KeyCode::Esc)], Action::Back, "stay here").hint("stay"),
];
