//! The program as an operator starts it.

#![allow(
    dead_code,
    reason = "shared by several tests, none of which uses all of it"
)]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_redtag-server");
/// No shop's id, and good for any device.
pub(crate) const NOBODY: &str = "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b";

pub(crate) fn program(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).env_clear().env("REDTAG_HOME", home);
    command
}

pub(crate) fn run(home: &Path, args: &[&str], input: &str) -> Output {
    let mut child = program(home, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments closes its input unread.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub(crate) fn done(home: &Path, args: &[&str], input: &str) -> String {
    let output = run(home, args, input);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code and the words of a refusal, which prints nothing else.
pub(crate) fn refused(home: &Path, args: &[&str], input: &str) -> (i32, String) {
    let output = run(home, args, input);
    assert!(output.stdout.is_empty(), "{args:?}");
    let words = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), words)
}

pub(crate) fn shop(home: &Path) -> String {
    let made = done(home, &["shop", "create", "A shop", "--json"], "");
    let made: Value = serde_json::from_str(&made).unwrap();
    made["shop"].as_str().unwrap().to_owned()
}

pub(crate) fn add<'a>(shop: &'a str, email: &'a str, role: &'a str) -> Vec<&'a str> {
    vec![
        "member",
        "add",
        "--shop",
        shop,
        "--email",
        email,
        "--name",
        "Ann",
        "--role",
        role,
        "--password-stdin",
    ]
}

pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) url: String,
}

impl Serving {
    pub(crate) fn start(home: &Path) -> Self {
        Self::start_with(home, &[])
    }

    /// With more arguments.
    pub(crate) fn start_with(home: &Path, more: &[&str]) -> Self {
        let mut child = program(home, &["serve", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.as_mut().unwrap());
        out.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let url = said["listening"].as_str().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Self { child, url }
    }

    /// Ends it as a supervisor does; gives what it logged.
    pub(crate) fn stop(mut self) -> String {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let mut log = String::new();
        let mut errors = self.child.stderr.take().unwrap();
        errors.read_to_string(&mut log).unwrap();
        assert!(self.child.wait().unwrap().success(), "{log}");
        log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Where a test failed; otherwise it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Bench<'a> {
    pub(crate) url: &'a str,
    pub(crate) http: reqwest::Client,
    pub(crate) runtime: tokio::runtime::Runtime,
}

impl<'a> Bench<'a> {
    pub(crate) fn of(url: &'a str) -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let http = reqwest::Client::builder().tls_certs_only([]);
        Self {
            url,
            http: http.build().unwrap(),
            runtime: runtime.enable_all().build().unwrap(),
        }
    }

    pub(crate) fn sign_in(&self, email: &str, password: &str) -> Value {
        let device = json!({"id": NOBODY, "name": "bench", "key": "A".repeat(43)});
        let request = json!({"email": email, "password": password, "device": device});
        let request = self
            .http
            .post(format!("{}/v1/sign-in", self.url))
            .json(&request);
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.json().await.unwrap()
        })
    }

    /// The status of a pull with the sign-in's access token.
    pub(crate) fn changes(&self, signed_in: &Value) -> u16 {
        let shop = signed_in["membership"]["shop"].as_str().unwrap();
        let token = signed_in["tokens"]["access_token"].as_str().unwrap();
        let url = format!("{}/v1/shops/{shop}/changes", self.url);
        let request = self.http.get(url).bearer_auth(token).send();
        let answer = self.runtime.block_on(request).unwrap();
        answer.status().as_u16()
    }

    /// The status of choosing a password by the link at this path; the form is not even sent where
    /// the page refuses it.
    pub(crate) fn choose(&self, path: &str, password: &str) -> u16 {
        self.runtime.block_on(async {
            let page = self.http.get(format!("{}{path}", self.url));
            let page = page.send().await.unwrap();
            if !page.status().is_success() {
                return page.status().as_u16();
            }
            let set = page.headers()["set-cookie"].to_str().unwrap().to_owned();
            let text = page.text().await.unwrap();
            let inputs = text.split("<input type=\"hidden\" name=\"").skip(1);
            let hidden = inputs.filter_map(|rest| {
                let (name, rest) = rest.split_once("\" value=\"")?;
                Some((name, rest.split_once('"')?.0))
            });
            let typed = [("password", password), ("again", password)];
            let fields: Vec<_> = hidden.chain(typed).collect();
            let form = self
                .http
                .post(format!("{}/link", self.url))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("cookie", set.split(';').next().unwrap())
                .body(serde_urlencoded::to_string(fields).unwrap());
            form.send().await.unwrap().status().as_u16()
        })
    }

    /// What stands at a path.
    pub(crate) fn text(&self, path: &str) -> String {
        let request = self.http.get(format!("{}{path}", self.url)).send();
        let text = async { request.await.unwrap().text().await.unwrap() };
        self.runtime.block_on(text)
    }

    /// The live stream of the sign-in's shop.
    pub(crate) fn live(&self, signed_in: &Value) -> Live<'_> {
        let shop = signed_in["membership"]["shop"].as_str().unwrap();
        let token = signed_in["tokens"]["access_token"].as_str().unwrap();
        let url = format!("{}/v1/shops/{shop}/live", self.url);
        let request = self.http.get(url).bearer_auth(token).send();
        Live {
            stream: self.runtime.block_on(request).unwrap(),
            runtime: &self.runtime,
        }
    }
}

/// A live stream, as a bench reads it.
pub(crate) struct Live<'a> {
    stream: reqwest::Response,
    runtime: &'a tokio::runtime::Runtime,
}

impl Live<'_> {
    /// The next sequence, past heartbeats.
    pub(crate) fn seq(&mut self) -> u64 {
        loop {
            let piece = self.runtime.block_on(self.stream.chunk());
            let piece = piece.unwrap().unwrap();
            let text = str::from_utf8(&piece).unwrap();
            let said = text.lines().rev().find_map(|it| it.strip_prefix("data: "));
            if let Some(seq) = said {
                return seq.parse().unwrap();
            }
        }
    }
}
