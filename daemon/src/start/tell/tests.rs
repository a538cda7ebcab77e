use std::{
    os::{linux::net::SocketAddrExt, unix::net::SocketAddr},
    time::Duration,
};

use super::*;

fn heard(socket: &UnixDatagram) -> String {
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    let mut buffer = [0; 64];
    let count = socket.recv(&mut buffer).unwrap();
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}

#[test]
fn systemd_is_told_by_path_and_by_abstract_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    notify(path.as_os_str(), "READY=1").unwrap();
    assert_eq!(heard(&socket), "READY=1");

    let name = format!("redtag-test-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let socket = UnixDatagram::bind_addr(&address).unwrap();
    notify(OsStr::new(&format!("@{name}")), "STOPPING=1").unwrap();
    assert_eq!(heard(&socket), "STOPPING=1");
}

#[test]
fn nobody_listening_is_an_error_and_no_more() {
    assert!(notify(OsStr::new("/nonexistent/notify"), "READY=1").is_err());
}
