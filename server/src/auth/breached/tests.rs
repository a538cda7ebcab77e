use super::*;

#[test]
fn what_everybody_knows_is_on_the_list() {
    for password in [
        "password",
        "PassWord1",
        "12345678",
        "qwertyuiop",
        "trustno1",
        "iloveyou",
    ] {
        assert!(is_known(password), "{password}");
    }
    for password in [
        "",
        "correct horse battery",
        "a long password",
        "vqx9-tuba lantern",
        "password of mine",
    ] {
        assert!(!is_known(password), "{password}");
    }
}

#[test]
fn the_list_is_whole_and_in_order() {
    let (kept, rest) = LIST.as_chunks::<LENGTH>();
    assert!(rest.is_empty());
    assert_eq!(kept.len(), 16_293);
    assert!(kept.is_sorted_by(|a, b| a < b));
}
