use super::*;
use crate::testing;

const NOW: Stamp = Stamp(1_700_000_000_000);

#[test]
fn the_words_mean_what_they_say() {
    let mut status = testing::status();
    assert!(render(&status, NOW).contains("everything is acknowledged"));
    status.waiting = 1;
    assert!(render(&status, NOW).contains("1 edit saved here, waiting to send"));
    (status.waiting, status.sent) = (0, 2);
    assert!(render(&status, NOW).contains("2 edits sent, not yet acknowledged"));
    status.connection = Connection::Offline {
        why: "no route".into(),
        next_try: Some(Stamp(NOW.0 + 11_500)),
    };
    let text = render(&status, NOW);
    assert!(
        text.contains("offline: no route; next try in 12 s"),
        "{text}"
    );
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
    let text = render(&status, NOW);
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
    let text = render(&status, NOW);
    assert!(text.contains("redtag login URL"), "{text}");
    assert!(!text.contains("acknowledged"), "{text}");
}

#[test]
fn what_waits_says_since_when_why_and_when_the_next_try_is() {
    let mut status = testing::status();
    status.waiting = 3;
    status.waiting_since = Some(Stamp(1_700_000_000_000));
    status.held = Some("the server asked for a pause".to_owned());
    status.next_try = Some(Stamp(1_700_000_060_000));
    let text = render(&status, NOW);
    for row in ["since", "held", "next try"] {
        assert!(
            text.lines().any(|line| line.starts_with(row)),
            "{row}: {text}"
        );
    }
    assert!(text.contains("asked for a pause"), "{text}");
    // With nothing unsent there is nothing to explain.
    status.waiting = 0;
    assert!(!render(&status, NOW).contains("held"));
}

#[test]
fn copies_the_index_and_the_alarm_are_told() {
    let mut status = testing::status();
    status.filling = true;
    status.progress = Some((400, 1_000));
    let text = render(&status, NOW);
    assert!(
        text.contains("first copy is still on its way, 400 of 1000 fetched"),
        "{text}"
    );
    status.filling = false;
    status.rebuilding = true;
    status.indexed = Some((5, 9));
    status.alarm = Some("the history was rewritten".to_owned());
    let text = render(&status, NOW);
    assert!(
        text.contains("your edits are not touched, 400 of 1000"),
        "{text}"
    );
    assert!(text.contains("5 of 9 documents are indexed"), "{text}");
    assert!(text.contains("ALARM: the history was rewritten"), "{text}");
}
