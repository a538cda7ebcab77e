//! Accounts for scripts.

use redtag_protocol::{
    ids::{PersonId, ShopId},
    ipc::{Account, Lock},
    role::Role,
};
use serde::Serialize;

use super::FORMAT;

/// All accounts of this daemon.
#[derive(Debug, Serialize)]
pub(crate) struct AccountsShape<'a> {
    format: u16,
    accounts: Vec<AccountShape<'a>>,
}

/// One account.
#[derive(Debug, Serialize)]
pub(crate) struct AccountShape<'a> {
    format: u16,
    /// E-mail address.
    account: &'a str,
    /// Names the account on this machine, also where one person has several.
    account_id: &'a str,
    person: PersonId,
    name: &'a str,
    shop: ShopId,
    shop_name: &'a str,
    role: Role,
    url: &'a str,
    default: bool,
    /// How the cache's key is kept, in words.
    secret: &'a str,
    /// Why its cache cannot be opened; only there where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    shut: Option<&'a str>,
    /// `open`, `locked`, `waiting`, `spent` or `lapsed`; only there where something is between.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<&'static str>,
}

/// The PIN of an account.
#[derive(Debug, Serialize)]
pub(crate) struct LockShape<'a> {
    format: u16,
    account: &'a str,
    account_id: &'a str,
    pin: bool,
    /// `open`, `locked`, `waiting`, `spent` or `lapsed`; none where nothing is between.
    lock: Option<&'static str>,
    /// Until the next PIN is taken, after wrong ones.
    seconds: Option<u64>,
}

impl<'a> From<&'a Account> for LockShape<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            format: FORMAT,
            account: &account.email,
            account_id: &account.id,
            pin: account.lock.is_some(),
            lock: account.lock.as_ref().map(lock),
            seconds: match &account.lock {
                Some(Lock::Waiting { seconds }) => Some(*seconds),
                _ => None,
            },
        }
    }
}

fn lock(lock: &Lock) -> &'static str {
    match lock {
        Lock::Open => "open",
        Lock::Locked => "locked",
        Lock::Waiting { .. } => "waiting",
        Lock::Spent => "spent",
        Lock::Lapsed => "lapsed",
    }
}

impl<'a> From<&'a Account> for AccountShape<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            format: FORMAT,
            account: &account.email,
            account_id: &account.id,
            person: account.person,
            name: &account.name,
            shop: account.shop,
            shop_name: &account.shop_name,
            role: account.role,
            url: &account.url,
            default: account.default,
            secret: &account.secret,
            shut: account.shut.as_deref(),
            lock: account.lock.as_ref().map(lock),
        }
    }
}

impl<'a> From<&'a [Account]> for AccountsShape<'a> {
    fn from(accounts: &'a [Account]) -> Self {
        Self {
            format: FORMAT,
            accounts: accounts.iter().map(AccountShape::from).collect(),
        }
    }
}
