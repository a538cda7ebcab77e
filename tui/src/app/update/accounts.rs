//! Another account: another person, or another shop. Nothing of the former stays.

use redtag_protocol::ipc::{Account, Lock, Reply, Request};

use crate::{
    app::{Layer, Menu, MenuItem, Pick, Purpose, State},
    link::Error,
};

/// Asks which there are.
pub(super) fn open(state: &mut State) {
    state.ask(Purpose::Accounts, Request::Accounts);
}

/// Offers them.
pub(super) fn answered(state: &mut State, result: Result<Reply, Error>) {
    let accounts = match result {
        Ok(Reply::Accounts(accounts)) => accounts,
        Ok(_) => return,
        Err(error) => return state.complain(error.to_string()),
    };
    if accounts.len() < 2 {
        return state
            .say("there is one account on this machine; sign in to another with redtag login URL");
    }
    let shown = state.shown_of.clone();
    let selected = accounts
        .iter()
        .position(|it| Some(&it.id) == shown.as_ref());
    let item = |it: Account| MenuItem {
        label: format!("{}, {}", it.shop_name, it.name),
        detail: match &it.shut {
            Some(_) => "cannot be opened".to_owned(),
            None if is_locked(&it) => format!("{}  {}  PIN", it.role, it.email),
            None => format!("{}  {}", it.role, it.email),
        },
        pick: Pick::Account(Box::new(it)),
    };
    state.layers.push(Layer::Menu(Menu {
        title: "Account".to_owned(),
        note: Some("commands use the one you take as well, as after redtag use".to_owned()),
        items: accounts.into_iter().map(item).collect(),
        selected: selected.unwrap_or(0),
    }));
}

fn is_locked(account: &Account) -> bool {
    account.lock.as_ref().is_some_and(|it| *it != Lock::Open)
}

/// Goes over to one.
pub(super) fn choose(state: &mut State, account: Account) {
    if state.shown_of.as_ref() == Some(&account.id) {
        return;
    }
    if state.unsaved.saving() > 0 {
        return state.complain(
            "what you entered is still being saved; go over once the line below says saved",
        );
    }
    super::remember::keep(state);
    if is_locked(&account) {
        return super::lock::door(state, account);
    }
    let account = account.id;
    state.ask(Purpose::Use, Request::Use { account });
}

/// The line is another account's from here on: what is on its way for the former is not waited for,
/// and what is shown of it goes.
pub(super) fn gone_over(state: &mut State, result: Result<Reply, Error>) {
    match result {
        Ok(Reply::Account(account)) => {
            state.locked = None;
            if state.shown_of.as_ref() != Some(&account.id) {
                state.forget_account();
                state.say(format!("{}, {}", account.shop_name, account.name));
            }
        }
        Ok(_) => {}
        Err(error) if state.locked.is_some() => super::lock::stays(state, &error),
        Err(error) => state.complain(error.to_string()),
    }
}

impl State {
    /// Nothing of one account is ever visible in another.
    pub(crate) fn forget_account(&mut self) {
        self.asks.forget();
        self.above.clear();
        self.layers.clear();
        self.drafts.clear();
        self.composing = None;
        self.canned.clear();
        self.board.forget();
        self.memory = None;
        self.kept = None;
        self.status = None;
        self.noticed.clear();
        self.said = None;
    }
}
