//! An SMTP server, as small as can be: it takes mail and remembers it.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufStream},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// What it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Offers STARTTLS and takes everything.
    Kind,
    /// Offers no STARTTLS.
    Bare,
    /// Offers it and refuses it.
    Fickle,
    /// Refuses the first mail for now, and takes later ones.
    Busy,
    /// Refuses every mail for ever.
    Stern,
    /// Takes the connection and says nothing.
    Mute,
}

/// A running one.
pub(crate) struct Listener {
    pub(crate) address: SocketAddr,
    heard: Arc<Heard>,
    task: JoinHandle<()>,
    dir: TempDir,
}

#[derive(Default)]
struct Heard {
    /// Each mail with its envelope, as it came.
    mails: Mutex<Vec<String>>,
    tries: Mutex<u32>,
    /// Whatever was said before TLS.
    open: Mutex<String>,
    came: Notify,
}

impl Listener {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("ca.pem"), made.cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(config));
        let heard = Arc::new(Heard::default());
        let memory = Arc::clone(&heard);
        let task = tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let (tls, heard) = (tls.clone(), Arc::clone(&memory));
                // A client that hangs up in the middle is no matter.
                tokio::spawn(async move { serve(line, tls, manner, &heard).await });
            }
        });
        Self {
            address,
            heard,
            task,
            dir,
        }
    }

    /// The certificate to trust.
    pub(crate) fn ca(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
    }

    /// Waits for so many mails, and gives them.
    pub(crate) async fn mails(&self, count: usize) -> Vec<String> {
        loop {
            let came = self.heard.came.notified();
            let mails = self.heard.mails.lock().unwrap().clone();
            if mails.len() >= count {
                return mails;
            }
            came.await;
        }
    }

    /// Waits for so many tries to hand a mail over.
    pub(crate) async fn tries(&self, count: u32) {
        loop {
            let came = self.heard.came.notified();
            if *self.heard.tries.lock().unwrap() >= count {
                return;
            }
            came.await;
        }
    }

    /// What was said before TLS.
    pub(crate) fn open(&self) -> String {
        self.heard.open.lock().unwrap().clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(line: TcpStream, tls: TlsAcceptor, manner: Manner, heard: &Heard) -> Option<()> {
    let mut line = BufStream::new(line);
    if manner == Manner::Mute {
        heard.tried();
        let mut text = String::new();
        line.read_line(&mut text).await.ok()?;
        return None;
    }
    say(&mut line, "220 listener").await?;
    let offers = !matches!(manner, Manner::Bare);
    loop {
        let text = hear(&mut line).await?;
        heard.open.lock().unwrap().push_str(&text);
        match verb(&text).as_str() {
            "EHLO" if offers => say(&mut line, "250-listener\r\n250 STARTTLS").await?,
            "EHLO" => {
                heard.tried();
                say(&mut line, "250 listener").await?;
            }
            "STARTTLS" if manner == Manner::Fickle => {
                heard.tried();
                say(&mut line, "454 not now").await?;
            }
            "STARTTLS" => {
                say(&mut line, "220 go on").await?;
                break;
            }
            "QUIT" => return say(&mut line, "221 bye").await,
            _ => say(&mut line, "530 only after STARTTLS").await?,
        }
    }
    let mut line = BufStream::new(tls.accept(line.into_inner()).await.ok()?);
    let mut envelope = String::new();
    loop {
        let text = hear(&mut line).await?;
        match verb(&text).as_str() {
            "EHLO" => say(&mut line, "250-listener\r\n250 AUTH PLAIN").await?,
            "AUTH" => {
                envelope.push_str(&text);
                say(&mut line, "235 known").await?;
            }
            "MAIL" | "RCPT" => {
                envelope.push_str(&text);
                let first = verb(&text) == "MAIL" && heard.tried() == 1;
                let answer = match manner {
                    Manner::Busy if first => "451 try later",
                    Manner::Stern => "550 no such ann@example.com here",
                    _ => "250 well",
                };
                say(&mut line, answer).await?;
            }
            "DATA" => {
                say(&mut line, "354 go on").await?;
                let mut mail = std::mem::take(&mut envelope);
                loop {
                    let text = hear(&mut line).await?;
                    if text == ".\r\n" {
                        break;
                    }
                    mail.push_str(&text);
                }
                heard.mails.lock().unwrap().push(mail);
                heard.came.notify_waiters();
                say(&mut line, "250 taken").await?;
            }
            "QUIT" => return say(&mut line, "221 bye").await,
            _ => say(&mut line, "250 well").await?,
        }
    }
}

impl Heard {
    /// One more try; says which.
    fn tried(&self) -> u32 {
        let mut tries = self.tries.lock().unwrap();
        *tries += 1;
        self.came.notify_waiters();
        *tries
    }
}

fn verb(text: &str) -> String {
    let word = text.split([' ', '\r', ':']).next().unwrap_or_default();
    word.to_ascii_uppercase()
}

async fn say(line: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>, text: &str) -> Option<()> {
    line.write_all(text.as_bytes()).await.ok()?;
    line.write_all(b"\r\n").await.ok()?;
    line.flush().await.ok()
}

async fn hear(line: &mut BufStream<impl AsyncRead + AsyncWrite + Unpin>) -> Option<String> {
    let mut text = String::new();
    let read = line.read_line(&mut text).await.ok()?;
    (read > 0).then_some(text)
}
