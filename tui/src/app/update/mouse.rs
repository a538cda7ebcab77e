//! The mouse: it marks, opens and scrolls what the keys do.

mod forms;

use super::card;
use crate::{
    app::{Board, Button, InspectionScreen, Layer, Mouse, Screen, State, Target, WorkField},
    keys::{Action, Place},
};

/// So many lines for one step of the wheel.
const WHEEL: usize = 3;

/// Takes what the mouse did.
pub(super) fn take(state: &mut State, mouse: Mouse) {
    match (mouse.button, mouse.on) {
        (Button::WheelUp, _) => wheel(state, Action::Up),
        (Button::WheelDown, _) => wheel(state, Action::Down),
        (Button::Click, Some(Target::Action(action))) => strike(state, action),
        (Button::Click, Some(Target::Group(at))) => group(state, at),
        (Button::Click, Some(Target::Row(at))) => {
            // A click marks; on what is marked already it opens.
            if row(state, at) {
                strike(state, Action::Enter);
            }
        }
        (Button::Click, Some(Target::Match(at))) => {
            if forms::mark(state, at) {
                strike(state, Action::Enter);
            }
        }
        (Button::Click, Some(Target::Nothing) | None) => {}
    }
}

/// Steps as the keys do; not where that would leave a field that is typed in.
fn wheel(state: &mut State, action: Action) {
    if matches!(
        state.place(),
        Place::Value | Place::New | Place::Editor | Place::Card
    ) {
        return;
    }
    for _ in 0..WHEEL {
        strike(state, action);
    }
}

/// Does what the key of an action does here.
fn strike(state: &mut State, action: Action) {
    let place = state.place();
    let lines = state.keys.at(place).iter();
    let all = lines.chain(state.keys.at(Place::Everywhere));
    let found = all
        .filter(|it| it.binding.action == action)
        .find_map(|it| Some((it.binding, it.binding.chords.first()?.event())));
    if let Some((binding, key)) = found {
        state.said = None;
        super::perform(state, Some(binding), &key);
    }
}

fn group(state: &mut State, at: usize) {
    if !state.layers.is_empty() {
        return;
    }
    state.said = None;
    match state.above.last_mut() {
        None => strike(state, Action::Tab(at)),
        Some(Screen::Inspection(screen)) if screen.entry.is_none() => screen.go_to_section(at),
        _ => {}
    }
}

/// Marks a line; whether it was marked already.
fn row(state: &mut State, at: usize) -> bool {
    state.said = None;
    let mark = |marked: &mut usize| std::mem::replace(marked, at) == at;
    if let Some(layer) = state.layers.last_mut() {
        return match layer {
            Layer::Menu(menu) => mark(&mut menu.selected),
            Layer::Palette(palette) => mark(&mut palette.selected),
            Layer::Canned(list) => mark(&mut list.selected),
            Layer::Unsaved { selected } => {
                mark(selected);
                false
            }
            Layer::Work(form) => {
                form.at = WorkField::ALL.get(at).copied().unwrap_or(form.at);
                false
            }
            _ => false,
        };
    }
    let mark = |marked: &mut u32| {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        std::mem::replace(marked, at) == at
    };
    match state.above.last_mut() {
        None => click_board(&mut state.board, at),
        Some(Screen::Inspection(screen)) => {
            click_point(screen, at);
            false
        }
        Some(Screen::Outbox(screen)) => mark(&mut screen.selected),
        Some(Screen::Timeline(screen)) => {
            screen.selected = at;
            false
        }
        Some(Screen::Conflicts(screen)) => {
            screen.selected = at;
            false
        }
        Some(Screen::Past(screen)) => {
            screen.at = at;
            false
        }
        Some(Screen::Finder(screen)) => std::mem::replace(&mut screen.selected, at) == at,
        Some(Screen::Subject(screen)) => std::mem::replace(&mut screen.selected, at) == at,
        Some(Screen::Templates(screen)) => {
            screen.selected = at;
            screen.scroll = 0;
            false
        }
        Some(Screen::New(_)) => {
            forms::click(state, at);
            false
        }
        Some(Screen::Card(_)) => {
            card::click(state, at);
            false
        }
    }
}

fn click_board(board: &mut Board, at: usize) -> bool {
    let from = i64::from(board.selected);
    let to = i64::try_from(at).unwrap_or(i64::MAX);
    board.typing = false;
    board.step(to.saturating_sub(from));
    from == to
}

/// A point is only marked: what opens it may answer it.
fn click_point(screen: &mut InspectionScreen, at: usize) {
    if screen.entry.is_none() {
        screen.at = at.min(screen.points().len().saturating_sub(1));
    }
}
