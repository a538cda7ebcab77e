//! What the screen shows: functions of the state, which change nothing.

mod board;
mod canned;
mod card;
mod chart;
mod conflicts;
mod detail;
mod finder;
mod form;
mod frame;
mod help;
mod inspection;
mod layers;
mod lock;
mod outbox;
mod palette;
mod past;
mod pen;
mod standing;
mod status;
mod subject;
mod templates;
mod timeline;
mod work;

use ratatui::{
    Frame,
    layout::{Position, Rect},
    style::{Color, Style},
};
use redtag_protocol::text;

use crate::{
    app::{Screen, State, Target},
    theme::Theme,
};
use pen::Pen;

/// What was drawn where that takes a click; what lies in front comes last.
#[derive(Debug, Default)]
pub(crate) struct Hits(Vec<(Rect, Target)>);

impl Hits {
    /// What is at a place.
    pub(crate) fn at(&self, x: u16, y: u16) -> Option<Target> {
        let place = Position::new(x, y);
        let found = self.0.iter().rev().find(|(area, _)| area.contains(place));
        found.map(|(_, target)| *target)
    }
}

/// The smallest window in which everything can be read.
const LEAST: (u16, u16) = (60, 20);

/// Draws the state.
#[cfg(test)]
pub(crate) fn draw(frame: &mut Frame<'_>, state: &State, theme: &Theme) {
    let _ = draw_and_tell(frame, state, theme);
}

/// Draws the state; gives what takes a click.
pub(crate) fn draw_and_tell(frame: &mut Frame<'_>, state: &State, theme: &Theme) -> Hits {
    let area = frame.area();
    let mut pen = Pen::new(frame.buffer_mut(), theme);
    let cursor = if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(&mut pen, area);
        None
    } else {
        screen(&mut pen, area, state)
    };
    let hits = Hits(pen.hits());
    sweep(frame);
    lay_ground(frame, theme);
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
    hits
}

fn screen(pen: &mut Pen<'_>, area: Rect, state: &State) -> Option<Position> {
    if let Some(locked) = &state.locked {
        return lock::draw(pen, area, state, locked);
    }
    let body = Rect {
        height: area.height.saturating_sub(2),
        ..area
    };
    let mut cursor = match state.above.last() {
        None => board::draw(pen, body, state),
        Some(Screen::Inspection(screen)) => inspection::draw(pen, body, state, screen),
        Some(Screen::Timeline(screen)) => timeline::draw(pen, body, state, screen),
        Some(Screen::New(form)) => form::draw(pen, body, state, form),
        Some(Screen::Outbox(screen)) => outbox::draw(pen, body, state, screen),
        Some(Screen::Conflicts(screen)) => conflicts::draw(pen, body, state, screen),
        Some(Screen::Past(screen)) => past::draw(pen, body, state, *screen),
        Some(Screen::Finder(screen)) => finder::draw(pen, body, state, screen),
        Some(Screen::Subject(screen)) => subject::draw(pen, body, state, screen),
        Some(Screen::Card(card)) => card::draw(pen, body, state, card),
        Some(Screen::Templates(screen)) => templates::draw(pen, body, state, screen),
    };
    for layer in &state.layers {
        pen.on(area, Target::Nothing);
        cursor = layers::draw(pen, body, state, layer);
    }
    let status = Rect {
        y: body.bottom(),
        height: 1,
        ..area
    };
    status::draw(pen, status, state);
    let hints = Rect {
        y: status.bottom(),
        ..status
    };
    let both = Rect {
        height: 2,
        ..status
    };
    // What was said is read whole, if need be in place of how things stand.
    if !status::said_at_length(pen, both, state) {
        status::hints(pen, hints, state);
    }
    cursor
}

fn too_small(pen: &mut Pen<'_>, area: Rect) {
    let words = format!(
        "Redtag needs a window of at least {} × {}; this one is {} × {}. Make it larger, or leave with Ctrl-C.",
        LEAST.0, LEAST.1, area.width, area.height
    );
    let lines = pen.wrap(&words, area.width);
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        let style = pen.theme.title();
        pen.put(area.x, y, area.width, &line, style);
    }
}

/// The last wall: views clean what they draw, and whatever steers a terminal and got past them all
/// the same is blanked here.
fn sweep(frame: &mut Frame<'_>) {
    for cell in &mut frame.buffer_mut().content {
        if cell.symbol().chars().any(text::is_hidden) {
            cell.set_symbol(" ");
        }
    }
}

/// What a theme says of the whole screen, wherever nothing else was said: last, so that nothing that
/// was blanked on the way shows the terminal's own colours.
fn lay_ground(frame: &mut Frame<'_>, theme: &Theme) {
    let Style { fg, bg, .. } = theme.screen();
    if fg.is_none() && bg.is_none() {
        return;
    }
    for cell in &mut frame.buffer_mut().content {
        if cell.fg == Color::Reset {
            cell.fg = fg.unwrap_or(Color::Reset);
        }
        if cell.bg == Color::Reset {
            cell.bg = bg.unwrap_or(Color::Reset);
        }
    }
}

#[cfg(test)]
mod tests;
