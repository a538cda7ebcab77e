//! Bytes that make no sense, at every door: they are refused, and everybody else goes on.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::net::UnixStream,
    time::Duration,
};

use anyhow::{Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::{
    harness::{Ground, PATIENCE, Stack},
    random,
};
use serde_json::json;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    garbage_on_the_socket_disturbs_nobody,
    garbage_over_http_disturbs_nobody,
];

fn garbage_on_the_socket_disturbs_nobody(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let mut client = bench.client()?;
    let huge = u32::MAX.to_be_bytes();
    let half = [0, 0, 1, 0, b'{'];
    let text = b"GET / HTTP/1.1\r\nHost: redtag\r\n\r\n";
    let noise: [u8; 512] = random()?;
    let mut wrong = vec![0, 0, 0, 17];
    wrong.extend_from_slice(br#"{"ipc":"nonsense""#);
    let mut old = vec![0, 0, 0, 47];
    old.extend_from_slice(br#"{"ipc":{"min":900,"max":901},"version":"900.0"}"#);
    for bytes in [&huge[..], &half, text, &noise, &wrong, &old] {
        let mut stream = UnixStream::connect(bench.socket())?;
        // The daemon may hang up in the middle of it.
        let _ = stream.write_all(bytes);
        stream.shutdown(std::net::Shutdown::Write)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        ensure!(answer.len() < 4_096, "{} bytes came back", answer.len());
        client.status()?;
    }
    // Many who say nothing do not keep others out.
    let mute: Vec<_> = (0..50)
        .map(|_| UnixStream::connect(bench.socket()))
        .collect::<Result<_, _>>()?;
    bench.client()?.status()?;
    drop(mute);
    client.status()?;
    Ok(())
}

fn garbage_over_http_disturbs_nobody(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let api = stack.api()?;
    let session = stack.session(Role::Technician)?;
    let ops = format!("/v1/shops/{}/ops", stack.shop());
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let large = "x".repeat(3 << 20);
    for path in ["/v1/sign-in", "/v1/token", &ops] {
        let wrong_type = api.post(path, Some(&session), &json!({"device": 7, "ops": {}}))?;
        ensure!(
            wrong_type.status.is_client_error(),
            "{path}: {wrong_type:?}"
        );
        // What is far too large, or nested without end, may be cut off before it was read.
        for body in [&deep, &large] {
            let body = json!({"device": session.device, "ops": [body]});
            if let Ok(answer) = api.post(path, Some(&session), &body) {
                ensure!(answer.status.is_client_error(), "{path}: {}", answer.status);
            }
        }
        if let Ok(answer) = api.post_text(path, Some(&session), deep.clone()) {
            ensure!(answer.status.is_client_error(), "{path}: {}", answer.status);
        }
    }
    let noise: [u8; 2048] = random()?;
    for bytes in [
        &noise[..],
        b"GET",
        b"POST /v1/sign-in HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(stack.address())?;
        let _ = stream.write_all(bytes);
        stream.shutdown(std::net::Shutdown::Write)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let _ = stream.read(&mut [0; 1024]);
    }
    let path = format!("/v1/shops/{}/changes", stack.shop());
    ensure!(api.get(&path, Some(&session))?.status.is_success());
    let log = stack.log();
    ensure!(!log.contains("panicked"), "{log}");
    Ok(())
}
