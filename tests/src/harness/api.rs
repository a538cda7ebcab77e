//! The API, spoken to directly, as a program of somebody else's would.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use redtag_protocol::{
    api::{
        changes::{Document, Line},
        error::Error as ApiError,
        ops,
        sign_in::{self, SignedIn},
    },
    event::Happening,
    ids::{DeviceId, InspectionId, ShopId},
    inspection::Inspection,
    op::Operation,
};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::runtime::{Builder, Runtime};

/// A line to the API. Its calls block.
#[derive(Debug)]
pub struct Api {
    url: String,
    http: Client,
    runtime: Runtime,
}

/// An answer: status and body.
#[derive(Debug)]
pub struct Answered {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
}

/// A sign-in that stands.
#[derive(Debug, Clone)]
pub struct Session {
    /// The shop.
    pub shop: ShopId,
    /// The device that signed in.
    pub device: DeviceId,
    /// The access token.
    pub access: String,
}

/// What the API tells of a shop from the beginning.
#[derive(Debug, Default)]
pub struct Copy {
    /// The documents.
    pub documents: Vec<Document>,
    /// The events with their places, in order.
    pub events: Vec<(u64, Happening)>,
}

impl Api {
    /// A line to the API at this address.
    pub fn at(url: &str) -> Result<Self> {
        Ok(Self {
            url: url.to_owned(),
            http: Client::builder()
                .tls_certs_only([])
                // Each request on a line of its own: what cuts one off must not break the next.
                .pool_max_idle_per_host(0)
                .timeout(Duration::from_secs(20))
                .build()?,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }

    /// Signs in with a new device.
    pub fn sign_in(&self, email: &str, password: &str, shop: Option<ShopId>) -> Result<Session> {
        let device = DeviceId::from_parts(crate::now(), crate::random()?);
        let request = sign_in::Request {
            email: email.to_owned(),
            password: password.to_owned(),
            code: None,
            shop,
            device: sign_in::Device {
                id: device,
                name: "a script".to_owned(),
                // Only a refresh would prove it, and no script here refreshes.
                key: URL_SAFE_NO_PAD.encode(crate::random::<32>()?),
            },
        };
        let answer = self.post("/v1/sign-in", None, &request)?;
        let signed_in: SignedIn = answer.ok()?;
        Ok(Session {
            shop: signed_in.membership.shop,
            device,
            access: signed_in.tokens.access_token,
        })
    }

    /// GET.
    pub fn get(&self, path: &str, session: Option<&Session>) -> Result<Answered> {
        self.call(self.http.get(format!("{}{path}", self.url)), session)
    }

    /// POST of JSON.
    pub fn post(
        &self,
        path: &str,
        session: Option<&Session>,
        body: &impl Serialize,
    ) -> Result<Answered> {
        self.post_text(path, session, serde_json::to_string(body)?)
    }

    /// POST of a text that says it is JSON.
    pub fn post_text(
        &self,
        path: &str,
        session: Option<&Session>,
        text: String,
    ) -> Result<Answered> {
        let request = self.http.post(format!("{}{path}", self.url));
        let request = request.header("content-type", "application/json");
        self.call(request.body(text), session)
    }

    /// Hands operations in.
    pub fn push(&self, session: &Session, operations: &[Operation]) -> Result<Answered> {
        let ops = operations.iter().map(|operation| {
            let json = serde_json::to_string(operation)?;
            Ok(RawValue::from_string(json)?)
        });
        let batch = ops::Batch {
            device: session.device,
            ops: ops.collect::<Result<_>>()?,
        };
        let path = format!("/v1/shops/{}/ops", session.shop);
        self.post(&path, Some(session), &batch)
    }

    /// Everything the API has of the shop.
    pub fn copy(&self, session: &Session) -> Result<Copy> {
        let mut copy = Copy::default();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/shops/{}/changes{cursor}", session.shop);
            let answer = self.get(&path, Some(session))?;
            ensure!(
                answer.status.is_success(),
                "the API does not tell: {answer:?}"
            );
            let mut end = None;
            for line in answer.body.split(|byte| *byte == b'\n') {
                if line.is_empty() {
                    continue;
                }
                match Line::parse(line)? {
                    Line::Document(document) => copy.documents.push(document),
                    Line::Event(link) => {
                        let happening = serde_json::from_str(link.payload.get())?;
                        copy.events.push((link.seq.0, happening));
                    }
                    Line::Gone(_) | Line::Reset => {}
                    Line::End(it) => end = Some(it),
                }
            }
            let end = end.context("the page has no end")?;
            if !end.more {
                return Ok(copy);
            }
            cursor = format!("?cursor={}", end.cursor);
        }
    }

    /// One inspection as the API has it.
    pub fn inspection(&self, session: &Session, id: InspectionId) -> Result<Inspection> {
        self.copy(session)?.inspection(id)
    }

    fn call(&self, mut request: RequestBuilder, session: Option<&Session>) -> Result<Answered> {
        if let Some(session) = session {
            request = request.bearer_auth(&session.access);
        }
        self.runtime.block_on(async {
            let response = request.send().await?;
            let status = response.status();
            let body = response.bytes().await?.to_vec();
            Ok(Answered { status, body })
        })
    }
}

impl Copy {
    /// One inspection as it stands.
    pub fn inspection(&self, id: InspectionId) -> Result<Inspection> {
        let wanted = id.to_string();
        // Within one life a document may come again; the last is the newest.
        let found = self.documents.iter().rev().find(|it| it.id == wanted);
        let document = found.with_context(|| format!("the API has no inspection {id}"))?;
        Ok(serde_json::from_str(document.body.get())?)
    }

    /// Events that tell of one inspection.
    pub fn events_of(&self, id: InspectionId) -> impl Iterator<Item = &Happening> {
        use redtag_protocol::entity::EntityRef;
        let events = self.events.iter().map(|(_, happening)| happening);
        events.filter(move |happening| happening.entity == EntityRef::Inspection(id))
    }
}

impl Answered {
    /// The body of a success.
    pub fn ok<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() {
            bail!("{}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The body of a refusal.
    pub fn refused(&self) -> Result<ApiError> {
        ensure!(!self.status.is_success(), "it was not refused");
        let read = serde_json::from_slice(&self.body);
        read.with_context(|| format!("no refusal: {}", String::from_utf8_lossy(&self.body)))
    }
}
