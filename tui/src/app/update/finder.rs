//! Keys of the lists of vehicles and of customers.

use crossterm::event::KeyEvent;
use redtag_protocol::{
    ipc::{Reply, Request},
    op::Edit,
    vehicle::VehicleWrite,
};

use super::subject;
use crate::{
    app::{Card, FOUND, Finder, Listed, Purpose, Screen, Sought, State},
    keys::Action,
    link::Error,
};

/// Opens it.
pub(super) fn open(state: &mut State, sought: Sought) {
    state
        .above
        .push(Screen::Finder(Box::new(Finder::new(sought))));
    look(state);
}

/// Asks for what is typed, where the list is in front.
pub(super) fn look(state: &mut State) {
    let Some(Screen::Finder(screen)) = state.above.last() else {
        return;
    };
    let (text, limit) = (screen.input.text().trim().to_owned(), FOUND);
    let purpose = Purpose::Find(screen.sought, text.clone());
    let request = match screen.sought {
        Sought::Vehicle => Request::Vehicles { text, limit },
        Sought::Customer | Sought::OwnerOf(_) => Request::Customers { text, limit },
    };
    state.ask(purpose, request);
}

/// Does what a key says; keys without a meaning type.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let page = i64::from(state.height.saturating_sub(6).max(1));
    let Some(Screen::Finder(screen)) = state.above.last_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => screen.step(-1),
        Some(Action::Down) => screen.step(1),
        Some(Action::PageUp) => screen.step(-page),
        Some(Action::PageDown) => screen.step(page),
        Some(Action::Enter) => enter(state),
        Some(Action::New) => create(state),
        Some(Action::Back) if screen.input.is_empty() => drop(state.above.pop()),
        Some(Action::Back) => {
            screen.input.clear();
            look(state);
        }
        _ => {
            let before = screen.input.text().to_owned();
            if screen.input.key(key) && screen.input.text() != before {
                look(state);
            }
        }
    }
}

/// Pasted text is looked for.
pub(super) fn paste(state: &mut State, text: &str) {
    if let Some(Screen::Finder(screen)) = state.above.last_mut() {
        screen.input.paste(text.trim());
        look(state);
    }
}

/// Takes an answer.
pub(super) fn answered(
    state: &mut State,
    sought: Sought,
    text: String,
    result: Result<Reply, Error>,
) {
    let Some(Screen::Finder(screen)) = state.above.last_mut() else {
        return;
    };
    if screen.sought != sought || screen.input.text().trim() != text {
        return;
    }
    match result {
        Ok(Reply::Vehicles(all)) => screen.take(text, Listed::Vehicles(all)),
        Ok(Reply::Customers(all)) => screen.take(text, Listed::Customers(all)),
        Ok(_) => return,
        Err(error) => screen.trouble = Some(error.to_string()),
    }
    if std::mem::take(&mut screen.enter_on_answer) {
        enter(state);
    }
}

fn enter(state: &mut State) {
    let Some(Screen::Finder(screen)) = state.above.last_mut() else {
        return;
    };
    if !screen.is_current() {
        screen.enter_on_answer = screen.trouble.is_none();
        return;
    }
    match (screen.sought, screen.customer(), screen.marked()) {
        (Sought::OwnerOf(id), Some((customer, name)), _) => {
            let write = VehicleWrite::Customer {
                customer,
                linked: true,
            };
            state.above.pop();
            let edits = vec![Edit::Vehicle { id, write }];
            state
                .unsaved
                .push(format!("the vehicle is {name}’s"), edits);
        }
        (_, _, Some(key)) => subject::open(state, key),
        (_, _, None) => create(state),
    }
}

/// What is typed becomes a new one.
fn create(state: &mut State) {
    if !state.may(redtag_protocol::role::Permission::Create) {
        return;
    }
    let Some(Screen::Finder(screen)) = state.above.last() else {
        return;
    };
    let typed = screen.input.text().trim();
    let card = match screen.sought {
        Sought::Vehicle => Card::new_vehicle(None, typed),
        Sought::Customer => Card::new_customer(None, typed),
        Sought::OwnerOf(vehicle) => Card::new_customer(Some(vehicle), typed),
    };
    super::card::open(state, card);
}
