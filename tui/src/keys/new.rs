//! Keys of the form for a new inspection.

use crossterm::event::KeyCode;

use super::{Action, Binding, Chord};

pub(super) const NEW: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "take what is marked and go to the next field; at the last field create",
    )
    .hint("take, next"),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the next field",
    )
    .hint("next field"),
    Binding::new(
        &[Chord::key(KeyCode::BackTab)],
        Action::PreviousGroup,
        "the previous field",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Down)],
        Action::Down,
        "one down in the matches, or the next field",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Up)],
        Action::Up,
        "one up in the matches, or the previous field",
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
    Binding::new(&[Chord::ctrl('s')], Action::Save, "create the inspection").hint("create"),
    Binding::new(&[Chord::key(KeyCode::F(1))], Action::Help, "these keys").hint("keys"),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "search again where a vehicle or customer was taken; else leave the form",
    )
    .hint("leave"),
];
