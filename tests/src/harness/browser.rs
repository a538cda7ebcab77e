//! A real Chromium without a screen, driven over `WebDriver` (W3C): what a person does with a page.

use std::{
    net::{Ipv4Addr, TcpListener},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use super::{Ground, Process, eventually, process::program};

/// What a page may use of a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    /// Script runs, if there is any.
    On,
    /// None does, as in a browser whose owner wants it so.
    Off,
}

/// A browser with nothing of the machine's in it. Dropping it ends it.
#[derive(Debug)]
pub struct Browser {
    url: String,
    http: Client,
    runtime: Runtime,
    // Last: its window closes first.
    _driver: Process,
}

/// The word under which `WebDriver` names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The key Enter, in `WebDriver`'s words.
pub const ENTER: &str = "\u{e007}";

/// The key Tab, in `WebDriver`'s words.
pub const TAB: &str = "\u{e004}";

/// What this machine has not, if anything.
pub fn no_browser() -> Option<String> {
    let missing = ["chromium", "chromedriver"]
        .into_iter()
        .find(|name| program(name).is_none());
    missing.map(|name| format!("needs {name} (Debian: apt install chromium chromium-driver)"))
}

impl Browser {
    /// A window as narrow as the narrowest telephone.
    pub fn open(ground: &Ground, scripts: Scripts) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("chromedriver");
        command
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH"))
            .env("HOME", ground.path())
            .env("LANG", "C.UTF-8")
            .arg(format!("--port={port}"));
        let log = ground.path().join("chromedriver.log");
        let driver = Process::start(command, "chromedriver", &log)?;
        let http = Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .timeout(Duration::from_mins(1))
            .build()?;
        let mut browser = Self {
            url: format!("http://127.0.0.1:{port}"),
            http,
            runtime: Builder::new_current_thread().enable_all().build()?,
            _driver: driver,
        };
        eventually("chromedriver", || {
            let status = browser.call(Method::GET, "/status", None)?;
            ensure!(status["ready"] == true, "{status}");
            Ok(())
        })?;
        let profile = ground.path().join("chromium");
        let profile = format!("--user-data-dir={}", profile.display());
        let mut arguments = vec![
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        arguments.push(&profile);
        let script = if scripts == Scripts::On { 1 } else { 2 };
        let options = json!({
            "args": arguments,
            "prefs": {"profile.managed_default_content_settings.javascript": script},
            "mobileEmulation": {"deviceMetrics": {
                "width": 320, "height": 640, "pixelRatio": 1.0, "touch": false,
            }},
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
        }}});
        let made = browser.call(Method::POST, "/session", Some(&wanted))?;
        let id = made["sessionId"].as_str().context("no session")?.to_owned();
        browser.url = format!("{}/session/{id}", browser.url);
        Ok(browser)
    }

    /// Goes to an address, and is there when it has loaded.
    pub fn go(&self, url: &str) -> Result<()> {
        self.call(Method::POST, "/url", Some(&json!({ "url": url })))
            .map(drop)
    }

    /// Types into what has this selector; keys beyond text are [`ENTER`] and [`TAB`].
    pub fn keys(&self, selector: &str, keys: &str) -> Result<()> {
        let at = self.find(selector)?;
        let text = json!({ "text": keys });
        self.call(Method::POST, &format!("{at}/value"), Some(&text))
            .map(drop)
    }

    /// Clicks on what has this selector.
    pub fn click(&self, selector: &str) -> Result<()> {
        let at = self.find(selector)?;
        self.call(Method::POST, &format!("{at}/click"), Some(&json!({})))
            .map(drop)
    }

    /// What a person reads on the page.
    pub fn text(&self) -> Result<String> {
        let at = self.find("body")?;
        let text = self.call(Method::GET, &format!("{at}/text"), None)?;
        Ok(text.as_str().context("no text")?.to_owned())
    }

    /// Waits until a person reads this on the page.
    pub fn reads(&self, words: &str) -> Result<()> {
        eventually(words, || {
            let text = self.text()?;
            ensure!(text.contains(words), "the page says:\n{text}");
            Ok(())
        })
    }

    /// Which element has the keyboard, by its name.
    pub fn focus(&self) -> Result<String> {
        let found = self.call(Method::GET, "/element/active", None)?;
        let id = found[ELEMENT]
            .as_str()
            .context("nothing has the keyboard")?;
        let name = self.call(Method::GET, &format!("/element/{id}/property/name"), None)?;
        Ok(name.as_str().unwrap_or_default().to_owned())
    }

    /// What a script of ours finds in the page; only where scripts are on.
    pub fn look(&self, script: &str) -> Result<Value> {
        let body = json!({"script": script, "args": []});
        self.call(Method::POST, "/execute/sync", Some(&body))
    }

    fn find(&self, selector: &str) -> Result<String> {
        let body = json!({"using": "css selector", "value": selector});
        let found = self.call(Method::POST, "/element", Some(&body))?;
        let id = found[ELEMENT].as_str().context("no element")?;
        Ok(format!("/element/{id}"))
    }

    fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer: Value = self.runtime.block_on(async {
            let answer = request.send().await?;
            anyhow::Ok(answer.json().await?)
        })?;
        let value = answer.get("value").cloned().unwrap_or_default();
        if let Some(error) = value.get("error").and_then(Value::as_str) {
            bail!("{path}: {error}: {}", value["message"]);
        }
        Ok(value)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Where it fails, whoever looks for what was left behind finds the browser.
        let _ = self.call(Method::DELETE, "", None);
    }
}

/// A port that was free a moment ago: chromedriver tells nobody which one it has taken.
fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
