use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use redtag_protocol::role::Role;

use crate::{
    app::{
        Layer, Message, Screen,
        fixture::{CAR, Client},
    },
    keys::Place,
};

fn alt(client: &mut Client, code: KeyCode) {
    client.send(Message::Key(KeyEvent::new(code, KeyModifiers::ALT)));
}

#[test]
fn a_key_that_came_with_an_escape_is_not_lost() {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    client.keys("t");
    client.settle();
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Timeline(_))
    ));
    // Back to the inspection, and one point down there.
    alt(&mut client, KeyCode::Char('j'));
    assert_eq!(client.state.inspection().unwrap().at, 1);
    // Out of a menu, and on.
    client.keys("m");
    alt(&mut client, KeyCode::Enter);
    assert!(client.state.layers.is_empty());
    assert_eq!(client.state.inspection().unwrap().at, 2);
}

#[test]
fn no_escape_is_made_up_where_one_types() {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    client.keys("nworn");
    alt(&mut client, KeyCode::Char('q'));
    alt(&mut client, KeyCode::Enter);
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("the note is gone");
    };
    assert_eq!(editor.input.text(), "worn\n");
}

#[test]
fn a_word_is_cut_in_a_filter_and_not_the_filter() {
    let mut client = Client::new(Role::Technician, CAR);
    client.keys("/brake pads");
    alt(&mut client, KeyCode::Backspace);
    assert_eq!(client.state.place(), Place::Filter);
    assert_eq!(client.state.board.filter.text(), "brake ");
}
