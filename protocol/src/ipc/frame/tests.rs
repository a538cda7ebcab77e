use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn messages_come_out_whole_however_they_are_cut(
        messages in prop::collection::vec(".{0,40}", 0..8),
        cut in 1usize..7,
    ) {
        let mut bytes = Vec::new();
        for message in &messages {
            bytes.extend(encode(message).unwrap());
        }
        let mut decoder = Decoder::new();
        let mut seen: Vec<String> = Vec::new();
        for piece in bytes.chunks(cut) {
            decoder.feed(piece);
            while let Some(message) = decoder.next().unwrap() {
                seen.push(message);
            }
        }
        prop_assert_eq!(seen, messages);
    }

    #[test]
    fn garbage_is_an_error_or_a_wait_and_never_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut decoder = Decoder::new();
        decoder.feed(&bytes);
        while let Ok(Some(_)) = decoder.next::<serde_json::Value>() {}
    }
}

#[test]
fn a_length_over_the_limit_is_refused_before_its_body_arrives() {
    let mut decoder = Decoder::new();
    decoder.feed(&u32::MAX.to_be_bytes());
    assert!(matches!(
        decoder.next::<String>(),
        Err(FrameError::TooLarge(_))
    ));
}

#[test]
fn a_body_that_cannot_be_read_does_not_spoil_the_next_frame() {
    let mut decoder = Decoder::new();
    decoder.feed(&[0, 0, 0, 3]);
    decoder.feed(b"{x}");
    decoder.feed(&encode(&7).unwrap());
    assert!(matches!(decoder.next::<u8>(), Err(FrameError::Json(_))));
    assert_eq!(decoder.next().unwrap(), Some(7));
}
