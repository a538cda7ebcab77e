//! The address of an API, checked where it enters.

use std::{fmt, net::IpAddr};

use reqwest::Url;

use super::RemoteError;

/// The base of an API's addresses: https, or http on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address as a person types it.
    pub fn parse(text: &str) -> Result<Self, RemoteError> {
        let shown = redtag_protocol::text::clean(text.trim());
        let refused = |why: &str| RemoteError::Address {
            words: format!(
                "“{shown}” cannot be the API's address: {why}; \
                 it should look like https://redtag.example.com"
            ),
        };
        // “localhost:7420” alone would be read as an address of the kind “localhost”.
        if !text.contains("://") {
            let tail = shown.trim_start_matches('/');
            return Err(RemoteError::Address {
                words: format!(
                    "“{tail}” is no whole address: write the address with https://, as in \
                     https://shop.example.com:7420 (http:// only on this machine)"
                ),
            });
        }
        let mut url = Url::parse(text.trim()).map_err(|error| refused(&error.to_string()))?;
        let loopback = match url.host_str() {
            Some(host) => is_loopback(host),
            None => return Err(refused("it names no host")),
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return Err(refused(
                    "plain http would show passwords and tokens to the network, \
                     and is taken only for this machine itself",
                ));
            }
            _ => return Err(refused("only https is spoken")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("a name or password does not belong in it"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(refused("nothing may follow a ? or #"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address of an endpoint below this one.
    pub(super) fn at(&self, path: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        url
    }

    /// Whether what goes there is not encrypted, as on this machine itself it may be.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Whether it is this machine itself.
    pub(super) fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(is_loopback)
    }
}

impl fmt::Display for Address {
    /// Without a closing slash: one address has one spelling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
