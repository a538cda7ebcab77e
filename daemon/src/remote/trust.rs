//! Whose certificates are believed: the system's authorities, or Mozilla's where the system has
//! none (a bare container), and those of a file besides.

use std::{fs, io::Read, path::Path};

use reqwest::Certificate;

use super::RemoteError;

/// The largest file of certificates, in bytes.
const MAX_FILE: u64 = 4 << 20;

pub(super) fn roots(ca: Option<&Path>) -> Result<Vec<Certificate>, RemoteError> {
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
    if let Some(file) = ca {
        roots.extend(from_file(file)?);
    }
    Ok(roots)
}

fn from_file(file: &Path) -> Result<Vec<Certificate>, RemoteError> {
    let refused = |why: String| RemoteError::Address {
        words: format!(
            "the certificates in {} cannot be used: {why}; it should be a PEM file",
            file.display()
        ),
    };
    let mut pem = Vec::new();
    fs::File::open(file)
        .and_then(|opened| opened.take(MAX_FILE).read_to_end(&mut pem))
        .map_err(|error| refused(error.to_string()))?;
    let found =
        Certificate::from_pem_bundle(&pem).map_err(|_| refused("it cannot be read".into()))?;
    if found.is_empty() {
        return Err(refused("there is none in it".into()));
    }
    Ok(found)
}
