//! Being let in, and the words where one is not.

use std::{error::Error as _, io, sync::atomic::Ordering, time::Duration};

use rustls::CertificateError;
use tokio::time::timeout;
use tokio_postgres::{
    Client, Config, Socket,
    config::{Host, LoadBalanceHosts},
    error::SqlState,
    tls::MakeTlsConnect,
};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::Address;
use crate::{keys::random, storage::StorageError};

/// The half of a connection that does the work; to be spawned.
pub type Connection =
    tokio_postgres::Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// Beside reaching the only server: TLS, the password, and a look whether it takes writes.
const GREETING: Duration = Duration::from_secs(7);

/// Why there is no connection. Nothing was changed anywhere.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody answers.
    #[error(
        "the database at {place} cannot be reached: {source}; check that it runs and that the \
         URL names its host and port"
    )]
    Unreachable {
        /// The database.
        place: String,
        /// What the system said.
        source: io::Error,
    },
    /// Somebody took the connection and says nothing.
    #[error("the database at {place} does not answer in time")]
    Silent {
        /// The database.
        place: String,
    },
    /// It starts, or stops.
    #[error("the database at {place} is starting up or shutting down; try again in a moment")]
    Starting {
        /// The database.
        place: String,
    },
    /// An administrator keeps everybody out for a while.
    #[error(
        "the database at {place} takes no connections just now; when the work on it is done, \
         ALTER DATABASE … ALLOW_CONNECTIONS true opens it again"
    )]
    Closed {
        /// The database.
        place: String,
    },
    /// Too many are connected.
    #[error(
        "the database at {place} takes no more connections; give each server fewer with \
         --database-connections, or raise max_connections there"
    )]
    Full {
        /// The database.
        place: String,
    },
    /// A standby, where writes are to be taken.
    #[error("none of {place} takes writes just now; name the primary, or wait until it is up")]
    Standby {
        /// The database.
        place: String,
    },
    /// The server speaks no TLS.
    #[error(
        "the database server at {place} speaks no TLS, and without it nothing is sent, not even \
         the password: set ssl = on in its postgresql.conf, with a certificate"
    )]
    NoTls {
        /// The database.
        place: String,
    },
    /// Nobody who is trusted vouches for it.
    #[error(
        "the certificate of the database server at {place} is not signed by {trust}: name its \
         authority with --database-ca FILE or sslrootcert=FILE; nothing was sent"
    )]
    Untrusted {
        /// The database.
        place: String,
        /// Who would be believed.
        trust: String,
    },
    /// It vouches for another name.
    #[error(
        "the certificate of the database server at {place} is for another name: connect by the \
         name that it holds, or have it issued for this one; nothing was sent"
    )]
    Name {
        /// The database.
        place: String,
    },
    /// Out of date, or broken.
    #[error(
        "the certificate of the database server at {place} is refused: {why}; nothing was sent"
    )]
    Certificate {
        /// The database.
        place: String,
        /// Why.
        why: CertificateError,
    },
    /// TLS began and came to nothing.
    #[error("TLS with the database server at {place} failed: {source}; nothing was sent")]
    Tls {
        /// The database.
        place: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Wrong password.
    #[error(
        "the database at {place} does not take the password of {user}: check \
         --database-password-file, PGPASSWORD or the URL"
    )]
    Password {
        /// The database.
        place: String,
        /// Whose.
        user: String,
    },
    /// It wants one.
    #[error(
        "the database at {place} asks for the password of {user}: give it with \
         --database-password-file FILE, in PGPASSWORD or in the URL"
    )]
    NoPassword {
        /// The database.
        place: String,
        /// Whose.
        user: String,
    },
    /// Not from here, or not at all.
    #[error(
        "the database at {place} does not let {user} in: {why}; see its pg_hba.conf and whether \
         the role may log in"
    )]
    Refused {
        /// The database.
        place: String,
        /// Who.
        user: String,
        /// What the server said.
        why: String,
    },
    /// No such database.
    #[error("there is no database {place}; redtag-server database init makes one")]
    NoDatabase {
        /// The database.
        place: String,
    },
    /// Anything else.
    #[error("the database at {place} takes no connection: {source}")]
    Other {
        /// The database.
        place: String,
        /// What was said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ConnectError {
    /// Whether the same call may succeed in a moment with nothing changed on this side.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Silent { .. }
                | Self::Starting { .. }
                | Self::Closed { .. }
                | Self::Full { .. }
                | Self::Standby { .. }
        )
    }
}

impl Address {
    /// A connection, and the half of it that is to be spawned.
    ///
    /// # Errors
    ///
    /// [`StorageError::Connect`], in words for an operator.
    pub async fn connect(&self) -> Result<(Client, Connection), StorageError> {
        Ok(self.reach().await?)
    }

    /// The same, host by host from the one that let us in last. Each has its time, from the first
    /// packet to the greeting, so that one that is gone does not use up that of the next.
    pub(in crate::storage::postgres) async fn reach(
        &self,
    ) -> Result<(Client, Connection), ConnectError> {
        let hosts = self.config.get_hosts().len();
        let patience = self.patience(hosts);
        let first = match self.config.get_load_balance_hosts() {
            LoadBalanceHosts::Random => usize::from_be_bytes(random()),
            _ => self.last.load(Ordering::Relaxed),
        };
        let mut why = ConnectError::Silent {
            place: self.place(),
        };
        for host in (0..hosts).map(|step| (first % hosts + step) % hosts) {
            let config = self.alone(host);
            // Boxed: the driver's future is large, and every command would hold it.
            let connecting = Box::pin(config.connect(self.tls()));
            match timeout(patience, connecting).await {
                Ok(Ok(connected)) => {
                    self.last.store(host, Ordering::Relaxed);
                    return Ok(connected);
                }
                Ok(Err(error)) => why = self.explain(error),
                Err(_) => {
                    why = ConnectError::Silent {
                        place: self.place(),
                    };
                }
            }
            tracing::debug!(host, "not let in: {why}");
        }
        Err(why)
    }

    /// How long one host may take. One of several gets what two of its addresses need that do not
    /// answer: the others wait.
    fn patience(&self, hosts: usize) -> Duration {
        let reach = self.config.get_connect_timeout().copied();
        let reach = reach.unwrap_or_default();
        if hosts > 1 {
            reach * 2
        } else {
            reach + GREETING
        }
    }

    /// As the driver wants it for one of the hosts alone, which it cannot be asked for: of a
    /// configuration hosts are only ever added.
    pub(super) fn alone(&self, host: usize) -> Config {
        let all = &self.config;
        let mut one = Config::new();
        match all.get_hosts().get(host) {
            Some(Host::Tcp(name)) => drop(one.host(name)),
            Some(Host::Unix(dir)) => drop(one.host_path(dir)),
            None => {}
        }
        let ports = all.get_ports();
        if let Some(port) = ports.get(host).or(ports.first()) {
            one.port(*port);
        }
        if let Some(user) = all.get_user() {
            one.user(user);
        }
        if let Some(password) = all.get_password() {
            one.password(password);
        }
        if let Some(name) = all.get_dbname() {
            one.dbname(name);
        }
        if let Some(name) = all.get_application_name() {
            one.application_name(name);
        }
        if let Some(time) = all.get_connect_timeout() {
            one.connect_timeout(*time);
        }
        if let Some(time) = all.get_tcp_user_timeout() {
            one.tcp_user_timeout(*time);
        }
        if let Some(time) = all.get_keepalives_interval() {
            one.keepalives_interval(time);
        }
        if let Some(times) = all.get_keepalives_retries() {
            one.keepalives_retries(times);
        }
        one.keepalives(all.get_keepalives())
            .keepalives_idle(all.get_keepalives_idle())
            .ssl_mode(all.get_ssl_mode())
            .ssl_negotiation(all.get_ssl_negotiation())
            .target_session_attrs(all.get_target_session_attrs())
            .channel_binding(all.get_channel_binding())
            .load_balance_hosts(all.get_load_balance_hosts());
        one
    }

    /// What an error of the driver while connecting means.
    pub fn explain(&self, error: tokio_postgres::Error) -> ConnectError {
        let place = self.place();
        if let Some(code) = error.code() {
            return self.explain_code(&code.clone(), error);
        }
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        match &*words {
            "server does not support TLS" => return ConnectError::NoTls { place },
            "password missing" => {
                return ConnectError::NoPassword {
                    place,
                    user: self.user(),
                };
            }
            _ => {}
        }
        let tls = error.to_string().contains("TLS");
        let Some(source) = error.into_source() else {
            return ConnectError::Silent { place };
        };
        match source.downcast::<io::Error>() {
            Ok(source) => self.explain_io(*source, tls),
            Err(source) if tls => ConnectError::Tls { place, source },
            Err(source) => ConnectError::Other { place, source },
        }
    }

    fn explain_code(&self, code: &SqlState, error: tokio_postgres::Error) -> ConnectError {
        let (place, user) = (self.place(), self.user());
        match *code {
            SqlState::INVALID_PASSWORD => ConnectError::Password { place, user },
            SqlState::INVALID_AUTHORIZATION_SPECIFICATION => ConnectError::Refused {
                place,
                user,
                why: error
                    .as_db_error()
                    .map(|it| it.message().to_owned())
                    .unwrap_or_default(),
            },
            SqlState::INVALID_CATALOG_NAME => ConnectError::NoDatabase { place },
            SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE => ConnectError::Closed { place },
            SqlState::TOO_MANY_CONNECTIONS => ConnectError::Full { place },
            SqlState::CANNOT_CONNECT_NOW | SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => {
                ConnectError::Starting { place }
            }
            _ => ConnectError::Other {
                place,
                source: error
                    .into_source()
                    .unwrap_or_else(|| "nothing more was said".into()),
            },
        }
    }

    fn explain_io(&self, source: io::Error, tls: bool) -> ConnectError {
        let place = self.place();
        if source.kind() == io::ErrorKind::PermissionDenied
            && source.to_string() == "database does not allow writes"
        {
            return ConnectError::Standby { place };
        }
        let refused = source.get_ref().and_then(|it| it.downcast_ref());
        let Some(rustls::Error::InvalidCertificate(why)) = refused else {
            return if tls {
                let source = source.into();
                ConnectError::Tls { place, source }
            } else {
                ConnectError::Unreachable { place, source }
            };
        };
        match why {
            // A bad signature is an authority of the same name with another key, made anew perhaps.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                ConnectError::Untrusted {
                    place,
                    trust: self.trust.to_string(),
                }
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                ConnectError::Name { place }
            }
            why => ConnectError::Certificate {
                place,
                why: why.clone(),
            },
        }
    }

    fn user(&self) -> String {
        let named = self.config.get_user().map(str::to_owned);
        named.unwrap_or_else(|| "the system's user".into())
    }
}
