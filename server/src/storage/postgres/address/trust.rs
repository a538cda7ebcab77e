//! Whom a connection believes.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Root;

/// The authorities that may vouch for the server. One that is named stands alone: any public
/// authority could otherwise vouch for a database that has its own.
#[derive(Clone)]
pub(super) enum Trust {
    /// No TLS is spoken.
    Nobody,
    /// The system's.
    System(Arc<RootCertStore>),
    /// Those in a file.
    File(PathBuf, Arc<RootCertStore>),
}

/// Why no authority is known.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file.
    #[error("the authority's certificate {path} cannot be used: {words}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        words: String,
    },
    /// The system has none.
    #[error(
        "this system has no certificates of authorities: install ca-certificates, or name the \
         authority of the database with --database-ca FILE"
    )]
    NoSystem,
    /// The TLS library.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl Trust {
    pub(super) fn load(root: Option<Root>) -> Result<Self, TrustError> {
        match root {
            Some(Root::File(path)) => {
                let roots = file(&path)?;
                Ok(Self::File(path, Arc::new(roots)))
            }
            Some(Root::System) | None => Ok(Self::System(Arc::new(system()?))),
        }
    }

    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, TrustError> {
        let roots = match self {
            Self::Nobody => Arc::new(RootCertStore::empty()),
            Self::System(roots) | Self::File(_, roots) => Arc::clone(roots),
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        // PostgreSQL 17 asks for it with sslnegotiation=direct; older ones do not look.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(MakeRustlsConnect::new(config))
    }
}

/// For people, as in “is not vouched for by …”.
impl fmt::Display for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("anybody"),
            Self::System(_) => f.write_str("an authority that this system trusts"),
            Self::File(path, _) => write!(f, "the authority in {}", path.display()),
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trust({self})")
    }
}

fn file(path: &Path) -> Result<RootCertStore, TrustError> {
    let refused = |words: String| TrustError::File {
        path: path.to_owned(),
        words,
    };
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| refused(error.to_string()))?;
    if found.is_empty() {
        let words = "there is none in it; it must be PEM, “-----BEGIN CERTIFICATE-----”";
        return Err(refused(words.into()));
    }
    let mut roots = RootCertStore::empty();
    for certificate in found {
        roots
            .add(certificate)
            .map_err(|error| refused(error.to_string()))?;
    }
    Ok(roots)
}

fn system() -> Result<RootCertStore, TrustError> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some of the system's certificates cannot be read");
    }
    let mut roots = RootCertStore::empty();
    // One that cannot be parsed is left out: old systems carry a few.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(TrustError::NoSystem);
    }
    Ok(roots)
}
