//! Texts that are being typed, so that they are there again after a dropped line or a killed client.
//!
//! They lie in the account's cache, encrypted as everything else and gone with it, and are never
//! sent. A write waits for no disk: what a power cut takes are the last characters.

use std::collections::BTreeMap;

use redtag_protocol::{
    entity::EntityRef,
    ids::InspectionId,
    ipc::{Failure, FailureCode},
    stamp::Stamp,
    text,
};
use serde::{Deserialize, Serialize};

use super::{CacheError, Clock, Store, meta};

const NAME: &str = "drafts";

/// The most texts; beyond it the oldest goes. A note takes two where something stood before it: as many
/// half-typed notes as a template has points, and no more than anybody leaves lying.
const MOST: usize = 128;

/// The longest text, in characters: as long as a note may be.
const LONGEST: usize = 10_000;

/// A text that is being typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Draft {
    inspection: InspectionId,
    of: String,
    text: String,
    at: Stamp,
}

impl Store {
    /// Keeps a text that is being typed at an inspection, or forgets it.
    pub fn draft(
        &mut self,
        inspection: InspectionId,
        of: String,
        text: Option<String>,
        Clock(at): Clock,
    ) -> Result<(), Failure> {
        // Under an account that has no such inspection it would be another account's text.
        if self.local(&EntityRef::Inspection(inspection))?.is_none() {
            return Err(Failure::new(
                FailureCode::NotFound,
                "there is no such inspection in the cache, so what is typed for it is not kept",
            ));
        }
        if of.chars().count() > 200 {
            return Err(Failure::new(FailureCode::Invalid, "the name is too long"));
        }
        let mut drafts = self.all_drafts()?;
        let before = drafts.len();
        drafts.retain(|it| it.inspection != inspection || it.of != of);
        match text {
            Some(text) => drafts.push(Draft {
                inspection,
                of,
                text: text::clean_text(&text).chars().take(LONGEST).collect(),
                at,
            }),
            None if drafts.len() == before => return Ok(()),
            None => {}
        }
        drafts.sort_by_key(|it| it.at);
        let over = drafts.len().saturating_sub(MOST);
        drafts.drain(..over);
        self.lazily(|store| store.transact(|tx| meta::write(tx, NAME, &drafts)))?;
        Ok(())
    }

    /// The texts that were being typed at an inspection, by what they are.
    pub fn drafts(&self, inspection: InspectionId) -> Result<BTreeMap<String, String>, CacheError> {
        let all = self.all_drafts()?.into_iter();
        let here = all.filter(|it| it.inspection == inspection);
        Ok(here.map(|it| (it.of, it.text)).collect())
    }

    fn all_drafts(&self) -> Result<Vec<Draft>, CacheError> {
        Ok(meta::read(&self.conn, NAME)?.unwrap_or_default())
    }
}
