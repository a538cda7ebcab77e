//! The program as an operator meets it: what it prints, what it refuses, and how it ends.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it cannot go on, in its helpers too"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_redtag-server");
const NOBODY: &str = "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b";

fn program(home: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(args).env_clear().env("REDTAG_HOME", home);
    command
}

fn run(home: &Path, args: &[&str], input: &str) -> Output {
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

fn done(home: &Path, args: &[&str], input: &str) -> String {
    let output = run(home, args, input);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code and the words of a refusal, which prints nothing else.
fn refused(home: &Path, args: &[&str], input: &str) -> (i32, String) {
    let output = run(home, args, input);
    assert!(output.stdout.is_empty(), "{args:?}");
    let words = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), words)
}

fn shop(home: &Path) -> String {
    let made = done(home, &["shop", "create", "A shop", "--json"], "");
    let made: Value = serde_json::from_str(&made).unwrap();
    made["shop"].as_str().unwrap().to_owned()
}

fn add<'a>(shop: &'a str, email: &'a str, role: &'a str) -> Vec<&'a str> {
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

struct Serving {
    child: Child,
    url: String,
}

impl Serving {
    fn start(home: &Path) -> Self {
        let mut child = program(home, &["serve", "--listen", "127.0.0.1:0"])
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
    fn stop(mut self) -> String {
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

struct Bench<'a> {
    url: &'a str,
    http: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Bench<'a> {
    fn of(url: &'a str) -> Self {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let http = reqwest::Client::builder().tls_certs_only([]);
        Self {
            url,
            http: http.build().unwrap(),
            runtime: runtime.enable_all().build().unwrap(),
        }
    }

    fn sign_in(&self, email: &str, password: &str) -> Value {
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
    fn changes(&self, signed_in: &Value) -> u16 {
        let shop = signed_in["membership"]["shop"].as_str().unwrap();
        let token = signed_in["tokens"]["access_token"].as_str().unwrap();
        let url = format!("{}/v1/shops/{shop}/changes", self.url);
        let request = self.http.get(url).bearer_auth(token).send();
        let answer = self.runtime.block_on(request).unwrap();
        answer.status().as_u16()
    }
}

#[test]
fn a_shop_is_set_up_and_its_members_come_and_go() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    done(
        home,
        &add(&shop, "ann@example.com", "owner"),
        "correct horse\n",
    );
    done(
        home,
        &add(&shop, "bob@example.com", "viewer"),
        "correct horse\n",
    );
    let list = ["member", "list", "--shop", &shop, "--json"];
    let members: Value = serde_json::from_str(&done(home, &list, "")).unwrap();
    assert_eq!(members.as_array().unwrap().len(), 2);
    let remove = |email| ["member", "remove", "--shop", &shop, "--email", email];
    done(home, &remove("bob@example.com"), "");
    let members: Value = serde_json::from_str(&done(home, &list, "")).unwrap();
    assert_eq!(members[0]["email"], "ann@example.com");
    assert_eq!(members[0]["role"], "owner");
    let (code, words) = refused(home, &remove("ann@example.com"), "");
    assert_eq!(code, 1);
    assert!(words.contains("last owner"), "{words}");
    let (_, words) = refused(home, &remove("nobody@example.com"), "");
    assert!(words.contains("nobody@example.com"), "{words}");
}

#[test]
fn adding_somebody_who_is_known_says_what_was_changed() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let add = |role, input| done(home, &add(&shop, "ann@example.com", role), input);
    assert_eq!(
        add("viewer", "correct horse\n"),
        "Ann <ann@example.com> is viewer now\n"
    );
    assert_eq!(
        add("technician", "battery staple\n"),
        "Ann <ann@example.com> was viewer, is technician now; the password was replaced, older \
         sign-ins ended\n"
    );
    assert_eq!(
        add("technician", "battery staple\n"),
        "Ann <ann@example.com> is technician as before; the password is the same as before\n"
    );
    let renamed = [
        "member",
        "add",
        "--shop",
        &shop,
        "--email",
        "ann@example.com",
        "--name",
        "Anna",
        "--role",
        "technician",
    ];
    assert_eq!(
        done(home, &renamed, ""),
        "Anna <ann@example.com> is technician as before; was called Ann\n"
    );
}

#[test]
fn a_lost_shop_id_is_found_again() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let empty = done(home, &["shop", "list"], "");
    assert!(empty.contains("shop create"), "{empty}");
    let shop = shop(home);
    done(
        home,
        &add(&shop, "ann@example.com", "owner"),
        "correct horse\n",
    );
    let listed = done(home, &["shop", "list"], "");
    assert_eq!(listed, format!("{shop}  A shop, 1 member\n"));
    let listed: Value = serde_json::from_str(&done(home, &["shop", "list", "--json"], "")).unwrap();
    assert_eq!(
        listed,
        json!([{"shop": shop, "name": "A shop", "members": 1}])
    );
}

#[test]
fn what_makes_no_sense_is_refused_by_name_and_changes_nothing() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let list = ["member", "list", "--shop", &shop, "--json"];
    let input = "correct horse\n";
    for (args, input, code, word) in [
        (add("x", "a@example.com", "owner"), input, 2, "shop id"),
        (add(&shop, "a@example.com", "boss"), input, 2, "technician"),
        (add(&shop, "ann", "owner"), input, 1, "e-mail address"),
        (
            add(&shop, "a b@example.com", "owner"),
            input,
            1,
            "e-mail address",
        ),
        (
            add(&shop, "a@example.com", "owner"),
            "short\n",
            1,
            "too short",
        ),
        (
            add(&shop, "a@example.com", "owner"),
            "one line\ntwo\n",
            1,
            "one line",
        ),
        (add(NOBODY, "a@example.com", "owner"), input, 1, "no shop"),
        (vec!["member", "list", "--shop", NOBODY], "", 1, "no shop"),
        (vec!["shop", "create", ""], "", 1, "the name is empty"),
        (vec!["shop", "create"], "", 2, "NAME"),
        (vec!["shop", "create", "--demo"], "", 2, "password-stdin"),
        (
            vec!["template", "publish", "--shop", &shop, "Nope"],
            "",
            2,
            "template key",
        ),
        (
            vec!["template", "publish", "--shop", &shop, "nope"],
            "",
            1,
            "nope",
        ),
        (
            vec!["member", "list", "--shop", &shop, "--database", "x"],
            "",
            1,
            "postgres://",
        ),
        (vec!["fly"], "", 2, "fly"),
    ] {
        let (found, words) = refused(home, &args, input);
        assert_eq!(found, code, "{args:?}: {words}");
        assert!(words.contains(word), "{args:?}: {words}");
        assert_eq!(done(home, &list, "").trim(), "[]", "{args:?}");
    }
    let without = add(&shop, "a@example.com", "owner");
    let (_, words) = refused(home, &without[..without.len() - 1], "");
    assert!(words.contains("--password-stdin"), "{words}");
}

#[test]
fn a_template_with_an_error_is_refused_whole_and_a_better_one_is_published() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../assets/templates/bicycle-service.toml"
    );
    let text = fs::read_to_string(shipped).unwrap();
    let (good, bad) = (home.join("good.toml"), home.join("bad.toml"));
    fs::write(&good, text.replacen("name = \"", "name = \"Our ", 1)).unwrap();
    fs::write(&bad, format!("{text}\ncolour = \"red\"\n")).unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let import = |file| ["template", "import", "--shop", &shop, file];
    let (code, words) = refused(
        home,
        &["template", "import", "--shop", &shop, good, bad],
        "",
    );
    assert_eq!(code, 1);
    let line = format!("bad.toml, line {}", text.lines().count() + 2);
    assert!(words.contains(&line) && words.contains("colour"), "{words}");
    assert!(done(home, &import(shipped), "").contains("version 1 already"));
    let draft = done(home, &import(good), "");
    assert!(
        draft.contains("version 2 is a draft"),
        "the refused import took nothing: {draft}"
    );
    let publish = ["template", "publish", "--shop", &shop, "bicycle-service"];
    assert!(done(home, &publish, "").contains("version 2 is offered"));
    let (_, words) = refused(home, &[&publish[..], &["--version", "9"]].concat(), "");
    assert!(words.contains("no version 9"), "{words}");
}

#[test]
fn it_serves_says_where_and_ends_at_sigterm_without_a_secret_in_its_log() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    done(
        home,
        &add(&shop, "ann@example.com", "owner"),
        "correct horse\n",
    );
    let serving = Serving::start(home);
    let (code, words) = refused(home, &["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(code, 1);
    assert!(words.contains("already serves"), "{words}");
    // Beside the running server.
    done(
        home,
        &add(&shop, "bob@example.com", "viewer"),
        "correct horse\n",
    );
    let bench = Bench::of(&serving.url);
    let body = bench.sign_in("bob@example.com", "correct horse");
    assert_eq!(bench.changes(&body), 200);
    // The same password again changes nothing; another one ends what stands on the old.
    let again = add(&shop, "bob@example.com", "viewer");
    done(home, &again, "correct horse\n");
    assert_eq!(bench.changes(&body), 200);
    done(home, &again, "battery staple\n");
    assert_eq!(bench.changes(&body), 401);
    bench.sign_in("bob@example.com", "battery staple");
    let log = serving.stop();
    assert!(log.contains("signed in"), "{log}");
    let tokens = &body["tokens"];
    for secret in [
        "correct horse",
        "bob@example.com",
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(log.contains("beside the data"), "{log}");
    let left = fs::read_dir(home.join("server")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "control.sock"), "{left:?}");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let (code, words) = refused(home, &["serve", "--listen", "0.0.0.0:0"], "");
    assert_eq!(code, 1);
    assert!(
        words.contains("--tls-cert") && words.contains("--trusted-proxy"),
        "{words}"
    );
    assert!(!home.join("server").exists(), "nothing was made");
    for (args, word) in [
        (["serve", "--tls-cert", "x"], "tls-key"),
        (["serve", "--listen", "here"], "listen"),
        (["serve", "--trusted-proxy", "x"], "network"),
        (["serve", "--public-url", "redtag"], "whole"),
    ] {
        let (code, words) = refused(home, &args, "");
        assert_eq!(code, 2, "{words}");
        assert!(words.contains(word), "{words}");
    }
}

#[test]
fn a_lost_or_wrong_master_key_changes_nothing() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let list = ["member", "list", "--shop", &shop];
    let key = home.join("server/master.key");
    let aside = home.join("aside");
    fs::rename(&key, &aside).unwrap();
    let (_, words) = refused(home, &list, "");
    assert!(words.contains("no master key"), "{words}");
    fs::copy(&aside, &key).unwrap();
    fs::write(&key, [9; 32]).unwrap();
    let (_, words) = refused(home, &list, "");
    assert!(words.contains("cannot be read"), "{words}");
    fs::remove_file(&key).unwrap();
    let named = [&list[..], &["--key-file", aside.to_str().unwrap()]].concat();
    assert!(done(home, &named, "").contains("nobody yet"));
}

#[test]
fn the_openapi_document_is_printed_whole() {
    let home = TempDir::new().unwrap();
    let document = done(home.path(), &["openapi"], "");
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/v1/shops/{shop}/ops"]["post"].is_object());
}
