use redtag_protocol::ipc::{Failure, FailureCode};

use super::*;
use crate::{
    link::Link,
    testing::{self, Daemon},
};

fn who() -> SignIn {
    SignIn {
        url: "https://api.example.com".to_owned(),
        email: "tess@example.com".to_owned(),
        password: "right".to_owned(),
        code: Some("081804".to_owned()),
        enroll: None,
        shop: None,
        insecure_storage: false,
        forget_pin: false,
        ca: None,
    }
}

fn begun() -> Answer {
    Answer::Begun {
        secret: "MZXW6YTBOI".to_owned(),
        address: "otpauth://totp/Redtag:tess@example.com?secret=MZXW6YTBOI&issuer=Redtag"
            .to_owned(),
    }
}

#[tokio::test]
async fn what_is_wished_is_asked_of_the_daemon_and_a_no_has_its_words() {
    let daemon = Daemon::new(|request| {
        Some(match request {
            Request::SecondFactor { who, wish } => {
                assert_eq!(who.code.as_deref(), Some("081804"));
                match wish {
                    Wish::Begin => Ok(Reply::SecondFactor(begun())),
                    _ => Err(Failure {
                        remote: Some("bad_credentials".to_owned()),
                        ..Failure::new(FailureCode::Remote, "the code is not one of this secret")
                    }),
                }
            }
            _ => Ok(Reply::Done),
        })
    });
    let line = Line::over(Link::open(daemon.options()).0);
    assert_eq!(wished(&line, &who(), Wish::Begin).await.unwrap(), begun());
    let refused = wished(&line, &who(), Wish::Confirm).await.unwrap_err();
    assert_eq!(refused.exit, Exit::Error);
    assert!(refused.words.contains("not one of this secret"));
}

#[test]
fn a_secret_is_shown_as_a_picture_and_as_text() {
    let text = told(&begun());
    assert!(text.contains("Secret:  MZXW6YTBOI\n"), "{text}");
    assert!(
        text.contains("otpauth://totp/Redtag:tess@example.com"),
        "{text}"
    );
    let codes = Answer::Codes {
        codes: vec!["abcde-fgh23".to_owned(), "x\u{1b}[2J".to_owned()],
    };
    let text = told(&codes);
    assert!(text.contains("\n  abcde-fgh23\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    assert!(!format!("{:?} {:?}", begun(), codes).contains("MZXW6"));
}

#[test]
fn how_things_stand_is_told() {
    let standing = |confirmed, codes, demanded| {
        stands(Standing {
            confirmed,
            codes,
            demanded,
        })
    };
    assert_eq!(
        standing(true, 1, true),
        "A code is asked for at sign-in; 1 recovery code is left. The shop demands it.\n"
    );
    assert!(standing(false, 0, false).contains("enrol"));
}

#[tokio::test]
async fn without_an_account_it_must_be_said_whose_it_is() {
    let daemon = Daemon::new(|_| Some(Ok(Reply::Accounts(vec![testing::account()]))));
    let line = Line::over(Link::open(daemon.options()).0);
    let found = account(Some("TECH@example.com"), &line).await;
    assert_eq!(found.unwrap().email, "tech@example.com");
    let none = account(Some("nobody@example.com"), &line).await;
    assert_eq!(none.unwrap_err().exit, Exit::NotSignedIn);
}
