use axum::http::HeaderValue;

use super::*;

fn asked(values: &[&'static str]) -> HeaderMap {
    let all = values.iter().map(|it| {
        let value = HeaderValue::from_static(it);
        (header::ACCEPT_ENCODING, value)
    });
    all.collect()
}

#[test]
fn who_accepts_it_gets_a_frame_that_says_the_same() {
    for values in [
        &["zstd"][..],
        &["gzip, ZSTD;q=0.5"],
        &["gzip", "br;q=1, zstd"],
    ] {
        for text in ["", "a", &"many ".repeat(50_000)] {
            let body = Bytes::copy_from_slice(text.as_bytes());
            let frame = whole(&asked(values), &body).unwrap();
            assert_eq!(zstd::decode_all(&frame[..]).unwrap(), body, "{values:?}");
        }
    }
}

#[test]
fn who_does_not_and_what_is_long_is_left_as_it_is() {
    let body = Bytes::from_static(b"body");
    for values in [
        &[][..],
        &["gzip"],
        &["zstd;q=0"],
        &["zstd;q=0.000, br"],
        &["*"],
    ] {
        assert_eq!(whole(&asked(values), &body), None, "{values:?}");
    }
    let long = Bytes::from(vec![0; MOST + 1]);
    assert_eq!(whole(&asked(&["zstd"]), &long), None);
}
