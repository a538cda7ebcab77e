//! Something else answers in the API's place: noise, nonsense of every shape, far too much, far too
//! slowly. The daemon goes on, stays small, and loses nothing.

use std::{fs, time::Duration};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{ipc::Request, role::Role};
use redtag_tests::harness::{Ground, Liar, Lie, Stack, eventually, note};

use crate::{
    story::{Story, stories},
    support::{Moments, at_random, notes},
};

pub(crate) const STORIES: &[Story] = stories![whatever_is_answered_disturbs_nothing];

const CASES: usize = 500;

/// The most memory of the daemon's own, in KiB: it holds a page of the stream, never an answer of
/// any length.
const MOST: u64 = 160 << 10;

fn whatever_is_answered_disturbs_nothing(ground: &Ground) -> Result<()> {
    at_random(|mut moments| {
        let stack = Stack::on(ground)?;
        let liar = Liar::before(stack.address())?;
        let bench = stack.bench_at("bench", Role::Technician, &liar.url())?;
        let id = bench.new_inspection("LIES 1")?;
        let mut client = bench.client()?;
        client.start(id)?;
        bench.settled()?;
        let pid = client.pid();
        let mut saved = Vec::new();
        for case in 0..CASES {
            let (what, lie) = lie(case, &mut moments);
            let told = liar.told();
            liar.tell(Some(lie));
            if case % 10 == 0 {
                let text = format!("note {case}");
                client.save(vec![note(id, "lights.horn", &text)?])?;
                saved.push(text);
            }
            client.must(Request::Sync { wait: false })?;
            eventually("a lie to be heard", || {
                ensure!(liar.told() > told, "case {case}, {what}");
                Ok(())
            })?;
            let status = client
                .status()
                .with_context(|| format!("case {case}, {what}"))?;
            ensure!(status.pid == pid, "case {case}, {what}: another daemon");
            let memory = anonymous(pid)?;
            ensure!(memory < MOST, "case {case}, {what}: {memory} KiB");
        }
        liar.tell(None);
        client.must(Request::Sync { wait: false })?;
        bench.settled()?;
        let copy = stack.api()?.copy(&stack.session(Role::Viewer)?)?;
        let there = notes(copy.events_of(id));
        for text in &saved {
            assert_eq!(there.get(text), Some(&1), "{text}");
        }
        let log = bench.log();
        ensure!(!log.contains("panicked"), "{log}");
        Ok(())
    })
}

/// Memory of the process that no file stands behind, in KiB.
fn anonymous(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|it| it.strip_prefix("RssAnon:"));
    let number = line.and_then(|it| it.split_whitespace().next());
    Ok(number.context("no RssAnon")?.parse()?)
}

fn ok(head: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n{head}\r\n").into_bytes()
}

fn noise(moments: &mut Moments, length: usize) -> Vec<u8> {
    (0..length)
        .map(|_| u8::try_from(moments.below(256)).unwrap_or(0))
        .collect()
}

fn lie(case: usize, moments: &mut Moments) -> (&'static str, Lie) {
    let once = |head: Vec<u8>, body: Vec<u8>| Lie {
        head,
        body,
        times: 1,
        pause: None,
    };
    // Some are expensive and told a few times only.
    match case {
        100 => {
            return (
                "100 MB without a line",
                many(ok(""), vec![b'x'; 1 << 20], 100),
            );
        }
        101 => return ("100 MB of lines", many(ok(""), lines(), 100)),
        102 => {
            return (
                "100 MB in one string",
                many(string(), vec![b'a'; 1 << 20], 100),
            );
        }
        103 => return ("a bomb", once(ok("Content-Encoding: zstd\r\n"), bomb())),
        104 | 105 => {
            let slow = Lie {
                head: ok(""),
                body: lines(),
                times: 1,
                pause: Some(Duration::from_millis(40)),
            };
            return ("slowly", slow);
        }
        _ => {}
    }
    match moments.below(12) {
        0 => ("noise", once(noise(moments, 700), Vec::new())),
        1 => ("noise in a body", once(ok(""), noise(moments, 3_000))),
        2 => ("nothing", once(Vec::new(), Vec::new())),
        3 => (
            "an empty answer",
            once(ok("Content-Length: 0\r\n"), Vec::new()),
        ),
        4 => {
            let deep = usize::try_from(1_000 + moments.below(100_000)).unwrap_or(1_000);
            let body = ["[", "{\"a\":"][usize::from(moments.below(2) == 0)].repeat(deep);
            ("deep", once(ok(""), body.into_bytes()))
        }
        5 => ("wrong types", once(ok(""), wrong(moments))),
        6 => ("wrong types, cut", {
            let mut body = wrong(moments);
            body.truncate(usize::try_from(moments.below(body.len() as u64)).unwrap_or(0));
            once(ok(""), body)
        }),
        7 => (
            "no zstd",
            once(ok("Content-Encoding: zstd\r\n"), noise(moments, 500)),
        ),
        8 => {
            // Neither of those that end a sign-in or a membership, nor what a client must obey.
            let status = [
                400, 402, 404, 405, 406, 408, 410, 415, 418, 422, 500, 501, 502, 504, 599, 999, 100,
            ];
            let which = status[usize::try_from(moments.below(17)).unwrap_or(0)];
            let head = format!("HTTP/1.1 {which} So\r\nContent-Length: 300\r\n\r\n");
            ("a status", once(head.into_bytes(), noise(moments, 300)))
        }
        9 => {
            let head = ok("Transfer-Encoding: chunked\r\n");
            (
                "broken chunks",
                once(head, b"zz\r\nhello\r\n-1\r\n".to_vec()),
            )
        }
        10 => {
            let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
            for _ in 0..moments.below(3_000) {
                head.extend_from_slice(b"X-Long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
            }
            ("a long head", once(head, b"\r\n".to_vec()))
        }
        _ => {
            let head = ok("Content-Length: 5000\r\n");
            ("less than announced", once(head, noise(moments, 50)))
        }
    }
}

fn many(head: Vec<u8>, body: Vec<u8>, times: usize) -> Lie {
    Lie {
        head,
        body,
        times,
        pause: None,
    }
}

/// A mebibyte of lines that could be tombstones of things that nobody knows.
fn lines() -> Vec<u8> {
    let line = b"{\"kind\":\"hologram\",\"id\":\"h-1\",\"version\":3}\n";
    line.repeat((1 << 20) / line.len())
}

fn string() -> Vec<u8> {
    let mut head = ok("");
    head.extend_from_slice(b"{\"kind\":\"inspection\",\"id\":\"");
    head
}

/// A gigabyte of nothing, packed.
fn bomb() -> Vec<u8> {
    // A frame of 128 KiB blocks of one repeated byte (RFC 8878, 3.1.1): four bytes each.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    let block: u32 = (128 << 10) << 3 | 0b010;
    for _ in 0..8_192 {
        frame.extend_from_slice(&block.to_le_bytes()[..3]);
        frame.push(b'x');
    }
    frame.extend_from_slice(&[0x01, 0, 0]);
    frame
}

fn wrong(moments: &mut Moments) -> Vec<u8> {
    let lines = [
        r#"{"kind":7,"id":"x","version":1,"body":{}}"#,
        r#"{"kind":"inspection","id":7,"version":"one","body":{}}"#,
        r#"{"kind":"inspection","id":"x","version":-1,"body":{}}"#,
        r#"{"kind":"inspection","id":"x","version":99999999999999999999999999,"body":{}}"#,
        r#"{"kind":"inspection","id":"x","version":1e400}"#,
        r#"{"event":[1,2,3]}"#,
        r#"{"event":{"seq":1,"salt":"zz","hash":"","payload":null}}"#,
        r#"{"cursor":5,"more":"yes"}"#,
        r#"{"cursor":"","more":null}"#,
        r#"{"reset":"perhaps"}"#,
        r#"{"outcomes":7}"#,
        r#"{"outcomes":[{"number":"one","outcome":{}}]}"#,
        r#"{"access_token":7}"#,
        "null",
        "[]",
        "\"\u{202e}\u{1b}[2J\"",
        "{}",
        "",
    ];
    let mut body = Vec::new();
    for _ in 0..=moments.below(6) {
        let which = usize::try_from(moments.below(lines.len() as u64)).unwrap_or(0);
        body.extend_from_slice(lines[which].as_bytes());
        body.push(b'\n');
    }
    body
}
