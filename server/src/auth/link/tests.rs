use redtag_protocol::stamp::Stamp;

use super::*;

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[7; 32])
}

fn person() -> Person {
    Person {
        id: PersonId::from_parts(1, [1; 10]),
        email: "ann@example.com".to_owned(),
        name: "Ann".to_owned(),
        password: "$argon2id$one".to_owned(),
        created: Stamp(1),
    }
}

#[test]
fn a_link_says_whose_it_is_what_for_and_until_when() {
    let ann = person();
    let link = Link::new(ann.id, Purpose::Invitation, 1000);
    assert_eq!(link.expires, 1000 + 7 * 24 * 3600);
    assert_eq!(Link::new(ann.id, Purpose::Reset, 1000).expires, 1000 + 3600);
    let read = read(&link.text(&key(), &ann, 5)).unwrap();
    assert_eq!(read.link, link);
    assert!(read.fits(&key(), &ann, 5));
}

#[test]
fn any_changed_byte_another_password_person_key_or_epoch_ends_it() {
    let ann = person();
    let text = Link::new(ann.id, Purpose::Reset, 1000).text(&key(), &ann, 5);
    let whole = URL_SAFE_NO_PAD
        .decode(text.strip_prefix(WORD).unwrap())
        .unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let text = format!("{WORD}{}", URL_SAFE_NO_PAD.encode(&changed));
        let fits = read(&text).is_some_and(|it| it.fits(&key(), &ann, 5));
        assert!(!fits, "byte {at}");
    }
    let read = read(&text).unwrap();
    let renewed = Person {
        password: "$argon2id$two".to_owned(),
        ..person()
    };
    let other = Person {
        id: PersonId::from_parts(1, [2; 10]),
        ..person()
    };
    assert!(!read.fits(&key(), &renewed, 5));
    assert!(!read.fits(&key(), &other, 5));
    assert!(!read.fits(&key(), &ann, 6));
    let strange = hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]);
    assert!(!read.fits(&strange, &ann, 5));
}

#[test]
fn what_is_no_link_is_not_read() {
    for text in ["", "x", "rtlink_", "rtlink_AAAA", &"A".repeat(200)] {
        assert!(read(text).is_none(), "{text}");
    }
    let long = format!("{WORD}{}", "A".repeat(200));
    assert!(read(&long).is_none());
}
