//! Keys of the form for a new inspection, and what is found for it.

use crossterm::event::KeyEvent;
use redtag_protocol::{
    customer::Customer,
    ids::InspectionId,
    ipc::{Reply, Request},
    role::Permission,
    vehicle::{Vehicle, VehicleKind},
    vin::Vin,
};

use crate::{
    app::{
        Confirm, CustomerDraft, Deed, Field, Form, Input, InspectionScreen, Layer, Purpose, Saving,
        Screen, Standing, State, Subject, VehicleDraft,
    },
    keys::Action,
    link::Error,
};

/// How many matches are asked for.
const MATCHES: u32 = 8;

/// Opens an empty form.
pub(super) fn open(state: &mut State) {
    let account = state.status.as_ref().and_then(|it| it.account.as_ref());
    let me = account.map(|account| (account.person, account.name.clone()));
    state.above.push(Screen::New(Box::new(Form::new(me))));
    state.ask(Purpose::Templates, Request::Templates);
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
    let Some(form) = state.form_mut() else { return };
    match at {
        Field::Vehicle | Field::Customer => search(state),
        Field::Vin => {
            form.vin_accepted = false;
            let Subject::Fresh(draft) = &mut form.vehicle else {
                return;
            };
            let Ok(vin) = draft.vin.text().parse::<Vin>() else {
                return;
            };
            // Proposals that are seen and can be changed before anything is saved.
            if let (true, Some(maker)) = (draft.make.is_empty(), vin.maker()) {
                draft.make = Input::line(maker);
            }
            if let (true, Some(year)) = (draft.year.is_empty(), vin.model_year()) {
                draft.year = Input::line(&year.to_string());
            }
        }
        _ => {}
    }
}

fn search(state: &mut State) {
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

fn marks(form: &mut Form) -> Option<(&mut usize, usize)> {
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
        if *selected < last {
            *selected += 1;
            return;
        }
    } else if form.at == Field::Concern && in_text(form, key) {
        return;
    }
    form.step(true);
}

fn up(form: &mut Form, key: &KeyEvent) {
    if let Some((selected, _)) = marks(form) {
        if *selected > 0 {
            *selected -= 1;
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
            form.template = turn(form.template, form.templates.as_ref().map_or(0, Vec::len));
        }
        (Field::Assignee, ..) => form.assignee = turn(form.assignee, form.people.len() + 1),
        (Field::Kind, Subject::Fresh(draft), _) => {
            let kinds = VehicleKind::ALL;
            let at = kinds.iter().position(|it| *it == draft.kind).unwrap_or(0);
            draft.kind = kinds[turn(at, kinds.len())];
        }
        (Field::Consent, _, Subject::Fresh(draft)) => draft.consent = !draft.consent,
        _ => {}
    }
}

fn enter(state: &mut State) {
    let Some(form) = state.form_mut() else { return };
    match form.at {
        Field::Create => return create(state),
        Field::Vehicle => take_vehicle(form),
        Field::Customer => take_customer(form),
        _ => {}
    }
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

fn take_vehicle(form: &mut Form) {
    let Subject::Search {
        input,
        found,
        selected,
    } = &mut form.vehicle
    else {
        return;
    };
    if *selected < found.len() {
        form.vehicle = Subject::Taken(Box::new(found.swap_remove(*selected)));
        return;
    }
    let typed = input.text().trim().to_owned();
    let mut draft = VehicleDraft::default();
    let template = form.templates.as_ref().and_then(|it| it.get(form.template));
    draft.kind = match template.map(|template| template.key.as_str()) {
        Some(key) if key.starts_with("bicycle") => VehicleKind::Bicycle,
        Some(key) if key.starts_with("truck") => VehicleKind::Truck,
        _ => VehicleKind::Car,
    };
    let digits = typed.chars().any(|c| c.is_ascii_digit());
    match draft.kind {
        VehicleKind::Bicycle | VehicleKind::Equipment => draft.serial = Input::line(&typed),
        // Seventeen or nearly so is meant as a VIN, also when a character is wrong.
        _ if typed.chars().count() >= 14 => draft.vin = Input::line(&typed),
        _ if digits => draft.plate = Input::line(&typed),
        _ => draft.make = Input::line(&typed),
    }
    form.vehicle = Subject::Fresh(Box::new(draft));
    form.vin_accepted = false;
}

fn take_customer(form: &mut Form) {
    let Subject::Search {
        input,
        found,
        selected,
    } = &mut form.customer
    else {
        return;
    };
    let typed = input.trimmed();
    if *selected < found.len() {
        form.customer = Subject::Taken(Box::new(found.swap_remove(*selected)));
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

/// Creates: checks what can be checked, then asks for the provisional number.
fn create(state: &mut State) {
    let moment = state.moment;
    let Some(form) = state.form_mut() else { return };
    if let Err((field, words)) = form.edits(String::new(), &moment) {
        form.at = field;
        form.problem = Some(words);
        return;
    }
    if let Some((true, words)) = form.vin_words()
        && !form.vin_accepted
        && form.fields().contains(&Field::Vin)
    {
        state.layers.push(Layer::Confirm(Confirm {
            title: "Create with this VIN all the same?".to_owned(),
            lines: vec![words],
            deed: Deed::CreateAnyway,
        }));
        return;
    }
    form.saving = Saving::Numbering;
    state.ask(Purpose::Provisional, Request::Provisional);
}

/// The VIN was looked at and stands.
pub(super) fn create_anyway(state: &mut State) {
    if let Some(form) = state.form_mut() {
        form.vin_accepted = true;
        create(state);
    }
}

/// Takes what was found for the form.
pub(super) fn answered(state: &mut State, purpose: Purpose, result: Result<Reply, Error>) {
    let moment = state.moment;
    let Some(form) = state.form_mut() else { return };
    match (purpose, result) {
        (Purpose::Vehicles(text), Ok(Reply::Vehicles(vehicles))) => {
            put_vehicles(form, &text, vehicles);
        }
        (Purpose::Customers(text), Ok(Reply::Customers(customers))) => {
            put_customers(form, &text, customers);
        }
        (Purpose::Owner, Ok(Reply::Customers(customers))) => propose_owner(form, customers),
        (Purpose::Templates, Ok(Reply::Templates(templates))) => form.take_templates(templates),
        (Purpose::Provisional, Ok(Reply::Provisional(label))) => {
            match form.edits(label.clone(), &moment) {
                Ok((id, edits)) => {
                    let unsaved = state.unsaved.push(format!("new inspection {label}"), edits);
                    if let Some(form) = state.form_mut() {
                        form.saving = Saving::Sent(unsaved, id);
                    }
                }
                Err((field, words)) => {
                    form.saving = Saving::No;
                    form.at = field;
                    form.problem = Some(words);
                }
            }
        }
        (Purpose::Provisional, Err(error)) => {
            form.saving = Saving::No;
            form.problem = Some(format!("not created: {error}"));
        }
        (_, Err(error)) => form.problem = Some(error.to_string()),
        _ => {}
    }
}

fn put_vehicles(form: &mut Form, text: &str, vehicles: Vec<Vehicle>) {
    if let Subject::Search {
        input,
        found,
        selected,
    } = &mut form.vehicle
        && input.text().trim() == text
    {
        *found = vehicles;
        *selected = (*selected).min(found.len());
    }
}

fn put_customers(form: &mut Form, text: &str, customers: Vec<Customer>) {
    if let Subject::Search {
        input,
        found,
        selected,
    } = &mut form.customer
        && input.text().trim() == text
    {
        *found = customers;
        *selected = (*selected).min(found.len());
    }
}

/// The owner of the vehicle is proposed as the customer, where nothing was typed meanwhile.
fn propose_owner(form: &mut Form, customers: Vec<Customer>) {
    let Subject::Taken(vehicle) = &form.vehicle else {
        return;
    };
    let untouched = matches!(&form.customer, Subject::Search { input, .. } if input.is_empty());
    let owner = customers
        .into_iter()
        .find(|customer| vehicle.owners().any(|owner| owner == customer.id));
    if let (true, Some(owner)) = (untouched, owner) {
        form.customer = Subject::Taken(Box::new(owner));
    }
}

/// An edit is durable: if it is the form's, the form gives way to the inspection.
pub(super) fn saved(state: &mut State, edit: u64) -> bool {
    let Some(form) = state.form_mut() else {
        return false;
    };
    let Saving::Sent(unsaved, id) = form.saving else {
        return false;
    };
    if unsaved != edit {
        return false;
    }
    shown(state, id);
    true
}

fn shown(state: &mut State, id: InspectionId) {
    state.above.pop();
    let created = state.unsaved.iter().find(|it| it.inspection() == Some(id));
    let label = created
        .and_then(|edit| edit.words.strip_prefix("new inspection "))
        .unwrap_or_default()
        .to_owned();
    state.unsaved.forget_saved(None);
    state.board.stale();
    state.say(format!("{label} is saved on this machine"));
    let screen = InspectionScreen::new(id, label);
    state.above.push(Screen::Inspection(Box::new(screen)));
    state.ask_inspection(id);
}

/// An edit was refused: if it is the form's, the form is open again with what was typed.
pub(super) fn refused(state: &mut State, edit: u64, words: &str) -> bool {
    let Some(form) = state.form_mut() else {
        return false;
    };
    if !matches!(form.saving, Saving::Sent(unsaved, _) if unsaved == edit) {
        return false;
    }
    form.saving = Saving::No;
    form.problem = Some(format!("not created: {words}"));
    // The form holds all of it.
    state.unsaved.discard(edit);
    true
}

/// It is known whether an inspection is there whose creation was not answered.
pub(super) fn checked(state: &mut State, id: InspectionId, there: bool) {
    let Some(form) = state.form_mut() else { return };
    let Saving::Sent(edit, expected) = form.saving else {
        return;
    };
    if expected != id {
        return;
    }
    if there {
        state.unsaved.becomes(edit, Standing::Saved(0));
        shown(state, id);
    } else {
        refused(
            state,
            edit,
            "the daemon went away before it was saved; create it again",
        );
    }
}
