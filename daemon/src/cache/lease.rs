//! When the API was last heard, on its own clock: what a bench may show without it hangs on that.

use redtag_protocol::stamp::Stamp;
use serde::{Deserialize, Serialize};

use super::{CacheError, Store, meta};

const NAME: &str = "contact";

/// When the API last answered, and the latest time that was ever known, both on the API's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The last answer to who had signed in.
    pub heard: Stamp,
    /// No time before this one comes again, wherever somebody sets this machine's clock.
    pub seen: Stamp,
}

impl Store {
    /// What is known of the API's time. A cache that does not know begins now.
    pub fn contact(&self, wall: Stamp) -> Result<Contact, CacheError> {
        let now = self.corrected(wall);
        let known: Option<Contact> = meta::read(&self.conn, NAME)?;
        let known = known.unwrap_or(Contact {
            heard: now,
            seen: now,
        });
        Ok(Contact {
            heard: known.heard,
            seen: known.seen.max(known.heard).max(now),
        })
    }

    /// Keeps it. It may be lost in a power cut, which costs minutes of the lease.
    pub fn keep_contact(&mut self, contact: Contact) -> Result<(), CacheError> {
        self.lazily(|store| store.transact(|tx| meta::write(tx, NAME, &contact)))
    }
}
