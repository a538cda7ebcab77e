//! Requests that look around the shop; see [`super::reads`].

use redtag_protocol::ipc::{Reply, Request};

use super::reads::Look;
use crate::view;

/// The look that a request asks for; none where it asks for something else.
pub(super) fn look(request: Request) -> Option<Look> {
    Some(match request {
        Request::Facets { states, mine } => Box::new(move |store| {
            let mine = mine.then_some(store.meta().person);
            Ok(Reply::Facets(store.board().facets(&states, mine)))
        }),
        Request::Found { text, of } => {
            Box::new(move |store| Ok(Reply::Found(store.found(&text, &of)?)))
        }
        Request::Vehicle { id } => {
            Box::new(move |store| Ok(Reply::Vehicle(Box::new(view::vehicle(store, id)?))))
        }
        Request::Customer { id } => {
            Box::new(move |store| Ok(Reply::Customer(Box::new(view::customer(store, id)?))))
        }
        Request::Alike(to) => Box::new(move |store| {
            let (vehicles, customers) = view::alike(store, &to)?;
            Ok(Reply::Alike {
                vehicles,
                customers,
            })
        }),
        Request::Jump { text } => Box::new(move |store| Ok(Reply::Hits(store.board().jump(&text)))),
        Request::Remember { text } => Box::new(move |store| {
            store.remember_text(&text)?;
            Ok(Reply::Done)
        }),
        Request::Recall => Box::new(|store| Ok(Reply::Remembered(store.remembered_text()?))),
        _ => return None,
    })
}
