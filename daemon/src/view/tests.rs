//! The projection and the joins, on documents that were put in by hand.

mod around;

use redtag_protocol::{
    customer::Customer,
    entity::{Entity, EntityRef},
    ids::{InspectionId, PersonId, TemplateId, VehicleId},
    inspection::Inspection,
    ipc::{BoardQuery, SyncState, TicketFilter},
    lifecycle::State,
    shop::Member,
    stamp::Stamp,
    template::Template,
    vehicle::Vehicle,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::*;

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn id(which: u64) -> String {
    format!("019a2b3c-4d5e-7f60-8a9b-{which:012x}")
}

fn writer(stamp: u64) -> Value {
    json!([1, id(900), 1, stamp, id(901)])
}

fn ticket(which: u64, state: &str, created: u64, more: &Value) -> Entity {
    let mut body = json!({
        "id": id(which), "number": which, "provisional": format!("~K7-{which}"),
        "template": {"id": id(500), "key": "bike", "version": 1},
        "vehicle": id(300), "created": writer(created),
        "state": {"v": state, "w": writer(created)},
    });
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    Entity::Inspection(Box::new(read::<Inspection>(body)))
}

fn board(tickets: Vec<Entity>) -> Board {
    let mut board = Board::default();
    board.put(&Entity::Template(read::<Template>(json!({
        "id": id(500), "key": "bike", "version": 1, "name": "Bike", "state": "active",
        "sections": [],
    }))));
    board.put(&Entity::Vehicle(read::<Vehicle>(json!({
        "id": id(300), "kind": "car",
        "vin": {"v": "1HGCM82633A004352", "w": writer(1)},
        "plate": {"v": "MÖ-77", "w": writer(1)},
        "make": {"v": "Škoda", "w": writer(1)},
    }))));
    board.put(&Entity::Customer(read::<Customer>(json!({
        "id": id(400), "name": {"v": "Zoë\u{1b}[31m Áng", "w": writer(1)},
        "phones": {"v": ["555 0100"], "w": writer(1)}, "emails": {"v": [], "w": writer(1)},
        "consent": {"v": true, "w": writer(1)},
    }))));
    board.put(&Entity::Member(read::<Member>(
        json!({"id": id(901), "name": "Ada", "role": "technician"}),
    )));
    for ticket in tickets {
        board.put(&ticket);
    }
    board
}

fn labels(board: &Board, query: &BoardQuery) -> Vec<String> {
    let me: PersonId = id(901).parse().unwrap();
    let page = board.page(query, me, &|_| SyncState::Acknowledged);
    page.rows.into_iter().map(|row| row.label).collect()
}

fn all() -> BoardQuery {
    BoardQuery {
        limit: 100,
        ..BoardQuery::default()
    }
}

#[test]
fn open_ones_come_first_then_the_newest() {
    let board = board(vec![
        ticket(1, "closed", 400, &json!({})),
        ticket(2, "in_progress", 100, &json!({})),
        ticket(3, "void", 500, &json!({})),
        ticket(4, "draft", 300, &json!({})),
    ]);
    assert_eq!(labels(&board, &all()), ["#4", "#2", "#3", "#1"]);
    let page = BoardQuery {
        offset: 1,
        limit: 2,
        ..all()
    };
    assert_eq!(labels(&board, &page), ["#2", "#3"]);
}

#[test]
fn words_are_found_anywhere_in_the_joined_texts() {
    let with = json!({
        "customer": {"v": id(400), "w": writer(1)}, "assignee": {"v": id(901), "w": writer(1)},
        "bay": {"v": "Lift 2", "w": writer(1)},
    });
    let board = board(vec![
        ticket(1042, "draft", 1, &with),
        ticket(7, "draft", 2, &json!({"vehicle": id(301)})),
    ]);
    for text in [
        "3a004352",
        "mo-77",
        "SKODA",
        "zoe ang",
        "ada",
        "lift 2",
        "#1042",
        "k7-1042 hgcm",
    ] {
        let query = BoardQuery {
            text: text.to_owned(),
            ..all()
        };
        assert_eq!(labels(&board, &query), ["#1042"], "{text}");
    }
    let none = BoardQuery {
        text: "ada nobody".to_owned(),
        ..all()
    };
    assert!(labels(&board, &none).is_empty());
}

#[test]
fn a_state_and_a_bay_are_found_by_their_names() {
    let numbered = |which: u64, bay: &str| json!({ "number": 1003 + which, "bay": {"v": bay, "w": writer(1)} });
    let board = board(vec![
        ticket(1, "in_progress", 10, &numbered(1, "3")),
        ticket(2, "closed", 20, &numbered(2, "13")),
        ticket(3, "returned", 30, &numbered(3, "North 3")),
    ]);
    let found = |text: &str| {
        let text = text.to_owned();
        labels(&board, &BoardQuery { text, ..all() })
    };
    assert_eq!(found("closed"), ["#1005"]);
    assert_eq!(found("Clos"), ["#1005"]);
    assert_eq!(found("in progress"), ["#1004"]);
    assert_eq!(found("bay 3"), ["#1004"]);
    // No bay is called so; one has the word in its name, and a note may have both.
    assert_eq!(found("BAY  north"), Vec::<String>::new());
    assert_eq!(found("north bay"), Vec::<String>::new());
    // Digits alone are looked for everywhere, as ever.
    assert_eq!(found("3").len(), 3);
    assert_eq!(found("bay 4"), Vec::<String>::new());
}

#[test]
fn states_and_assignees_narrow_the_board() {
    let mine = json!({"assignee": {"v": id(901), "w": writer(1)}});
    let board = board(vec![
        ticket(1, "draft", 1, &mine),
        ticket(2, "submitted", 2, &json!({})),
    ]);
    let by = |states: Vec<State>, assignee| BoardQuery {
        states,
        assignee,
        ..all()
    };
    assert_eq!(labels(&board, &by(vec![State::Submitted], None)), ["#2"]);
    let filter = Some(TicketFilter::Mine);
    assert_eq!(labels(&board, &by(vec![], filter)), ["#1"]);
    let filter = Some(TicketFilter::Unassigned);
    assert_eq!(labels(&board, &by(vec![], filter)), ["#2"]);
    let filter = Some(TicketFilter::Person(id(901).parse().unwrap()));
    assert_eq!(labels(&board, &by(vec![State::Submitted], filter)), [""; 0]);
}

#[test]
fn a_document_takes_the_place_of_its_former_self() {
    let mut board = board(vec![ticket(1, "draft", 1, &json!({}))]);
    board.put(&ticket(1, "closed", 1, &json!({})));
    assert_eq!(labels(&board, &all()), ["#1"]);
    let vehicle: VehicleId = id(300).parse().unwrap();
    let one: InspectionId = id(1).parse().unwrap();
    assert_eq!(board.visits(vehicle), [(Stamp(1), one)]);
    board.put(&ticket(1, "void", 1, &json!({})));
    assert_eq!(board.visits(vehicle), []);
    board.remove(&EntityRef::Inspection(one));
    assert!(labels(&board, &all()).is_empty());
}

#[test]
fn nothing_from_outside_steers_a_terminal() {
    let with = json!({
        "customer": {"v": id(400), "w": writer(1)},
        "bay": {"v": "\u{1b}]0;owned\u{7}2\n", "w": writer(1)},
    });
    let board = board(vec![ticket(1, "draft", 1, &with)]);
    let me: PersonId = id(901).parse().unwrap();
    let page = board.page(&all(), me, &|_| SyncState::Acknowledged);
    assert_eq!(page.rows[0].customer, "Zoë Áng");
    assert!(!page.rows[0].bay.contains(|c: char| c.is_control()));
    let cleaned = clean(json!({"note": "a\u{202e}b\u{1b}[2Jc\nd", "n": 1}));
    assert_eq!(cleaned, json!({"note": "abc\nd", "n": 1}));
}

#[test]
fn lists_are_by_name_and_limited() {
    let board = board(vec![]);
    assert_eq!(board.customers("zoe 0100", 10).len(), 1);
    assert_eq!(board.customers("", 10).len(), 1);
    assert_eq!(board.customers("", 0).len(), 0);
    assert_eq!(board.vehicles("skoda 4352", 10).len(), 1);
    assert_eq!(
        board
            .template(
                "019a2b3c-4d5e-7f60-8a9b-0000000001f4"
                    .parse::<TemplateId>()
                    .unwrap()
            )
            .map(|it| it.version),
        Some(1)
    );
}

#[test]
fn a_duplicate_that_was_merged_shows_as_its_winner() {
    let mut board = board(vec![
        ticket(
            1,
            "closed",
            1,
            &json!({"customer": {"v": id(401), "w": writer(1)}}),
        ),
        ticket(2, "closed", 2, &json!({"vehicle": id(301)})),
    ]);
    board.put(&Entity::Vehicle(read::<Vehicle>(json!({
        "id": id(301), "plate": {"v": "OLD 1", "w": writer(1)},
        "merged": {"v": id(300), "w": writer(2)},
    }))));
    board.put(&Entity::Customer(read::<Customer>(json!({
        "id": id(401), "name": {"v": "Zoe", "w": writer(1)}, "phones": {"v": [], "w": writer(1)},
        "emails": {"v": [], "w": writer(1)}, "consent": {"v": true, "w": writer(1)},
        "merged": {"v": id(400), "w": writer(2)}, "deletion": writer(3),
    }))));
    let me: PersonId = id(901).parse().unwrap();
    let page = board.page(&all(), me, &|_| SyncState::Acknowledged);
    assert_eq!(page.rows[0].mark, "MÖ-77");
    assert_eq!(page.rows[1].customer, "Zoë Áng");
    let winner: VehicleId = id(300).parse().unwrap();
    let loser: VehicleId = id(301).parse().unwrap();
    assert_eq!(board.visits(winner).len(), 2);
    assert_eq!(board.visits(loser), board.visits(winner));
    assert_eq!(board.vehicles("", 10), [winner]);
    assert_eq!(board.customers("", 10).len(), 1);
    assert!(board.names(&EntityRef::Vehicle(winner)) && board.names(&EntityRef::Vehicle(loser)));
    // Nobody settles anything in a duplicate: what is done to it is done to the one that stays.
    assert_eq!(board.to_settle(), (0, Vec::new()));
    // A deletion that met an edit is an open question like a conflict.
    board.put(&Entity::Vehicle(read::<Vehicle>(json!({
        "id": id(302), "deletion": writer(3),
    }))));
    assert_eq!(board.to_settle(), (1, Vec::new()));
    board.remove(&EntityRef::Vehicle(winner));
    let page = board.page(&all(), me, &|_| SyncState::Acknowledged);
    assert_eq!(page.rows[0].mark, "");
}

#[test]
fn what_comes_late_is_shown_once_it_is_there() {
    let mut board = Board::default();
    let one: InspectionId = id(1).parse().unwrap();
    board.put(&ticket(
        1,
        "draft",
        1,
        &json!({"results": {"a": {"answer": {
        "v": {"condition": "red"}, "w": writer(1)}}}}),
    ));
    assert_eq!(board.take_uncounted(), []);
    assert!(board.member(id(901).parse().unwrap()).is_none());
    board.put(&Entity::Template(read::<Template>(json!({
        "id": id(500), "key": "bike", "version": 1, "name": "Bike", "state": "active",
        "sections": [{"key": "s", "label": "S", "points": [
            {"key": "a", "label": "A", "kind": "condition"}]}],
    }))));
    assert_eq!(board.take_uncounted(), [one]);
    board.put(&ticket(
        1,
        "draft",
        1,
        &json!({"results": {"a": {"answer": {
        "v": {"condition": "red"}, "w": writer(1)}}}}),
    ));
    assert_eq!(board.take_uncounted(), []);
    let page = board.page(&all(), id(901).parse().unwrap(), &|_| {
        SyncState::Acknowledged
    });
    let counts = page.rows[0].counts;
    assert_eq!((counts.total, counts.red), (1, 1));
    assert_eq!(page.rows[0].vehicle, "");
}

#[test]
fn labels_of_other_programs_are_found_too() {
    let board = board(vec![ticket(
        9,
        "draft",
        1,
        &json!({"provisional": "~Other 007", "number": null}),
    )]);
    assert_eq!(labels(&board, &all()), ["~Other 007"]);
    let one = Some(id(9).parse().unwrap());
    assert_eq!(board.find("~other 007"), one);
    assert_eq!(board.find(&id(9)), one);
    let query = BoardQuery {
        text: "other".to_owned(),
        ..all()
    };
    assert_eq!(labels(&board, &query), ["~Other 007"]);
}
