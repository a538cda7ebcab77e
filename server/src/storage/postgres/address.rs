//! Where a PostgreSQL server is and how it is spoken to.
//!
//! Off this machine only over TLS, with the certificate's chain and name verified whatever the URL
//! asks for: `sslmode=require`, which elsewhere verifies nothing, is the strongest here too. Over a
//! unix socket or the loopback interface nothing is encrypted unless the URL asks for it or names
//! an authority. What is wrong with a URL is said without repeating it, for it may hold a password
//! in a place where none was expected.

mod connect;
mod trust;
mod url;

use std::{
    fmt,
    net::IpAddr,
    path::Path,
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret as _, SecretString};
use tokio_postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use self::{
    connect::{ConnectError, Connection},
    trust::TrustError,
};
use self::{
    trust::Trust,
    url::{Mode, Root, Split, split, unread},
};

/// A server that does not take a connection by then is not there.
const CONNECT: Duration = Duration::from_secs(3);

/// What was sent and not acknowledged for so long is lost, and the line with it.
const UNANSWERED: Duration = Duration::from_secs(20);

/// An idle line is tried after so long, then three times more, ten seconds apart.
const IDLE: Duration = Duration::from_secs(30);

/// A database on a PostgreSQL server, and how to be let in. `Debug` and the words of errors never
/// show the password.
#[derive(Clone)]
pub struct Address {
    config: Config,
    tls: MakeRustlsConnect,
    trust: Trust,
    /// Which of the hosts let us in last, and is asked first.
    last: Arc<AtomicUsize>,
}

/// What is wrong with a URL. The words never repeat any of it that could be a password.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// Another scheme, or none.
    #[error(
        "a database URL begins with postgres://, as in postgres://redtag_app@db.example/redtag"
    )]
    Scheme,
    /// The credentials do not end where they seem to.
    #[error(
        "the database URL cannot be split into its parts: in a user name or password write @ as \
         %40, / as %2F, ? as %3F and % as %25, or leave the password out and give \
         --database-password-file FILE"
    )]
    Split,
    /// No host.
    #[error(
        "the database URL names no host: write postgres://USER@HOST/DATABASE, or for a unix \
         socket postgres://USER@/DATABASE?host=/run/postgresql"
    )]
    NoHost,
    /// No database.
    #[error("the database URL names no database: write postgres://USER@HOST/DATABASE")]
    NoDatabase,
    /// A host name that no certificate could hold.
    #[error("a host in the database URL is no host name")]
    Host,
    /// A parameter that is not taken.
    #[error(
        "the database URL has a parameter that is not taken{0}; those that are: sslmode, \
         sslrootcert, host, port, user, dbname, application_name, connect_timeout, \
         tcp_user_timeout, keepalives, keepalives_idle, keepalives_interval, keepalives_retries, \
         target_session_attrs, channel_binding, load_balance_hosts, sslnegotiation"
    )]
    Parameter(Named),
    /// A parameter that is taken, with a value that is not.
    #[error("the database URL cannot be used: {0}")]
    Value(String),
    /// `sslmode` as nobody knows it.
    #[error("sslmode must be verify-full, or disable for a host that is this machine")]
    Mode,
    /// Plain text across a network.
    #[error(
        "sslmode={0} would send the shops' data across the network unprotected; off this machine \
         only sslmode=verify-full is spoken, which is what stands when sslmode is left out"
    )]
    Weak(&'static str),
    /// A unix socket beside a host on the network.
    #[error("the database URL names a unix socket and another machine: name one kind")]
    Mixed,
    /// Two authorities.
    #[error("both --database-ca and sslrootcert in the database URL name an authority: name one")]
    TwoAuthorities,
    /// The certificates to trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
}

/// The name of a parameter, where it is certain that it is one.
#[derive(Debug, PartialEq, Eq)]
pub struct Named(Option<String>);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, ": {name}"),
            None => Ok(()),
        }
    }
}

impl Address {
    /// Reads a URL such as `postgres://user:password@host:5432/database?sslmode=verify-full`.
    ///
    /// `ca` is a file of certificates in PEM that are trusted instead of the system's, as
    /// `sslrootcert=FILE` in the URL is. `password` stands over the URL's.
    pub fn parse(
        url: &str,
        ca: Option<&Path>,
        password: Option<SecretString>,
    ) -> Result<Self, AddressError> {
        let Split { url, mode, root } = split(url)?;
        let mut config = url.parse::<Config>().map_err(|error| unread(&error))?;
        let authority = match (root, ca) {
            (Some(_), Some(_)) => return Err(AddressError::TwoAuthorities),
            (Some(root), None) => Some(root),
            (None, ca) => ca.map(Root::from_path),
        };
        check(&config)?;
        let encrypted = is_encrypted(&config, mode, authority.is_some())?;
        let trust = if encrypted {
            Trust::load(authority)?
        } else {
            Trust::Nobody
        };
        let tls = trust.connector()?;
        config.ssl_mode(if encrypted {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        if let Some(password) = password {
            config.password(password.expose_secret());
        }
        default(&mut config);
        Ok(Self {
            config,
            tls,
            trust,
            last: Arc::default(),
        })
    }

    /// The same, let in only where writes are taken. Who serves wants no other: a name may point at
    /// a standby for a moment, and a connection outlives that moment.
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.config
            .target_session_attrs(TargetSessionAttrs::ReadWrite);
        self
    }

    /// Takes a password where none is known yet.
    #[must_use]
    pub fn or_password(mut self, password: Option<SecretString>) -> Self {
        if let (None, Some(password)) = (self.config.get_password(), password) {
            self.config.password(password.expose_secret());
        }
        self
    }

    /// As the driver wants it.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Makes the TLS of a connection; harmless where none is spoken.
    pub fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// Whether connections are encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// The name of the database.
    pub fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    /// For people: hosts, ports and the database, nothing secret.
    pub fn place(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self
            .config
            .get_hosts()
            .iter()
            .enumerate()
            .map(|(at, host)| {
                let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
                match host {
                    Host::Tcp(name) if name.contains(':') => format!("[{name}]:{port}"),
                    Host::Tcp(name) => format!("{name}:{port}"),
                    Host::Unix(dir) => format!("{} port {port}", dir.display()),
                }
            });
        let socket = matches!(self.config.get_hosts(), [Host::Unix(_)]);
        // After a socket's path a slash would look like more of it.
        let before = if socket { ", database " } else { "/" };
        hosts.collect::<Vec<_>>().join(",") + before + self.database()
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("place", &self.place())
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}

fn check(config: &Config) -> Result<(), AddressError> {
    let hosts = config.get_hosts();
    let named = |host: &Host| !matches!(host, Host::Tcp(name) if name.is_empty());
    if hosts.is_empty() || !hosts.iter().all(named) {
        return Err(AddressError::NoHost);
    }
    if config.get_dbname().is_none_or(str::is_empty) {
        return Err(AddressError::NoDatabase);
    }
    let ports = config.get_ports().len();
    if ports > 1 && ports != hosts.len() {
        let words = "it names more ports than hosts, or fewer";
        return Err(AddressError::Value(words.into()));
    }
    Ok(())
}

fn is_encrypted(config: &Config, mode: Mode, vouched: bool) -> Result<bool, AddressError> {
    let hosts = config.get_hosts();
    let sockets = hosts.iter().filter(|it| matches!(it, Host::Unix(_)));
    let sockets = sockets.count();
    if sockets == hosts.len() {
        // There is no TLS over a unix socket, and nobody on the way.
        return Ok(false);
    }
    let here = hosts.iter().all(is_here);
    let encrypted = match mode {
        Mode::Plain(mode) if !here => return Err(AddressError::Weak(mode)),
        Mode::Plain(_) => false,
        Mode::Encrypted => true,
        Mode::Unsaid => !here || vouched,
    };
    if !encrypted {
        return Ok(false);
    }
    if sockets > 0 {
        return Err(AddressError::Mixed);
    }
    for host in hosts {
        if let Host::Tcp(name) = host {
            ServerName::try_from(name.as_str()).map_err(|_| AddressError::Host)?;
        }
    }
    Ok(true)
}

/// Whether what is sent to a host stays on this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name.eq_ignore_ascii_case("localhost")
                || name
                    .parse::<IpAddr>()
                    .is_ok_and(|ip| ip.to_canonical().is_loopback())
        }
    }
}

/// What stands where the URL says nothing.
fn default(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNANSWERED);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_idle(IDLE);
        config.keepalives_interval(Duration::from_secs(10));
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(3);
    }
    if config.get_application_name().is_none() {
        config.application_name("redtag-server");
    }
    // Of several hosts the one that takes writes is meant.
    if config.get_hosts().len() > 1 && config.get_target_session_attrs() == TargetSessionAttrs::Any
    {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

#[cfg(test)]
mod tests;
