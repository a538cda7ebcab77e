//! Asking the provider and nobody else. The host that the operator named may be anywhere; other
//! addresses came over the network with what the provider says of itself, and lead to the public
//! internet only, however they are written and whatever a name turns into. No redirect is followed.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Certificate, Client, RequestBuilder, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use zeroize::Zeroizing;

use super::{OpenIdError, fault};

/// Whoever waits looks at an empty page meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes of an answer that are worth reading.
const LONGEST: usize = 256 * 1024;

/// The way to a provider.
pub(super) struct Reach {
    http: Client,
    named: String,
    scheme: String,
}

impl Reach {
    /// To this provider; none where nobody should ask it.
    pub(super) fn to(issuer: &Url) -> Option<Result<Self, OpenIdError>> {
        let named = issuer.host_str()?.to_owned();
        let here = match literal(&named) {
            Some(address) => address.is_loopback(),
            None => named == "localhost",
        };
        let whole = issuer.query().is_none() && issuer.fragment().is_none();
        let good = whole && (issuer.scheme() == "https" || issuer.scheme() == "http" && here);
        good.then(|| {
            Ok(Self {
                http: client(&named)?,
                named,
                scheme: issuer.scheme().to_owned(),
            })
        })
    }

    /// Whether an address that the provider named may be gone to.
    pub(super) fn may(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else {
            return false;
        };
        if host == self.named {
            return url.scheme() == self.scheme;
        }
        let public = match literal(host) {
            Some(address) => is_public(address),
            None => is_name(host),
        };
        url.scheme() == "https" && public
    }

    pub(super) fn get(&self, url: &Url) -> Result<RequestBuilder, OpenIdError> {
        self.known(url).map(|url| self.http.get(url))
    }

    pub(super) fn post(&self, url: &Url) -> Result<RequestBuilder, OpenIdError> {
        self.known(url).map(|url| self.http.post(url))
    }

    fn known(&self, url: &Url) -> Result<Url, OpenIdError> {
        let may = self.may(url).then(|| url.clone());
        may.ok_or_else(|| fault("names an address that is asked by nobody", url))
    }

    /// The whole answer, where it is one that says yes.
    pub(super) async fn text(
        &self,
        request: RequestBuilder,
    ) -> Result<Zeroizing<Vec<u8>>, OpenIdError> {
        let lost = |error: reqwest::Error| fault("does not answer", error.without_url());
        let mut answer = request
            .header("accept", "application/json")
            .send()
            .await
            .map_err(lost)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(fault("refused", status));
        }
        let mut text = Zeroizing::new(Vec::new());
        while let Some(piece) = answer.chunk().await.map_err(lost)? {
            if text.len() + piece.len() > LONGEST {
                return Err(fault("says too much", "more than 256 KiB"));
            }
            text.extend_from_slice(&piece);
        }
        Ok(text)
    }
}

fn client(named: &str) -> Result<Client, OpenIdError> {
    let unfit = |error: reqwest::Error| OpenIdError::Client(error.to_string());
    let found = rustls_native_certs::load_native_certs().certs;
    let roots = found
        .iter()
        .map(|it| Certificate::from_der(it))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unfit)?;
    Client::builder()
        .tls_certs_only(roots)
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .no_proxy()
        .dns_resolver(Arc::new(Guard {
            named: named.to_owned(),
        }))
        .build()
        .map_err(unfit)
}

/// Resolves names, and gives only what may be gone to.
struct Guard {
    named: String,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let named = name.as_str() == self.named;
        Box::pin(async move {
            let host = name.as_str();
            if !named && !is_name(host) {
                return Err(io::Error::other("that name leads to no public address").into());
            }
            let found = tokio::net::lookup_host((host, 0)).await?;
            let may = |it: &SocketAddr| named || is_public(it.ip());
            let all: Vec<SocketAddr> = found.filter(may).collect();
            if all.is_empty() {
                return Err(io::Error::other("that name leads to no public address").into());
            }
            Ok(Box::new(all.into_iter()) as Addrs)
        })
    }
}

/// An address that stands for itself; `Url` has brought every spelling of one into this one.
fn literal(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

/// Whether a name can be a public one.
fn is_name(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    let inner = [
        ".internal",
        ".local",
        ".localhost",
        ".localdomain",
        ".lan",
        ".home.arpa",
    ];
    host.contains('.') && !inner.iter().any(|it| host.ends_with(it))
}

/// Whether an address is one of the public internet (the IANA special-purpose registries).
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let assigned = a == 192 && b == 0 && c == 0;
    let measured = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 240
        || shared
        || assigned
        || measured
        || it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation())
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    let first = it.segments()[0];
    // Global unicast alone, without 6to4, Teredo and documentation, which lead or may lead elsewhere.
    let special = first == 0x2002 || (first == 0x2001 && it.segments()[1] < 0x0200);
    let documented = (first == 0x2001 && it.segments()[1] == 0x0db8) || first == 0x3fff;
    first & 0xe000 == 0x2000 && !special && !documented
}

#[cfg(test)]
mod tests;
