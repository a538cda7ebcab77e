use axum::http::HeaderValue;

use super::*;

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_network_holds_its_addresses() {
    assert!(network("10.0.0.0/8").contains(address("10.255.1.2")));
    assert!(!network("10.0.0.0/8").contains(address("11.0.0.0")));
    assert!(network("0.0.0.0/0").contains(address("203.0.113.9")));
    assert!(network("::/0").contains(address("2001:db8::1")));
    assert!(!network("0.0.0.0/0").contains(address("2001:db8::1")));
    assert!(network("127.0.0.1").contains(address("::ffff:127.0.0.1")));
    assert!(!network("2001:db8::/32").contains(address("2001:db9::1")));
    for wrong in ["", "10.0.0.0/33", "::/129", "10/8", "x", "10.0.0.0/"] {
        assert_eq!(wrong.parse::<Network>(), Err(NetworkError), "{wrong}");
    }
}

#[test]
fn only_a_trusted_proxy_is_believed_and_only_about_its_own_hop() {
    let mut headers = HeaderMap::new();
    headers.append(
        "x-forwarded-for",
        HeaderValue::from_static("1.1.1.1, 2.2.2.2"),
    );
    headers.append("x-forwarded-for", HeaderValue::from_static("10.0.0.2"));
    let proxies = [network("10.0.0.0/8")];
    let from = |peer: &str, proxies: &[Network]| {
        caller(SocketAddr::new(address(peer), 1), &headers, proxies)
    };
    assert_eq!(from("10.0.0.1", &proxies), address("2.2.2.2"));
    assert_eq!(from("9.9.9.9", &proxies), address("9.9.9.9"));
    assert_eq!(from("10.0.0.1", &[]), address("10.0.0.1"));
}
