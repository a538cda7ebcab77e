use redtag_protocol::stamp::Stamp;

use super::*;
use crate::testing;

#[test]
fn the_words_mean_what_they_say() {
    let mut status = testing::status();
    assert!(render(&status).contains("everything is acknowledged"));
    status.waiting = 1;
    assert!(render(&status).contains("1 edit saved here, waiting to send"));
    (status.waiting, status.sent) = (0, 2);
    assert!(render(&status).contains("2 edits sent, not yet acknowledged"));
    status.connection = Connection::Offline {
        why: "no route".into(),
        next_try: Some(Stamp(0)),
    };
    let text = render(&status);
    assert!(text.contains("offline: no route; next try"), "{text}");
    assert!(
        !text.contains("acknowledged\n") || text.contains("not yet"),
        "{text}"
    );
}

#[test]
fn of_an_account_that_cannot_be_opened_nothing_is_called_acknowledged() {
    let mut status = testing::status();
    let mut account = testing::account();
    account.shut = Some("its key is gone".to_owned());
    status.account = Some(account);
    status.connection = Connection::NoAccount;
    let text = render(&status);
    assert!(text.contains("its key is gone"), "{text}");
    assert!(text.contains("tech@example.com"), "{text}");
    assert!(!text.contains("acknowledged"), "{text}");
    assert!(!text.contains("nobody"), "{text}");
}

#[test]
fn nobody_signed_in_says_what_to_do() {
    let mut status = testing::status();
    status.account = None;
    status.connection = Connection::NoAccount;
    let text = render(&status);
    assert!(text.contains("redtag login URL"), "{text}");
    assert!(!text.contains("acknowledged"), "{text}");
}
