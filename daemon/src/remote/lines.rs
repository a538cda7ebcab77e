//! The connections to an API. They end together when this machine's network is another: what was sent
//! over the former one gets no answer, and nothing says so before a minute of silence is over.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;

use super::{Address, RemoteError, Trust, trust};

/// To a listening port.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection on which nothing arrives for so long is dead. Long enough for a batch of a
/// mebibyte on a poor line.
const SILENCE: Duration = Duration::from_mins(1);

/// What makes new connections, and keeps those that are there.
pub(super) struct Lines {
    loopback: bool,
    ca: Option<Trust>,
    present: Mutex<Present>,
}

struct Present {
    line: Line,
    seen: Option<Seen>,
}

/// The connections of one network.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) http: reqwest::Client,
    /// Cancelled when they are no good any more.
    pub(super) ended: CancellationToken,
}

/// Who answered last, and from which of this machine's addresses they were reached.
struct Seen {
    peer: SocketAddr,
    from: Option<IpAddr>,
}

impl Lines {
    pub(super) fn new(address: &Address, ca: Option<&Trust>) -> Result<Self, RemoteError> {
        let loopback = address.is_loopback();
        let line = Line::new(loopback, ca)?;
        Ok(Self {
            loopback,
            ca: ca.cloned(),
            present: Mutex::new(Present { line, seen: None }),
        })
    }

    pub(super) fn present(&self) -> Line {
        self.lock().line.clone()
    }

    /// Somebody answered.
    pub(super) fn reached(&self, peer: SocketAddr) {
        let known = |seen: &Seen| seen.peer == peer;
        if !self.lock().seen.as_ref().is_some_and(known) {
            let from = source(peer);
            self.lock().seen = Some(Seen { peer, from });
        }
    }

    /// Whether the API is reached from another of this machine's addresses than before, or not at
    /// all any more, so that no connection there is can live. An interface that comes and goes
    /// elsewhere on the machine ends nothing.
    pub(super) fn moved(&self) -> bool {
        let present = self.lock();
        let seen = present.seen.as_ref();
        seen.is_none_or(|seen| source(seen.peer) != seen.from)
    }

    /// Ends every call that is on its way, and begins with new connections.
    pub(super) fn renew(&self) {
        let line = match Line::new(self.loopback, self.ca.as_ref()) {
            Ok(line) => line,
            Err(error) => {
                tracing::warn!(%error, "connections of a former network are kept");
                return;
            }
        };
        let mut present = self.lock();
        present.seen = None;
        let former = std::mem::replace(&mut present.line, line);
        drop(present);
        former.ended.cancel();
    }

    fn lock(&self) -> MutexGuard<'_, Present> {
        // Each value is whole whatever happened to the thread that put it there.
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn new(loopback: bool, ca: Option<&Trust>) -> Result<Self, RemoteError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("redtagd/", env!("CARGO_PKG_VERSION")))
            .tls_backend_rustls()
            .tls_version_min(reqwest::tls::Version::TLS_1_2)
            .tls_certs_only(trust::roots(ca)?)
            // A redirect would carry tokens to a place that nobody checked.
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .tcp_nodelay(true);
        if loopback {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| RemoteError::Address {
            words: format!("no safe connections can be made with these certificates: {error}"),
        })?;
        Ok(Self {
            http,
            ended: CancellationToken::new(),
        })
    }
}

/// A call, which ends with the network that it was begun over.
pub(super) async fn over<T>(
    ended: &CancellationToken,
    address: &Address,
    call: impl Future<Output = Result<T, RemoteError>>,
) -> Result<T, RemoteError> {
    let done = ended.run_until_cancelled(call).await;
    done.unwrap_or_else(|| {
        Err(RemoteError::Moved {
            words: format!("the network changed while {address} was asked"),
        })
    })
}

/// Which of this machine's addresses leads to a peer. Nothing is sent.
fn source(peer: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = match peer {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(peer).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
