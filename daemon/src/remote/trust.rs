//! Whose certificates are believed: the system's authorities, or Mozilla's where the system has
//! none (a bare container), and those of a file besides.

use std::{
    fs,
    io::{self, Read},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use reqwest::Certificate;

use super::RemoteError;

/// The largest file of certificates, in bytes.
const MAX_FILE: u64 = 4 << 20;

/// Certificates that a person named: the text of a PEM file that was read and holds some.
#[derive(Clone, PartialEq, Eq)]
pub struct Trust(Vec<u8>);

impl Trust {
    /// Reads a PEM file of at most four mebibytes.
    pub fn read(file: &Path) -> Result<Self, RemoteError> {
        let refused = |why: String| RemoteError::Address {
            words: format!(
                "the certificates in {} cannot be used: {why}; it should be a PEM file",
                file.display()
            ),
        };
        let mut pem = Vec::new();
        open(file)
            .and_then(|opened| opened.take(MAX_FILE).read_to_end(&mut pem))
            .map_err(|error| refused(error.to_string()))?;
        let found =
            Certificate::from_pem_bundle(&pem).map_err(|_| refused("it cannot be read".into()))?;
        if found.is_empty() {
            return Err(refused("there is none in it".into()));
        }
        // What is inside of them is looked at only by who is to trust them.
        reqwest::Client::builder()
            .tls_backend_rustls()
            .tls_certs_only(found)
            .build()
            .map_err(|_| refused("what is in it is no certificate".into()))?;
        Ok(Self(pem))
    }

    /// The text, to be kept.
    pub fn pem(&self) -> &[u8] {
        &self.0
    }
}

/// Opens a file, and nothing that could keep us waiting, such as a pipe: whoever signs in names it.
fn open(file: &Path) -> io::Result<fs::File> {
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    let opened = fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags.cast_signed())
        .open(file)?;
    if opened.metadata()?.is_file() {
        Ok(opened)
    } else {
        Err(io::Error::other("it is no file"))
    }
}

pub(super) fn roots(ca: Option<&Trust>) -> Result<Vec<Certificate>, RemoteError> {
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "some of the system's certificates cannot be read");
    }
    // One that cannot be parsed is left out: old systems carry a few.
    let mut roots: Vec<_> = system
        .certs
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    if roots.is_empty() {
        roots.extend(
            webpki_root_certs::TLS_SERVER_ROOT_CERTS
                .iter()
                .filter_map(|der| Certificate::from_der(der).ok()),
        );
    }
    if let Some(Trust(pem)) = ca {
        let own = Certificate::from_pem_bundle(pem).map_err(|error| RemoteError::Address {
            words: format!("the certificates cannot be used: {error}"),
        })?;
        roots.extend(own);
    }
    Ok(roots)
}
