//! Scripts stand on these shapes: a change here is a change for them.

use redtag_protocol::{
    grade::Condition,
    inspection::{Answer, AnswerValue, Counts, PointResult},
    ipc::{BoardRow, Connection, SyncState},
    lifecycle::State,
    stamp::Stamp,
};

use super::*;
use crate::testing::{self, register};

fn pretty<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

#[test]
fn status() {
    let mut status = testing::status();
    status.waiting = 2;
    status.connection = Connection::Offline {
        why: "no route to the host".to_owned(),
        next_try: Some(Stamp(1_700_000_060_000)),
    };
    insta::assert_snapshot!(pretty(&StatusShape::from(&status)));
}

#[test]
fn status_without_an_account() {
    let mut status = testing::status();
    (status.account, status.cursor, status.last_sync) = (None, None, None);
    status.connection = Connection::NoAccount;
    insta::assert_snapshot!(pretty(&StatusShape::from(&status)));
}

#[test]
fn accounts() {
    let accounts = [testing::account()];
    insta::assert_snapshot!(pretty(&AccountsShape::from(&accounts[..])));
}

#[test]
fn inspection() {
    let mut view = testing::view(State::InProgress);
    let torque = Answer {
        reference: Some("6 N.m".parse().unwrap()),
        ..Answer::value(AnswerValue::Measured("3,5 N.m".parse().unwrap()))
    };
    let torque = PointResult {
        answer: Some(register(Some(torque))),
        note: Some(register(Some("loose".to_owned()))),
        ..PointResult::default()
    };
    let cracks = PointResult {
        answer: Some(register(Some(Answer::condition(Condition::Green)))),
        ..PointResult::default()
    };
    let key = |key: &str| key.parse().unwrap();
    let results = &mut view.inspection.results;
    results.insert(key("frame.stem_torque"), torque);
    results.insert(key("frame.cracks"), cracks);
    view.counts = view.inspection.counts(&view.template);
    view.sync = SyncState::Waiting;
    view.waiting = 1;
    view.pending.insert("answer:frame.cracks".to_owned());
    let shape = InspectionShape::from(&view);
    insta::assert_snapshot!(pretty(&shape));
}

#[test]
fn list() {
    let view = testing::view(State::Draft);
    let row = BoardRow {
        id: view.inspection.id,
        label: "#1042".to_owned(),
        state: State::Draft,
        revision: 0,
        vehicle: "bicycle".to_owned(),
        mark: "WTU123".to_owned(),
        customer: String::new(),
        assignee: "Tess Tester".to_owned(),
        bay: String::new(),
        template: "Bicycle service".to_owned(),
        created: Stamp(1_700_000_000_000),
        counts: Counts {
            total: 29,
            answered: 1,
            red: 1,
            ..Counts::default()
        },
        conflicts: 0,
        late: 0,
        sync: SyncState::Acknowledged,
        touched: None,
        found: None,
        noted: false,
    };
    let local = BoardRow {
        label: "~K7-3".to_owned(),
        ..row.clone()
    };
    insta::assert_snapshot!(pretty(&ListShape::new(&[row, local], 2, 9)));
}
