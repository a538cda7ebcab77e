use redtag_protocol::role::Role;

use crate::{
    app::{
        Button, Layer, Message, Mouse, Screen, Tab, Target,
        fixture::{CAR, Client},
    },
    keys::Action,
};

fn client() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    client.keys("4");
    client.settle();
    client
}

fn click(client: &mut Client, on: Target) {
    client.send(Message::Mouse(Mouse {
        button: Button::Click,
        on: Some(on),
    }));
}

fn wheel(client: &mut Client, button: Button) {
    client.send(Message::Mouse(Mouse { button, on: None }));
}

#[test]
fn a_click_marks_and_a_second_one_opens() {
    let mut client = client();
    click(&mut client, Target::Row(7));
    assert_eq!(client.state.board.selected, 7);
    assert!(client.state.above.is_empty());
    click(&mut client, Target::Row(7));
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Inspection(_))
    ));
}

#[test]
fn tabs_sections_and_hints_take_clicks() {
    let mut client = client();
    click(&mut client, Target::Group(1));
    assert_eq!(client.state.board.tab, Tab::Mine);
    client.open();
    click(&mut client, Target::Group(3));
    assert_eq!(client.state.inspection().unwrap().place(), (3, 0));
    let at = client.state.inspection().unwrap().at;
    click(&mut client, Target::Row(at + 1));
    assert_eq!(client.state.inspection().unwrap().place(), (3, 1));
    click(&mut client, Target::Row(at + 1));
    assert!(
        client.sent_nothing(),
        "a point is marked by a click, never answered"
    );
    click(&mut client, Target::Action(Action::Help));
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Help { .. })
    ));
    click(&mut client, Target::Nothing);
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Help { .. })
    ));
}

#[test]
fn the_wheel_steps_and_types_nothing() {
    let mut client = client();
    wheel(&mut client, Button::WheelDown);
    assert_eq!(client.state.board.selected, 3);
    wheel(&mut client, Button::WheelUp);
    assert_eq!(client.state.board.selected, 0);
    client.open();
    client.keys("<Tab><Tab><Tab><Tab>5");
    let before = client.state.inspection().unwrap().at;
    wheel(&mut client, Button::WheelDown);
    let screen = client.state.inspection().unwrap();
    assert_eq!(screen.at, before);
    assert!(screen.entry.is_some());
}

#[test]
fn a_menu_takes_clicks_as_well() {
    let mut client = client();
    client.open();
    client.keys("m");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    assert!(!menu.items.is_empty());
    click(&mut client, Target::Row(0));
    assert!(!matches!(client.state.layers.last(), Some(Layer::Menu(_))));
}
