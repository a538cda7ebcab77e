//! Inspections that clients have on their screens: whoever watches one is told what became of it,
//! so that nobody reads seventy points anew for one.

use std::{collections::BTreeMap, sync::Arc};

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    ids::InspectionId,
    inspection::Inspection,
    ipc::{self, Difference, Failure, InspectionView},
    stamp::Stamp,
};

use super::{clean, inspection, inspection::Standing};
use crate::{
    cache::{CacheError, Store},
    ipc::ConnId,
};

/// What each connection watches, at most one inspection.
#[derive(Debug, Default)]
pub struct Watches {
    watched: BTreeMap<ConnId, Watched>,
    last: u64,
}

/// What a client was told last.
#[derive(Debug)]
struct Watched {
    id: InspectionId,
    telling: u64,
    /// The document then; none once there was more to tell than a difference can: the client reads
    /// the whole one.
    told: Option<Arc<Entity>>,
}

impl Watches {
    /// A connection watches nothing any more.
    pub fn forget(&mut self, conn: ConnId) {
        self.watched.remove(&conn);
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

/// The whole of an inspection for a connection that watches it from here on. `now` is this machine's
/// clock: tellings count from there, so that none of a cache that was closed meanwhile is taken for
/// one of this.
pub fn watch(
    store: &mut Store,
    conn: ConnId,
    id: InspectionId,
    now: Stamp,
) -> Result<InspectionView, Failure> {
    // What was watched before is not on the screen any more, whatever becomes of this.
    store.watches.forget(conn);
    let mut view = inspection(store, id)?;
    let key = EntityRef::Inspection(id);
    // What was refused and is kept here is told with the whole alone.
    let told = if store.refused(&key) {
        None
    } else {
        store.local(&key)?
    };
    store.watches.last = store.watches.last.max(now.0);
    view.telling = store.watches.next();
    let watched = Watched {
        id,
        telling: view.telling,
        told,
    };
    store.watches.watched.insert(conn, watched);
    Ok(view)
}

/// What to tell those who watch an inspection among documents that changed; none named: any of
/// them. Who gets nothing, and shows one of these, reads it anew.
pub fn differences(store: &mut Store, touched: &[EntityRef]) -> Vec<(ConnId, Box<Difference>)> {
    let mut watches = std::mem::take(&mut store.watches);
    let mut all = Vec::new();
    let Watches { watched, last } = &mut watches;
    for (conn, watched) in watched.iter_mut() {
        if !concerns(watched, touched) {
            continue;
        }
        let found = tell(store, watched, touched, *last + 1).unwrap_or_else(|error| {
            tracing::warn!(%error, "a watched inspection cannot be read");
            None
        });
        match found {
            Some((difference, now)) => {
                *last += 1;
                watched.telling = *last;
                watched.told = Some(now);
                all.push((*conn, Box::new(difference)));
            }
            None => watched.told = None,
        }
    }
    store.watches = watches;
    all
}

/// Whether the view of a watched inspection may be another one.
fn concerns(watched: &Watched, touched: &[EntityRef]) -> bool {
    touched.is_empty()
        || touched
            .iter()
            .any(|it| alone(watched, it) || beside(watched, it))
}

fn alone(watched: &Watched, touched: &EntityRef) -> bool {
    *touched == EntityRef::Inspection(watched.id)
}

/// Whether a document is shown beside the inspection.
fn beside(watched: &Watched, touched: &EntityRef) -> bool {
    let Some(told) = watched.told.as_deref().and_then(document) else {
        return false;
    };
    match touched {
        EntityRef::Vehicle(id) => *id == told.vehicle,
        EntityRef::Customer(id) => Some(*id) == told.customer(),
        EntityRef::Inspection(_) => false,
        it => matches!(it.kind(), Kind::Shop | Kind::Member | Kind::Template),
    }
}

/// The difference to what was told last, and what it leads to; none where it does not say all.
fn tell(
    store: &Store,
    watched: &Watched,
    touched: &[EntityRef],
    to: u64,
) -> Result<Option<(Difference, Arc<Entity>)>, CacheError> {
    let Some(told) = watched.told.as_deref().and_then(document) else {
        return Ok(None);
    };
    if touched.is_empty() || touched.iter().any(|it| beside(watched, it)) {
        return Ok(None);
    }
    let key = EntityRef::Inspection(watched.id);
    if store.refused(&key) {
        return Ok(None);
    }
    let Some(local) = store.local(&key)? else {
        return Ok(None);
    };
    let Some(now) = document(&local) else {
        return Ok(None);
    };
    let changed = ipc::difference(told, now);
    let (Some((inspection, gone)), Some(template)) =
        (changed, store.board().template(now.template.id))
    else {
        return Ok(None);
    };
    let Standing {
        version,
        verbs,
        sync,
        pending,
        waiting,
    } = Standing::of(store, now)?;
    let difference = Difference {
        from: watched.telling,
        to,
        version,
        inspection,
        gone,
        counts: now.counts(template),
        verbs,
        sync,
        waiting,
        pending,
    };
    Ok(Some((clean(difference), local)))
}

fn document(entity: &Entity) -> Option<&Inspection> {
    match entity {
        Entity::Inspection(inspection) => Some(inspection),
        _ => None,
    }
}
