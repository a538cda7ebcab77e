//! The bare way of an edit from one encrypted file over an HTTP server's into another.

use std::{
    convert::Infallible,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result, anyhow};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path as At, State},
    http::StatusCode,
    routing::{get, post},
};
use futures_util::stream;
use reqwest::{Client, Response};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::watch,
};

use crate::perf::floor::Bare;

/// The server in the middle.
struct Middle {
    file: Mutex<Bare>,
    newest: watch::Sender<i64>,
}

/// Both ends and the server in the middle, on a runtime of their own.
pub(super) struct Line {
    runtime: Runtime,
    left: Bare,
    right: Bare,
    http: Client,
    url: String,
    events: Response,
}

impl Line {
    /// Starts the server and connects the far end's event stream.
    pub(super) fn open(directory: &Path) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()?;
        let file = Mutex::new(Bare::make(&directory.join("floor-middle.db"))?);
        let (newest, _) = watch::channel(0);
        let middle = Arc::new(Middle { file, newest });
        let app = Router::new()
            .route("/ops", post(take))
            .route("/changes/{seq}", get(give))
            .route("/live", get(live))
            .with_state(middle);
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        runtime.spawn(async move { axum::serve(listener, app).await });
        let http = Client::builder()
            .tls_certs_only([])
            .tcp_nodelay(true)
            .build()?;
        let events = runtime.block_on(http.get(format!("{url}/live")).send())?;
        let mut line = Self {
            left: Bare::make(&directory.join("floor-left.db"))?,
            right: Bare::make(&directory.join("floor-right.db"))?,
            runtime,
            http,
            url,
            events,
        };
        line.heard()?;
        Ok(line)
    }

    /// One edit all the way.
    pub(super) fn pass(&mut self, bytes: Vec<u8>) -> Result<()> {
        self.left.append(&bytes)?;
        let ask = self.http.post(format!("{}/ops", self.url)).body(bytes);
        let posted = self.runtime.spawn(ask.send());
        let seq = self.heard()?;
        let ask = self.http.get(format!("{}/changes/{seq}", self.url));
        let body = self.runtime.block_on(async {
            let body = ask.send().await?.error_for_status()?.bytes().await?;
            posted.await??.error_for_status()?;
            anyhow::Ok(body)
        })?;
        self.right.append(&body)?;
        Ok(())
    }

    /// The next event's sequence.
    fn heard(&mut self) -> Result<String> {
        let piece = self.runtime.block_on(self.events.chunk())?;
        let piece = piece.context("the event stream ended")?;
        let text = String::from_utf8(piece.to_vec())?;
        let seq = text.trim().strip_prefix("data: ");
        seq.map(str::to_owned)
            .ok_or_else(|| anyhow!("no event: {text}"))
    }
}

async fn take(State(middle): State<Arc<Middle>>, body: Bytes) -> StatusCode {
    let file = middle.file.lock().unwrap_or_else(PoisonError::into_inner);
    match file.append(&body) {
        Ok(seq) => {
            middle.newest.send_replace(seq);
            StatusCode::OK
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

async fn give(State(middle): State<Arc<Middle>>, At(seq): At<i64>) -> Result<Vec<u8>, StatusCode> {
    let file = middle.file.lock().unwrap_or_else(PoisonError::into_inner);
    file.row(seq).map_err(|_| StatusCode::NOT_FOUND)
}

async fn live(State(middle): State<Arc<Middle>>) -> Body {
    let mut news = middle.newest.subscribe();
    news.mark_changed();
    let events = stream::unfold(news, |mut news| async {
        news.changed().await.ok()?;
        let seq = *news.borrow_and_update();
        Some((Ok::<_, Infallible>(format!("data: {seq}\n\n")), news))
    });
    Body::from_stream(events)
}
