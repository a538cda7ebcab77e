//! Locked: by a key, because nobody was there, or because the account asks for its PIN first. What is
//! open stays as it was; nothing of it is drawn or asked for, and no key reaches it.

use crossterm::event::KeyEvent;
use redtag_protocol::ipc::{Account, LOCKED, Lock, Pin, Reply, Request, Status};

use super::remember;
use crate::{
    app::{Effect, LockScreen, Purpose, State},
    keys::Action,
    link::Error,
};

/// The least time between two words to the daemon that somebody is there, in milliseconds.
const TOLD: u64 = 1_000;

/// Locks the account that is shown.
pub(super) fn now(state: &mut State) {
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let Some(account) = account.filter(|it| it.lock.is_some()).cloned() else {
        return state
            .say("this account has no PIN, so there is no lock; redtag pin set gives it one");
    };
    state.ask(Purpose::Lock, Request::Lock);
    shut(state, vec![account]);
}

/// The daemon has locked the account that is shown, or its lock stands otherwise than before.
pub(super) fn shut_out(state: &mut State) {
    let account = state.status.as_ref().and_then(|it| it.account.clone());
    shut(state, account.into_iter().collect());
}

fn shut(state: &mut State, accounts: Vec<Account>) {
    if state.locked.as_ref().is_some_and(|it| !it.may_leave) {
        // It stands otherwise, perhaps: it may wait, or ask for its PIN again.
        return state.ask(Purpose::Accounts, Request::Accounts);
    }
    let accounts = accounts.into_iter().map(|account| Account {
        lock: Some(Lock::Locked),
        ..account
    });
    state.locked = Some(LockScreen {
        accounts: accounts.collect(),
        ..LockScreen::default()
    });
    state.ask(Purpose::Accounts, Request::Accounts);
}

/// Asks for the PIN of another account, while the one that is shown stays open.
pub(super) fn door(state: &mut State, account: Account) {
    state.locked = Some(LockScreen {
        accounts: vec![account],
        may_leave: true,
        ..LockScreen::default()
    });
    state.ask(Purpose::Accounts, Request::Accounts);
}

/// Takes how things stand; whether that is all, because the account is locked.
pub(super) fn told(state: &mut State, status: &Status) -> bool {
    let Some(account) = &status.account else {
        if state.locked.take().is_some_and(|it| !it.may_leave) {
            // It was signed out meanwhile: what lies below the door goes with it.
            state.forget_account();
        }
        return false;
    };
    if state.shown_of.as_ref().is_some_and(|it| *it != account.id) {
        // The former one is not there any more.
        state.forget_account();
        state.locked = None;
    }
    match &account.lock {
        None | Some(Lock::Open) => {
            if state.locked.as_ref().is_some_and(|it| !it.may_leave) {
                state.locked = None;
                super::link::fresh(state);
            }
            false
        }
        Some(_) => {
            state.shown_of = Some(account.id.clone());
            state.unsaved.belongs_to(account.id.clone());
            shut(state, vec![account.clone()]);
            true
        }
    }
}

/// Takes the accounts of this machine.
pub(super) fn accounts(state: &mut State, result: Result<Reply, Error>) {
    let shown = state.shown_of.clone();
    if let (Some(screen), Ok(Reply::Accounts(accounts))) = (&mut state.locked, result) {
        screen.take(accounts, shown.as_deref());
    }
}

/// The PIN was looked at.
pub(super) fn tried(state: &mut State, account: String, result: Result<Reply, Error>) {
    let Some(screen) = &mut state.locked else {
        return;
    };
    screen.busy = false;
    match result {
        Ok(Reply::Status(status)) if state.shown_of.as_ref() == Some(&account) => {
            super::link::status(state, status);
        }
        Ok(_) => go_over(state, account),
        Err(error) => {
            screen.problem = Some(error.to_string());
            state.ask(Purpose::Accounts, Request::Accounts);
        }
    }
}

/// The other account could not be gone over to.
pub(super) fn stays(state: &mut State, why: &Error) {
    if let Some(screen) = &mut state.locked {
        screen.busy = false;
        screen.problem = Some(why.to_string());
        // It may have been locked, or have heard from the API, meanwhile.
        state.ask(Purpose::Accounts, Request::Accounts);
    }
}

fn go_over(state: &mut State, account: String) {
    if let Some(screen) = &mut state.locked {
        screen.busy = true;
    }
    state.ask(Purpose::Use, Request::Use { account });
}

/// Takes a key.
pub(super) fn strike(state: &mut State, key: &KeyEvent) {
    let action = state.keys.find(state.place(), key).map(|it| it.action);
    let Some(screen) = &mut state.locked else {
        return;
    };
    let leaving = std::mem::take(&mut screen.leaving);
    let last = screen.accounts.len().saturating_sub(1);
    match action {
        Some(Action::Quit) => leave(state, leaving),
        Some(Action::Suspend) => state.effects.push(Effect::Suspend),
        Some(Action::Redraw) => state.effects.push(Effect::Redraw),
        Some(Action::Back) if screen.may_leave => state.locked = None,
        Some(Action::Up) => choose(screen, screen.selected.saturating_sub(1)),
        Some(Action::Down) => choose(screen, (screen.selected + 1).min(last)),
        Some(Action::Enter) => enter(state),
        // What is for everywhere else would show what is locked.
        Some(_) => {}
        None if screen.busy => {}
        None => {
            screen.problem = None;
            screen.pin.key(key);
        }
    }
}

fn choose(screen: &mut LockScreen, at: usize) {
    if at != screen.selected {
        screen.selected = at;
        screen.pin.clear();
        screen.problem = None;
    }
}

fn enter(state: &mut State) {
    let shown = state.shown_of.clone();
    let Some(screen) = &mut state.locked else {
        return;
    };
    if screen.busy {
        return;
    }
    let Some(account) = screen.marked().map(|it| it.id.clone()) else {
        return;
    };
    if screen.asks_pin() {
        let Some(pin) = screen.pin.trimmed() else {
            return;
        };
        screen.pin.clear();
        screen.problem = None;
        screen.busy = true;
        let request = Request::Unlock {
            account: Some(account.clone()),
            pin: Pin(pin),
        };
        return state.ask(Purpose::Unlock(account), request);
    }
    if shown.as_ref() == Some(&account) && screen.may_leave {
        state.locked = None;
    } else {
        go_over(state, account);
    }
}

/// Leaves the program; where something would be lost only when it is asked for once more.
fn leave(state: &mut State, asked: bool) {
    let at_risk =
        state.unsaved.at_risk() > 0 || state.has_typed_form() || state.composing.is_some();
    if let (true, false, Some(screen)) = (at_risk, asked, &mut state.locked) {
        screen.leaving = true;
        screen.problem = Some(
            "something that was entered here is not saved and would be lost; the same key once \
             more leaves all the same"
                .to_owned(),
        );
        return;
    }
    remember::leave(state);
}

/// Somebody is here, which keeps an account that has a PIN open. The daemon counts the time.
pub(super) fn active(state: &mut State) {
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let guarded = account.is_some_and(|it| it.lock.is_some()) && state.ipc >= LOCKED;
    let now = state.moment.now.0;
    if guarded && now.abs_diff(state.active_told.0) >= TOLD {
        state.active_told = state.moment.now;
        state.ask(Purpose::Active, Request::Active);
    }
}
