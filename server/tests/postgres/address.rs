//! Being let in over TLS, or not at all: the chain and the name are verified whatever was asked.

use std::{fs, sync::LazyLock};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use redtag_postgres::{Cluster, Config, Tls};
use redtag_server::storage::{
    Control as _, StorageError,
    postgres::{Address, ConnectError, Options, PostgresStorage},
};
use tempfile::NamedTempFile;

use super::{
    Case, case,
    ground::{Database, runtime},
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("the_whole_engine_speaks_over_tls", engine),
        case("a_certificate_of_another_authority_is_refused", authority),
        case("a_certificate_for_another_name_is_refused", name),
        case("a_certificate_that_has_run_out_is_refused", expired),
        case("a_server_without_tls_is_refused", plain),
    ]
}

/// An authority of its own, and the file that names it.
struct Authority {
    params: CertificateParams,
    key: KeyPair,
    file: NamedTempFile,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let file = NamedTempFile::new().unwrap();
        fs::write(&file, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { params, key, file }
    }

    /// A certificate for the address that clusters listen on, and no name.
    fn sign(&self, end: Option<(i32, u8, u8)>) -> Tls {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        if let Some((year, month, day)) = end {
            params.not_after = rcgen::date_time_ymd(year, month, day);
        }
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        Tls {
            certificate: params.signed_by(&key, &issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A PostgreSQL that speaks TLS, and who vouches for it.
static ENCRYPTED: LazyLock<(Cluster, Authority)> = LazyLock::new(|| {
    let authority = Authority::new();
    (cluster(authority.sign(None)), authority)
});

fn cluster(tls: Tls) -> Cluster {
    let tls = Some(tls);
    let config = Config {
        tls,
        ..Config::default()
    };
    Cluster::start(&config).unwrap()
}

/// Why the administrator is not let in, with such a URL.
fn refused(url: &str, authority: &Authority) -> ConnectError {
    let address = Address::parse(url, Some(authority.file.path()), None).unwrap();
    assert!(address.is_encrypted());
    let Err(error) = runtime().block_on(address.connect()) else {
        panic!("let in by {url}");
    };
    assert!(!error.is_transient(), "{error}");
    match error {
        StorageError::Connect(error) => error,
        error => panic!("{error}"),
    }
}

fn engine() {
    let (cluster, authority) = &*ENCRYPTED;
    runtime().block_on(async {
        let database = Database::on(cluster).await;
        let ca = Some(authority.file.path());
        let address = Address::parse(&database.url(), ca, None).unwrap();
        assert!(address.is_encrypted());
        let (client, connection) = address.connect().await.unwrap();
        let connection = tokio::spawn(connection);
        let words = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let row = client.query_one(words, &[]).await.unwrap();
        assert!(row.get::<_, bool>(0));
        assert_eq!(row.get::<_, &str>(1), "TLSv1.3");
        drop(client);
        connection.await.unwrap().unwrap();
        let options = Options {
            address,
            wrap: database.keys.wrapping.clone(),
            connections: 2,
            patience: std::time::Duration::from_secs(1),
        };
        let storage = PostgresStorage::open(options).await.unwrap();
        assert!(storage.shops().await.unwrap().is_empty());
    });
}

fn authority() {
    let (cluster, _) = &*ENCRYPTED;
    let other = Authority::new();
    let url = cluster.admin_url("postgres");
    // Elsewhere “require” verifies nothing.
    for mode in [
        "",
        "?sslmode=require",
        "?sslmode=verify-ca",
        "?sslmode=verify-full",
    ] {
        let error = refused(&format!("{url}{mode}"), &other);
        assert!(matches!(error, ConnectError::Untrusted { .. }), "{error}");
        let words = error.to_string();
        let file = other.file.path().display().to_string();
        assert!(words.contains(&file), "says who would be believed: {words}");
        assert!(!words.contains(cluster.password()), "{words}");
    }
}

fn name() {
    let (cluster, authority) = &*ENCRYPTED;
    let url = cluster.admin_url("postgres");
    let url = url.replace("@127.0.0.1:", "@localhost:");
    for mode in ["", "?sslmode=require", "?sslmode=verify-ca"] {
        let error = refused(&format!("{url}{mode}"), authority);
        assert!(matches!(error, ConnectError::Name { .. }), "{error}");
        assert!(error.to_string().contains("another name"), "{error}");
    }
}

fn expired() {
    let authority = Authority::new();
    let cluster = cluster(authority.sign(Some((2020, 1, 1))));
    let error = refused(&cluster.admin_url("postgres"), &authority);
    assert!(matches!(error, ConnectError::Certificate { .. }), "{error}");
    assert!(error.to_string().contains("expired"), "{error}");
}

fn plain() {
    let cluster = Cluster::shared().unwrap();
    let error = refused(&cluster.admin_url("postgres"), &Authority::new());
    assert!(matches!(error, ConnectError::NoTls { .. }), "{error}");
    assert!(!error.to_string().contains(cluster.password()), "{error}");
}
