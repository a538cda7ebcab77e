//! Keys of the board.

use crossterm::event::KeyCode;
use redtag_protocol::role::Permission;

use super::{Action, Binding, Chord};

const UP: &[Chord] = &[Chord::key(KeyCode::Up), Chord::char('k')];
const DOWN: &[Chord] = &[Chord::key(KeyCode::Down), Chord::char('j')];

pub(super) const BOARD: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter), Chord::key(KeyCode::Right)],
        Action::Enter,
        "open the inspection",
    )
    .hint("open"),
    Binding::new(
        &[Chord::char('n')],
        Action::New,
        "a new inspection, with its vehicle and customer",
    )
    .hint("new")
    .needs(Permission::Create),
    Binding::new(
        &[Chord::char('/')],
        Action::Filter,
        "filter as you type: number, plate, VIN, vehicle, customer, assignee, state, bay (bay 3), words of \
         notes",
    )
    .hint("filter"),
    Binding::new(
        &[Chord::char('g')],
        Action::Jump,
        "go to a number, plate, VIN or serial number, typed or scanned",
    )
    .hint("go to"),
    Binding::new(&[Chord::char('v')], Action::Vehicles, "vehicles"),
    Binding::new(&[Chord::char('c')], Action::Customers, "customers"),
    Binding::new(
        &[Chord::char('t')],
        Action::Templates,
        "templates: what they ask, and what changed from version to version",
    ),
    Binding::new(
        &[Chord::char('a')],
        Action::Accounts,
        "another account: another person or shop",
    ),
    Binding::new(&[Chord::char('1')], Action::Tab(0), "open work"),
    Binding::new(&[Chord::char('2')], Action::Tab(1), "mine"),
    Binding::new(&[Chord::char('3')], Action::Tab(2), "waiting for review"),
    Binding::new(&[Chord::char('4')], Action::Tab(3), "all inspections"),
    Binding::new(
        &[Chord::char('5')],
        Action::Tab(4),
        "what was created or changed today",
    ),
    Binding::new(
        &[Chord::char('6')],
        Action::Tab(5),
        "what others changed since you last looked; a dot marks it on every tab",
    ),
    Binding::new(
        &[Chord::char('x')],
        Action::Looked,
        "count everything up to now as looked at, after a question",
    ),
    Binding::new(
        &[Chord::char('f')],
        Action::Narrow,
        "show only a state, a bay, or somebody’s work",
    ),
    Binding::new(&[Chord::char('o')], Action::Order, "choose the order"),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "the next tab",
    ),
    Binding::new(
        &[Chord::key(KeyCode::BackTab)],
        Action::PreviousGroup,
        "the previous tab",
    ),
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
    Binding::new(
        &[Chord::char('w')],
        Action::Outbox,
        "what waits to be sent, is on its way, or was refused",
    )
    .hint("outbox"),
    Binding::new(
        &[Chord::char('!')],
        Action::Conflicts,
        "what there is to settle: two values of one field, edits that came late, deletions",
    )
    .hint("to settle"),
    Binding::new(&[Chord::char('s')], Action::Sync, "synchronise now"),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "take the filter away, then what it is narrowed to",
    ),
    Binding::new(&[Chord::char('?')], Action::Help, "these keys").hint("keys"),
    Binding::new(&[Chord::char('q')], Action::Quit, "leave Redtag").hint("quit"),
];

pub(super) const FILTER: &[Binding] = &[
    Binding::new(
        &[Chord::key(KeyCode::Enter)],
        Action::Enter,
        "open the inspection",
    )
    .hint("open"),
    Binding::new(
        &[Chord::key(KeyCode::Tab)],
        Action::NextGroup,
        "keep the filter and go back to the list",
    )
    .hint("to the list"),
    Binding::new(
        &[Chord::key(KeyCode::Esc)],
        Action::Back,
        "take the filter away",
    )
    .hint("no filter"),
    Binding::new(
        &[Chord::ctrl('r')],
        Action::Older,
        "the filter that was used before",
    )
    .hint("earlier ones"),
    Binding::new(
        &[Chord::ctrl('t')],
        Action::Newer,
        "the filter that was used after",
    ),
    Binding::new(&[Chord::key(KeyCode::Up)], Action::Up, "one up"),
    Binding::new(&[Chord::key(KeyCode::Down)], Action::Down, "one down"),
    Binding::new(&[Chord::key(KeyCode::PageUp)], Action::PageUp, "a page up"),
    Binding::new(
        &[Chord::key(KeyCode::PageDown)],
        Action::PageDown,
        "a page down",
    ),
];
