pub(crate) mod listener;

use redtag_protocol::role::Role;
use reqwest::StatusCode;

use self::listener::{Listener, Manner};
use super::*;
use crate::{
    auth::link::Purpose,
    core::kiosks,
    testing::{Browser, Log, Place, Server},
};

const ANN: &str = "ann@example.com";

fn options(listener: &Listener) -> Options {
    Options {
        host: listener.address.ip().to_string(),
        port: Some(listener.address.port()),
        protection: Protection::StartTls,
        login: None,
        ca: Some(listener.ca()),
        from: "Redtag <redtag@shop.example>".to_owned(),
    }
}

fn letter() -> Letter {
    let (name, shops) = ("Ann\r\nBcc: all@example.com", "A shop");
    let url = "https://redtag.example/link/rtlink_x";
    Letter::with_link(ANN, name, shops, Purpose::Invitation, url)
}

/// A mail's text, as its reader sees it.
fn read(mail: &str) -> String {
    let text = mail.replace("=\r\n", "").replace("\r\n", "\n");
    text.replace("=3D", "=")
}

#[tokio::test]
async fn a_letter_goes_out_over_tls_and_what_was_typed_makes_no_header() {
    let listener = Listener::start(Manner::Kind).await;
    let login = ("redtag".to_owned(), SecretString::from("smtp secret"));
    let with = Options {
        login: Some(login),
        ..options(&listener)
    };
    Mailer::new(with).unwrap().send(&letter()).await.unwrap();
    let mails = listener.mails(1).await;
    let mail = read(&mails[0]);
    assert!(mail.contains("AUTH PLAIN"), "{mail}");
    assert!(mail.contains("RCPT TO:<ann@example.com>"), "{mail}");
    assert!(
        mail.contains("Subject: Your invitation to Redtag\n"),
        "{mail}"
    );
    assert!(mail.contains("/link/rtlink_x"), "{mail}");
    let (headers, text) = mail.split_once("\n\n").unwrap();
    assert!(!headers.contains("Bcc"), "{headers}");
    assert!(!text.contains("\nBcc"), "{text}");
    let open = listener.open();
    assert!(!open.contains("AUTH") && !open.contains("MAIL"), "{open}");
}

#[tokio::test]
async fn without_tls_nothing_goes_out_and_an_unknown_authority_is_not_believed() {
    for manner in [Manner::Bare, Manner::Fickle] {
        let listener = Listener::start(manner).await;
        let mailer = Mailer::new(options(&listener)).unwrap();
        let refused = mailer.send(&letter()).await.unwrap_err();
        assert!(!refused.kind().contains(ANN), "{}", refused.kind());
        let open = listener.open();
        assert!(!open.contains("MAIL"), "{manner:?}: {open}");
    }
    let listener = Listener::start(Manner::Kind).await;
    let other = Listener::start(Manner::Kind).await;
    let with = Options {
        ca: Some(other.ca()),
        ..options(&listener)
    };
    let refused = Mailer::new(with).unwrap().send(&letter()).await;
    assert!(!refused.unwrap_err().is_final());
    assert!(!listener.open().contains("MAIL"));
}

#[test]
fn a_mailer_that_could_not_protect_what_it_sends_is_not_made() {
    let off = |host: &str| Options {
        host: host.to_owned(),
        port: None,
        protection: Protection::Off,
        login: None,
        ca: None,
        from: "redtag@shop.example".to_owned(),
    };
    assert!(Mailer::new(off("127.0.0.1")).is_ok());
    let refused = Mailer::new(off("mail.example.com")).unwrap_err();
    assert!(matches!(refused, MailError::Unprotected(_)), "{refused}");
    let from = Options {
        from: "nobody\r\nBcc: all".to_owned(),
        ..off("127.0.0.1")
    };
    assert!(matches!(Mailer::new(from), Err(MailError::From(_))));
}

/// A server whose mail goes to a listener, and which does not wait before it tries again.
async fn serving(listener: &Listener) -> Server {
    let mailer = Mailer::new(options(listener)).unwrap();
    let place = Place {
        mailer: Some((mailer, &[Duration::ZERO; 3])),
        ..Place::default()
    };
    Server::start_in(place).await
}

async fn forget(server: &Server, email: &str) -> (StatusCode, String) {
    let mut browser = Browser::open(server, "/forgotten").await;
    browser.send("/forgotten", &[("email", email)]).await;
    (browser.status, browser.text)
}

#[tokio::test]
async fn who_has_forgotten_their_password_gets_a_link_and_nobody_hears_who_is_known() {
    let listener = Listener::start(Manner::Kind).await;
    let server = serving(&listener).await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    let unknown = forget(&server, "bob@example.com").await;
    let (storage, now) = (&*server.app.storage, server.app.clock.now());
    let token = kiosks::token(storage, shop, Role::Viewer, "Bay 3", 1, now).await;
    let enrolled = kiosks::enrol(storage, &token.unwrap(), now).await;
    let mailbox = enrolled.unwrap().person.email;
    assert!(kiosks::is_kiosk(&mailbox), "{mailbox}");
    let kiosk = forget(&server, &mailbox).await;
    let known = forget(&server, " Ann@Example.com ").await;
    assert_eq!(known.0, StatusCode::OK);
    assert_eq!(known, unknown);
    assert_eq!(known, kiosk);
    let mails = listener.mails(1).await;
    assert_eq!(mails.len(), 1, "nobody else's");
    let mail = read(&mails[0]);
    assert!(mail.contains("RCPT TO:<ann@example.com>"), "{mail}");
    let (_, link) = mail.split_once("/link/").unwrap();
    let link = link.split_whitespace().next().unwrap();
    let mut browser = Browser::open(&server, &format!("/link/{link}")).await;
    let new = "a bicycle in the rain";
    browser
        .send("/link", &[("password", new), ("again", new)])
        .await;
    assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    server.sign_in_with(ANN, new).await;
    server.stop().await;
}

#[tokio::test]
async fn mails_are_limited_by_address_in_silence_and_by_network_aloud() {
    let (log, _listening) = Log::listen();
    let listener = Listener::start(Manner::Kind).await;
    let server = serving(&listener).await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    server.member(shop, "bob@example.com", Role::Owner).await;
    for email in [ANN, "ANN@example.com", " ann@example.com", ANN, ANN] {
        assert_eq!(forget(&server, email).await.0, StatusCode::OK);
    }
    listener.mails(3).await;
    // A mail that was asked for later has overtaken none.
    assert_eq!(forget(&server, "bob@example.com").await.0, StatusCode::OK);
    let mails = listener.mails(4).await;
    let to_ann = mails.iter().filter(|it| it.contains("<ann@example.com>"));
    assert_eq!(to_ann.count(), 3);
    let mut status = StatusCode::OK;
    for _ in 0..10 {
        status = forget(&server, "eve@example.com").await.0;
    }
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    for text in ["ann@", "rtlink_"] {
        assert_eq!(log.lines(text), Vec::<String>::new());
    }
    server.stop().await;
}

#[tokio::test]
async fn no_page_waits_for_the_smtp_server_and_what_it_refuses_is_told_without_names() {
    let (log, _listening) = Log::listen();
    let listener = Listener::start(Manner::Mute).await;
    let server = serving(&listener).await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    // The listener holds the line and says nothing; the page is there all the same.
    assert_eq!(forget(&server, ANN).await.0, StatusCode::OK);
    listener.tries(1).await;
    server.stop().await;

    let listener = Listener::start(Manner::Stern).await;
    let server = serving(&listener).await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    assert_eq!(forget(&server, ANN).await.0, StatusCode::OK);
    listener.tries(1).await;
    while log.lines("given up").is_empty() {
        tokio::task::yield_now().await;
    }
    let told = log.lines("given up");
    assert!(told.len() == 1 && told[0].contains("550"), "{told:?}");
    assert_eq!(log.lines(ANN), Vec::<String>::new());
    server.stop().await;
}

#[tokio::test]
async fn a_mail_waits_for_a_server_that_is_busy() {
    let listener = Listener::start(Manner::Busy).await;
    let server = serving(&listener).await;
    let shop = server.shop().await;
    server.member(shop, ANN, Role::Viewer).await;
    server.app.settings.mail.as_ref().unwrap().forgotten(ANN);
    listener.mails(1).await;
    listener.tries(2).await;
    server.stop().await;
}
