//! Texts that are being typed, and the canned notes of the shop.

use std::collections::BTreeMap;

use redtag_protocol::{
    canned::{Canned, Kept, Scope},
    ids::CannedId,
    ipc::FailureCode,
};

use super::*;
use crate::view;

fn keep(bench: &mut Bench, of: &str, text: Option<&str>, at: u64) {
    let text = text.map(ToOwned::to_owned);
    bench
        .store()
        .draft(ticket(1), of.to_owned(), text, now(at))
        .unwrap();
}

fn shown(bench: &mut Bench) -> BTreeMap<String, String> {
    view::inspection(bench.store(), ticket(1)).unwrap().drafts
}

#[test]
fn a_text_that_is_typed_is_there_after_reopening_and_gone_once_forgotten() {
    let mut bench = Bench::filled();
    assert!(shown(&mut bench).is_empty());
    keep(&mut bench, "note:tyres.wear", Some("sounds wea"), 1);
    keep(&mut bench, "note:tyres.wear", Some("sounds weak"), 2);
    keep(&mut bench, "concern", Some("pulls"), 3);
    bench.reopen();
    let drafts = shown(&mut bench);
    assert_eq!(drafts["note:tyres.wear"], "sounds weak");
    assert_eq!(drafts["concern"], "pulls");
    keep(&mut bench, "note:tyres.wear", None, 4);
    keep(&mut bench, "concern", None, 5);
    bench.reopen();
    assert!(shown(&mut bench).is_empty());
    // It is no edit: nothing waits to be sent.
    assert_eq!(bench.store().pending().unsettled().0, 0);
}

#[test]
fn the_oldest_goes_where_there_are_too_many() {
    let mut bench = Bench::filled();
    for n in 0..136 {
        keep(&mut bench, &format!("note:p{n}"), Some("x"), n);
    }
    let drafts = shown(&mut bench);
    assert_eq!(drafts.len(), 128);
    assert!(!drafts.contains_key("note:p7") && drafts.contains_key("note:p8"));
}

#[test]
fn under_an_account_without_the_inspection_nothing_is_kept() {
    let mut bench = Bench::filled();
    let text = Some("another's".to_owned());
    let error = bench
        .store()
        .draft(ticket(9), "concern".to_owned(), text, now(1));
    assert_eq!(error.unwrap_err().code, FailureCode::NotFound);
}

#[test]
fn the_shops_canned_notes_are_listed_with_what_waits() {
    let mut bench = Bench::filled();
    let kept = Kept {
        scope: Scope::Shop,
        note: Canned {
            text: "Not safe to ride.".to_owned(),
            condition: Some(Condition::Red),
            recommendation: None,
            unknown: serde_json::Map::new(),
        },
    };
    let edit = Edit::AddCanned {
        shop: shop(),
        id: CannedId::from_parts(1, [1; 10]),
        kept: kept.clone(),
    };
    // A technician keeps none.
    let refused = bench.store().save(vec![edit.clone()], now(1));
    assert!(refused.is_err());
    let body = json!({"id": me(), "name": "Ada", "role": "dispatcher"});
    let member = raw("member", &me().to_string(), 11, body.to_string());
    bench.pull(vec![member], 11, false);
    bench.save(edit, 2);
    let listed = view::canned(bench.store()).unwrap();
    assert_eq!(listed.into_values().collect::<Vec<_>>(), [kept]);
    bench.reopen();
    assert_eq!(view::canned(bench.store()).unwrap().len(), 1);
}
