//! The timeline of a document: what the API has accepted, and what waits here.

use std::collections::BTreeSet;

use redtag_protocol::{
    entity::EntityRef,
    event::{Actor, Happening},
    ipc::{SyncState, TimelineEntry},
    stamp::Seq,
    text,
};

use super::clean;
use crate::cache::{CacheError, Store};

/// The newest first. Local lines give way to the API's own by device and number.
pub fn timeline(store: &Store, key: &EntityRef) -> Result<Vec<TimelineEntry>, CacheError> {
    let mut entries = Vec::new();
    let mut known = BTreeSet::new();
    for (seq, happening) in store.events(key)? {
        let op = happening.as_ref().and_then(|it| it.actor.op());
        if let (Some(op), Some(it)) = (op, &happening) {
            known.insert((op, it.stamp));
        }
        entries.push(entry(store, Some(seq), happening, SyncState::Acknowledged));
    }
    for (happening, sync) in store.own_events(key)? {
        let there = happening
            .actor
            .op()
            .is_some_and(|op| known.contains(&(op, happening.stamp)));
        if !there {
            entries.push(entry(store, None, Some(happening), sync));
        }
    }
    entries.reverse();
    Ok(entries)
}

fn entry(
    store: &Store,
    seq: Option<Seq>,
    happening: Option<Happening>,
    sync: SyncState,
) -> TimelineEntry {
    let actor = happening.as_ref().map_or(Actor::Operator, |it| it.actor);
    let who = match (&happening, actor) {
        (None, _) => "unknown".to_owned(),
        (Some(_), Actor::Operator) => "the operator".to_owned(),
        (Some(_), Actor::Person { person, .. } | Actor::Caller { person }) => {
            store.board().member(person).map_or_else(
                || "a former member".to_owned(),
                |name| text::clean_line(name).into_owned(),
            )
        }
    };
    TimelineEntry {
        seq,
        who,
        actor,
        happening: happening.map(clean),
        sync,
    }
}
