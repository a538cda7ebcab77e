//! Devices that wait to be let in.

use redtag_protocol::{ids::SessionId, stamp::Stamp};

use super::MemoryStorage;
use crate::storage::{Pairing, Pairings, Pending, StorageError};

impl Pairings for MemoryStorage {
    fn pairing_create(&self, pairing: Pairing) -> Pending<'_, ()> {
        self.all(move |all| {
            let taken = |it: &Pairing| it.secret == pairing.secret || it.code == pairing.code;
            if all.pairings.values().any(taken) {
                return Err(StorageError::Exists("code"));
            }
            all.pairings.insert(pairing.secret, pairing);
            Ok(())
        })
    }

    fn pairing(&self, secret: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        self.all(move |all| Ok(all.pairings.get(&secret).cloned()))
    }

    fn pairing_by_code(&self, code: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        self.all(move |all| Ok(all.pairings.values().find(|it| it.code == code).cloned()))
    }

    fn pairing_polled(
        &self,
        secret: [u8; 32],
        last: Option<Stamp>,
        at: Stamp,
        pause: u64,
    ) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.pairings.get_mut(&secret);
            Ok(found.filter(|it| it.polled == last).is_some_and(|it| {
                it.polled = Some(at);
                it.pause = pause;
                true
            }))
        })
    }

    fn pairing_decide(
        &self,
        secret: [u8; 32],
        session: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.pairings.get_mut(&secret);
            Ok(found.filter(|it| it.decided.is_none()).is_some_and(|it| {
                it.decided = Some(at);
                it.session = session;
                true
            }))
        })
    }

    fn pairing_fetched(&self, secret: [u8; 32], at: Stamp) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.pairings.get_mut(&secret);
            let waits = |it: &&mut Pairing| it.session.is_some() && it.fetched.is_none();
            Ok(found.filter(waits).is_some_and(|it| {
                it.fetched = Some(at);
                true
            }))
        })
    }

    fn pairings_forget(&self, before: Stamp) -> Pending<'_, Vec<SessionId>> {
        self.all(move |all| {
            let old = |it: &Pairing| it.created < before;
            let gone = all.pairings.extract_if(.., |_, it| old(it));
            Ok(gone
                .filter(|(_, it)| it.fetched.is_none())
                .filter_map(|(_, it)| it.session)
                .collect())
        })
    }
}
