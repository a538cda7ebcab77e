use std::{io, time::Duration};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::testing::Server;

#[tokio::test]
async fn from_outside_plain_http_comes_through_a_trusted_proxy_only() {
    let server = Server::start().await;
    let plain = |peer: &str| may_be_plain(&server.app, peer.parse().unwrap());
    assert!(plain("127.0.0.1:1") && plain("[::1]:1") && plain("[::ffff:127.0.0.1]:1"));
    assert!(!plain("10.0.0.1:1") && !plain("[2001:db8::1]:1"));
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_has_begun_is_finished_and_a_new_connection_refused() -> io::Result<()> {
    let server = Server::start().await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut begun = TcpStream::connect(&address).await?;
    let head = "POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 2\r\nExpect: 100-continue\r\n\r\n";
    begun.write_all(head.as_bytes()).await?;
    // The handler waits for the body when it asks for it.
    let mut asked = [0; 25];
    begun.read_exact(&mut asked).await?;
    assert!(asked.starts_with(b"HTTP/1.1 100 "));
    let stopping = tokio::spawn(server.stop());
    let refused = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), refused).await?;
    begun.write_all(b"{}").await?;
    let mut answer = String::new();
    begun.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    timeout(Duration::from_secs(20), stopping).await??;
    Ok(())
}
