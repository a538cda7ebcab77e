//! Whether a page leads where it should: the chain of events goes on, and count and hash of the
//! documents agree with the API's.

use redtag_protocol::{
    api::changes::{Cursor, End},
    audit::Tally,
    stamp::Stamp,
};
use rusqlite::Transaction;

use super::{
    CacheError, Meta, Prepared,
    chain::{Head, Joint},
    copies::Copies,
    documents,
};

/// Notes how far a page leads, and looks at its part of the chain. Whether the copy is level
/// with the API then.
pub(super) fn note_end(meta: &mut Meta, page: &Prepared, end: &End, now: Stamp) -> bool {
    let cursor = end.cursor.parse::<Cursor>().ok();
    let was_filling = meta.copies.filling;
    let copying = cursor.is_some_and(|it| it.copying.is_some());
    meta.copies.filling = end.filling || copying;
    meta.cursor = Some(end.cursor.clone());
    meta.seq = cursor.map_or(meta.seq, |it| it.level());
    if let Some(cursor) = &cursor {
        meta.copies.stands(cursor);
    }
    if let Some(cursor) = cursor.filter(|_| !meta.copies.filling) {
        let joints: Vec<Joint> = page.events.iter().map(|it| it.row.joint.clone()).collect();
        follow(&mut meta.copies, was_filling, &joints, &cursor, now);
    }
    !end.more && !meta.copies.filling
}

/// Looks at a page's part of the chain.
fn follow(copies: &mut Copies, was_filling: bool, joints: &[Joint], cursor: &Cursor, now: Stamp) {
    let found = match &mut copies.head {
        Some(head) if !was_filling && head.epoch == cursor.epoch => head.follow(joints, cursor),
        Some(head) => {
            // After a copy only its end is known. Within one epoch it must not be behind.
            let found = head.extends_to(cursor);
            *head = Head::of(cursor);
            found
        }
        None => {
            copies.head = Some(Head::of(cursor));
            Ok(())
        }
    };
    if let Err(found) = found {
        copies.sound_alarm(&found, now);
    }
}

/// Compares count and hash with the API's; why another copy is to be begun, if they differ.
pub(super) fn compare(
    tx: &Transaction<'_>,
    meta: &mut Meta,
    end: &End,
    now: Stamp,
) -> Result<Option<&'static str>, CacheError> {
    let Some(sum) = end.sum else { return Ok(None) };
    let here = if let Some(counted) = meta.copies.tally {
        Tally::from(counted)
    } else {
        let mut tally = Tally::default();
        let pulled = meta.copies.pulled;
        documents::versions(tx, pulled, |key, version| key.add(&mut tally, version))?;
        meta.copies.tally = Some(tally.into());
        tally
    };
    let count = end.documents.unwrap_or(here.documents);
    if here.sum == sum && here.documents == count {
        meta.copies.agrees();
        return Ok(None);
    }
    let (here, there) = (here.documents, count);
    meta.copies.still_differs(here, there);
    if !meta.copies.may_mend(now) {
        tracing::error!(
            here,
            there,
            "count or hash still do not agree with the API's"
        );
        return Ok(None);
    }
    meta.copies.mend(now);
    tracing::error!(
        here,
        there,
        "count or hash of the copy do not agree with the API's"
    );
    Ok(Some("what was here did not agree with the API"))
}
