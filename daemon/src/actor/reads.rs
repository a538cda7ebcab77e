//! Requests that only look: they run on the cache's thread, in the order they came.

use redtag_protocol::{
    ids::InspectionId,
    ipc::{Failure, FailureCode, Reply, Request, Status},
};

use crate::{cache::Store, view};

/// The reply with a status.
pub(super) fn status(status: Status) -> Reply {
    Reply::Status(Box::new(status))
}

/// A look into the cache.
pub(super) type Look = Box<dyn FnOnce(&mut Store) -> Result<Reply, Failure> + Send>;

/// The look that a request asks for; none where it asks for something else.
pub(super) fn look(request: Request) -> Option<Look> {
    Some(match request {
        Request::Board(query) => Box::new(move |store| Ok(Reply::Board(store.board_page(&query)))),
        Request::Find { ticket } => Box::new(move |store| match store.board().find(&ticket) {
            Some(id) => inspection(store, id),
            None => Err(Failure::new(
                FailureCode::NotFound,
                format!(
                    "no inspection is called “{}” here; a number looks like 1042, one that was \
                     not sent yet like ~K7-3",
                    redtag_protocol::text::clean_line(&ticket)
                ),
            )),
        }),
        Request::Inspection { id } => Box::new(move |store| inspection(store, id)),
        Request::Vehicles { text, limit } => {
            Box::new(move |store| Ok(Reply::Vehicles(view::vehicles(store, &text, limit)?)))
        }
        Request::Customers { text, limit } => {
            Box::new(move |store| Ok(Reply::Customers(view::customers(store, &text, limit)?)))
        }
        Request::Templates => Box::new(|store| Ok(Reply::Templates(view::templates(store)))),
        Request::TemplatePage { offset } => {
            Box::new(move |store| Ok(Reply::TemplatePage(view::template_page(store, offset))))
        }
        Request::Members => Box::new(|store| Ok(Reply::Members(view::members(store)))),
        Request::Provisional => Box::new(|store| Ok(Reply::Provisional(store.provisional()?))),
        Request::Quarantine => Box::new(|store| {
            let all = store.quarantine(None)?;
            Ok(Reply::Quarantine(
                all.into_iter().map(view::clean).collect(),
            ))
        }),
        Request::Outbox { offset, limit } => {
            Box::new(move |store| super::unsent::outbox(store, offset, limit))
        }
        Request::Canned => Box::new(|store| Ok(Reply::Canned(view::canned(store)?))),
        Request::Conflicts { of } => {
            Box::new(move |store| super::conflicts::conflicts(store, of.as_ref()))
        }
        other => return super::looks::look(other),
    })
}

fn inspection(store: &Store, id: InspectionId) -> Result<Reply, Failure> {
    Ok(Reply::Inspection(Box::new(view::inspection(store, id)?)))
}
