//! Mail to people, by the SMTP server (RFC 5321) that the operator names; without one there is none.
//!
//! No page waits for it: what a page asks for goes into the [`Outbox`], whose worker tries for a quarter
//! of an hour and then gives up. What waits lies in memory only. A server that ends forgets it, and
//! whoever waited asks again: a link that is good for an hour is not worth a table, and a table of
//! addresses that were typed is one more thing to lose.

mod letter;
mod outbox;

use std::{fmt, fs, path::PathBuf, time::Duration};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor,
    message::{Mailbox, Message, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters, TlsVersion},
    },
};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

pub use self::{
    letter::Letter,
    outbox::{Outbox, PAUSES, outbox, run},
};
use crate::keys::random;

/// An SMTP server that says nothing for so long is gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// The longest that one mail may take.
const LONGEST: Duration = Duration::from_mins(1);

/// How the line to the SMTP server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// By STARTTLS, which the server must offer.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all; for a server on this machine.
    Off,
}

/// Where mail goes out.
#[derive(Debug)]
pub struct Options {
    /// The SMTP server, by the name that is in its certificate.
    pub host: String,
    /// Its port; by itself what is usual for the protection.
    pub port: Option<u16>,
    /// How the line is protected.
    pub protection: Protection,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    /// Certificates in PEM to trust instead of the system's.
    pub ca: Option<PathBuf>,
    /// Whom mail comes from, such as `Redtag <redtag@example.com>`.
    pub from: String,
}

/// Why no mail can go out this way.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender.
    #[error("“{0}” is no address that mail can come from; it should look like name@example.com")]
    From(String),
    /// Whoever stands between would read the links.
    #[error(
        "{0} is another machine, and mail with links would cross the network unprotected: leave \
         --smtp-tls off away"
    )]
    Unprotected(String),
    /// The file with certificates.
    #[error("the certificates {path} cannot be used: {words}")]
    Ca {
        /// Which.
        path: PathBuf,
        /// Why.
        words: String,
    },
    /// The TLS library.
    #[error("TLS cannot be set up for mail: {0}")]
    Tls(lettre::transport::smtp::Error),
}

/// Why a mail did not go out. `Display` may hold what the server said, addresses included, and is for
/// the operator's own command; a log takes [`kind`](Self::kind).
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It cannot be written.
    #[error("the mail cannot be written: {0}")]
    Letter(String),
    /// The server.
    #[error("the SMTP server did not take the mail: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// The server, which took too long.
    #[error("the SMTP server took longer than {} s", LONGEST.as_secs())]
    Slow,
}

impl SendError {
    /// Whether trying again is of no use.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Letter(_) => true,
            Self::Smtp(error) => error.is_permanent(),
            Self::Slow => false,
        }
    }

    /// In words that say nothing of whom the mail was for.
    pub fn kind(&self) -> String {
        match self {
            Self::Letter(_) => "the mail cannot be written".to_owned(),
            Self::Slow => "the SMTP server is too slow".to_owned(),
            Self::Smtp(error) => match error.status() {
                Some(code) => format!("the SMTP server refused it with {code}"),
                None if error.is_timeout() => "the SMTP server does not answer".to_owned(),
                None if error.is_tls() => "the SMTP server cannot be spoken to over TLS".to_owned(),
                None if error.is_client() => "the SMTP server lacks what is asked of it".to_owned(),
                None => "the SMTP server cannot be reached".to_owned(),
            },
        }
    }
}

/// The way to an SMTP server.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Mailer {
    /// Nothing is connected yet.
    pub fn new(options: Options) -> Result<Self, MailError> {
        let Options {
            host,
            port,
            protection,
            login,
            ca,
            from,
        } = options;
        let from: Mailbox = from.parse().map_err(|_| MailError::From(from))?;
        let tls = match protection {
            Protection::Off if is_here(&host) => Tls::None,
            Protection::Off => return Err(MailError::Unprotected(host)),
            Protection::StartTls => Tls::Required(parameters(&host, ca)?),
            Protection::Tls => Tls::Wrapper(parameters(&host, ca)?),
        };
        let usual = match protection {
            Protection::Off => 25,
            Protection::StartTls => 587,
            Protection::Tls => 465,
        };
        // Nothing dangerous about it: what protects the line is said right here.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port.unwrap_or(usual))
            .timeout(Some(PATIENCE))
            .tls(tls);
        if let Some((user, password)) = login {
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }

    /// Hands a letter over to the server.
    pub async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let message = self.message(letter)?;
        let sent = tokio::time::timeout(LONGEST, self.transport.send(message));
        sent.await.map_err(|_| SendError::Slow)??;
        Ok(())
    }

    fn message(&self, letter: &Letter) -> Result<Message, SendError> {
        let unfit = |error: &dyn fmt::Display| SendError::Letter(error.to_string());
        let to: Address = letter.to.parse().map_err(|error| unfit(&error))?;
        let id = Uuid::from_bytes(random());
        let id = format!("<{id}@{}>", self.from.email.domain());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .message_id(Some(id))
            .subject(letter.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.to_string())
            .map_err(|error| unfit(&error))
    }
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

fn is_here(host: &str) -> bool {
    let address: Result<std::net::IpAddr, _> = host.parse();
    host == "localhost" || address.is_ok_and(|it| it.is_loopback())
}

fn parameters(host: &str, ca: Option<PathBuf>) -> Result<TlsParameters, MailError> {
    let mut builder =
        TlsParameters::builder(host.to_owned()).set_min_tls_version(TlsVersion::Tlsv12);
    if let Some(path) = ca {
        let unfit = |words: String| MailError::Ca {
            path: path.clone(),
            words,
        };
        let pem = fs::read(&path).map_err(|error| unfit(error.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| unfit(error.to_string()))?;
        // Any public authority could otherwise vouch for a server that has its own.
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(MailError::Tls)
}

#[cfg(test)]
mod tests;
