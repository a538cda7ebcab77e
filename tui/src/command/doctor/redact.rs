//! Taking out who and where: people, shops, addresses and the person's home directory.

use redtag_protocol::ipc::Account;

/// What is not to be seen, each with what stands in its place. Longer ones first, for one may be
/// part of another.
#[derive(Debug, Default)]
pub(super) struct Redaction(Vec<(String, String)>);

impl Redaction {
    /// What these accounts, and this machine's environment, must not give away.
    pub(super) fn of(accounts: &[Account]) -> Self {
        let mut it = Self::default();
        for account in accounts {
            let id = &account.id;
            it.hide(&account.email, &format!("(account {id})"));
            it.hide(&account.name, &format!("(person of {id})"));
            it.hide(&account.shop_name, &format!("(shop of {id})"));
            it.hide(&account.url, &format!("(API of {id})"));
            it.hide(host(&account.url), &format!("(API of {id})"));
        }
        for (variable, shown) in [("REDTAG_HOME", "$REDTAG_HOME"), ("HOME", "~")] {
            it.hide(&std::env::var(variable).unwrap_or_default(), shown);
        }
        it.0.sort_by_key(|(hidden, _)| std::cmp::Reverse(hidden.len()));
        it
    }

    /// The text without them.
    pub(super) fn apply(&self, text: &str) -> String {
        let hide = |text: String, (hidden, shown): &(String, String)| text.replace(hidden, shown);
        self.0.iter().fold(text.to_owned(), hide)
    }

    fn hide(&mut self, what: &str, shown: &str) {
        // Of one or two letters every other word is part, and they tell nothing.
        if what.chars().count() > 2 {
            self.0.push((what.to_owned(), shown.to_owned()));
        }
    }
}

/// Host and port of an address.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
