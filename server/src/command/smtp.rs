//! The SMTP server that mail goes out by, on the command line.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use super::login;
use crate::mail::{Mailer, Options, Protection};

/// Where mail goes out. The password stands in a file.
#[derive(Debug, Args)]
pub(super) struct Smtp {
    /// SMTP server that mail goes out by; without one no mail does
    #[arg(
        id = "smtp_host",
        long = "smtp-host",
        value_name = "HOST",
        env = "REDTAG_SERVER_SMTP_HOST"
    )]
    host: Option<String>,
    /// Its port [default: 587, 465 with --smtp-tls always, 25 with off]
    #[arg(
        id = "smtp_port",
        long = "smtp-port",
        value_name = "PORT",
        env = "REDTAG_SERVER_SMTP_PORT"
    )]
    port: Option<u16>,
    /// How the line to it is protected
    #[arg(
        id = "smtp_tls",
        long = "smtp-tls",
        value_name = "HOW",
        env = "REDTAG_SERVER_SMTP_TLS",
        default_value = "starttls"
    )]
    tls: Tls,
    /// Whom it knows us as, where it wants to; needs a password
    #[arg(
        id = "smtp_user",
        long = "smtp-user",
        value_name = "NAME",
        env = "REDTAG_SERVER_SMTP_USER"
    )]
    user: Option<String>,
    /// File with the user's password [default: the credential smtp.password, where systemd hands one
    /// over]
    #[arg(
        id = "smtp_password_file",
        long = "smtp-password-file",
        value_name = "FILE",
        env = "REDTAG_SERVER_SMTP_PASSWORD_FILE"
    )]
    password_file: Option<PathBuf>,
    // Not a comment: there the address would have to stand in angle brackets.
    #[arg(
        id = "smtp_from",
        long = "smtp-from",
        value_name = "ADDRESS",
        env = "REDTAG_SERVER_SMTP_FROM",
        help = "Whom mail comes from, such as redtag@example.com"
    )]
    from: Option<String>,
    /// Certificates in PEM to trust for it instead of the system's
    #[arg(
        id = "smtp_ca",
        long = "smtp-ca",
        value_name = "FILE",
        env = "REDTAG_SERVER_SMTP_CA"
    )]
    ca: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Tls {
    /// STARTTLS, which the server must offer
    Starttls,
    /// TLS from the first byte
    Always,
    /// None; only for a server on this machine
    Off,
}

impl Smtp {
    /// The way to the server, if one is named.
    pub(super) fn mailer(&self) -> anyhow::Result<Option<Mailer>> {
        let Some(host) = self.host.clone() else {
            return Ok(None);
        };
        let from = self.from.clone();
        let from = from.context("--smtp-host wants --smtp-from ADDRESS: whom mail comes from")?;
        let options = Options {
            host,
            port: self.port,
            protection: match self.tls {
                Tls::Starttls => Protection::StartTls,
                Tls::Always => Protection::Tls,
                Tls::Off => Protection::Off,
            },
            login: self.login()?,
            ca: self.ca.clone(),
            from,
        };
        Ok(Some(Mailer::new(options)?))
    }

    fn login(&self) -> anyhow::Result<Option<(String, secrecy::SecretString)>> {
        let Some(user) = self.user.clone() else {
            return Ok(None);
        };
        let path = login::file(self.password_file.as_deref(), "smtp.password");
        let path = path.context(
            "--smtp-user wants its password: give --smtp-password-file FILE, or hand systemd's \
             credential smtp.password over",
        )?;
        Ok(Some((user, login::from_file(&path)?)))
    }
}
