//! Which conflict, and which side of it, a person means.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{ConflictView, SideView},
};

use super::all;
use crate::command::{desk::Line, fault::Fault, output::line as clean};

/// What there is to settle of a document, by what a person calls it.
pub(super) async fn of(ticket: &str, line: &Line) -> Result<Vec<ConflictView>, Fault> {
    let views = all(line).await?;
    let named: Vec<ConflictView> = views.iter().filter(|it| is(it, ticket)).cloned().collect();
    let Some(first) = named.first() else {
        // A provisional number finds it for ever, whatever it is called now.
        let id = EntityRef::Inspection(line.find(ticket).await?.inspection.id);
        let found: Vec<ConflictView> = views.into_iter().filter(|it| it.entity == id).collect();
        if found.is_empty() {
            return Err(Fault::error(format!(
                "there is nothing to settle in {ticket}; `redtag conflicts` lists what there is"
            )));
        }
        return Ok(found);
    };
    if named.iter().any(|it| it.entity != first.entity) {
        return Err(Fault::usage(format!(
            "several things are called “{ticket}”; name one by its id, which `redtag conflicts \
             --json` prints"
        )));
    }
    Ok(named)
}

fn is(view: &ConflictView, ticket: &str) -> bool {
    let bare = |text: &str| text.trim_start_matches('#').to_lowercase();
    let inspection = matches!(view.entity, EntityRef::Inspection(_));
    bare(&view.label) == bare(ticket)
        || view.entity.id_text() == ticket
        // A vehicle by its plate, VIN or serial number, a customer by the telephone number.
        || (!inspection && !view.subject.is_empty() && bare(&view.subject) == bare(ticket))
        || bare(&called(view)) == bare(ticket)
}

/// What people call a document: a vehicle by what tells it from others as well.
pub(super) fn called(view: &ConflictView) -> String {
    match view.entity {
        EntityRef::Inspection(_) => view.label.clone(),
        _ if view.subject.is_empty() => view.label.clone(),
        _ => format!("{}, {}", view.label, view.subject),
    }
}

/// Those of one field, by its name or the point's, or by its title.
pub(super) fn of_field(views: Vec<ConflictView>, field: &str) -> Result<Vec<ConflictView>, Fault> {
    let exact = |it: &ConflictView| {
        it.field == field
            || it.title.eq_ignore_ascii_case(field)
            || (it.field.is_empty() && matches!(field, "deletion" | "document"))
    };
    let loose = |it: &ConflictView| {
        it.field
            .split_once(':')
            .is_some_and(|(_, key)| key == field)
    };
    let names: Vec<String> = views.iter().map(name).collect();
    let (found, rest): (Vec<_>, Vec<_>) = views.into_iter().partition(|it| exact(it));
    if !found.is_empty() {
        return Ok(found);
    }
    let found: Vec<_> = rest.into_iter().filter(|it| loose(it)).collect();
    match found.first() {
        None => Err(Fault::error(format!(
            "there is nothing to settle in the field “{field}”; to settle are: {}",
            names.join(", ")
        ))),
        Some(first) if found.iter().any(|it| it.field != first.field) => {
            let names: Vec<String> = found.iter().map(name).collect();
            Err(Fault::usage(format!(
                "“{field}” can mean several fields; name one of: {}",
                names.join(", ")
            )))
        }
        Some(_) => Ok(found),
    }
}

/// What to type for the field.
pub(super) fn name(view: &ConflictView) -> String {
    if view.field.is_empty() {
        "deletion".to_owned()
    } else {
        clean(&view.field)
    }
}

/// The side that a person means: by number, by whose it is, by name, or as programs name it.
pub(super) fn side<'a>(view: &'a ConflictView, named: &str) -> Result<&'a SideView, Fault> {
    if let Ok(number) = named.parse::<usize>() {
        let found = number.checked_sub(1).and_then(|at| view.sides.get(at));
        return found.ok_or_else(|| {
            Fault::usage(format!(
                "--take: there is no side {number}; `redtag conflicts show` numbers them"
            ))
        });
    }
    let is = |side: &&SideView| match named {
        "mine" => side.own,
        "theirs" => !side.own,
        _ => {
            named == format!("{}:{}", side.op.device, side.op.number)
                || side.who.to_lowercase().contains(&named.to_lowercase())
        }
    };
    let found: Vec<&SideView> = view.sides.iter().filter(is).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Fault::usage(format!(
            "--take: no side is “{named}”; `redtag conflicts show` lists them"
        ))),
        _ => Err(Fault::usage(format!(
            "--take: “{named}” can mean several sides; name one by its number in `redtag \
             conflicts show`"
        ))),
    }
}
