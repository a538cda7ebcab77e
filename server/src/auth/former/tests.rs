use super::*;

/// Cost 10, made by another implementation (Python's bcrypt 5) of "correct horse battery".
const HASH: &str = "$2b$10$kATfspX3Ri6j96QaGN.Gl.Na47UD3bcHm1OI5/PZhorHKMJnyg7jK";

#[test]
fn a_hash_of_another_program_is_read() {
    assert_eq!(take(&format!(" {HASH}\n")).unwrap(), HASH);
    assert!(fits(b"correct horse battery", HASH).unwrap());
    assert!(!fits(b"correct horse batterz", HASH).unwrap());
    assert!(is_former(HASH));
    assert!(!is_former("$argon2id$v=19$x"));
}

#[test]
fn what_is_no_hash_or_a_weak_one_is_not_taken() {
    let cost = |cost: &str| HASH.replacen("$10$", cost, 1);
    assert_eq!(take(&cost("$09$")), Err(Unfit::Cost(9)));
    assert_eq!(take(&cost("$04$")), Err(Unfit::Cost(4)));
    assert_eq!(take(&cost("$15$")), Err(Unfit::Cost(15)));
    assert!(take(&cost("$14$")).is_ok());
    for text in [
        "",
        "$2b$",
        "correct horse battery",
        "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
    ] {
        assert_eq!(take(text), Err(Unfit::Foreign), "{text}");
    }
    assert_eq!(take(&format!("{HASH}x")), Err(Unfit::Foreign));
    assert_eq!(take(&HASH.replacen("$2b$", "$2x$", 1)), Err(Unfit::Foreign));
}

#[test]
fn a_long_password_is_not_cut() {
    let long = "x".repeat(72);
    let hash = bcrypt::hash(&long, 4).unwrap();
    assert!(fits(long.as_bytes(), &hash).unwrap());
    assert!(!fits(format!("{long}y").as_bytes(), &hash).unwrap());
}
