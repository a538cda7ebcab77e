//! The screen of a locked account: who may come in, and nothing else.

use ratatui::layout::{Position, Rect};
use redtag_protocol::ipc::{Account, Lock};

use super::{
    frame,
    pen::{Pen, columns},
    status,
};
use crate::app::{Daemon, LockScreen, State};

/// As many accounts are shown at once.
const MOST: u16 = 6;

/// Draws it; gives the place of the cursor.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &LockScreen,
) -> Option<Position> {
    let theme = pen.theme;
    let wide = 56.min(area.width.saturating_sub(8));
    let count = u16::try_from(screen.accounts.len()).unwrap_or(MOST);
    let listed = count.clamp(1, MOST);
    let words = words(state, screen);
    let words = words.map(|it| pen.wrap(&it, wide)).unwrap_or_default();
    let foot = u16::try_from(words.len()).unwrap_or(0);
    let title = if screen.may_leave {
        "Account"
    } else {
        "Locked"
    };
    let body = Rect {
        height: area.height.saturating_sub(2),
        ..area
    };
    let inner = frame::boxed(pen, body, wide, listed + 3 + foot, title);
    let list = Rect {
        height: listed,
        ..inner
    };
    let from = frame::scrolled(screen.selected, listed, screen.accounts.len());
    let rows = screen.accounts.iter().enumerate().skip(from);
    for (y, (at, account)) in (list.y..list.bottom()).zip(rows) {
        let line = Rect {
            y,
            height: 1,
            ..list
        };
        let marked = at == screen.selected;
        let style = if marked {
            pen.style(line, theme.selected());
            theme.selected()
        } else {
            ratatui::style::Style::new()
        };
        let took = pen.put(line.x + 1, y, line.width - 2, &account.name, style);
        let dim = if marked { style } else { theme.dim() };
        let x = line.x + took + 3;
        let room = line.right().saturating_sub(x + 1);
        pen.put(x, y, room, &who(screen, account), dim);
    }
    let y = list.bottom() + 1;
    let mut cursor = None;
    if screen.asks_pin() {
        let dots = theme
            .glyphs
            .dot
            .repeat(screen.pin.text().chars().count().min(24));
        let took = pen.put(inner.x + 1, y, inner.width, "PIN  ", theme.dim());
        pen.put(
            inner.x + 1 + took,
            y,
            inner.width.saturating_sub(took + 1),
            &dots,
            theme.title(),
        );
        cursor = Some(Position::new(inner.x + 1 + took + columns(&dots), y));
    } else if screen.marked().is_some_and(|it| it.lock.is_none()) {
        pen.put(inner.x + 1, y, inner.width, "no PIN", theme.dim());
    }
    for (y, line) in (y + 2..inner.bottom()).zip(&words) {
        pen.put(inner.x, y, inner.width, line, theme.wrong());
    }
    let hints = Rect {
        y: area.bottom().saturating_sub(1),
        height: 1,
        ..area
    };
    status::hints(pen, hints, state);
    cursor
}

/// The address; where a person has several accounts with it, the shop tells them apart.
fn who(screen: &LockScreen, account: &Account) -> String {
    let same = screen
        .accounts
        .iter()
        .filter(|it| it.email == account.email);
    if same.count() > 1 {
        account.shop_name.clone()
    } else {
        account.email.clone()
    }
}

fn words(state: &State, screen: &LockScreen) -> Option<String> {
    if let Daemon::Down(why) = &state.daemon {
        return Some(why.clone());
    }
    if let Some(problem) = &screen.problem {
        return Some(problem.clone());
    }
    match screen.marked()?.lock.as_ref()? {
        Lock::Open | Lock::Locked => None,
        Lock::Waiting { seconds } => Some(format!(
            "after so many wrong PINs the next one is taken in {seconds} seconds"
        )),
        Lock::Lapsed => Some(
            "this machine has not heard from the server for too long. What is unsent is kept and goes \
             out by itself: bring it to a network, or sign in again with redtag login"
                .to_owned(),
        ),
        Lock::Spent => Some(
            "the PIN was wrong too often; redtag login with the password opens the account".to_owned(),
        ),
    }
}
