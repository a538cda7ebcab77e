//! A page and its form, for what needs no real browser: fields are filled in and sent, the cookie and
//! the hidden ones go along.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use reqwest::{Client, ClientBuilder, RequestBuilder};
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
        Self::by(plain(), origin, path)
    }

    /// The same where the way to the API is a Unix socket.
    pub fn through(socket: &Path, origin: &str, path: &str) -> Result<Self> {
        Self::by(plain().unix_socket(socket), origin, path)
    }

    /// Goes on from the page that takes a code: types it, signs in and lets in what waits.
    pub fn let_in(&mut self, code: &str, email: &str, password: &str, shop: &str) -> Result<()> {
        self.send("/device", &[("code", code)])?;
        let person = [("email", email), ("password", password)];
        self.send("/device/sign-in", &person)?;
        self.send("/device/word", &[("shop", shop), ("word", "yes")])?;
        ensure!(self.text.contains("It is let in"), "{}", self.text);
        Ok(())
    }

    fn by(http: ClientBuilder, origin: &str, path: &str) -> Result<Self> {
        let mut page = Self {
            origin: origin.to_owned(),
            http: http.build()?,
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

/// Without TLS, which needs no certificates.
fn plain() -> ClientBuilder {
    Client::builder().tls_certs_only([]).no_proxy()
}

/// The code that `redtag login` shows, in what stands on its screen.
pub fn code_shown(screen: &str) -> Result<&str> {
    let is_code = |word: &&str| {
        let letters = word.bytes().filter(u8::is_ascii_uppercase).count();
        word.len() == 9 && letters == 8 && word.as_bytes()[4] == b'-'
    };
    let code = screen.split_whitespace().find(is_code);
    code.with_context(|| format!("no code: {screen}"))
}
