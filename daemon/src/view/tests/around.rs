//! Orders, narrowings, what is exact, what is alike, where a text leads.

use redtag_protocol::ipc::{BoardSort, Facets, Found, Likeness};

use super::*;

fn vehicle(which: u64, plate: &str, vin: Option<&str>) -> Entity {
    let mut body = json!({"id": id(which), "kind": "car", "make": {"v": "Honda", "w": writer(1)}});
    if !plate.is_empty() {
        body["plate"] = json!({"v": plate, "w": writer(1)});
    }
    if let Some(vin) = vin {
        body["vin"] = json!({"v": vin, "w": writer(1)});
    }
    Entity::Vehicle(read::<Vehicle>(body))
}

fn of_vehicle(which: u64, vehicle: u64, created: u64) -> Entity {
    ticket(which, "draft", created, &json!({"vehicle": id(vehicle)}))
}

fn found(board: &Board, text: &str) -> Vec<String> {
    let query = BoardQuery {
        text: text.to_owned(),
        ..all()
    };
    labels(board, &query)
}

#[test]
fn what_is_exactly_the_text_stands_first() {
    let mut board = board(vec![
        of_vehicle(104, 310, 900),
        of_vehicle(1042, 311, 800),
        of_vehicle(10, 312, 700),
        of_vehicle(3, 313, 600),
    ]);
    board.put(&vehicle(310, "XX 10421", None));
    board.put(&vehicle(311, "YY 1", None));
    board.put(&vehicle(312, "ZZ 2", None));
    board.put(&vehicle(313, "1042", None));
    // By number and by plate, before what only holds it.
    assert_eq!(found(&board, "1042"), ["#1042", "#3", "#104"]);
    assert_eq!(found(&board, "10").first().unwrap(), "#10");
    for part in 0..4 {
        let query = BoardQuery {
            text: "10".to_owned(),
            offset: part,
            limit: 1,
            ..all()
        };
        let whole = found(&board, "10");
        let at = usize::try_from(part).unwrap();
        assert_eq!(labels(&board, &query), whole[at..=at], "part {part}");
    }
}

#[test]
fn plates_are_found_with_blanks_and_dashes_and_without() {
    let mut board = board(vec![of_vehicle(1, 310, 1), of_vehicle(2, 311, 2)]);
    board.put(&vehicle(310, "ABC-1234", None));
    board.put(&vehicle(311, "DEF1234", None));
    for text in ["abc1234", "ABC-1234", "bc-12", "c123"] {
        assert_eq!(found(&board, text), ["#1"], "{text}");
    }
    assert_eq!(found(&board, "def-1234"), ["#2"]);
    // A ticket's number is no plate.
    assert_eq!(found(&board, "#1234"), [] as [&str; 0]);
}

#[test]
fn orders_put_what_is_equal_in_the_usual_order() {
    let bay = |bay: &str| json!({"bay": {"v": bay, "w": writer(1)}});
    let board = board(vec![
        ticket(1, "draft", 400, &bay("10")),
        ticket(2, "in_progress", 300, &bay("2")),
        ticket(3, "draft", 200, &bay("2")),
        ticket(4, "draft", 100, &json!({})),
        ticket(5, "closed", 900, &bay("1")),
    ]);
    let by = |sort, limit| {
        let query = BoardQuery {
            sort,
            limit,
            ..all()
        };
        labels(&board, &query)
    };
    assert_eq!(by(BoardSort::Usual, 9), ["#1", "#2", "#3", "#4", "#5"]);
    assert_eq!(by(BoardSort::Bay, 9), ["#2", "#3", "#1", "#4", "#5"]);
    assert_eq!(by(BoardSort::Bay, 2), ["#2", "#3"]);
    assert_eq!(by(BoardSort::Oldest, 9), ["#4", "#3", "#2", "#1", "#5"]);
    assert_eq!(by(BoardSort::Customer, 9), ["#1", "#2", "#3", "#4", "#5"]);
}

#[test]
fn bay_state_person_and_time_narrow_it_and_are_counted() {
    let with = json!({
        "bay": {"v": "2", "w": writer(1)}, "assignee": {"v": id(901), "w": writer(1)},
    });
    let board = board(vec![
        ticket(1, "draft", 100, &with),
        ticket(2, "draft", 200, &json!({})),
        ticket(3, "closed", 300, &with),
    ]);
    let by = |query| labels(&board, &query);
    let bay = |bay: &str| BoardQuery {
        bay: Some(bay.to_owned()),
        ..all()
    };
    assert_eq!(by(bay("2")), ["#1", "#3"]);
    assert_eq!(by(bay("")), ["#2"]);
    assert_eq!(by(bay("7")), [] as [&str; 0]);
    let since = BoardQuery {
        since: Some(Stamp(200)),
        ..all()
    };
    assert_eq!(by(since), ["#2", "#3"]);
    let ada: PersonId = id(901).parse().unwrap();
    assert_eq!(
        board.facets(&[], None),
        Facets {
            states: vec![(State::Draft, 2), (State::Closed, 1)],
            bays: vec![(Some("2".to_owned()), 2), (None, 1)],
            people: vec![(Some((ada, "Ada".to_owned())), 2), (None, 1)],
        }
    );
    let open = board.facets(&[State::Draft], Some(ada));
    assert_eq!(open.states, [(State::Draft, 1)]);
}

#[test]
fn the_last_change_is_known_and_what_others_did_is_news() {
    let other = |seq: u64, stamp: u64| json!([seq, id(910), 1, stamp, id(911)]);
    let mut board = board(vec![
        ticket(
            1,
            "draft",
            100,
            &json!({"bay": {"v": "2", "w": other(7, 500)}}),
        ),
        ticket(2, "draft", 200, &json!({})),
        ticket(
            3,
            "draft",
            300,
            &json!({"bay": {"v": "2", "w": other(4, 900)}}),
        ),
    ]);
    board.put(&Entity::Member(read::<Member>(
        json!({"id": id(911), "name": "Bo", "role": "technician"}),
    )));
    let me: PersonId = id(901).parse().unwrap();
    let page = board.page(&all(), me, &|_| SyncState::Acknowledged);
    let told: Vec<_> = page
        .rows
        .iter()
        .map(|row| {
            let it = row.touched.as_ref().unwrap();
            (
                row.label.as_str(),
                it.seq.unwrap().0,
                it.at.0,
                it.who.as_str(),
                it.own,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("#3", 4, 900, "Bo", false),
            ("#2", 1, 200, "Ada", true),
            ("#1", 7, 500, "Bo", false),
        ]
    );
    let news = |after| BoardQuery {
        news: Some(redtag_protocol::stamp::Seq(after)),
        sort: BoardSort::Changed,
        ..all()
    };
    assert_eq!(labels(&board, &news(0)), ["#3", "#1"]);
    assert_eq!(labels(&board, &news(4)), ["#1"]);
    assert_eq!(labels(&board, &news(7)), [] as [&str; 0]);
}

#[test]
fn a_match_that_no_column_shows_is_told() {
    let mut board = board(vec![of_vehicle(1, 310, 1)]);
    board.put(&vehicle(310, "AB 1", Some("1HGCM82633A004352")));
    let me: PersonId = id(901).parse().unwrap();
    let row = |text: &str| {
        let query = BoardQuery {
            text: text.to_owned(),
            ..all()
        };
        let page = board.page(&query, me, &|_| SyncState::Acknowledged);
        page.rows.into_iter().next().unwrap()
    };
    assert_eq!(
        row("3a0043").found,
        Some(Found {
            place: "VIN".to_owned(),
            text: "1HGCM82633A004352".to_owned(),
        })
    );
    assert_eq!(row("ab 1").found, None);
    assert_eq!(row("honda").found, None);
}

#[test]
fn the_same_plate_spelled_otherwise_is_alike() {
    let mut board = board(Vec::new());
    board.put(&vehicle(310, "ABO-1234", None));
    board.put(&vehicle(311, "", Some("5FNYF5H59HB011946")));
    let alike = |marks: &[&str]| {
        let to = Likeness {
            marks: marks.iter().map(|it| (*it).to_owned()).collect(),
            ..Likeness::default()
        };
        board.alike(&to).0
    };
    let first: VehicleId = id(310).parse().unwrap();
    for plate in ["ABO 1234", "abo1234", "AB0-1234", "ab0 i234"] {
        assert_eq!(alike(&[plate]), [first], "{plate}");
    }
    assert_eq!(alike(&["ABO-123"]), [] as [VehicleId; 0]);
    assert_eq!(alike(&["", "AB"]), [] as [VehicleId; 0]);
    assert_eq!(alike(&["5fnyf5h59hb011946"]).len(), 1);
    let but = Likeness {
        marks: vec!["ABO-1234".to_owned()],
        but: Some(EntityRef::Vehicle(first)),
        ..Likeness::default()
    };
    assert!(board.alike(&but).0.is_empty());
}

#[test]
fn customers_are_alike_by_name_telephone_and_address() {
    let mut board = board(Vec::new());
    board.put(&Entity::Customer(read::<Customer>(json!({
        "id": id(401), "name": {"v": "Dana Whitfield", "w": writer(1)},
        "phones": {"v": ["+44 20 7946 0142"], "w": writer(1)},
        "emails": {"v": ["dana@example.com"], "w": writer(1)},
        "consent": {"v": true, "w": writer(1)},
    }))));
    let alike = |name: Option<&str>, contacts: &[&str]| {
        let to = Likeness {
            name: name.map(ToOwned::to_owned),
            contacts: contacts.iter().map(|it| (*it).to_owned()).collect(),
            ..Likeness::default()
        };
        board.alike(&to).1.len()
    };
    assert_eq!(alike(Some("dana WHITFIELD"), &[]), 1);
    assert_eq!(alike(Some("Dana"), &[]), 0);
    assert_eq!(alike(None, &["020-7946-0142"]), 1);
    assert_eq!(alike(None, &["Dana@Example.com"]), 1);
    assert_eq!(alike(None, &["0142"]), 0);
    assert_eq!(alike(None, &["other@example.com", "555 0101"]), 0);
}

#[test]
fn a_text_leads_to_what_it_names_exactly() {
    let mut board = board(vec![
        of_vehicle(1042, 310, 1),
        of_vehicle(7, 311, 2),
        of_vehicle(8, 311, 3),
    ]);
    board.put(&vehicle(310, "ABC-1234", Some("5FNYF5H59HB011946")));
    board.put(&vehicle(311, "1042", None));
    let labels = |text: &str| -> Vec<String> {
        let hits = board.jump(text).into_iter();
        hits.map(|hit| format!("{} {}", hit.entity.kind(), hit.label))
            .collect()
    };
    assert_eq!(labels("1042"), ["inspection #1042", "vehicle 1042"]);
    assert_eq!(labels("~k7-8"), ["inspection #8"]);
    for scanned in [
        "abc 1234",
        " ABC1234\n",
        "*5FNYF5H59HB011946*",
        "I5FNYF5H59HB011946",
    ] {
        assert_eq!(labels(scanned), ["vehicle ABC-1234"], "{scanned}");
    }
    assert_eq!(labels("abc"), [] as [&str; 0]);
    assert_eq!(labels(" * "), [] as [&str; 0]);
    // The one inspection at the bench, where there is one and no other.
    let open = |text: &str| board.jump(text)[0].open;
    assert_eq!(open("ABC-1234"), Some(id(1042).parse().unwrap()));
    let of_other = board.jump("1042").into_iter().nth(1).unwrap();
    assert_eq!(of_other.open, None);
}
