use redtag_protocol::role::Role;

use crate::{
    app::{
        Layer, Message, Palette, Reach, Screen,
        fixture::{CAR, Client},
    },
    keys::{Action, Keymap, Place},
};

fn client(role: Role) -> Client {
    let mut client = Client::new(role, CAR);
    client.settle();
    client
}

fn palette(client: &Client) -> &Palette {
    match client.state.layers.last() {
        Some(Layer::Palette(palette)) => palette,
        other => panic!("no palette but {other:?}"),
    }
}

#[test]
fn every_action_of_a_place_and_of_everywhere_is_in_it_once() {
    let keys = Keymap::default();
    for place in Place::ALL {
        let palette = Palette::over(&keys, place, Some(Role::Owner), false);
        let offered: Vec<Action> = palette.shown().map(|it| it.binding.action).collect();
        for from in [place, Place::Everywhere] {
            for binding in from.bindings().iter().filter(|it| !it.is_fixed()) {
                let count = offered.iter().filter(|it| **it == binding.action).count();
                assert_eq!(count, 1, "{place:?}: {:?}", binding.action);
            }
        }
    }
}

#[test]
fn letters_find_an_action_and_enter_does_it() {
    let mut client = client(Role::Technician);
    client.keys("<C-p>newins");
    assert_eq!(
        palette(&client).marked().unwrap().binding.action,
        Action::New
    );
    client.keys("<Enter>");
    assert!(client.state.layers.is_empty());
    assert!(matches!(client.state.above.last(), Some(Screen::New(_))));
}

#[test]
fn it_does_what_the_key_of_the_place_does() {
    let mut client = client(Role::Technician);
    client.open();
    client.keys("<Tab>:green, and on<Enter>");
    let (_, edits) = client.sent().unwrap();
    assert!(!edits.is_empty());
}

#[test]
fn what_a_role_may_not_do_is_not_in_it() {
    let mut client = client(Role::Viewer);
    client.keys(":");
    let offered: Vec<Action> = palette(&client)
        .shown()
        .map(|it| it.binding.action)
        .collect();
    assert!(!offered.contains(&Action::New));
    assert!(offered.contains(&Action::Filter));
}

#[test]
fn what_is_done_on_the_board_is_found_from_anywhere_and_done_there() {
    let mut client = client(Role::Dispatcher);
    client.open();
    client.keys("t:");
    let found = |client: &Client, action| {
        let mut shown = palette(client).shown();
        shown.any(|it| it.binding.action == action && it.at == Reach::Board)
    };
    for binding in Place::Board.bindings() {
        let known = palette(&client).shown();
        let known = known.filter(|it| it.binding.words == binding.words).count();
        let moves = binding.hint.is_none() || matches!(binding.action, Action::Enter);
        assert!(known == 1 || moves, "{:?}", binding.action);
    }
    assert!(found(&client, Action::Narrow) && found(&client, Action::Order));
    client.keys("choose the order");
    assert_eq!(
        palette(&client).marked().unwrap().binding.action,
        Action::Order
    );
    client.keys("<Enter>");
    assert!(client.state.above.is_empty());
    assert!(matches!(client.state.layers.last(), Some(Layer::Menu(_))));
}

#[test]
fn nothing_typed_is_lost_by_going_to_the_board() {
    let mut client = client(Role::Dispatcher);
    client.keys("nABC<C-p>choose the order<Enter>");
    assert!(client.state.layers.is_empty());
    let Some(Screen::New(form)) = client.state.above.last() else {
        panic!("the form is gone");
    };
    assert!(form.is_touched());
    assert!(client.state.said.is_some());
}

#[test]
fn it_goes_away_without_doing_anything() {
    let mut client = client(Role::Technician);
    client.keys(":new<Esc>");
    assert!(client.state.layers.is_empty() && client.state.above.is_empty());
    client.keys(":no such thing at all<Enter>");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Palette(_))
    ));
    assert_eq!(palette(&client).count(), 0);
}

#[test]
fn pasted_text_narrows_it_and_strikes_no_key() {
    let mut client = client(Role::Technician);
    client.keys(":");
    client.send(Message::Paste("synchronise\r\n".to_owned()));
    assert_eq!(
        palette(&client).marked().unwrap().binding.action,
        Action::Sync
    );
}

#[test]
fn the_mark_stays_within_what_matches() {
    let mut client = client(Role::Technician);
    client.keys(":<Up>");
    assert_eq!(palette(&client).selected, 0);
    for _ in 0..100 {
        client.keys("<Down>");
    }
    assert_eq!(palette(&client).selected, palette(&client).count() - 1);
    client.keys("sync");
    assert_eq!(palette(&client).selected, 0);
}

#[test]
fn an_action_without_a_key_is_still_found() {
    let mut client = client(Role::Technician);
    let none = crate::keys::Override {
        place: Place::Board,
        action: Action::New,
        chords: Vec::new(),
    };
    client.state.keys = Keymap::with(&[none]).0;
    client.keys("n");
    assert!(client.state.above.is_empty());
    client.keys(":newins<Enter>");
    assert!(matches!(client.state.above.last(), Some(Screen::New(_))));
}
