use super::*;

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[tokio::test]
async fn a_password_fits_its_own_hash_only() {
    let passwords = Passwords::new().unwrap();
    let hash = hash(&secret("correct horse")).unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    let check = |text: &str, hash: Option<String>| passwords.check(secret(text), hash);
    assert!(check("correct horse", Some(hash.clone())).await.unwrap());
    assert!(!check("correct horsf", Some(hash)).await.unwrap());
    assert!(!check("correct horse", None).await.unwrap());
}

#[tokio::test]
async fn a_long_password_is_not_cut() {
    let passwords = Passwords::new().unwrap();
    let long = "a".repeat(200);
    let hash = hash(&secret(&long)).unwrap();
    let almost = secret(&format!("{}b", &long[..199]));
    assert!(!passwords.check(almost, Some(hash.clone())).await.unwrap());
    assert!(passwords.check(secret(&long), Some(hash)).await.unwrap());
}

#[test]
fn length_is_counted_in_characters_and_capped_in_bytes() {
    assert_eq!(fit(&secret("sieben7")), Err(Unfit::Short));
    assert_eq!(fit(&secret("äöüßäöüß")), Ok(()));
    assert_eq!(fit(&secret(&"x".repeat(4097))), Err(Unfit::Long));
}

#[tokio::test]
async fn who_has_no_password_is_let_in_by_none() {
    let passwords = Passwords::new().unwrap();
    for password in ["", "!", "anything"] {
        let none = Some(NONE.to_owned());
        let fits = passwords.check(SecretString::from(password), none).await;
        assert!(!fits.unwrap(), "{password}");
    }
}

#[test]
fn a_password_that_everybody_knows_is_not_taken() {
    let known = fit(&SecretString::from("Password1"));
    assert_eq!(known, Err(Unfit::Known));
    assert_eq!(fit(&SecretString::from("a sentence of mine")), Ok(()));
}
