use super::*;

#[test]
fn a_link_is_sent_over_tls_or_stays_on_this_machine() {
    for (text, is_good) in [
        ("https://redtag.example", true),
        ("https://redtag.example:7420/", true),
        ("http://127.0.0.1:7420", true),
        ("http://[::1]:7420", true),
        ("http://localhost", true),
        ("http://redtag.example", false),
        ("http://127.0.0.1.redtag.example", false),
        ("http://192.168.1.7", false),
    ] {
        let public = Public {
            url: url(text).unwrap(),
        };
        assert_eq!(public.url().is_ok(), is_good, "{text}");
    }
    assert!(url("redtag.example").is_err());
    assert!(url("ftp://redtag.example").is_err());
}
