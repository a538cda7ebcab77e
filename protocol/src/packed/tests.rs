//! Bodies come back as they went in, and damaged ones do no harm.

use proptest::prelude::*;

use super::*;

const BODY: &str = r#"{"id":"018bcfe5-77a0-78ab-9ea5-c7dc22ae29b6","number":12,"results":{"lights.horn":{"answer":{"v":{"condition":"green"},"w":[5,1,0,10000]}},"lights.wipers":{"answer":{"v":{"condition":"yellow"},"w":[6,1,1,12000]},"note":{"v":"the left one leaves streaks","w":[7,1,2,14000]}}}}"#;

#[test]
fn what_is_packed_is_smaller_and_comes_back() {
    let stored = pack(BODY);
    assert!(stored.len() * 2 < BODY.len(), "{} bytes", stored.len());
    assert_eq!(unpack(&stored).unwrap(), BODY);
}

/// What was stored once stays readable for ever.
#[test]
fn stored_forms_stay_readable() {
    assert_eq!(unpack(b"{\"a\":1}").unwrap(), "{\"a\":1}");
    assert_eq!(unpack(b"\0{}").unwrap(), "{}");
    assert_eq!(unpack(b"\0").unwrap(), "");
    let mut frame = vec![ZSTD];
    frame.extend(zstd::bulk::compress(b"[1,2,3]", 1).unwrap());
    assert_eq!(unpack(&frame).unwrap(), "[1,2,3]");
    for (golden, first) in [
        (&include_bytes!("golden-1")[..], ZSTD_1),
        (&include_bytes!("golden-2")[..], ZSTD_2),
    ] {
        assert_eq!(golden.first(), Some(&first));
        let body = unpack(golden).unwrap();
        assert_eq!(body, include_str!("golden.json"));
    }
}

#[test]
fn damage_is_noticed_or_harmless_and_never_takes_the_memory() {
    assert_eq!(unpack(&[]), None);
    assert_eq!(unpack(&[4, 1, 2]), None);
    assert_eq!(unpack(&[0, 0xff]), None);
    // A frame that says it holds 2^60 bytes.
    let mut huge = vec![ZSTD, 0x28, 0xb5, 0x2f, 0xfd, 0xe0];
    huge.extend((1_u64 << 60).to_le_bytes());
    assert_eq!(unpack(&huge), None);
    let stored = pack(BODY);
    for at in 0..stored.len() {
        assert_eq!(unpack(&stored[..at]), None);
        let mut bent = stored.clone();
        bent[at] ^= 0x55;
        // The database's page checksums tell of damage; here it must only do no harm.
        let _ = unpack(&bent);
    }
}

proptest! {
    #[test]
    fn any_text_comes_back(body in ".{0,400}") {
        let stored = pack(&body);
        prop_assert_eq!(unpack(&stored).unwrap(), body);
    }

    #[test]
    fn no_bytes_do_harm(stored in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = unpack(&stored);
    }
}
