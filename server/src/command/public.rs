//! The server's address as people use it, for what is sent to them.

use std::net::IpAddr;

use anyhow::ensure;
use axum::http::Uri;
use clap::Args;

/// Where a link leads to.
#[derive(Debug, Args)]
pub(super) struct Public {
    // Not a comment: there the address would have to stand in angle brackets.
    #[arg(
        id = "public_url",
        long = "public-url",
        value_name = "URL",
        env = "REDTAG_SERVER_PUBLIC_URL",
        value_parser = url,
        help = "The address that people reach the server at, such as https://redtag.example"
    )]
    url: String,
}

impl Public {
    /// The address, if what is sent to it is seen by nobody on the way.
    pub(super) fn url(&self) -> anyhow::Result<&str> {
        ensure!(
            self.url.starts_with("https://") || is_here(&self.url),
            "{} is not https: the password that somebody chooses there would cross the network \
             unprotected",
            self.url
        );
        Ok(&self.url)
    }
}

/// Whether a URL leads to this machine.
fn is_here(url: &str) -> bool {
    let uri: Option<Uri> = url.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    host == "localhost" || address.is_ok_and(|it| it.is_loopback())
}

/// Reads an address that clients use; without a slash at the end.
pub(super) fn url(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let uri: Uri = text.parse().map_err(|_| "that is not a URL".to_owned())?;
    match uri.scheme_str() {
        Some("https" | "http") if uri.authority().is_some() && uri.query().is_none() => {
            Ok(text.to_owned())
        }
        _ => Err("give it whole, such as https://redtag.example".to_owned()),
    }
}

#[cfg(test)]
mod tests;
