//! `redtag-server serve`

use std::{io, net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use sd_notify::NotifyState;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use super::{
    Store,
    oidc::Oidc,
    operator::{Engine, Opened, runtime},
    output, public,
    smtp::Smtp,
};
use crate::{
    app::{App, Clock, Settings},
    auth::password::Passwords,
    control::Control,
    jobs, mail,
    proxy::Network,
    serve,
    storage::{postgres::hints, sqlite::ServeLock},
    tls,
};

/// Answer benches over HTTP until SIGTERM or SIGINT.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7420")]
    listen: SocketAddr,
    #[command(flatten)]
    store: Store,
    #[command(flatten)]
    smtp: Smtp,
    #[command(flatten)]
    oidc: Oidc,
    /// Certificate chain in PEM; with it the server speaks TLS itself
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Network of a proxy in front that speaks TLS; its X-Forwarded-For is believed
    #[arg(long, value_name = "CIDR")]
    trusted_proxy: Vec<Network>,
    // Not a comment: there the address would have to stand in angle brackets.
    #[arg(
        long,
        value_name = "URL",
        env = "REDTAG_SERVER_PUBLIC_URL",
        value_parser = public::url,
        help = "The address that clients use, such as https://redtag.example; proofs must then \
                name it"
    )]
    public_url: Option<String>,
    /// S3-compatible storage for photos: not there yet
    #[arg(long, value_name = "URL", hide = true)]
    photos: Option<String>,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<()> {
        anyhow::ensure!(
            self.photos.is_none(),
            "--photos is not there yet: this version takes no photos"
        );
        anyhow::ensure!(
            self.listen.ip().is_loopback()
                || self.tls_cert.is_some()
                || !self.trusted_proxy.is_empty(),
            "{} can be reached from other machines, and passwords would cross the network \
             unprotected: give --tls-cert and --tls-key, or --trusted-proxy with the network of \
             the proxy that speaks TLS, or listen on 127.0.0.1",
            self.listen
        );
        runtime()?.block_on(self.serve())
    }

    async fn serve(self) -> anyhow::Result<()> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Some(tls::acceptor(cert, key)?),
            _ => None,
        };
        let mailer = self.smtp.mailer()?;
        anyhow::ensure!(
            mailer.is_none() || self.public_url.is_some(),
            "--smtp-host wants --public-url: links in mails lead there, and what a browser says of \
             the server's address is not believed"
        );
        let provider = self.oidc.provider()?;
        anyhow::ensure!(
            provider.is_none() || self.public_url.is_some(),
            "--oidc-issuer wants --public-url: the provider sends browsers back there, and knows the \
             address PUBLIC_URL/device/openid"
        );
        let engine = self.store.engine()?;
        // Before anything is opened: a second server must not disturb the first. A database on a
        // server may be served by several.
        let _lock = match &engine {
            Engine::Embedded(data) => Some(ServeLock::take(data)?),
            Engine::Hosted(_) => None,
        };
        let opened = self.store.open_as(engine).await?;
        let key_caution = opened.caution();
        let Opened {
            place,
            keys,
            storage,
            engine,
            ..
        } = opened;
        if let Some(caution) = key_caution {
            tracing::warn!("{caution}");
        }
        let https = |url: &str| url.starts_with("https://");
        let outside = self.public_url.as_deref().is_some_and(https);
        let (outbox_of_mail, asked) = mail::outbox();
        let settings = Settings {
            openid: provider,
            mail: mailer.is_some().then_some(outbox_of_mail),
            public_url: self.public_url,
            secure: tls.is_some() || !self.trusted_proxy.is_empty() || outside,
            proxies: self.trusted_proxy,
            key_caution,
            engine: match &engine {
                Engine::Embedded(_) => "embedded",
                Engine::Hosted(address) if address.is_encrypted() => "PostgreSQL over TLS",
                Engine::Hosted(_) => "PostgreSQL",
            },
            ..Settings::default()
        };
        let (notifier, outbox) = hints::outbox();
        let notifier = matches!(engine, Engine::Hosted(_)).then_some(notifier);
        let (passwords, clock) = (Passwords::new()?, Clock::system());
        let app = App::beside_others(storage, keys, passwords, clock, settings, notifier);
        let ended = CancellationToken::new();
        let hints = match engine {
            Engine::Embedded(data) => {
                let control = Control::bind(&data).context("the control socket cannot be made")?;
                tokio::spawn(control.run(app.clone()))
            }
            Engine::Hosted(address) => {
                tokio::spawn(hints::run(*address, outbox, app.clone(), ended.clone()))
            }
        };
        let jobs = tokio::spawn(jobs::run(app.clone()));
        if let Some(mailer) = mailer {
            // Ends with the server; whatever waits then is forgotten.
            tokio::spawn(mail::run(app.clone(), mailer, asked, mail::PAUSES));
        }
        let listener = TcpListener::bind(self.listen)
            .await
            .with_context(|| bind_words(self.listen))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = format!("{scheme}://{}", listener.local_addr()?);
        let stop = stop(app.clone())?;
        output::line(&serde_json::json!({ "listening": address }).to_string())?;
        tracing::info!(address, data = place, "listening");
        let status = format!("Listening on {address}");
        tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
        serve::serve(app.clone(), listener, tls).await;
        app.ending.cancel();
        ended.cancel();
        let _ = tokio::join!(hints, jobs, stop);
        tracing::info!("stopped");
        Ok(())
    }
}

/// Asks the server to end at SIGTERM or SIGINT. The signals are caught when this returns.
fn stop(app: App) -> io::Result<tokio::task::JoinHandle<()>> {
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    Ok(tokio::spawn(async move {
        let name = tokio::select! {
            _ = term.recv() => "SIGTERM",
            _ = int.recv() => "SIGINT",
            () = app.ending.cancelled() => return,
        };
        tracing::info!("{name}: finishing what is running");
        tell(&[NotifyState::Stopping]);
        app.ending.cancel();
    }))
}

/// Tells systemd, where it started us.
fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "systemd could not be told how things stand");
    }
}

fn bind_words(address: SocketAddr) -> String {
    format!(
        "cannot listen on {address}; another program may have it, name another with --listen, \
         or port 0 for any free one"
    )
}
