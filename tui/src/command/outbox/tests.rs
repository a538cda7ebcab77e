use redtag_protocol::{
    entity::EntityRef,
    ipc::{Adopted, OutboxPage, Status, SyncState, TemplatePage},
    lifecycle::State,
    op::{Edit, Refusal, RefusalCode},
    stamp::Stamp,
};

use super::*;
use crate::{
    command::{fault::Exit, shape::OutboxShape},
    testing::{self, Daemon},
};

fn row(number: u64, sync: SyncState, text: &str) -> Outgoing {
    let view = testing::view(State::InProgress);
    let edit = Edit::Inspection {
        id: view.inspection.id,
        write: redtag_protocol::inspection::InspectionWrite::Note {
            point: "frame.cracks".parse().unwrap(),
            note: Some(text.to_owned()),
        },
    };
    Outgoing {
        with: Vec::new(),
        number,
        group: number,
        entity: EntityRef::Inspection(view.inspection.id),
        label: "#1042".to_owned(),
        edit,
        stamp: Stamp(1_700_000_000_000 + number * 60_000),
        sync,
        refusal: (sync == SyncState::Refused)
            .then(|| Refusal::new(RefusalCode::NotAllowed, "a viewer may not do this")),
    }
}

fn rows() -> Vec<Outgoing> {
    vec![
        row(3, SyncState::Refused, "deep"),
        row(4, SyncState::Sent, "hairline"),
        row(5, SyncState::Waiting, "at the weld"),
    ]
}

fn status() -> Status {
    Status {
        waiting: 1,
        sent: 1,
        quarantined: 1,
        waiting_since: Some(Stamp(1_700_000_000_000)),
        held: Some("the API cannot be reached".to_owned()),
        ..testing::status()
    }
}

fn names() -> Labels {
    Labels::of_shop(vec![testing::template()], Vec::new())
}

/// Times are on the clock of whoever reads them; here they are told apart by their minutes.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if word.contains(['-', ':']) && digits >= 4 {
            let blank: String = word
                .chars()
                .map(|c| if c.is_ascii_digit() { '0' } else { c })
                .collect();
            out.push_str(&blank);
        } else {
            out.push_str(word);
        }
    }
    out
}

#[test]
fn every_edit_is_listed_with_how_far_it_is() {
    let text = list::render(&status(), &rows(), &names(), 100, Stamp(1_700_000_000_000));
    insta::assert_snapshot!(timeless(&text), @r"
    1 edit saved here, waiting to send, the oldest since 0000-00-00 00:00; 1 sent, not yet acknowledged; 1 refused.
    They wait because the API cannot be reached.
    EDIT  SINCE             WHERE  HOW FAR  WHAT
    4     0000-00-00 00:00  #1042  sent     Frame and fork cracks, note: “hairline”
    5     0000-00-00 00:00  #1042  waiting  Frame and fork cracks, note: “at the weld”
    Refused by the API, kept here:
    EDIT  SINCE             WHERE  WHAT
    3     0000-00-00 00:00  #1042  Frame and fork cracks, note: “deep”
          why: a viewer may not do this
    `redtag outbox retry EDIT` tries one again, `redtag outbox discard EDIT` gives it up.
    ");
    let calm = list::render(&testing::status(), &[], &names(), 80, Stamp(0));
    assert!(calm.contains("Nothing is unsent"), "{calm}");
    assert!(calm.contains("nothing was refused"), "{calm}");
}

#[test]
fn programs_get_every_edit_and_what_they_got_before() {
    let (status, rows) = (status(), rows());
    let shape = serde_json::to_value(OutboxShape::new(&status, &rows, &names())).unwrap();
    assert_eq!(shape["edits"].as_array().unwrap().len(), 3);
    assert_eq!(shape["edits"][0]["state"], "refused");
    assert_eq!(shape["edits"][0]["refusal"]["code"], "not_allowed");
    assert_eq!(shape["edits"][2]["state"], "waiting");
    assert_eq!(shape["edits"][2]["field"], "note:frame.cracks");
    assert_eq!(shape["held"], "the API cannot be reached");
    assert_eq!(shape["quarantined"][0]["number"], 3);
    assert_eq!(shape["inspections"][0]["waiting"], 2);
    assert_eq!(shape["inspections"][0]["sync"], "waiting");
    assert_eq!(shape["inspections"][0]["fields"][0], "note:frame.cracks");
}

#[test]
fn a_refused_stroke_is_shown_with_its_reason_and_what_to_do() {
    let text = show::render(&rows()[..1], &names());
    insta::assert_snapshot!(timeless(&text), @r"
    Edit 3
      where  #1042 (inspection)
      what   Frame and fork cracks, note: “deep”
      field  note:frame.cracks
      since  0000-00-00 00:00
      state  refused, kept here
      why    a viewer may not do this
    `redtag outbox retry 3` tries again, `redtag outbox discard 3` gives up.
    ");
    let lost = decide::lost(&rows()[..1], &names());
    assert!(lost.contains("#1042") && lost.contains("“deep”"), "{lost}");
    assert!(lost.contains("nowhere else"), "{lost}");
}

fn bench(rows: Vec<Outgoing>) -> Daemon {
    Daemon::new(move |request| {
        Some(Ok(match request {
            Request::Outbox { offset, .. } => Reply::Outbox(OutboxPage {
                rows: rows
                    .iter()
                    .skip(usize::try_from(*offset).unwrap())
                    .take(2)
                    .cloned()
                    .collect(),
                total: u64::try_from(rows.len()).unwrap(),
            }),
            Request::TemplatePage { .. } => {
                Reply::TemplatePage(TemplatePage::of(vec![testing::template()]))
            }
            Request::Members => Reply::Members(Vec::new()),
            Request::Retry { .. } => Reply::Saved {
                first: 9,
                last: 9,
                inspection: None,
            },
            _ => Reply::Done,
        }))
    })
}

#[tokio::test]
async fn the_whole_outbox_is_read_page_by_page() {
    let daemon = bench(rows());
    let line = Line::over(crate::link::Link::open(daemon.options()).0);
    let numbers: Vec<u64> = all(&line)
        .await
        .unwrap()
        .iter()
        .map(|it| it.number)
        .collect();
    assert_eq!(numbers, [3, 4, 5]);
    let none = stroke(7, &line).await.unwrap_err();
    assert_eq!(none.exit, Exit::Usage);
}

#[tokio::test]
async fn only_what_was_refused_is_for_a_person_to_decide() {
    let daemon = bench(rows());
    let line = Line::over(crate::link::Link::open(daemon.options()).0);
    let format = Format::default();
    let waiting = decide::discard(5, true, format, &line).await.unwrap_err();
    assert!(waiting.words.contains("was not refused"), "{waiting:?}");
    let sent = decide::retry(4, format, &line).await.unwrap_err();
    assert!(sent.words.contains("redtag sync"), "{sent:?}");
    decide::retry(3, Format { json: true }, &line)
        .await
        .unwrap();
    decide::discard(3, true, Format { json: true }, &line)
        .await
        .unwrap();
}

#[test]
fn what_became_of_an_export_is_told() {
    let adopted = Adopted {
        saved: 2,
        known: 1,
        refused: 1,
    };
    let text = export::told(&adopted);
    assert!(text.contains("2 edits saved here as your own"), "{text}");
    assert!(text.contains("1 edit was here already"), "{text}");
    assert!(text.contains("1 edit was refused by the rules"), "{text}");
}
