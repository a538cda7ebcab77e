//! Keys of everywhere and of what opens above a screen.

use crossterm::event::KeyCode;
use redtag_protocol::role::Permission;

use super::{Action, Binding, Chord};

const UP: &[Chord] = &[Chord::key(KeyCode::Up), Chord::char('k')];
const DOWN: &[Chord] = &[Chord::key(KeyCode::Down), Chord::char('j')];
const CLOSE: &[Chord] = &[
    Chord::key(KeyCode::Esc),
    Chord::char('q'),
    Chord::char('?'),
    Chord::key(KeyCode::F(1)),
    Chord::key(KeyCode::Enter),
];

pub(super) const EVERYWHERE: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::F(1))],
        Action::Help,
        "the keys of this place",
    ),
    Binding::new(
        &[Chord::ctrl('p'), Chord::char(':')],
        Action::Palette,
        "find an action by its words",
    ),
    Binding::new(
        &[Chord::key(KeyCode::F(2))],
        Action::Unsaved,
        "what is not saved yet, to try again or give up",
    ),
    Binding::new(
        &[Chord::key(KeyCode::F(3))],
        Action::Standing,
        "how things stand on the way to the API, and what was said before",
    ),
    Binding::new(
        &[Chord::ctrl('g')],
        Action::Jump,
        "go to a number, plate, VIN or serial number, typed or scanned",
    ),
    Binding::new(
        &[Chord::key(KeyCode::F(4))],
        Action::Lock,
        "lock the account, where it has a PIN; what is open stays as it is",
    ),
    Binding::new(&[Chord::ctrl('l')], Action::Redraw, "draw the screen anew"),
    Binding::new(
        &[Chord::ctrl('z')],
        Action::Suspend,
        "to the shell; fg comes back",
    ),
    Binding::new(&[Chord::ctrl('c')], Action::Quit, "leave Redtag"),
];

pub(super) const LOCKED: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "open the account with the PIN, or go over to one that has none",
    )
    .hint("open"),
    Binding::new(
        &[Chord::key(KeyCode::Down), Chord::key(KeyCode::Tab)],
        Action::Down,
        "the next account of this machine",
    )
    .hint("another account"),
    Binding::new(
        &[Chord::key(KeyCode::Up), Chord::key(KeyCode::BackTab)],
        Action::Up,
        "the account before",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "back, where another account's PIN is asked for",
    ),
];

pub(super) const EDITOR: &[Binding] = &[
    Binding::new(&[Chord::key(KeyCode::Enter)], Action::Enter, "save").hint("save"),
    Binding::new(
        &[Chord::alt(KeyCode::Enter), Chord::ctrl('j')],
        Action::NewLine,
        "a new line",
    )
    .hint("new line"),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the next canned note that has these letters; Enter takes it",
    )
    .hint("canned"),
    Binding::new(
        &[Chord::key(KeyCode::BackTab)],
        Action::PreviousGroup,
        "the canned note before",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Down)],
        Action::Down,
        "one line down; below the last one are the canned notes",
    ),
    Binding::new(&[Chord::key(KeyCode::Up)], Action::Up, "one line up"),
    Binding::new(
        &[Chord::ctrl('k')],
        Action::Keep,
        "keep this note as a canned one, for the whole shop",
    )
    .needs(Permission::Templates),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "leave it as it was",
    )
    .hint("cancel"),
];

pub(super) const MENU: &[Binding] = &[
    Binding::new(&[Chord::key(KeyCode::Enter)], Action::Enter, "take it").hint("take"),
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down"),
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
        "take the one with this number",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Esc), Chord::char('q')],
        Action::Back,
        "none of them",
    )
    .hint("cancel"),
];

pub(super) const QUESTION: &[Binding] = &[
    Binding::new(&[Chord::char('y')], Action::Yes, "yes").hint("yes"),
    Binding::new(
        &[
            Chord::char('n'),
            Chord::key(KeyCode::Esc),
            Chord::key(KeyCode::Enter),
        ],
        Action::No,
        "no",
    )
    .hint("no"),
];

pub(super) const HELP: &[Binding] = &[
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down").hint("scroll"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown), Chord::char(' ')],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(CLOSE, Action::Back, "close").hint("close"),
];

pub(super) const UNSAVED: &[Binding] = &[
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down"),
    Binding::new(
        &[Chord::char('r'), Chord::key(KeyCode::Enter)],
        Action::Retry,
        "try again",
    )
    .hint("try again"),
    Binding::new(
        &[Chord::char('x'), Chord::key(KeyCode::Delete)],
        Action::Discard,
        "give it up",
    )
    .hint("give up"),
    Binding::new(
        &[Chord::key(KeyCode::Esc), Chord::char('q')],
        Action::Back,
        "close",
    )
    .hint("close"),
];

pub(super) const PALETTE: &[Binding] = &[
    Binding::new(&[Chord::key(KeyCode::Enter)], Action::Enter, "do it").hint("do it"),
    Binding::new(
        &[Chord::key(KeyCode::Up), Chord::key(KeyCode::BackTab)],
        Action::Up,
        "one up",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Down), Chord::key(KeyCode::Tab)],
        Action::Down,
        "one down",
    )
    .hint("choose"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(
        &[Chord::key(KeyCode::Esc), Chord::ctrl('p')],
        Action::Back,
        "none of them",
    )
    .hint("cancel"),
];

pub(super) const STANDING: &[Binding] = &[
    Binding::new(UP, Action::Up, "one up"),
    Binding::new(DOWN, Action::Down, "one down").hint("scroll"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown), Chord::char(' ')],
        Action::PageDown,
        "a page down",
    ),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now").hint("sync"),
    Binding::new(
        &[
            Chord::key(KeyCode::Esc),
            Chord::char('q'),
            Chord::key(KeyCode::F(3)),
            Chord::key(KeyCode::Enter),
        ],
        Action::Back,
        "close",
    )
    .hint("close"),
];
