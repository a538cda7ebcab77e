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
fn nobody_signed_in_says_what_to_do() {
    let mut status = testing::status();
    status.account = None;
    status.connection = Connection::NoAccount;
    assert!(render(&status).contains("redtag login URL"));
}
