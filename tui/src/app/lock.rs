//! The screen of a locked account. What was open stays below it, as it was, and is not drawn.

use redtag_protocol::ipc::{Account, Lock};

use super::Input;

/// Who may come in, and what was typed of a PIN.
#[derive(Debug, Default)]
pub(crate) struct LockScreen {
    /// The accounts of this machine that can be opened.
    pub(crate) accounts: Vec<Account>,
    /// The marked one.
    pub(crate) selected: usize,
    /// The PIN.
    pub(crate) pin: Input,
    /// Why it was not taken, or what else is to be known.
    pub(crate) problem: Option<String>,
    /// Whether a PIN is being looked at.
    pub(crate) busy: bool,
    /// Whether the account that is shown is open: one goes back to it without a PIN.
    pub(crate) may_leave: bool,
    /// Whether leaving the program was asked for once, though something would be lost.
    pub(crate) leaving: bool,
}

impl LockScreen {
    /// The marked account.
    pub(crate) fn marked(&self) -> Option<&Account> {
        self.accounts.get(self.selected)
    }

    /// Whether the marked one asks for a PIN.
    pub(crate) fn asks_pin(&self) -> bool {
        let lock = self.marked().and_then(|it| it.lock.as_ref());
        lock.is_some_and(|it| !matches!(it, Lock::Open | Lock::Lapsed))
    }

    /// Takes the accounts; the one that was marked, or else this one, is marked again.
    pub(crate) fn take(&mut self, accounts: Vec<Account>, or_else: Option<&str>) {
        let marked = self.marked().map(|it| it.id.clone());
        let marked = marked.as_deref().or(or_else);
        self.accounts = accounts
            .into_iter()
            .filter(|it| it.shut.is_none())
            .collect();
        let at = self
            .accounts
            .iter()
            .position(|it| Some(it.id.as_str()) == marked);
        self.selected = at.unwrap_or(0);
    }
}
