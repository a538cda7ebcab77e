//! Changes to the shop's own document: its canned notes.

use super::not_found;
use crate::{
    canned::MAX_KEPT,
    event::What,
    op::{Edit, Refusal, RefusalCode, Verdict},
    shop::Shop,
};

/// Adds or drops a canned note. Nobody changes one, so there is nothing to be in conflict about.
pub(super) fn change(shop: &mut Shop, edit: &Edit) -> Result<(Verdict, What), Refusal> {
    match edit {
        Edit::AddCanned { id, kept, .. } => {
            let before = shop.canned.get(id);
            if before.is_some_and(|it| it != kept) {
                return Err(Refusal::new(
                    RefusalCode::Exists,
                    "a canned note is never changed; drop it and add another",
                ));
            }
            if before.is_none() && shop.canned.len() >= MAX_KEPT {
                return Err(Refusal::new(
                    RefusalCode::Invalid,
                    format!("the shop keeps {MAX_KEPT} canned notes already; drop some first"),
                ));
            }
            let before = shop.canned.insert(*id, kept.clone());
            let what = What::Canned {
                id: *id,
                before,
                after: Some(kept.clone()),
            };
            Ok((Verdict::Applied, what))
        }
        Edit::DropCanned { id, .. } => {
            // Somebody may have been faster, with the same intent.
            let before = shop.canned.remove(id);
            let what = What::Canned {
                id: *id,
                before,
                after: None,
            };
            Ok((Verdict::Applied, what))
        }
        other => Err(not_found(&other.target())),
    }
}
