//! The tally of a shop's documents, kept by the writes themselves: one rule for all engines.

use redtag_protocol::{audit::Tally, entity::EntityRef, stamp::Seq};

use super::Changes;

/// Whether these change any document, and the tally with it.
pub(super) fn concerns(changes: &Changes) -> bool {
    !(changes.documents.is_empty() && changes.gone.is_empty())
}

/// Takes a document's change into a tally: which version stood there, and which stands now.
pub(super) fn change(tally: &mut Tally, key: &EntityRef, former: Option<Seq>, now: Option<Seq>) {
    let (kind, id) = (key.kind().as_str(), key.id_text());
    if let Some(version) = former {
        tally.take_out(kind, &id, version);
    }
    if let Some(version) = now {
        tally.add(kind, &id, version);
    }
}
