//! A server that says whatever a test wants, byte for byte.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// A request as it came.
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    /// The value of a header, its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Bytes to send, and whether the connection is then left open in silence.
pub(crate) struct Reply {
    bytes: Vec<u8>,
    hold: bool,
}

impl Reply {
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            hold: false,
        }
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::with(
            status,
            "content-type: application/json\r\n",
            body.as_bytes(),
        )
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = serde_json::json!({"error": code, "message": format!("because of {code}")});
        Self::json(status, &body.to_string())
    }

    pub(crate) fn with(status: u16, headers: &str, body: &[u8]) -> Self {
        let mut bytes = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
             {headers}connection: close\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        Self::raw(bytes)
    }

    /// A body without a length, which ends with the connection.
    pub(crate) fn stream(body: impl AsRef<[u8]>) -> Self {
        let mut bytes = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
        bytes.extend_from_slice(body.as_ref());
        Self::raw(bytes)
    }

    pub(crate) fn hold(mut self) -> Self {
        self.hold = true;
        self
    }
}

type Answer = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

/// Listens on a free loopback port until it is dropped.
pub(crate) struct Server {
    at: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::begin(None, Arc::new(answer)).await
    }

    pub(crate) async fn tls(
        acceptor: TlsAcceptor,
        answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::begin(Some(acceptor), Arc::new(answer)).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.at)
    }

    pub(crate) fn port(&self) -> u16 {
        self.at.port()
    }

    async fn begin(acceptor: Option<TlsAcceptor>, answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, answer) = (acceptor.clone(), Arc::clone(&answer));
                tokio::spawn(async move {
                    match acceptor {
                        // The client may well end the handshake.
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                talk(stream, answer).await;
                            }
                        }
                        None => talk(stream, answer).await,
                    }
                });
            }
        });
        Self { at, task }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, answer: Answer) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let asked = loop {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
        // A TLS greeting to a server without TLS, which sees only nonsense.
        if bytes[0] == 0x16 {
            break Asked {
                path: String::new(),
                head: String::new(),
                body: String::new(),
            };
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let asked = Asked {
            path: head.split(' ').nth(1).unwrap_or_default().to_owned(),
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let length = asked
            .header("content-length")
            .map_or(0, |it| it.parse().unwrap());
        if body.len() >= length {
            break asked;
        }
    };
    let reply = answer(&asked);
    // A client that has seen enough hangs up in the middle.
    let _ = stream.write_all(&reply.bytes).await;
    let _ = stream.flush().await;
    if reply.hold {
        let _ = stream.read(&mut buffer).await;
    }
    let _ = stream.shutdown().await;
}
