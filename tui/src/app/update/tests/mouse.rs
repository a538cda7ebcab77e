use redtag_protocol::role::Role;

use crate::{
    app::{
        Button, Field, Layer, Message, Mouse, Screen, Tab, Target,
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
fn a_click_lets_go_what_was_said_as_a_key_does() {
    let mut client = client();
    client.open();
    for on in [Target::Row(7), Target::Group(3)] {
        client.state.say("just said");
        click(&mut client, on);
        assert!(client.state.said.is_none(), "{on:?}");
    }
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

#[test]
fn fields_and_matches_of_the_forms_take_clicks() {
    let mut client = client();
    client.keys("n");
    client.settle();
    let form = |client: &Client| match client.state.above.last() {
        Some(Screen::New(form)) => form.at,
        _ => panic!("no form"),
    };
    assert_eq!(form(&client), Field::Vehicle);
    // The first match: a click marks it, another takes it.
    click(&mut client, Target::Match(0));
    assert_eq!(form(&client), Field::Vehicle);
    click(&mut client, Target::Match(0));
    client.settle();
    assert_eq!(form(&client), Field::Customer);
    let fields = match client.state.above.last() {
        Some(Screen::New(form)) => form.fields(),
        _ => panic!("no form"),
    };
    let bay = fields.iter().position(|it| *it == Field::Bay).unwrap();
    click(&mut client, Target::Row(bay));
    client.keys("7");
    let create = fields.len() - 1;
    click(&mut client, Target::Row(create));
    assert_eq!(form(&client), Field::Create);
    assert!(client.sent_nothing());
    click(&mut client, Target::Row(create));
    client.settle();
    let Some(Screen::Inspection(screen)) = client.state.above.last() else {
        panic!("nothing was created");
    };
    assert!(screen.label.starts_with('~') || screen.label.starts_with('#'));
}

#[test]
fn a_card_is_filled_in_and_saved_by_clicks() {
    let mut client = client();
    client.keys("c<C-n>");
    client.settle();
    client.keys("Zoe Zander");
    let Some(Screen::Card(card)) = client.state.above.last() else {
        panic!("no card");
    };
    let consent = card.fields.len() - 1;
    let (before, save) = (
        card.fields[consent].input.text().to_owned(),
        card.fields.len(),
    );
    click(&mut client, Target::Row(consent));
    click(&mut client, Target::Row(consent));
    let Some(Screen::Card(card)) = client.state.above.last() else {
        panic!("no card");
    };
    assert_ne!(card.fields[consent].input.text(), before);
    click(&mut client, Target::Row(save));
    click(&mut client, Target::Row(save));
    // What may be the same is asked for first; whoever types meanwhile is told what that means.
    client.keys("<Up>");
    let said = client.state.said.as_ref().unwrap().words.clone();
    assert!(said.contains("not saved yet; Ctrl-S saves it"), "{said}");
}
