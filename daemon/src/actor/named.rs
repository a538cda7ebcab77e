//! Which account a client means, and how accounts are told to it.

use redtag_protocol::ipc::{Account as AccountView, Failure, FailureCode, Lock};

use redtag_protocol::stamp::Stamp;

use super::{Actor, home::AccountFile};
use crate::ipc::ConnId;

impl Actor {
    /// The account that a request means: by id, by e-mail address, or the default one.
    pub(super) fn resolve(&self, named: Option<&str>) -> Result<String, Failure> {
        let Some(named) = named else {
            // Nobody who means the default account may end up in another shop.
            if let Some((file, why)) = self.default.as_ref().and_then(|id| self.shut.get(id)) {
                return Err(self.cannot_open(file, why));
            }
            let default = self
                .default
                .clone()
                .filter(|id| self.accounts.contains_key(id));
            return default
                .or_else(|| self.accounts.keys().next().cloned())
                .ok_or_else(|| self.shut_or_signed_out());
        };
        if self.accounts.contains_key(named) {
            return Ok(named.to_owned());
        }
        let mut found = self
            .accounts
            .values()
            .filter(|account| account.file.email.eq_ignore_ascii_case(named));
        match (found.next(), found.next()) {
            (Some(account), None) => Ok(account.file.id.clone()),
            (Some(_), Some(_)) => Err(Failure::new(
                FailureCode::Invalid,
                format!(
                    "several accounts have the address {named}; name one by its id (`redtag accounts`)"
                ),
            )),
            (None, _) => {
                let shut = self
                    .shut
                    .values()
                    .find(|(file, _)| file.id == named || file.email.eq_ignore_ascii_case(named));
                Err(match shut {
                    Some((file, why)) => self.cannot_open(file, why),
                    None if self.accounts.is_empty() => self.shut_or_signed_out(),
                    None => Failure::new(
                        FailureCode::NotSignedIn,
                        format!(
                            "no account here is called {}; `redtag accounts` lists those there are",
                            redtag_protocol::text::clean_line(named)
                        ),
                    ),
                })
            }
        }
    }

    /// The account that commands which name none would mean, where it cannot be opened.
    pub(super) fn shut_instead(&self) -> Option<&AccountFile> {
        let default = self.default.as_ref().and_then(|id| self.shut.get(id));
        let (file, _) = match default {
            Some(shut) => shut,
            None if self.accounts.is_empty() => self.shut.values().next()?,
            None => return None,
        };
        Some(file)
    }

    fn shut_or_signed_out(&self) -> Failure {
        match self.shut.values().next() {
            Some((file, why)) => self.cannot_open(file, why),
            None => not_signed_in(),
        }
    }

    /// What to do with an account whose cache cannot be opened: it is never removed from here, for
    /// nobody can tell whether it holds unsent work.
    fn cannot_open(&self, file: &AccountFile, why: &Failure) -> Failure {
        if why.code == FailureCode::NotSignedIn {
            return Failure::new(
                FailureCode::NotSignedIn,
                format!(
                    "the account {} in {} is shut: {why}. It lies in {}",
                    redtag_protocol::text::clean_line(&file.email),
                    redtag_protocol::text::clean_line(&file.shop_name),
                    self.home.at(&file.id).display(),
                ),
            );
        }
        Failure::new(
            FailureCode::NoSecretStore,
            format!(
                "the account {} in {} cannot be opened: {why}. Nothing of it was removed, and \
                 unsent work, if there is any, is still in {}. Mend that and try again. If the \
                 key is gone for good, `redtag login` makes a new account beside it; the old one \
                 goes when you stop the daemon and remove that directory",
                redtag_protocol::text::clean_line(&file.email),
                redtag_protocol::text::clean_line(&file.shop_name),
                self.home.at(&file.id).display(),
            ),
        )
    }

    /// All accounts, as this connection finds them.
    pub(super) fn views(&self, conn: ConnId) -> Vec<AccountView> {
        let open = self.accounts.values().map(|account| &account.file);
        let shut = self.shut.values().map(|(file, _)| file);
        open.chain(shut)
            .map(|file| self.account_for(conn, file))
            .collect()
    }

    /// An account as this connection finds it.
    pub(super) fn account_for(&self, conn: ConnId, file: &AccountFile) -> AccountView {
        AccountView {
            lock: self.lock_of(conn, &file.id),
            lease: self.lease_of(&file.id),
            ..self.account(file)
        }
    }

    /// Until when its copy is shown without the API.
    pub(super) fn lease_of(&self, at: &str) -> Option<Stamp> {
        let account = self.accounts.get(at)?;
        Some(account.lease.until(self.lease()))
    }

    /// An account as clients see it for which it is open.
    pub(super) fn account(&self, file: &AccountFile) -> AccountView {
        let clean = |text: &str| redtag_protocol::text::clean_line(text).into_owned();
        AccountView {
            id: file.id.clone(),
            email: clean(&file.email),
            person: file.person,
            name: clean(&file.name),
            shop: file.shop,
            shop_name: clean(&file.shop_name),
            role: file.role,
            url: file.url.clone(),
            // Told to who asks: it moves on with every answer of the API.
            lease: None,
            default: match self.resolve(None) {
                Ok(id) => id == file.id,
                Err(_) => self.shut_instead().is_some_and(|it| it.id == file.id),
            },
            secret: self.secrets.as_ref().map_or_else(
                || "the secret store cannot be read".to_owned(),
                |secrets| secrets.rung().words().to_owned(),
            ),
            shut: self
                .shut
                .get(&file.id)
                .map(|(file, why)| self.cannot_open(file, why).words),
            lock: self
                .accounts
                .get(&file.id)
                .and_then(|it| it.tries.as_ref())
                .map(|_| Lock::Open),
        }
    }
}

pub(super) fn not_signed_in() -> Failure {
    Failure::new(
        FailureCode::NotSignedIn,
        "nobody is signed in; use `redtag login URL`",
    )
}
