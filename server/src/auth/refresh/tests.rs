use super::*;

fn key(byte: u8) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[byte; 32])
}

#[test]
fn a_token_is_read_back_and_no_altered_one_is() {
    let session = SessionId::from_parts(1_700_000_000_000, [7; 10]);
    let token = mint(&key(1), session, 41);
    let read_back = read(&key(1), &token).unwrap();
    assert_eq!((read_back.session, read_back.generation), (session, 41));
    assert_eq!(read(&key(2), &token), None);
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert_eq!(read(&key(1), &URL_SAFE_NO_PAD.encode(altered)), None);
    }
    for wrong in ["", "x", &token[..token.len() - 2], &"a".repeat(9999)] {
        assert_eq!(read(&key(1), wrong), None, "{wrong}");
    }
    assert_eq!(read(&key(1), &format!("{token}AA")), None, "a longer MAC");
}

#[test]
fn the_rule() {
    assert_eq!(step(5, 5), Step::Advance(6));
    assert_eq!(step(5, 4), Step::Repeat(5));
    assert_eq!(step(5, 3), Step::End);
    assert_eq!(step(5, 0), Step::End);
    assert_eq!(step(0, 0), Step::Advance(1));
    assert_eq!(step(5, 900), Step::Advance(901));
    assert_eq!(step(5, u64::MAX), Step::End, "nothing follows it");
}

#[test]
fn a_session_slides_for_thirty_days_and_lives_for_a_hundred_and_eighty() {
    let day = 24 * 3600;
    assert!(!expired(0, 0, 30 * day - 1));
    assert!(expired(0, 0, 30 * day));
    assert!(!expired(0, 179 * day, 180 * day - 1));
    assert!(expired(0, 179 * day, 180 * day));
}
