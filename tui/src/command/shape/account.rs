//! Accounts for scripts.

use redtag_protocol::{
    ids::{PersonId, ShopId},
    ipc::Account,
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
