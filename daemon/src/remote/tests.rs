mod failures;
pub(crate) mod server;
mod sign_in;
mod streams;
mod tls;

use redtag_protocol::ids::ShopId;
use server::{Asked, Reply, Server};

use super::*;

/// The answer of a good server to the first question.
pub(crate) const VERSION: &str = r#"{"name":"redtag-server","version":"1.2.3",
    "api":{"min":1,"max":1},"schema":{"min":1,"max":1}}"#;

/// A server that is a Redtag API and answers anything but the first question with `reply`.
async fn api(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> (Server, Remote) {
    let server = Server::start(move |asked| {
        if asked.path == "/v1/version" {
            Reply::json(200, VERSION)
        } else {
            reply(asked)
        }
    })
    .await;
    let remote = Remote::new(&server.url(), None).unwrap();
    (server, remote)
}

fn access() -> AccessToken {
    AccessToken::new("a.b.c".into())
}

fn shop() -> ShopId {
    ShopId::from_parts(1, [7; 10])
}

#[test]
fn addresses_are_checked_where_they_enter() {
    for good in [
        "https://redtag.example.com",
        "https://redtag.example.com:8443/shops/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost:8080/",
    ] {
        let address = Address::parse(good).unwrap();
        assert_eq!(address.to_string(), good.trim_end_matches('/'));
        assert_eq!(Address::parse(&address.to_string()).unwrap(), address);
    }
    for (bad, word) in [
        ("http://redtag.example.com", "plain http"),
        ("http://127.0.0.1.example.com", "plain http"),
        ("http://10.0.0.1", "plain http"),
        ("ftp://redtag.example.com", "https"),
        ("redtag.example.com", "https://"),
        ("localhost:7420", "https://shop.example.com:7420"),
        ("192.0.2.1:7420", "write the address with https://"),
        ("https://ann:pw@redtag.example.com", "name or password"),
        ("https://redtag.example.com/?x=1", "?"),
        ("", "https://"),
        ("https://", "https://"),
    ] {
        let error = Remote::new(bad, None).unwrap_err();
        assert!(matches!(error, RemoteError::Address { .. }), "{bad}");
        assert!(error.to_string().contains(word), "{bad}: {error}");
    }
}

#[test]
fn an_address_may_have_a_path_in_front() {
    let address = Address::parse("https://example.com/redtag/").unwrap();
    let url = address.at(&["v1", "version"]);
    assert_eq!(url.as_str(), "https://example.com/redtag/v1/version");
}

#[test]
fn secrets_do_not_print_themselves() {
    let token = RefreshToken::new("s3cret".into());
    let key = DeviceKey::from_seed(&[7; 32]).unwrap();
    let shown = format!("{token:?} {:?} {key:?}", access());
    assert!(!shown.contains("s3cret"), "{shown}");
    assert!(!shown.contains("a.b.c"), "{shown}");
}
