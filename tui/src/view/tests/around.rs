//! Looking around the shop: the board narrowed and searched, vehicles, customers, accounts.

use redtag_protocol::{role::Role, stamp::Seq};

use super::{drawn, picture, shot};
use crate::{
    app::fixture::{self, Client},
    theme::Theme,
};

fn client() -> Client {
    let mut client = Client::new(Role::Dispatcher, fixture::CAR);
    client.settle();
    client
}

/// At the two sizes that matter most.
fn two(name: &str, client: &mut Client) {
    for (width, height) in [(80, 24), (200, 50)] {
        let buffer = drawn(client, width, height, Theme::new(true, false));
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&buffer));
    }
}

#[test]
fn the_board_with_news_and_with_who_is_at_work() {
    let mut client = client();
    client.state.memory.as_mut().unwrap().since = Some(Seq(2));
    client.keys("4");
    shot("board_news", &mut client);
}

#[test]
fn what_is_new() {
    let mut client = client();
    client.state.memory.as_mut().unwrap().since = Some(Seq(2));
    client.keys("6");
    two("board_tab_new", &mut client);
}

#[test]
fn the_board_narrowed_and_ordered() {
    let mut client = client();
    client.keys("4f");
    client.settle();
    client.keys("4");
    client.settle();
    client.keys("o4");
    two("board_narrowed", &mut client);
}

#[test]
fn the_board_with_a_filter_whose_match_no_column_shows() {
    let mut client = client();
    client.keys("4/squeal");
    client.settle();
    shot("board_found", &mut client);
}

#[test]
fn the_board_with_a_filter_that_columns_show() {
    let mut client = client();
    client.keys("4/ABC");
    client.settle();
    two("board_filtered", &mut client);
}

#[test]
fn the_board_with_a_filter_whose_match_a_column_would_cut() {
    let mut client = client();
    client.keys("4/ccord");
    client.settle();
    shot("board_found_cut", &mut client);
    let buffer = drawn(&mut client, 80, 24, Theme::new(true, false));
    assert!(picture(&buffer).contains("Accord"));
}

#[test]
fn the_board_with_a_filter_whose_match_has_no_column() {
    let mut client = client();
    client.keys("4/bay 2");
    client.settle();
    shot("board_found_bay", &mut client);
    client.keys("<Esc>/rivera");
    client.settle();
    let buffer = drawn(&mut client, 80, 24, Theme::new(true, false));
    assert!(picture(&buffer).contains("assignee: Sam Rivera"));
}

#[test]
fn the_board_by_bay() {
    let mut client = client();
    client.keys("4o6");
    client.settle();
    shot("board_by_bay", &mut client);
}

#[test]
fn what_can_be_narrowed_to() {
    let mut client = client();
    client.keys("f");
    client.settle();
    two("board_narrow_menu", &mut client);
}

#[test]
fn where_one_wants_to_go() {
    let mut client = client();
    client.keys("gnowhere<Enter>");
    client.settle();
    two("jump", &mut client);
}

#[test]
fn accounts() {
    let mut client = client();
    client.keys("a");
    client.settle();
    two("accounts", &mut client);
}

#[test]
fn vehicles() {
    let mut client = client();
    client.keys("v");
    client.settle();
    two("vehicles", &mut client);
}

#[test]
fn a_customer_who_is_not_found() {
    let mut client = client();
    client.keys("cNobody");
    client.settle();
    two("customers_none", &mut client);
}

#[test]
fn one_vehicle() {
    let mut client = client();
    client.keys("vABC<Enter>");
    client.settle();
    shot("vehicle", &mut client);
}

#[test]
fn one_customer() {
    let mut client = client();
    client.keys("cDana<Enter>");
    client.settle();
    two("customer", &mut client);
}

#[test]
fn a_vehicle_written_down() {
    let mut client = client();
    client.keys("vabc 1234<C-n>");
    client.settle();
    client.keys("<Tab>1HGCM82633A123456<Tab>");
    client.settle();
    shot("card_vehicle", &mut client);
}

#[test]
fn a_customer_with_a_mistake() {
    let mut client = client();
    client.keys("cDana<Enter>");
    client.settle();
    client.keys("e<C-u><C-s>");
    two("card_customer", &mut client);
}

#[test]
fn templates() {
    let mut client = client();
    client.keys("t");
    client.settle();
    two("templates", &mut client);
    // An older version, in which one point was called otherwise and one was missing.
    let Some(crate::app::Screen::Templates(screen)) = client.state.above.last_mut() else {
        panic!("no templates");
    };
    let now = screen.all.clone().unwrap().remove(0);
    let mut before = now.clone();
    before.id = redtag_protocol::ids::TemplateId::from_parts(9, [9; 10]);
    before.state = redtag_protocol::template::TemplateState::Closing;
    before.sections[0].points[0].label = "Mileage".to_owned();
    before.sections[0].points.pop();
    let mut after = now;
    after.version = 2;
    screen.take(vec![before, after]);
    client.keys("<Tab>");
    shot("templates_changes", &mut client);
}
