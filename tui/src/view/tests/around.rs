//! What the board tells of a search, at the width that most have.

use redtag_protocol::role::Role;

use super::{drawn, picture};
use crate::{
    app::fixture::{self, Client},
    theme::Theme,
};

fn searched(text: &str) -> String {
    let mut client = Client::new(Role::Dispatcher, fixture::CAR);
    client.settle();
    client.keys(&format!("4/{text}"));
    client.settle();
    let buffer = drawn(&mut client, 80, 24, Theme::new(true, false));
    picture(&buffer)
}

#[test]
fn a_match_is_seen_where_its_column_would_cut_it_and_told_where_it_has_none() {
    assert!(searched("ccord").contains("Accord"));
    assert!(searched("rivera").contains("assignee: Sam Rivera"));
    assert!(searched("bay 2").contains("bay: 2"));
    assert!(searched("squeal").contains("note: squeals when cold"));
}
