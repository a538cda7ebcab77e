//! The listener: takes connections, speaks TLS where it must, hands requests to the router, and
//! ends cleanly.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use crate::{app::App, proxy::Peer, router};

/// A client that has not sent its headers, or not agreed on TLS, by then is gone.
const GREETING: Duration = Duration::from_secs(30);

/// Requests that are still running so long after the end was asked for are cut off.
const FAREWELL: Duration = Duration::from_secs(20);

/// Serves until `app.ending` is cancelled; then takes no more connections, lets running requests
/// finish and live streams end, and returns.
pub async fn serve(app: App, listener: TcpListener, tls: Option<TlsAcceptor>) {
    let router = router::build(app.clone());
    let connections = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            () = app.ending.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                pause(&error).await;
                continue;
            }
        };
        if tls.is_none() && !may_be_plain(&app, peer) {
            tracing::warn!(%peer, "plain HTTP from outside that comes through no trusted proxy");
            continue;
        }
        // Hints and small answers must not wait to be bundled.
        let _ = stream.set_nodelay(true);
        let watcher = connections.watcher();
        let router = router.clone();
        match tls.clone() {
            None => {
                tokio::spawn(async move {
                    watcher.watch(connection(stream, peer, router)).await.ok();
                });
            }
            Some(tls) => {
                let app = app.clone();
                tokio::spawn(async move {
                    if let Some(stream) = greet(&app, tls, stream).await {
                        watcher.watch(connection(stream, peer, router)).await.ok();
                    }
                });
            }
        }
    }
    drop(listener);
    if timeout(FAREWELL, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time and were cut off");
    }
}

/// Passwords cross the network only where somebody protects them: on this machine, or behind the
/// operator's proxy.
fn may_be_plain(app: &App, peer: SocketAddr) -> bool {
    let address = peer.ip().to_canonical();
    let proxies = &app.settings.proxies;
    address.is_loopback() || proxies.iter().any(|network| network.contains(address))
}

async fn greet(
    app: &App,
    tls: TlsAcceptor,
    stream: TcpStream,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    let agreed = tokio::select! {
        () = app.ending.cancelled() => return None,
        agreed = timeout(GREETING, tls.accept(stream)) => agreed.ok()?,
    };
    agreed
        .inspect_err(|error| tracing::debug!(%error, "no TLS with a client"))
        .ok()
}

fn connection<S>(
    stream: S,
    peer: SocketAddr,
    router: Router,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request)
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(GREETING)
        .serve_connection(TokioIo::new(stream), service)
}

/// Out of descriptors or memory: taking connections again at once would only spin. A connection
/// that broke off by itself is nothing.
async fn pause(error: &io::Error) {
    use io::ErrorKind as K;
    if matches!(
        error.kind(),
        K::ConnectionRefused | K::ConnectionAborted | K::ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, "no more connections can be taken just now");
    tokio::time::sleep(Duration::from_secs(1)).await;
}

#[cfg(test)]
mod tests;
