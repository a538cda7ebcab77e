use redtag_protocol::{
    ipc::{BoardQuery, Push, Reply, Request, TicketFilter, TicketPage},
    lifecycle::State,
    role::Role,
    stamp::Seq,
};

use crate::{
    app::{
        Deed, Layer, Message, Screen,
        fixture::{CAR, Client, NOW, row},
    },
    link::Event,
};

fn client() -> Client {
    Client::new(Role::Technician, CAR)
}

fn query(client: &Client) -> Option<BoardQuery> {
    client.asked.iter().rev().find_map(|(_, it)| match it {
        Request::Board(query) => Some(query.clone()),
        _ => None,
    })
}

#[test]
fn the_board_is_asked_for_in_parts() {
    let client = client();
    let query = query(&client).unwrap();
    assert_eq!(query.offset, 0);
    assert!(query.limit < 1000);
}

#[test]
fn tabs_and_filter_go_to_the_daemon() {
    let mut client = client();
    client.settle();
    client.keys("2");
    assert_eq!(query(&client).unwrap().assignee, Some(TicketFilter::Mine));
    client.settle();
    client.keys("4/10");
    client.settle();
    assert_eq!(client.state.board.filter.text(), "10");
    assert!(client.state.board.matched < 52);
    client.keys("<Esc>");
    client.settle();
    assert_eq!(client.state.board.matched, 52);
}

#[test]
fn what_was_typed_at_length_and_given_up_can_be_had_again() {
    let mut client = client();
    client.settle();
    client.keys("4/squeal<Esc>");
    client.keys("/ab<Esc>/<C-r>");
    assert_eq!(client.state.board.filter.text(), "squeal");
    // Going back from it does not put it in front of those that came after.
    client.keys("<Esc>/accord<Esc>/<C-r><C-r><Esc>/<C-r>");
    assert_eq!(client.state.board.filter.text(), "accord");
}

#[test]
fn review_is_what_was_handed_in_and_not_decided_on() {
    let mut client = client();
    client.settle();
    client.keys("3");
    assert_eq!(query(&client).unwrap().states, [State::Submitted]);
}

#[test]
fn everything_counts_as_looked_at_only_after_a_question() {
    let mut client = client();
    client.settle();
    client.state.memory.as_mut().unwrap().since = Some(Seq(2));
    client.keys("x");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(it)) if it.deed == Deed::LookedAtAll
    ));
    client.keys("n");
    assert_eq!(client.state.memory.as_ref().unwrap().since, Some(Seq(2)));
    client.keys("xy");
    assert_ne!(client.state.memory.as_ref().unwrap().since, Some(Seq(2)));
}

#[test]
fn enter_struck_before_the_answer_opens_what_was_typed() {
    let mut client = client();
    client.settle();
    client.keys("4/1035<Enter>");
    assert!(client.state.above.is_empty());
    client.settle();
    let Some(Screen::Inspection(screen)) = client.state.above.last() else {
        panic!("nothing was opened");
    };
    assert_eq!(screen.id, crate::app::fixture::row(7).id);
}

#[test]
fn the_mark_stays_on_its_inspection_when_others_change() {
    let mut client = client();
    client.settle();
    client.keys("4");
    client.settle();
    client.keys("<Down><Down>");
    let marked = client.state.board.marked().unwrap().id;
    client.send(Message::Link(Event::Push(Push::Changed {
        documents: Vec::new(),
        difference: None,
    })));
    client.settle();
    assert_eq!(client.state.board.marked().unwrap().id, marked);
}

#[test]
fn the_mark_stays_on_the_first_row_until_it_is_moved() {
    let page = |rows: &[u64]| {
        let rows: Vec<_> = rows.iter().map(|n| row(*n)).collect();
        let count = u64::try_from(rows.len()).unwrap();
        let (matched, total) = (count, count);
        let page = TicketPage {
            rows,
            matched,
            total,
        };
        Ok(Reply::Board(page))
    };
    let changed = || {
        Message::Link(Event::Push(Push::Changed {
            documents: Vec::new(),
            difference: None,
        }))
    };
    let mut client = client();
    client.settle();
    client.keys("1");
    // The shop arrives in parts, the newest last.
    for rows in [&[5][..], &[4, 5], &[1, 2, 4, 5]] {
        client.send(changed());
        while let Some(at) = client
            .asked
            .iter()
            .position(|(_, it)| matches!(it, Request::Board(_)))
        {
            let (ask, _) = client.asked.remove(at);
            client.reply(ask, page(rows));
        }
        assert_eq!(client.state.board.selected, 0, "{rows:?}");
        assert_eq!(client.state.board.marked().unwrap().id, row(rows[0]).id);
    }
    client.keys("<Enter><Esc>");
    client.send(changed());
    while let Some(at) = client
        .asked
        .iter()
        .position(|(_, it)| matches!(it, Request::Board(_)))
    {
        let (ask, _) = client.asked.remove(at);
        client.reply(ask, page(&[0, 1, 2]));
    }
    assert_eq!(client.state.board.marked().unwrap().id, row(1).id);
}

#[test]
fn nothing_wakes_an_idle_board_within_a_minute_but_an_age_that_grows() {
    let mut client = client();
    client.settle();
    let wake = client.state.wakes_at().unwrap();
    assert!(wake.0 > NOW.0 + 60_000);
    client.asked.clear();
    client.send(Message::Clock);
    assert!(client.asked.is_empty());
}

#[test]
fn nothing_of_one_account_is_left_in_another_after_a_sign_out() {
    let mut client = client();
    client.open();
    for id in [None, Some("a2")] {
        let mut told = crate::app::fixture::status(Role::Technician);
        told.account = told.account.zip(id).map(|(mut account, id)| {
            id.clone_into(&mut account.id);
            account
        });
        client.send(Message::Link(Event::Push(Push::Status(Box::new(told)))));
    }
    assert!(client.state.inspection().is_none());
    assert_eq!(client.state.board.shown().count(), 0);
}

#[test]
fn nothing_of_one_account_is_left_in_another() {
    let mut client = client();
    client.open();
    client.keys("n");
    let mut other = crate::app::fixture::status(Role::Technician);
    if let Some(account) = &mut other.account {
        account.id = "a2".to_owned();
    }
    client.send(Message::Link(Event::Push(Push::Status(Box::new(other)))));
    assert!(client.state.above.is_empty() && client.state.layers.is_empty());
    assert_eq!(client.state.board.shown().count(), 0);
    assert!(query(&client).is_some());
}

#[test]
fn a_viewer_cannot_begin_an_inspection() {
    let mut client = Client::new(Role::Viewer, CAR);
    client.settle();
    client.keys("n");
    assert!(client.state.above.is_empty());
    assert!(client.state.said.is_some());
}

#[test]
fn enter_on_a_row_that_is_still_on_its_way_opens_it_when_it_is_here() {
    let mut client = client();
    client.settle();
    client.keys("4");
    client.settle();
    client.state.board.stale();
    client.state.board.forget();
    client.send(Message::Clock);
    client.keys("<Enter>");
    assert!(client.state.above.is_empty());
    client.settle();
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Inspection(_))
    ));
}
