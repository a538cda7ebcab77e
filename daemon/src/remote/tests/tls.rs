use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use redtag_protocol::api::version::Version;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::*;

/// A shop's own authority, and its certificate in a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: tempfile::NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    /// A server whose certificate names `name` and ended with `year`.
    async fn server(&self, name: &str, year: i32) -> Server {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(1990, 1, 1);
        params.not_after = date_time_ymd(year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        let acceptor = acceptor(
            cert.der().clone(),
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        );
        Server::tls(acceptor, |_| Reply::json(200, VERSION)).await
    }
}

fn acceptor(cert: CertificateDer<'static>, key: PrivateKeyDer<'static>) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn ask(server: &Server, ca: Option<&Authority>) -> Result<Dated<Version>, RemoteError> {
    let url = format!("https://localhost:{}", server.port());
    let ca = ca.map(|ca| Trust::read(ca.file.path()).unwrap());
    Remote::new(&url, ca.as_ref()).unwrap().version().await
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let authority = Authority::new();
    let server = authority.server("localhost", 2999).await;
    ask(&server, Some(&authority)).await.unwrap();

    for ca in [None, Some(Authority::new())] {
        let error = ask(&server, ca.as_ref()).await.unwrap_err();
        assert!(matches!(error, RemoteError::Untrusted { .. }), "{error}");
        assert!(error.to_string().contains("--ca FILE"), "{error}");
    }
}

#[tokio::test]
async fn each_fault_of_a_certificate_has_its_own_words() {
    let authority = Authority::new();
    for (name, year, word) in [
        ("other.example", 2999, "another name"),
        ("localhost", 2001, "expired"),
    ] {
        let server = authority.server(name, year).await;
        let error = ask(&server, Some(&authority)).await.unwrap_err();
        assert!(matches!(error, RemoteError::Untrusted { .. }), "{error}");
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_taken_when_it_is_a_servers_own() {
    for (is_ca, taken) in [
        (IsCa::ExplicitNoCa, true),
        (IsCa::Ca(BasicConstraints::Unconstrained), false),
    ] {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.is_ca = is_ca;
        let key = KeyPair::generate().unwrap();
        let cert = params.self_signed(&key).unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), cert.pem()).unwrap();
        let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
        let acceptor = acceptor(cert.der().clone(), key);
        let server = Server::tls(acceptor, |_| Reply::json(200, VERSION)).await;
        let url = format!("https://localhost:{}", server.port());
        let trust = Trust::read(file.path()).unwrap();
        let asked = Remote::new(&url, Some(&trust)).unwrap().version().await;
        match asked {
            Ok(_) => assert!(taken),
            Err(error) => {
                assert!(!taken, "{error}");
                assert!(error.to_string().contains("CA:FALSE"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn https_to_a_plain_server_is_told_apart() {
    let server = Server::start(|_| Reply::raw("no TLS here, sorry\r\n")).await;
    let error = ask(&server, None).await.unwrap_err();
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}

#[test]
fn a_file_without_certificates_is_refused_by_name() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for text in [
        "",
        "nonsense",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(file.path(), text).unwrap();
        let error = Trust::read(file.path()).err().unwrap();
        assert!(matches!(error, RemoteError::Address { .. }), "{error}");
    }
    let absent = std::path::Path::new("/nonexistent/ca.pem");
    let error = Trust::read(absent).err().unwrap();
    assert!(error.to_string().contains("/nonexistent/ca.pem"), "{error}");
}

#[test]
fn a_pipe_in_the_place_of_certificates_holds_nobody_up() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("ca.pem");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let error = Trust::read(&pipe).err().unwrap();
    assert!(error.to_string().contains("it is no file"), "{error}");
}
