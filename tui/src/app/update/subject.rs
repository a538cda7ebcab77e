//! Keys of one vehicle or one customer.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{Reply, Request},
    op::Edit,
    vehicle::VehicleWrite,
};

use super::{board, card, finder, form, outbox};
use crate::{
    app::{Card, Confirm, Deed, Group, Layer, Purpose, Screen, Sought, State, SubjectScreen, Told},
    keys::Action,
    link::Error,
};

/// Opens a vehicle or customer; one that lies below comes to the front.
pub(super) fn open(state: &mut State, key: EntityRef) {
    match key {
        EntityRef::Vehicle(_) | EntityRef::Customer(_) => {}
        EntityRef::Inspection(id) => return outbox::show(state, id, String::new(), None),
        EntityRef::Shop(_) | EntityRef::Member(_) | EntityRef::Template(_) => return,
    }
    let is = |screen: &Screen| matches!(screen, Screen::Subject(it) if it.key == key);
    if let Some(at) = state.above.iter().position(is) {
        state.above.truncate(at + 1);
    } else {
        let screen = SubjectScreen::new(key);
        state.above.push(Screen::Subject(Box::new(screen)));
    }
    look(state);
}

/// Asks for what is shown, where it is in front.
pub(super) fn look(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    let request = match screen.key {
        EntityRef::Vehicle(id) => Request::Vehicle { id },
        EntityRef::Customer(id) => Request::Customer { id },
        _ => return,
    };
    state.ask(Purpose::Subject(screen.key), request);
}

/// Takes an answer.
pub(super) fn answered(state: &mut State, key: EntityRef, result: Result<Reply, Error>) {
    let open = state.above.iter_mut().find_map(|screen| match screen {
        Screen::Subject(it) if it.key == key => Some(it),
        _ => None,
    });
    let Some(screen) = open else { return };
    match result {
        Ok(Reply::Vehicle(view)) => screen.take(Told::Vehicle(view)),
        Ok(Reply::Customer(view)) => screen.take(Told::Customer(view)),
        Err(error) => screen.trouble = Some(error.to_string()),
        Ok(_) => {}
    }
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>) {
    let page = i64::from(state.height.saturating_sub(14).max(1));
    let Some(Screen::Subject(screen)) = state.above.last_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => screen.step(-1),
        Some(Action::Down) => screen.step(1),
        Some(Action::PageUp) => screen.step(-page),
        Some(Action::PageDown) => screen.step(page),
        Some(Action::First) => screen.step(i64::MIN),
        Some(Action::Last) => screen.step(i64::MAX),
        Some(Action::NextGroup) => screen.turn(true),
        Some(Action::PreviousGroup) => screen.turn(false),
        Some(Action::Back) => drop(state.above.pop()),
        Some(Action::Enter) => enter(state),
        Some(Action::Change) => change(state),
        Some(Action::New) => new(state),
        Some(Action::Owner) => owner(state),
        Some(Action::TakeBack) => unlink(state),
        Some(Action::Merge) => ask_merge(state),
        Some(Action::Sync) => board::sync(state),
        _ => {}
    }
}

fn enter(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    if let Some(leads) = screen.marked() {
        match leads.to {
            EntityRef::Inspection(id) => outbox::show(state, id, leads.label, None),
            key => open(state, key),
        }
    }
}

fn change(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    let made = match &screen.told {
        Some(Told::Vehicle(view)) => Card::vehicle(&view.vehicle),
        Some(Told::Customer(view)) => Card::customer(&view.customer),
        None => return,
    };
    card::open(state, made);
}

/// A new inspection of the vehicle, or a new vehicle of the customer.
fn new(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    match &screen.told {
        Some(Told::Vehicle(view)) => {
            let (vehicle, owner) = (view.vehicle.clone(), view.customers.first().cloned());
            form::open(state);
            if let Some(form) = state.form_mut() {
                form.begin_with(vehicle, owner);
            }
            form::ask_visits(state);
        }
        Some(Told::Customer(view)) => {
            let made = Card::new_vehicle(Some(view.customer.id), "");
            card::open(state, made);
        }
        None => {}
    }
}

/// Whose the vehicle is: chosen from the customers.
fn owner(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    match screen.key {
        EntityRef::Vehicle(id) => finder::open(state, Sought::OwnerOf(id)),
        _ => state.say("a vehicle has an owner; o there says whose it is"),
    }
}

/// The marked customer is not the owner any more.
fn unlink(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    let (EntityRef::Vehicle(id), Some(leads)) = (screen.key, screen.marked()) else {
        return;
    };
    let (Group::Owner, EntityRef::Customer(customer)) = (leads.group, leads.to) else {
        return state.say("mark the owner whose vehicle it is no longer");
    };
    let write = VehicleWrite::Customer {
        customer,
        linked: false,
    };
    let words = format!("no longer {}’s", leads.label);
    state.unsaved.push(words, vec![Edit::Vehicle { id, write }]);
}

fn ask_merge(state: &mut State) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    let Some(leads) = screen.marked().filter(|it| it.group == Group::Alike) else {
        return state.say("mark one of those that may be the same, then m makes them one");
    };
    let title = format!("Are {} and {} one?", leads.label, screen.title());
    state.layers.push(Layer::Confirm(Confirm {
        title,
        lines: vec![
            format!(
                "“{}” becomes another name of the one shown here.",
                leads.label
            ),
            "Its inspections are listed here, and what both say differently is kept to be settled."
                .to_owned(),
            "There is no way back.".to_owned(),
        ],
        deed: Deed::Merge(leads.to),
    }));
}

/// The marked one is this one.
pub(super) fn merge(state: &mut State, duplicate: EntityRef) {
    let Some(Screen::Subject(screen)) = state.above.last() else {
        return;
    };
    let edit = match (duplicate, screen.key) {
        (EntityRef::Vehicle(id), EntityRef::Vehicle(into)) => Edit::MergeVehicles { id, into },
        (EntityRef::Customer(id), EntityRef::Customer(into)) => Edit::MergeCustomers { id, into },
        _ => return,
    };
    state.unsaved.push("two are one".to_owned(), vec![edit]);
}
