use super::*;

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text)
}

#[test]
fn a_passphrase_opens_what_it_closed_and_another_does_not() {
    let sealed = under_passphrase(passphrase("torque wrench"), b"work").unwrap();
    assert!(is_sealed(&sealed));
    assert!(!sealed.contains("work"));
    let plain = open(passphrase("torque wrench"), &sealed).unwrap();
    assert_eq!(plain.as_slice(), b"work");
    let other = open(passphrase("breaker bar"), &sealed);
    assert!(matches!(other, Err(SealError::Passphrase)), "{other:?}");
    let cut = &sealed[..sealed.len() - 60];
    let cut = open(passphrase("torque wrench"), cut);
    assert!(matches!(cut, Err(SealError::Damaged(_))), "{cut:?}");
}

#[test]
fn what_is_sealed_to_a_shop_only_the_shop_opens() {
    let shop = x25519::Identity::generate();
    let sealed = to_shop(&shop.to_public().to_string(), b"work").unwrap();
    assert_eq!(age::decrypt(&shop, sealed.as_bytes()).unwrap(), b"work");
    let refused = open(passphrase("anything"), &sealed);
    assert!(matches!(refused, Err(SealError::ToShop)), "{refused:?}");
}

#[test]
fn nonsense_is_neither_a_key_nor_sealed() {
    for key in ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1QQQ"] {
        assert!(matches!(to_shop(key, b"work"), Err(SealError::Recipient)));
    }
    assert!(!is_sealed("{\"edits\":[]}"));
    let refused = open(passphrase("x"), "{\"edits\":[]}");
    assert!(matches!(refused, Err(SealError::Damaged(_))));
}
