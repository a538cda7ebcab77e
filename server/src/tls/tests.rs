use std::{fs, path::PathBuf};

use rcgen::generate_simple_self_signed;
use reqwest::{Certificate, Client, tls::Version};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{serve, testing::Server};

struct Files {
    dir: TempDir,
    pem: String,
}

impl Files {
    fn new() -> Self {
        let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let pem = made.cert.pem();
        fs::write(dir.path().join("cert.pem"), &pem).unwrap();
        let key = made.signing_key.serialize_pem();
        fs::write(dir.path().join("key.pem"), key).unwrap();
        Self { dir, pem }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

#[tokio::test]
async fn the_server_speaks_tls_1_3_and_1_2() {
    let files = Files::new();
    let server = Server::start().await;
    let acceptor = acceptor(&files.path("cert.pem"), &files.path("key.pem")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let task = tokio::spawn(serve::serve(server.app.clone(), listener, Some(acceptor)));
    let root = Certificate::from_pem(files.pem.as_bytes()).unwrap();
    let get = async |version: Version| {
        let client = Client::builder()
            .tls_certs_only([root.clone()])
            .tls_version_min(version)
            .tls_version_max(version)
            .build()
            .unwrap();
        let url = format!("https://localhost:{port}/healthz");
        client.get(url).send().await
    };
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        assert!(get(version).await.unwrap().status().is_success());
    }
    let plain = server.http.get(format!("http://localhost:{port}/healthz"));
    assert!(plain.send().await.is_err(), "no plain HTTP on this port");
    server.stop().await;
    task.await.unwrap();
}

#[tokio::test]
async fn an_older_tls_is_refused() {
    let files = Files::new();
    let server = Server::start().await;
    let acceptor = acceptor(&files.path("cert.pem"), &files.path("key.pem")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let task = tokio::spawn(serve::serve(server.app.clone(), listener, Some(acceptor)));
    // By hand, since no library here still speaks 1.1. Major and minor are 3 and 2 for TLS 1.1.
    let greet = async |minor: u8| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&client_hello(minor)).await.unwrap();
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    };
    assert_eq!(greet(3).await[0], 22, "TLS 1.2 gets a handshake message");
    let refusal = greet(2).await;
    // An alert (21), fatal (2), protocol_version (70).
    assert_eq!([refusal[0], refusal[5], refusal[6]], [21, 2, 70]);
    server.stop().await;
    task.await.unwrap();
}

/// A client's greeting (RFC 5246, section 7.4.1.2) with what both versions need.
fn client_hello(minor: u8) -> Vec<u8> {
    let groups = [0, 10, 0, 4, 0, 2, 0, 23];
    let signatures = [0, 13, 0, 4, 0, 2, 4, 3];
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    // No session; one suite, ECDHE-ECDSA with AES-128-GCM; no compression.
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0]);
    hello.extend([0, 16]);
    hello.extend(groups.into_iter().chain(signatures));
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

#[test]
fn files_that_are_no_certificate_or_no_key_are_named() {
    let (files, other) = (Files::new(), Files::new());
    let words = |cert: PathBuf, key: PathBuf| {
        let error = acceptor(&cert, &key).err().unwrap();
        format!("{error:#}")
    };
    let missing = words(files.path("none.pem"), files.path("key.pem"));
    assert!(missing.contains("none.pem"), "{missing}");
    let swapped = words(files.path("key.pem"), files.path("cert.pem"));
    assert!(swapped.contains("no certificate"), "{swapped}");
    let foreign = words(files.path("cert.pem"), other.path("key.pem"));
    assert!(foreign.contains("do not fit together"), "{foreign}");
}
