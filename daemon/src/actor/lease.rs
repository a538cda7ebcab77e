//! How long a bench shows its copy of a shop without having heard from the API: a machine that was
//! taken away, or a person whom the shop has removed, is not to read on for ever. What is unsent stays,
//! and goes out as ever.

use std::time::Duration;

use redtag_protocol::{ipc::Finding, stamp::Stamp};

use super::{Actor, clock};
use crate::cache::Contact;

/// How often the time is kept, in milliseconds: so much of the lease can be had again by ending the
/// daemon and setting the machine's clock back.
const KEPT: u64 = 10 * 60 * 1000;

/// With less than this left the doctor says so.
const SOON: Duration = Duration::from_hours(3 * 24);

/// The lease of one account.
pub(super) struct Lease {
    contact: Contact,
    /// Since the machine started, when `contact` held; nobody sets that.
    since: Duration,
    kept: Stamp,
    lapsed: bool,
}

impl Lease {
    /// As it was kept.
    pub(super) fn new(contact: Contact) -> Self {
        Self {
            contact,
            since: clock::since_boot(),
            kept: contact.seen,
            lapsed: false,
        }
    }

    /// The API has answered at this time of its own.
    pub(super) fn heard(&mut self, api: Stamp) {
        let contact = Contact {
            heard: api,
            seen: api,
        };
        (self.contact, self.since) = (contact, clock::since_boot());
    }

    /// Whether nothing is shown any more.
    pub(super) fn has_lapsed(&self) -> bool {
        self.lapsed
    }

    /// The time on the API's clock. It goes on with this machine's own time since its start.
    fn now(&self) -> Stamp {
        let passed = clock::since_boot().saturating_sub(self.since).as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        Stamp(self.contact.seen.0.saturating_add(passed))
    }

    /// How much of it is left.
    fn left(&self, length: Duration) -> Duration {
        let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
        let until = self.contact.heard.0.saturating_add(length);
        Duration::from_millis(until.saturating_sub(self.now().0))
    }

    /// When it ends, on this machine's clock.
    pub(super) fn until(&self, length: Duration) -> Stamp {
        let left = u64::try_from(self.left(length).as_millis()).unwrap_or(u64::MAX);
        Stamp(clock::wall().0.saturating_add(left))
    }

    /// For the doctor.
    pub(super) fn finding(&self, account: &str, length: Duration) -> Finding {
        let left = self.left(length);
        let (ok, found) = if left.is_zero() {
            (
                false,
                "ended: the copy is not shown until the API is heard; what is unsent is kept"
                    .to_owned(),
            )
        } else {
            let days = left.as_secs() / (24 * 60 * 60);
            (
                left >= SOON.min(length / 2),
                format!("the copy is shown for {days} more days without the API"),
            )
        };
        Finding {
            what: format!("lease {account}"),
            ok,
            found,
        }
    }
}

impl Actor {
    /// Shuts what has not heard from the API for too long, opens it when it has, and keeps the time.
    pub(super) fn watch_leases(&mut self) {
        let length = self.lease();
        let mut turned = Vec::new();
        for (id, account) in &mut self.accounts {
            let lease = &mut account.lease;
            let lapsed = lease.left(length).is_zero();
            if lapsed != lease.lapsed {
                lease.lapsed = lapsed;
                turned.push((id.clone(), lapsed));
            }
            let now = lease.now();
            if now.0.abs_diff(lease.kept.0) >= KEPT {
                lease.kept = now;
                let contact = Contact {
                    seen: now,
                    ..lease.contact
                };
                drop(account.cache.call(move |store| {
                    if let Err(error) = store.keep_contact(contact) {
                        tracing::error!(%error, "the time of the lease cannot be kept");
                    }
                }));
            }
        }
        for (id, lapsed) in turned {
            tracing::warn!(account = %id, lapsed, "the lease");
            self.door_turned(&id);
        }
    }

    pub(super) fn lease(&self) -> Duration {
        self.setup.settings.borrow().config.lease
    }
}

#[cfg(test)]
mod tests;
