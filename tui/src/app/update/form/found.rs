//! What was found for the form: matches, the owner, templates, a provisional number.

use redtag_protocol::{customer::Customer, ipc::Reply, vehicle::Vehicle};

use super::enter;
use crate::{
    app::{Form, Purpose, Saving, State, Subject},
    link::Error,
};

/// Takes what was found for the form.
pub(in crate::app::update) fn answered(
    state: &mut State,
    purpose: Purpose,
    result: Result<Reply, Error>,
) {
    let moment = state.moment;
    let Some(form) = state.form_mut() else { return };
    match (purpose, result) {
        (Purpose::Vehicles(text), Ok(Reply::Vehicles(vehicles))) => {
            put_vehicles(form, &text, vehicles);
            enter_if_waiting(state);
        }
        (Purpose::Customers(text), Ok(Reply::Customers(customers))) => {
            put_customers(form, &text, customers);
            enter_if_waiting(state);
        }
        (Purpose::FormAlike, Ok(Reply::Alike { vehicles, .. })) => {
            let words = |it: &Vehicle| format!("{}  {}", it.title(), it.mark().unwrap_or_default());
            form.alike = vehicles.iter().map(words).collect();
        }
        (Purpose::FormVisits, Ok(Reply::Vehicle(view))) => {
            let known = matches!(&form.vehicle, Subject::Taken(it) if it.id == view.vehicle.id);
            if known && let Some(visit) = view.visits.first() {
                form.visited_with = Some(visit.template.clone());
                form.propose_template();
            }
        }
        // A daemon that compares nothing warns of nothing; without a visit another template is
        // proposed.
        (Purpose::FormAlike | Purpose::FormVisits, _) => {}
        (Purpose::Owner, Ok(Reply::Customers(customers))) => propose_owner(form, customers),
        (Purpose::Templates, Ok(Reply::TemplatePage(all))) => form.take_templates(all.taken()),
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

fn enter_if_waiting(state: &mut State) {
    let waiting = state.form_mut().map(|form| &mut form.enter_on_answer);
    if waiting.is_some_and(std::mem::take) {
        enter(state);
    }
}

fn put_vehicles(form: &mut Form, text: &str, vehicles: Vec<Vehicle>) {
    if let Subject::Search {
        input,
        found,
        selected,
        answers,
    } = &mut form.vehicle
        && input.text().trim() == text
    {
        *found = vehicles;
        *selected = proposed(*selected, text, found.len());
        *answers = Some(text.to_owned());
    }
}

fn put_customers(form: &mut Form, text: &str, customers: Vec<Customer>) {
    if let Subject::Search {
        input,
        found,
        selected,
        answers,
    } = &mut form.customer
        && input.text().trim() == text
    {
        *found = customers;
        *selected = proposed(*selected, text, found.len());
        *answers = Some(text.to_owned());
    }
}

/// The mark: on the first match of what was typed; on none where nothing was typed, until a person
/// puts it somewhere.
fn proposed(marked: Option<usize>, text: &str, found: usize) -> Option<usize> {
    let marked = marked.map(|at| at.min(found));
    if text.is_empty() {
        marked
    } else {
        Some(marked.unwrap_or(0))
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
