//! Narrowing, looking for, going to, vehicles and customers, accounts, and what is remembered.

use redtag_protocol::{
    customer::CustomerWrite,
    ipc::{BoardQuery, BoardSort, Push, Request},
    lifecycle::State as Stage,
    op::Edit,
    role::Role,
    stamp::Seq,
    vehicle::VehicleWrite,
};

use crate::{
    app::{
        Item, Layer, Memory, Message, Screen, Tab,
        fixture::{self, CAR, Client, other_account, row},
    },
    link::{self, Event},
};

fn client() -> Client {
    let mut client = Client::new(Role::Dispatcher, CAR);
    client.settle();
    client
}

fn query(client: &Client) -> BoardQuery {
    let found = client.asked.iter().rev().find_map(|(_, it)| match it {
        Request::Board(query) => Some(query.clone()),
        _ => None,
    });
    found.unwrap()
}

fn subject(client: &Client) -> String {
    match client.state.above.last() {
        Some(Screen::Subject(screen)) => screen.title(),
        other => panic!("no vehicle or customer: {other:?}"),
    }
}

#[test]
fn the_board_is_narrowed_and_ordered_from_menus() {
    let mut client = client();
    client.keys("4f");
    client.settle();
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    let labels: Vec<_> = menu.items.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(
        labels,
        [
            "everything",
            "draft",
            "in progress",
            "bay 1",
            "no bay",
            "Sam Rivera",
            "nobody’s"
        ]
    );
    client.keys("3");
    assert_eq!(query(&client).states, [Stage::InProgress]);
    client.settle();
    client.keys("f");
    client.settle();
    client.keys("4");
    assert_eq!(query(&client).bay.as_deref(), Some("1"));
    assert_eq!(
        client.state.board.narrow.words().unwrap(),
        "in progress, bay 1"
    );
    client.settle();
    client.keys("o4");
    assert_eq!(query(&client).sort, BoardSort::Worst);
    client.settle();
    // Esc shows everything again; the order stays.
    client.keys("<Esc>");
    assert_eq!(query(&client).bay, None);
    assert_eq!(query(&client).sort, BoardSort::Worst);
}

#[test]
fn today_and_what_is_new_are_tabs() {
    let mut client = client();
    client.keys("5");
    let day = query(&client).since.unwrap();
    assert!(day <= fixture::NOW && fixture::NOW.0 - day.0 < 86_400_000);
    client.settle();
    client.keys("6");
    let asked = query(&client);
    // The first time everything counts as looked at, up to where the copy stood.
    assert_eq!(asked.news, Some(Seq(9)));
    assert_eq!(asked.sort, BoardSort::Changed);
}

#[test]
fn what_others_changed_is_marked_until_it_is_looked_at() {
    let mut client = client();
    client.state.memory.as_mut().unwrap().since = Some(Seq(2));
    client.keys("4");
    client.settle();
    let news = |client: &Client, n: u64| client.state.memory.as_ref().unwrap().is_news(&row(n));
    assert!(news(&client, 3) && news(&client, 6));
    assert!(
        !news(&client, 0) && !news(&client, 4),
        "older, and one's own"
    );
    client.keys("<Enter>");
    // The daemon says up to where it is looked at with the inspection.
    super::super::remember::looked_at(&mut client.state, row(3).id, Seq(3));
    assert!(!news(&client, 3) && news(&client, 6));
    client.keys("<Esc>xy");
    client.settle();
    assert!(!news(&client, 6));
    // The board knows of the change 51, and the last word of how things stand of 9.
    assert!(!news(&client, 51));
    assert!(client.remembered.as_ref().unwrap().contains("\"since\":51"));
}

#[test]
fn a_match_in_notes_is_asked_for_and_shown() {
    let mut client = client();
    client.keys("4/squeal");
    client.settle();
    let board = &client.state.board;
    let marked = board.marked().unwrap();
    assert_eq!(board.found(marked).unwrap().text, "squeals when cold");
    // Another filter: what was found belongs to the former.
    client.keys("<Backspace>");
    let board = &client.state.board;
    assert!(board.shown().all(|row| board.found(row).is_none()));
}

#[test]
fn filters_that_were_of_use_come_back() {
    let mut client = client();
    client.keys("4/10<Tab>");
    client.settle();
    client.keys("/<Esc>/abc<Tab>");
    client.settle();
    client.keys("<Esc>/<C-r>");
    assert_eq!(client.state.board.filter.text(), "abc");
    client.keys("<C-r>");
    assert_eq!(client.state.board.filter.text(), "10");
    client.keys("<C-r>");
    assert_eq!(client.state.board.filter.text(), "10");
    client.keys("<C-t><C-t>");
    assert_eq!(client.state.board.filter.text(), "");
}

#[test]
fn one_begins_where_one_was() {
    let mut client = client();
    client.keys("4o2");
    client.settle();
    client.keys("<Down><Down><Enter>");
    client.settle();
    client.keys("<Esc>2");
    client.settle();
    client.keys("4");
    client.settle();
    let remembered = client.remembered.clone();
    assert!(remembered.is_some());
    let mut again = Client::new(Role::Dispatcher, CAR);
    again.remembered = remembered;
    again.settle();
    assert_eq!(again.state.board.tab, Tab::All);
    assert_eq!(again.state.board.sort, BoardSort::Oldest);
    // Who was quicker than the daemon is not moved.
    let mut quick = Client::new(Role::Dispatcher, CAR);
    quick.remembered = client.remembered.clone();
    quick.keys("3");
    quick.settle();
    assert_eq!(quick.state.board.tab, Tab::Review);
}

#[test]
fn a_scanner_that_types_goes_straight_there() {
    let mut client = client();
    client.keys("g1042<Enter>");
    client.settle();
    assert_eq!(client.state.inspection().unwrap().id, fixture::ticket());
    assert!(client.state.layers.is_empty());
    // From anywhere, with another key.
    client.keys("<C-g>ABC1234<Enter>");
    client.settle();
    assert_eq!(subject(&client), "2017 Honda Pilot");
    // What may be several is asked.
    client.keys("<C-g>two<Enter>");
    client.settle();
    assert!(matches!(client.state.layers.last(), Some(Layer::Menu(menu)) if menu.items.len() == 2));
    client.keys("1");
    client.settle();
    assert_eq!(client.state.inspection().unwrap().id, fixture::ticket());
    // What is not there is said, and the next scan begins anew.
    client.keys("<C-g>nothing<Enter>");
    client.settle();
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("the line is gone");
    };
    assert!(editor.problem.as_ref().unwrap().contains("“nothing”"));
    assert!(editor.input.is_empty());
}

#[test]
fn one_does_not_go_away_from_what_was_typed() {
    let mut client = client();
    client.keys("vabc<C-n><Tab>X<C-g>");
    assert!(client.state.layers.is_empty());
    assert!(
        client
            .state
            .said
            .as_ref()
            .unwrap()
            .words
            .contains("would be lost")
    );
    assert!(client.state.card_mut().is_some());
}

#[test]
fn a_vehicle_is_found_and_leads_on() {
    let mut client = client();
    client.keys("vABC<Enter>");
    client.settle();
    assert_eq!(subject(&client), "2017 Honda Pilot");
    // The mark stands on the newest inspection, the owner above it.
    client.keys("<Up><Enter>");
    client.settle();
    assert_eq!(subject(&client), "Dana Whitfield");
    client.keys("<Esc><End><Up><Up><Enter>");
    client.settle();
    assert_eq!(client.state.inspection().unwrap().id, fixture::ticket());
}

#[test]
fn enter_struck_before_the_answer_opens_what_is_found_for_the_whole_text() {
    let mut client = client();
    client.keys("v");
    client.settle();
    client.keys("ABC-1234<Enter>");
    assert!(matches!(client.state.above.last(), Some(Screen::Finder(_))));
    client.settle();
    assert_eq!(subject(&client), "2017 Honda Pilot");
}

#[test]
fn what_is_corrected_goes_out_field_by_field() {
    let mut client = client();
    client.keys("cDana<Enter>");
    client.settle();
    client.keys("e<Tab>, 555-0199<Tab>");
    client.keys("<C-u>dana@example<C-s>");
    let Some(Screen::Card(card)) = client.state.above.last() else {
        panic!("no form");
    };
    let (item, words) = card.problem.as_ref().unwrap();
    assert_eq!(*item, Item::Emails);
    assert!(words.contains("“dana@example”"), "{words}");
    client.keys(".org<C-s>");
    let (ask, edits) = client.sent().unwrap();
    let id = fixture::customer();
    assert_eq!(
        edits,
        [
            Edit::Customer {
                id,
                write: CustomerWrite::Phones {
                    phones: vec!["555-0142".to_owned(), "555-0199".to_owned()],
                },
            },
            Edit::Customer {
                id,
                write: CustomerWrite::Emails {
                    emails: vec!["dana@example.org".to_owned()],
                },
            },
        ]
    );
    let result = client.answer_for(Request::Edit { edits });
    client.reply(ask, result);
    client.settle();
    assert_eq!(subject(&client), "Dana Whitfield");
}

#[test]
fn a_new_vehicle_says_what_may_be_the_same_and_what_the_vin_tells() {
    let mut client = client();
    client.keys("vabc 1234<C-n>");
    client.settle();
    let card = |client: &mut Client| {
        let card = client.state.card_mut().unwrap();
        (card.alike.clone(), card.vin_words())
    };
    let (alike, _) = card(&mut client);
    assert_eq!(alike, ["2017 Honda Pilot  ABC-1234"]);
    // To the VIN, which is the second field.
    client.keys("<Tab>1HGCM82633A123456<Tab>");
    client.settle();
    let (_, vin) = card(&mut client);
    assert!(vin.unwrap().1.contains("check digit"));
    client.keys("<C-s>");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    client.keys("n");
    assert!(client.sent_nothing());
    client.keys("<Up><C-u>1HGCM82633A004352<Tab>");
    client.settle();
    client.keys("<C-s>");
    let (_, edits) = client.sent().unwrap();
    let [Edit::CreateVehicle { vin, plate, .. }] = edits.as_slice() else {
        panic!("{edits:?}");
    };
    assert_eq!(vin.as_ref().unwrap().as_str(), "1HGCM82633A004352");
    assert_eq!(plate.as_deref(), Some("abc 1234"));
}

#[test]
fn a_new_one_that_may_be_there_already_is_asked_about_once() {
    let mut client = client();
    client.keys("v");
    client.settle();
    client.keys("<C-n><Tab><Tab>ABC-1234");
    // Straight from the field: nobody has seen yet what may be the same.
    client.keys("<C-s>");
    assert!(client.sent_nothing());
    client.settle();
    let Some(Layer::Confirm(asked)) = client.state.layers.last() else {
        panic!("no question");
    };
    assert!(asked.lines.iter().any(|it| it.contains("ABC-1234")));
    client.keys("n");
    client.settle();
    assert!(client.sent_nothing());
    client.keys("<C-s>");
    let (_, edits) = client.sent().unwrap();
    assert!(matches!(edits.as_slice(), [Edit::CreateVehicle { .. }]));
}

#[test]
fn a_refused_card_is_open_again_with_what_was_typed() {
    let mut client = client();
    client.keys("cDana<Enter>");
    client.settle();
    client.keys("e!<C-s>");
    let (ask, _) = client.sent().unwrap();
    let failure = redtag_protocol::ipc::Failure::new(
        redtag_protocol::ipc::FailureCode::Invalid,
        "that name is not taken",
    );
    client.reply(ask, Err(link::Error::Failed(failure)));
    let card = client.state.card_mut().unwrap();
    assert!(card.saving.is_none());
    assert_eq!(card.text(Item::Name), "Dana Whitfield!");
    assert!(
        card.problem
            .as_ref()
            .unwrap()
            .1
            .contains("that name is not taken")
    );
    assert_eq!(client.state.unsaved.at_risk(), 0);
}

#[test]
fn an_owner_is_chosen_and_taken_off() {
    let mut client = client();
    client.keys("vABC<Enter>");
    client.settle();
    client.keys("oDana");
    client.settle();
    client.keys("<Enter>");
    let (ask, edits) = client.sent().unwrap();
    let (id, customer) = (fixture::vehicle(), fixture::customer());
    let linked = |linked| Edit::Vehicle {
        id,
        write: VehicleWrite::Customer { customer, linked },
    };
    assert_eq!(edits, [linked(true)]);
    let result = client.answer_for(Request::Edit { edits });
    client.reply(ask, result);
    client.settle();
    client.keys("<Up>x");
    assert_eq!(client.sent().unwrap().1, [linked(false)]);
}

#[test]
fn the_trend_turns_and_begins_with_what_wears() {
    let mut client = client();
    client.keys("vABC<Enter>");
    client.settle();
    let trend = |client: &Client| match client.state.above.last() {
        Some(Screen::Subject(screen)) => screen.trend,
        _ => panic!("no vehicle"),
    };
    assert_eq!(trend(&client), 1, "the tread");
    client.keys("<Tab>");
    assert_eq!(trend(&client), 0);
    client.keys("<BackTab>");
    assert_eq!(trend(&client), 1);
}

#[test]
fn another_account_keeps_nothing_of_the_former() {
    let mut client = client();
    client.keys("4/10<Tab>");
    client.settle();
    client.keys("a");
    client.settle();
    // Something changed, and the board is asked for once more: the answer will come late.
    client.send(Message::Link(Event::Push(Push::Changed {
        documents: Vec::new(),
        difference: None,
    })));
    let board = client
        .asked
        .iter()
        .find(|(_, it)| matches!(it, Request::Board(_)))
        .cloned();
    let (late, asked_of_the_former) = board.unwrap();
    client.keys("2");
    let (ask, request) = client
        .asked
        .iter()
        .find(|(_, it)| matches!(it, Request::Use { .. }))
        .cloned()
        .unwrap();
    let result = client.answer_for(request);
    client.reply(ask, result);
    let state = &client.state;
    assert!(state.board.marked().is_none() && state.board.filter.is_empty());
    assert!(state.status.is_none() && state.memory.is_none());
    // An answer to what was asked for the former is nobody's.
    let result = client.answer_for(asked_of_the_former);
    client.reply(late, result);
    assert!(client.state.board.marked().is_none());
    // The news of the other one come, and its own memory is asked for.
    client.asked.clear();
    let mut status = fixture::status(Role::Dispatcher);
    status.account = Some(other_account());
    let push = Push::Status(Box::new(status));
    client.send(Message::Link(Event::Push(push)));
    let recalls = client
        .asked
        .iter()
        .any(|(_, it)| matches!(it, Request::Recall));
    assert!(recalls);
}

#[test]
fn nothing_is_left_behind_while_an_edit_is_being_saved() {
    let mut client = client();
    client.keys("vABC<Enter>");
    client.settle();
    client.keys("<Up>x");
    client.keys("<Esc><Esc><Esc>");
    let at = client
        .asked
        .iter()
        .position(|(_, it)| matches!(it, Request::Edit { .. }));
    let edit = client.asked.remove(at.unwrap());
    client.keys("a");
    client.settle();
    client.keys("2");
    assert!(
        !client
            .asked
            .iter()
            .any(|(_, it)| matches!(it, Request::Use { .. }))
    );
    assert!(
        client
            .state
            .said
            .as_ref()
            .unwrap()
            .words
            .contains("still being saved")
    );
    drop(edit);
}

#[test]
fn a_damaged_memory_is_nothing_remembered() {
    let mut client = Client::new(Role::Technician, CAR);
    client.remembered = Some("{\"tab\":\"what\"".to_owned());
    client.settle();
    assert_eq!(client.state.board.tab, Tab::Open);
    assert_eq!(
        client.state.memory,
        Some({
            let mut memory = Memory::default();
            memory.look_at_all(Seq(9));
            memory
        })
    );
}
