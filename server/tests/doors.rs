//! How people get in and out, as an operator meets it: hashes of another program, sign-ins that are
//! listed and revoked, a kiosk's token, a second factor that was lost.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it cannot go on, in its helpers too"
)]

mod program;

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    thread,
};

use serde_json::Value;
use tempfile::TempDir;

use self::program::{Bench, Serving, add, done, refused, shop};

/// Of "correct horse battery", by another implementation.
const HASH: &str = "$2b$10$kATfspX3Ri6j96QaGN.Gl.Na47UD3bcHm1OI5/PZhorHKMJnyg7jK";

#[test]
fn who_comes_with_a_hash_of_another_program_keeps_the_password() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let with_hash = |email: &'static str| {
        let mut arguments = add(&shop, email, "owner");
        arguments.pop();
        arguments.push("--password-hash-stdin");
        arguments
    };
    let weak = HASH.replacen("$10$", "$04$", 1);
    let (_, words) = refused(home, &with_hash("ann@example.com"), &weak);
    assert!(words.contains("cost 4"), "{words}");
    assert!(!words.contains(&weak), "{words}");
    done(home, &with_hash("ann@example.com"), HASH);
    let (_, words) = refused(home, &with_hash("ann@example.com"), HASH);
    assert!(words.contains("known here"), "{words}");
    let serving = Serving::start(home);
    let bench = Bench::of(&serving.url);
    let signed_in = bench.sign_in("ann@example.com", "correct horse battery");

    let list = ["session", "list", "--shop", &shop, "--json"];
    let listed: Value = serde_json::from_str(&done(home, &list, "")).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["name"], "Ann");
    assert_eq!(bench.changes(&signed_in), 200);
    let id = listed[0]["session"].as_str().unwrap();
    let told = done(home, &["session", "list", "--shop", &shop], "");
    assert!(told.contains(id) && told.contains("Ann on bench"), "{told}");
    done(home, &["session", "revoke", "--shop", &shop, id], "");
    assert_eq!(bench.changes(&signed_in), 403);
    let again = done(home, &["session", "revoke", "--shop", &shop, id], "");
    assert!(again.contains("before"), "{again}");
    let told = done(home, &["session", "list", "--shop", &shop], "");
    assert_eq!(told, "nobody is signed in\n");
    let reset = [
        "member",
        "reset-second-factor",
        "--shop",
        &shop,
        "--email",
        "ann@example.com",
    ];
    let (_, words) = refused(home, &reset, "");
    assert!(words.contains("no second factor"), "{words}");
    serving.stop();
}

#[test]
fn a_kiosks_token_is_printed_for_any_role_but_the_owners() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let token = |role: &'static str| {
        let shop = shop.as_str();
        [
            "kiosk", "token", "--shop", shop, "--role", role, "--name", "Bay 3",
        ]
    };
    let text = done(home, &token("viewer"), "");
    assert!(text.starts_with("rtenrol_"), "{text}");
    assert_ne!(done(home, &token("viewer"), ""), text);
    let (_, words) = refused(home, &token("owner"), "");
    assert!(words.contains("no owner"), "{words}");
    let long = [&token("viewer")[..], &["--hours", "25"]].concat();
    assert_eq!(refused(home, &long, "").0, 2);
}

#[test]
fn a_link_invites_and_another_one_replaces_a_forgotten_password() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let serving = Serving::start(home);
    let bench = Bench::of(&serving.url);
    let told = |args: &[&str]| -> Value {
        let all = [args, &["--shop", &shop, "--json"]].concat();
        serde_json::from_str(&done(home, &all, "")).unwrap()
    };
    let who = ["--email", "ann@example.com", "--public-url", &serving.url];
    let role = ["--name", "Ann", "--role", "owner"];
    let invite = [&["member", "invite"], &who[..], &role].concat();
    let reset = [&["member", "reset"], &who[..]].concat();
    let invited = told(&invite);
    let again = told(&invite);
    let choose = |told: &Value, password: &str| {
        let link = told["link"].as_str().unwrap();
        let path = link.strip_prefix(&serving.url).unwrap();
        bench.choose(path, password)
    };
    assert_eq!(choose(&again, "a bicycle in the rain"), 200);
    assert_eq!(choose(&invited, "a bicycle in the sun"), 410);
    bench.sign_in("ann@example.com", "a bicycle in the rain");
    // Who has a password is made a member and gets no link.
    assert_eq!(told(&invite)["link"], Value::Null);
    let forgotten = told(&reset);
    assert_eq!(choose(&forgotten, "a bicycle in the sun"), 200);
    bench.sign_in("ann@example.com", "a bicycle in the sun");
    let nobody = [
        "member",
        "reset",
        "--email",
        "bob@example.com",
        "--shop",
        &shop,
    ];
    let url = ["--public-url", "https://redtag.example"];
    let (_, words) = refused(home, &[&nobody[..], &url].concat(), "");
    assert!(words.contains("nobody has the address"), "{words}");
    let open = ["--public-url", "http://redtag.example"];
    let (_, words) = refused(home, &[&nobody[..], &open].concat(), "");
    assert!(words.contains("not https"), "{words}");
    let log = serving.stop();
    assert!(log.contains("route=\"/link/{link}\""), "{log}");
    assert!(!log.contains("rtlink_"), "{log}");
}

/// Takes one mail, as a server on this machine without TLS does, and gives it.
fn mailbox() -> (u16, thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = thread::spawn(move || {
        let (line, _) = listener.accept().unwrap();
        let (mut says, hears) = (line.try_clone().unwrap(), BufReader::new(line));
        says.write_all(b"220 mailbox\r\n").unwrap();
        let (mut mail, mut inside) = (String::new(), false);
        for text in hears.lines().map_while(Result::ok) {
            let answer = match text.as_str() {
                "." => {
                    inside = false;
                    "250 taken"
                }
                _ if inside => {
                    mail.push_str(&text);
                    mail.push('\n');
                    continue;
                }
                "DATA" => {
                    inside = true;
                    "354 go on"
                }
                "QUIT" => break,
                _ => "250 well",
            };
            write!(says, "{answer}\r\n").unwrap();
        }
        mail
    });
    (port, taken)
}

#[test]
fn a_link_is_mailed_and_then_not_printed() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let invite = |port: u16| -> Vec<String> {
        let port = port.to_string();
        let words = [
            "member",
            "invite",
            "--email",
            "ann@example.com",
            "--name",
            "Ann",
            "--role",
            "owner",
            "--public-url",
            "https://redtag.example",
            "--mail",
            "--smtp-host",
            "127.0.0.1",
            "--smtp-tls",
            "off",
            "--smtp-from",
            "redtag@shop.example",
            "--smtp-port",
            &port,
            "--shop",
            &shop,
        ];
        words.map(str::to_owned).to_vec()
    };
    let (port, taken) = mailbox();
    let words = invite(port);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let told = done(home, &words, "");
    assert!(told.contains("a link was mailed"), "{told}");
    assert!(!told.contains("rtlink_"), "{told}");
    let mail = taken.join().unwrap().replace("=\n", "");
    assert!(
        mail.contains("https://redtag.example/link/rtlink_"),
        "{mail}"
    );
    assert!(mail.contains("To: ann@example.com"), "{mail}");
    // Nobody is there any more.
    let (_, words) = refused(home, &words, "");
    assert!(words.contains("the link was not mailed"), "{words}");
    assert!(!words.contains("rtlink_"), "{words}");
    let without = ["--mail", "--json"];
    let reset = [
        "member",
        "reset",
        "--email",
        "ann@example.com",
        "--shop",
        &shop,
    ];
    let url = ["--public-url", "https://redtag.example"];
    let (_, words) = refused(home, &[&reset[..], &url, &without].concat(), "");
    assert!(words.contains("--smtp-host"), "{words}");
}
