use super::*;

fn reach(issuer: &str) -> Option<Reach> {
    let issuer: Url = issuer.parse().unwrap();
    Reach::to(&issuer).map(|it| it.ok().unwrap())
}

#[test]
fn only_a_provider_over_tls_or_on_this_machine_is_asked() {
    for (issuer, is_good) in [
        ("https://id.example", true),
        ("https://10.0.0.7/realms/shop", true),
        ("http://127.0.0.1:9400", true),
        ("http://localhost:9400", true),
        ("http://id.example", false),
        ("http://10.0.0.7", false),
        ("ftp://id.example", false),
        ("https://id.example/?tenant=1", false),
    ] {
        assert_eq!(reach(issuer).is_some(), is_good, "{issuer}");
    }
}

#[test]
fn what_a_provider_names_leads_to_itself_or_to_the_public_internet() {
    let reach = reach("https://id.corp.internal").unwrap();
    for (url, may) in [
        ("https://id.corp.internal/token", true),
        ("https://id.corp.internal:8443/token", true),
        ("http://id.corp.internal/token", false),
        ("https://login.example.com/token", true),
        ("https://93.184.216.34/token", true),
        ("http://login.example.com/token", false),
        ("https://other.internal/token", false),
        ("https://printer.local/token", false),
        ("https://printer.LOCAL./token", false),
        ("https://localhost/token", false),
        ("https://intranet/token", false),
        ("https://169.254.169.254/latest", false),
        ("https://10.0.0.1/token", false),
        // In other spellings.
        ("https://2130706433/token", false),
        ("https://0x7f.1/token", false),
        ("https://0177.0.0.1/token", false),
        ("https://[::1]/token", false),
        ("https://[::ffff:10.0.0.1]/token", false),
        ("https://[fd00::1]/token", false),
        ("https://[fe80::1]/token", false),
        ("https://[64:ff9b::a00:1]/token", false),
        ("https://[2002:a00:1::]/token", false),
        ("file:///etc/passwd", false),
    ] {
        assert_eq!(reach.may(&url.parse().unwrap()), may, "{url}");
    }
}

#[test]
fn addresses_that_are_nobodys_or_inside_are_not_public() {
    for inside in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "2001:db8::1",
        "2001::1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
    ] {
        assert!(!is_public(inside.parse().unwrap()), "{inside}");
    }
    for outside in ["1.1.1.1", "100.63.0.1", "172.32.0.1", "2606:4700::1111"] {
        assert!(is_public(outside.parse().unwrap()), "{outside}");
    }
}

/// The name is one, and so is what it turns into: the guard looks at both.
#[tokio::test]
async fn a_name_that_turns_into_an_inner_address_leads_nowhere() {
    let guard = |named: &str| Guard {
        named: named.to_owned(),
    };
    let inner = guard("id.example").resolve("localhost".parse().unwrap());
    assert!(inner.await.is_err());
    let named = guard("localhost").resolve("localhost".parse().unwrap());
    assert!(named.await.is_ok_and(|mut it| it.next().is_some()));
}
