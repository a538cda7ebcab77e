//! Keys of the form for a new inspection, and what is found for it.

mod found;
mod saving;

use crossterm::event::KeyEvent;
use redtag_protocol::{
    ipc::{Likeness, Request},
    role::Permission,
    vehicle::VehicleKind,
    vin::Vin,
};

use super::paged;
use crate::{
    app::{
        Confirm, CustomerDraft, Deed, Field, Form, Input, Layer, Purpose, Saving, Screen, State,
        Subject, VEHICLE_WANTED, VehicleDraft,
    },
    keys::Action,
};

pub(super) use found::answered;
use saving::create;
pub(super) use saving::{checked, create_anyway, refused, saved};

/// How many matches are asked for.
const MATCHES: u32 = 8;

/// Opens an empty form.
pub(super) fn open(state: &mut State) {
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let me = account.map(|account| (account.person, account.name.clone()));
    let mut form = Form::new(me);
    let memory = state.memory.as_ref();
    form.used_last = memory.and_then(|memory| memory.template.clone());
    state.above.push(Screen::New(Box::new(form)));
    paged::ask(state, Purpose::Templates);
    if state.may(Permission::Review) {
        state.ask(Purpose::Members, Request::Members);
    }
    search(state);
}

/// Does what a key says.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let Some(form) = state.form_mut() else { return };
    if form.saving != Saving::No {
        if action == Some(Action::Back) {
            state.say("the inspection is being saved; wait for the daemon");
        }
        return;
    }
    form.problem = None;
    form.enter_on_answer = false;
    match action {
        Some(Action::NextGroup) => form.step(true),
        Some(Action::PreviousGroup) => form.step(false),
        Some(Action::Down) => down(form, key),
        Some(Action::Up) => up(form, key),
        Some(Action::Next) if form.at.cycles() => cycle(form, true),
        Some(Action::Previous) if form.at.cycles() => cycle(form, false),
        Some(Action::Enter) => enter(state),
        Some(Action::Save) => create(state),
        Some(Action::Back) => back(state),
        _ => {
            let at = form.at;
            if let Some(input) = form.input_mut(at)
                && input.key(key)
            {
                typed(state, at);
            }
        }
    }
}

/// Pasted text goes where keys go.
pub(super) fn paste(state: &mut State, text: &str) {
    let Some(form) = state.form_mut() else { return };
    let at = form.at;
    if let Some(input) = form.input_mut(at) {
        input.paste(text);
        typed(state, at);
    }
}

/// A text changed: searches follow it, and a VIN proposes maker and year.
fn typed(state: &mut State, at: Field) {
    compare(state, at);
    let Some(form) = state.form_mut() else { return };
    match at {
        Field::Vehicle | Field::Customer => {
            // What is found for the new text is another list.
            if let Some((selected, _)) = marks(form) {
                *selected = None;
            }
            search(state);
        }
        Field::Vin => {
            form.vin_accepted = false;
            let Subject::Fresh(draft) = &mut form.vehicle else {
                return;
            };
            propose_from_vin(draft);
        }
        _ => {}
    }
}

/// Asks what may be the same as a new vehicle, where what it is known by changed.
fn compare(state: &mut State, at: Field) {
    if !matches!(
        at,
        Field::Vehicle | Field::Vin | Field::Plate | Field::Serial
    ) {
        return;
    }
    let Some(form) = state.form_mut() else { return };
    let marks = form.marks();
    if marks.is_empty() {
        form.alike.clear();
        return;
    }
    let to = Likeness {
        marks,
        ..Likeness::default()
    };
    state.ask(Purpose::FormAlike, Request::Alike(to));
}

/// What the VIN says of maker and year: proposals that are seen and can be changed before anything
/// is saved.
fn propose_from_vin(draft: &mut VehicleDraft) {
    let Ok(vin) = draft.vin.text().parse::<Vin>() else {
        return;
    };
    if let (true, Some(maker)) = (draft.make.is_empty(), vin.maker()) {
        draft.make = Input::line(maker);
    }
    if let (true, Some(year)) = (draft.year.is_empty(), vin.model_year()) {
        draft.year = Input::line(&year.to_string());
    }
}

pub(super) fn search(state: &mut State) {
    let Some(form) = state.form_mut() else { return };
    let limit = MATCHES;
    match form.at {
        Field::Vehicle => {
            if let Subject::Search { input, .. } = &form.vehicle {
                let text = input.text().trim().to_owned();
                state.ask(
                    Purpose::Vehicles(text.clone()),
                    Request::Vehicles { text, limit },
                );
            }
        }
        Field::Customer => {
            if let Subject::Search { input, .. } = &form.customer {
                let text = input.text().trim().to_owned();
                state.ask(
                    Purpose::Customers(text.clone()),
                    Request::Customers { text, limit },
                );
            }
        }
        _ => {}
    }
}

pub(super) fn marks(form: &mut Form) -> Option<(&mut Option<usize>, usize)> {
    match (form.at, &mut form.vehicle, &mut form.customer) {
        (
            Field::Vehicle,
            Subject::Search {
                selected, found, ..
            },
            _,
        ) => Some((selected, found.len())),
        (
            Field::Customer,
            _,
            Subject::Search {
                selected, found, ..
            },
        ) => Some((selected, found.len())),
        _ => None,
    }
}

fn down(form: &mut Form, key: &KeyEvent) {
    if let Some((selected, last)) = marks(form) {
        let next = selected.map_or(0, |at| at + 1);
        if next <= last {
            *selected = Some(next);
            return;
        }
    } else if form.at == Field::Concern && in_text(form, key) {
        return;
    }
    form.step(true);
}

fn up(form: &mut Form, key: &KeyEvent) {
    if let Some((selected, _)) = marks(form) {
        if let Some(at) = selected.filter(|at| *at > 0) {
            *selected = Some(at - 1);
            return;
        }
    } else if form.at == Field::Concern && in_text(form, key) {
        return;
    }
    form.step(false);
}

/// Moves within a text of several lines; whether it moved.
fn in_text(form: &mut Form, key: &KeyEvent) -> bool {
    let several = form.concern.text().contains('\n');
    let before = form.concern.before().len();
    several && form.concern.key(key) && form.concern.before().len() != before
}

fn cycle(form: &mut Form, forward: bool) {
    let turn = |at: usize, count: usize| {
        let by = if forward { 1 } else { count.saturating_sub(1) };
        (at + by) % count.max(1)
    };
    match (form.at, &mut form.vehicle, &mut form.customer) {
        (Field::Template, ..) => {
            form.template_chosen = true;
            form.template = turn(form.template, form.templates.as_ref().map_or(0, Vec::len));
        }
        (Field::Assignee, ..) => form.assignee = turn(form.assignee, form.people.len() + 1),
        (Field::Kind, Subject::Fresh(draft), _) => {
            let kinds = VehicleKind::ALL;
            let at = kinds.iter().position(|it| *it == draft.kind).unwrap_or(0);
            draft.kind = kinds[turn(at, kinds.len())];
            form.propose_template();
        }
        (Field::Consent, _, Subject::Fresh(draft)) => draft.consent = !draft.consent,
        _ => {}
    }
}

fn enter(state: &mut State) {
    let Some(form) = state.form_mut() else { return };
    let searching = match form.at {
        Field::Vehicle => form.vehicle.is_searching(),
        Field::Customer => form.customer.is_searching(),
        _ => false,
    };
    let at = form.at;
    let typed = form.input(at).is_some_and(|it| it.trimmed().is_some());
    // Where nothing was typed and nothing is marked, the answer changes nothing.
    let picks = marks(form).is_some_and(|(selected, _)| typed || selected.is_some());
    if searching && picks {
        // What is marked was found for another text.
        form.enter_on_answer = true;
        return;
    }
    match form.at {
        Field::Create => return create(state),
        Field::Vehicle => {
            if matches!(&form.vehicle, Subject::Search { selected: None, .. }) {
                form.problem = Some(VEHICLE_WANTED.to_owned());
                return;
            }
            take_vehicle(form);
        }
        Field::Customer => take_customer(form),
        _ => {}
    }
    if at == Field::Vehicle {
        ask_visits(state);
        compare(state, at);
    }
    let Some(form) = state.form_mut() else { return };
    form.step(true);
    if let Subject::Taken(vehicle) = &form.vehicle
        && form.at == Field::Customer
        && vehicle.owners().next().is_some()
        && matches!(&form.customer, Subject::Search { input, .. } if input.is_empty())
    {
        let (text, limit) = (String::new(), 1000);
        state.ask(Purpose::Owner, Request::Customers { text, limit });
    }
    search(state);
}

/// Asks with which template the taken vehicle was inspected last.
pub(super) fn ask_visits(state: &mut State) {
    let Some(Subject::Taken(vehicle)) = state.form_mut().map(|form| &form.vehicle) else {
        return;
    };
    let id = vehicle.id;
    state.ask(Purpose::FormVisits, Request::Vehicle { id });
}

fn take_vehicle(form: &mut Form) {
    form.visited_with = None;
    let Subject::Search {
        input,
        found,
        selected,
        ..
    } = &mut form.vehicle
    else {
        return;
    };
    if let Some(at) = selected.filter(|at| *at < found.len()) {
        let taken = found.swap_remove(at);
        form.vehicle = Subject::Taken(Box::new(taken));
        form.propose_template();
        return;
    }
    let typed = input.text().trim().to_owned();
    // Seventeen or nearly so is meant as a VIN, also when a character is wrong.
    let vin = typed.chars().count() >= 14;
    let mut draft = VehicleDraft::default();
    let template = form.templates.as_ref().and_then(|it| it.get(form.template));
    let key = template
        // What was used last says nothing of what has a VIN.
        .filter(|_| form.template_chosen || (form.used_last.is_some() && !vin))
        .map(|it| it.key.as_str());
    draft.kind = match key {
        Some(key) if key.contains("bicycle") => VehicleKind::Bicycle,
        Some(key) if key.contains("truck") => VehicleKind::Truck,
        Some(key) if key.contains("equipment") => VehicleKind::Equipment,
        _ => VehicleKind::Car,
    };
    let digits = typed.chars().any(|c| c.is_ascii_digit());
    match draft.kind {
        VehicleKind::Bicycle | VehicleKind::Equipment => draft.serial = Input::line(&typed),
        _ if vin => draft.vin = Input::line(&typed),
        _ if digits => draft.plate = Input::line(&typed),
        _ => draft.make = Input::line(&typed),
    }
    propose_from_vin(&mut draft);
    form.vehicle = Subject::Fresh(Box::new(draft));
    form.propose_template();
    form.vin_accepted = false;
}

fn take_customer(form: &mut Form) {
    let Subject::Search {
        input,
        found,
        selected,
        ..
    } = &mut form.customer
    else {
        return;
    };
    let typed = input.trimmed();
    if let Some(at) = selected.filter(|at| *at < found.len()) {
        form.customer = Subject::Taken(Box::new(found.swap_remove(at)));
    } else if let Some(name) = typed {
        form.customer = Subject::Fresh(Box::new(CustomerDraft {
            name: Input::line(&name),
            ..CustomerDraft::default()
        }));
    }
}

/// Esc: from what was taken back to the search, from the search out of the form.
fn back(state: &mut State) {
    let Some(form) = state.form_mut() else { return };
    let (of_vehicle, of_customer) = (
        matches!(
            form.at,
            Field::Vehicle | Field::Kind | Field::Vin | Field::Plate
        ) || matches!(
            form.at,
            Field::Serial | Field::Year | Field::Make | Field::Model
        ),
        matches!(
            form.at,
            Field::Customer | Field::Name | Field::Phone | Field::Email | Field::Consent
        ),
    );
    if of_vehicle && !matches!(form.vehicle, Subject::Search { .. }) {
        form.vehicle = Subject::search();
        form.visited_with = None;
        form.at = Field::Vehicle;
        return search(state);
    }
    if of_customer && !matches!(form.customer, Subject::Search { .. }) {
        form.customer = Subject::search();
        form.at = Field::Customer;
        return search(state);
    }
    if form.is_touched() {
        state.layers.push(Layer::Confirm(Confirm {
            title: "Leave the form?".to_owned(),
            lines: vec!["What you have entered would be lost.".to_owned()],
            deed: Deed::LeaveForm,
        }));
    } else {
        state.above.pop();
    }
}
