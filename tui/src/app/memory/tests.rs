use redtag_protocol::{
    ids::InspectionId,
    ipc::{BoardSort, REMEMBERED, Touched},
    stamp::Seq,
};

use super::*;
use crate::app::fixture::{NOW, row};

fn changed(seq: u64, own: bool) -> BoardRow {
    BoardRow {
        touched: Some(Touched {
            seq: Some(Seq(seq)),
            at: NOW,
            who: "Ada".to_owned(),
            own,
        }),
        ..row(1)
    }
}

#[test]
fn what_others_changed_is_news_until_it_was_looked_at() {
    let mut memory = Memory::default();
    assert!(!memory.is_news(&changed(9, false)), "before the first time");
    memory.look_at_all(Seq(5));
    assert!(!memory.is_news(&changed(5, false)));
    assert!(memory.is_news(&changed(9, false)));
    assert!(!memory.is_news(&changed(9, true)), "one's own");
    memory.look_at(row(1).id, Seq(9));
    assert!(!memory.is_news(&changed(9, false)));
    assert!(memory.is_news(&changed(10, false)));
    memory.look_at_all(Seq(10));
    assert!(!memory.is_news(&changed(10, false)));
}

#[test]
fn it_stays_within_its_bounds_and_reads_back() {
    let mut memory = Memory {
        sort: BoardSort::Bay,
        ..Memory::default()
    };
    memory.set_tab(Tab::Today);
    memory.look_at_all(Seq(1));
    for n in 0..5_000_u64 {
        memory.note_filter(&format!("plate {n} {}", "x".repeat(180)));
        memory.look_at(InspectionId::from_parts(n, [1; 10]), Seq(n + 2));
    }
    let text = memory.text().unwrap();
    assert!(text.len() < REMEMBERED, "{}", text.len());
    assert_eq!(memory.filters().len(), FILTERS);
    assert_eq!(Memory::read(&text), memory);
    assert_eq!(memory.tab(), Tab::Today);
}

#[test]
fn a_filter_is_remembered_once_and_the_latest_is_last() {
    let mut memory = Memory::default();
    for filter in ["abc", "def", " abc ", "", &"y".repeat(1_000)] {
        memory.note_filter(filter);
    }
    assert_eq!(memory.filters(), ["def", "abc"]);
}

#[test]
fn garbage_is_nothing_remembered() {
    for text in [
        "",
        "{",
        "[]",
        "null",
        "{\"tab\":99,\"new\":[1]}",
        "\u{1b}[2J",
    ] {
        let memory = Memory::read(text);
        assert_eq!(memory.tab(), Tab::Open, "{text}");
        assert!(memory.filters().is_empty());
    }
}
