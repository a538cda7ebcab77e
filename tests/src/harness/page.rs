//! A page and its form, for what needs no real browser: fields are filled in and sent, the cookie and
//! the hidden ones go along.

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, RequestBuilder};
use tokio::runtime::{Builder, Runtime};

/// A page of the API's.
#[derive(Debug)]
pub struct Page {
    origin: String,
    http: Client,
    runtime: Runtime,
    cookie: String,
    /// What it says.
    pub text: String,
}

impl Page {
    /// Opens a page.
    pub fn open(origin: &str, path: &str) -> Result<Self> {
        let mut page = Self {
            origin: origin.to_owned(),
            http: Client::builder().tls_certs_only([]).no_proxy().build()?,
            runtime: Builder::new_current_thread().enable_all().build()?,
            cookie: String::new(),
            text: String::new(),
        };
        let request = page.http.get(format!("{origin}{path}"));
        page.show(request)?;
        Ok(page)
    }

    /// Sends the page's form with these fields filled in.
    pub fn send(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<()> {
        let hidden = self.text.split("<input type=\"hidden\" name=\"").skip(1);
        let hidden = hidden.filter_map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"")?;
            Some((name, rest.split_once('"')?.0))
        });
        let all: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let body = serde_urlencoded::to_string(all)?;
        let request = self
            .http
            .post(format!("{}{path}", self.origin))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &self.cookie)
            .body(body);
        self.show(request)
    }

    fn show(&mut self, request: RequestBuilder) -> Result<()> {
        let (status, cookie, text) = self.runtime.block_on(async {
            let answer = request.send().await?;
            let set = answer.headers().get("set-cookie");
            let set = set.and_then(|it| it.to_str().ok()?.split(';').next());
            anyhow::Ok((
                answer.status(),
                set.map(str::to_owned),
                answer.text().await?,
            ))
        })?;
        ensure!(status.is_success(), "{status}: {text}");
        self.cookie = cookie.unwrap_or_else(|| std::mem::take(&mut self.cookie));
        self.text = text;
        let page = self.text.contains("<h1>");
        page.then_some(()).context("that is no page")
    }
}
