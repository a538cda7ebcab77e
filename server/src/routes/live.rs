//! `GET /v1/shops/{shop}/live`

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use redtag_protocol::event::Scope;
use redtag_protocol::{api::live, role::Permission, stamp::Seq};
use serde_json::json;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    app::App,
    caller::Caller,
    error::ApiError,
    openapi::{Doc, Media, add},
    router::Route,
};

mod poll;

/// The route.
pub(crate) const ROUTE: Route = Route::shop(
    Method::GET,
    "/v1/shops/{shop}/live",
    Permission::Read,
    |app, caller, request| Box::pin(handle(app, caller, request)),
    || Doc {
        summary: "Server-sent events: the newest sequence at once and after every change. \
                  Ends with the access token or the membership. Asked with `Accept: \
                  application/json` it answers `News` once, when the shop is past `after` or \
                  half a minute is nearly over",
        query: &[(
            "after",
            "With `Accept: application/json`: the newest sequence that is known",
        )],
        headers: &[],
        takes: None,
        gives: Media::other(
            "text/event-stream",
            || json!({"type": "string"}),
            add::<live::News>,
        ),
        refuses: &[],
    },
)
.for_scripts(Scope::Read);

/// Nobody waits longer for the database before the line is said to be alive: a bench gives a silent
/// one up after some heartbeats.
const LOOKS: Duration = Duration::from_secs(5);

/// A push that is longer ago is asked about again.
const JUST_NOW: Duration = Duration::from_secs(1);

/// A comment line, which clients skip.
const HEARTBEAT: &str = ":\n\n";

async fn handle(app: App, caller: Caller, request: Request) -> Result<Response, ApiError> {
    if let Some(after) = poll::asked(&request)? {
        return poll::answer(app, caller, after).await;
    }
    // Subscribe before reading where the shop is, so that nothing falls in between.
    let news = app.hub.watch(caller.shop);
    let head = app.storage.head(caller.shop).await?;
    app.hub.tell(caller.shop, head.seq);
    let life = caller.expires.saturating_sub(app.clock.seconds());
    let listener = Listener {
        ends: Instant::now() + Duration::from_secs(life),
        told: None,
        stood: None,
        app,
        caller,
        news,
    };
    let events = stream::unfold(listener, |mut listener| async {
        let event = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(event), listener))
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/event-stream"),
        ),
        // Asks proxies of a common kind to hand on each event at once.
        (
            header::HeaderName::from_static("x-accel-buffering"),
            HeaderValue::from_static("no"),
        ),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

struct Listener {
    app: App,
    caller: Caller,
    news: watch::Receiver<Seq>,
    told: Option<Seq>,
    stood: Option<Stood>,
    ends: Instant,
}

/// The last look at the caller's right to listen that found it.
struct Stood {
    at: Instant,
    /// [`Hub::wakes`](crate::hub::Hub::wakes) before it.
    wakes: u64,
}

impl Listener {
    /// The next piece of the stream; none ends it.
    async fn next(&mut self) -> Option<String> {
        if self.told.is_none() {
            return Some(self.tell());
        }
        let beat = Instant::now() + self.app.settings.heartbeat;
        let silent = tokio::select! {
            () = self.app.ending.cancelled() => return None,
            () = sleep_until(self.ends) => return None,
            () = sleep_until(beat) => true,
            changed = self.news.changed() => changed.map(|()| false).ok()?,
        };
        // Whoever was removed hears nothing more, not even that something happened. Where nobody
        // can say just now, or not soon, the line stays and the news waits for the next beat.
        let (ending, ends) = (self.app.ending.clone(), self.ends);
        let stands = tokio::select! {
            () = ending.cancelled() => return None,
            () = sleep_until(ends) => return None,
            asked = timeout(LOOKS, self.stands(silent)) => asked.unwrap_or(Some(false))?,
        };
        let news = self.told < Some(*self.news.borrow());
        Some(if stands && news {
            self.tell()
        } else {
            HEARTBEAT.to_owned()
        })
    }

    /// Whether the caller may hear of news now, after a look whether there are any if nothing was
    /// heard; none if the caller may not any more.
    async fn stands(&mut self, silent: bool) -> Option<bool> {
        if silent && !self.look().await {
            return Some(false);
        }
        let wakes = self.app.hub.wakes(self.caller.shop);
        if !silent && self.stood_when_told(wakes) {
            return Some(true);
        }
        let at = Instant::now();
        match self.caller.still_stands(&self.app).await {
            Ok(()) => {
                self.stood = Some(Stood { at, wakes });
                Some(true)
            }
            Err(error) if error.status() == StatusCode::SERVICE_UNAVAILABLE => Some(false),
            Err(_) => None,
        }
    }

    /// Whether the caller may hear of news that a push to this process has made just now, without
    /// asking the storage: a member as of that push, whose sign-in was seen at the last heartbeat or
    /// later, and nobody has said since that any right may have ended.
    fn stood_when_told(&self, wakes: u64) -> bool {
        let beat = self.app.settings.heartbeat;
        let seen = self.stood.as_ref();
        let seen = seen.is_some_and(|it| it.wakes == wakes && it.at.elapsed() < beat);
        let (shop, seq) = (self.caller.shop, *self.news.borrow());
        let news = self.app.recent.news();
        seen && self.told < Some(seq) && news.was_member(shop, seq, self.caller.person, JUST_NOW)
    }

    /// Looks whether the shop has moved on without a hint that arrived; says whether it could.
    async fn look(&self) -> bool {
        let shop = self.caller.shop;
        match self.app.storage.head(shop).await {
            Ok(head) => {
                self.app.hub.tell(shop, head.seq);
                true
            }
            Err(error) => {
                tracing::debug!(%shop, error = format!("{error:#}"), "no look at a shop");
                !error.is_transient()
            }
        }
    }

    fn tell(&mut self) -> String {
        let seq = *self.news.borrow_and_update();
        self.told = Some(seq);
        format!("event: {}\ndata: {seq}\n\n", live::EVENT)
    }
}

#[cfg(test)]
mod tests;
