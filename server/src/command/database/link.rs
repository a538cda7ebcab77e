//! A database's URL in pieces, so that another database or role can be put in. What it means and
//! whether it may be used is for the [`Address`](crate::storage::postgres::Address) to say.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};

/// Whatever could end the piece that it stands in.
const CARE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The pieces; those that are not named here stay as they were given.
pub(super) struct Link {
    scheme: String,
    /// User and password, encoded.
    credentials: Option<String>,
    hosts: String,
    /// As PostgreSQL names it, not encoded.
    pub(super) database: String,
    parameters: Vec<String>,
}

impl Link {
    pub(super) fn read(url: &str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let (credentials, rest) = match rest.split_once('@') {
            Some((credentials, rest)) => (Some(credentials.to_owned()), rest),
            None => (None, rest),
        };
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
        let mut database = decoded(database);
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("dbname", value)) => database = decoded(value),
                _ => parameters.push(pair.to_owned()),
            }
        }
        Self {
            scheme: scheme.to_owned(),
            credentials,
            hosts: hosts.to_owned(),
            database,
            parameters,
        }
    }

    /// The URL as it may stand where others can read it.
    pub(super) fn without_password(&self) -> String {
        let user = self.credentials.as_deref().map(|it| it.split(':').next());
        let bare = Self {
            scheme: self.scheme.clone(),
            credentials: user.flatten().map(str::to_owned),
            hosts: self.hosts.clone(),
            database: self.database.clone(),
            parameters: self.parameters.clone(),
        };
        bare.to_string()
    }

    /// Another role, with or without its password.
    pub(super) fn sign_in(&mut self, role: &str, password: Option<&SecretString>) {
        let role = utf8_percent_encode(role, CARE);
        self.credentials = Some(match password {
            Some(password) => {
                let password = utf8_percent_encode(password.expose_secret(), CARE);
                format!("{role}:{password}")
            }
            None => role.to_string(),
        });
        self.parameters
            .retain(|it| !it.starts_with("user=") && !it.starts_with("password="));
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if let Some(credentials) = &self.credentials {
            write!(f, "{credentials}@")?;
        }
        let database = utf8_percent_encode(&self.database, CARE);
        write!(f, "{}/{database}", self.hosts)?;
        if !self.parameters.is_empty() {
            write!(f, "?{}", self.parameters.join("&"))?;
        }
        Ok(())
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
