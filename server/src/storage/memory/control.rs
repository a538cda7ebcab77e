//! What spans shops.

use redtag_protocol::{
    ids::{DeviceId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};
use std::sync::Arc;

use super::{Content, Everything, MemoryStorage};
use crate::storage::{
    Control, Device, Pending, Person, Secret, Session, ShopRow, StorageError,
    control::{email_key, new_email_key},
};

impl MemoryStorage {
    pub(super) fn all<T: Send + 'static>(
        &self,
        step: impl FnOnce(&mut Everything) -> Result<T, StorageError> + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(async move { self.0.step(step) })
    }
}

fn by_name(mut rows: Vec<ShopRow>) -> Vec<ShopRow> {
    rows.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    rows
}

pub(super) fn end_sessions(
    all: &mut Everything,
    at: Stamp,
    which: impl Fn(&Session) -> bool,
) -> u64 {
    let mut ended = 0;
    for session in all.sessions.values_mut() {
        if session.ended.is_none() && which(session) {
            session.ended = Some(at);
            ended += 1;
        }
    }
    ended
}

impl Control for MemoryStorage {
    fn epoch(&self) -> u64 {
        self.0.epoch
    }

    fn person(&self, id: PersonId) -> Pending<'_, Option<Person>> {
        self.all(move |all| Ok(all.persons.get(&id).cloned()))
    }

    fn person_by_email(&self, email: String) -> Pending<'_, Option<Person>> {
        self.all(move |all| {
            let Some(key) = email_key(&email) else {
                return Ok(None);
            };
            let theirs = |it: &&Person| email_key(&it.email).as_deref() == Some(&key);
            Ok(all.persons.values().find(theirs).cloned())
        })
    }

    fn person_create(&self, person: Person) -> Pending<'_, ()> {
        self.all(move |all| {
            let key = new_email_key(&person.email)?;
            let taken = |it: &Person| email_key(&it.email).as_deref() == Some(&key);
            if all.persons.values().any(taken) {
                return Err(StorageError::EmailTaken);
            }
            all.persons.insert(person.id, person);
            Ok(())
        })
    }

    fn person_password(&self, id: PersonId, hash: String, at: Stamp) -> Pending<'_, ()> {
        self.all(move |all| {
            if let Some(person) = all.persons.get_mut(&id) {
                person.password = hash;
                end_sessions(all, at, |it| it.person == id);
            }
            Ok(())
        })
    }

    fn shop_create(&self, shop: ShopRow) -> Pending<'_, ()> {
        self.all(move |all| {
            if all.shops.contains_key(&shop.id) {
                return Err(StorageError::Exists("shop"));
            }
            all.contents.insert(shop.id, Arc::new(Content::new()));
            all.shops.insert(shop.id, (shop, false));
            Ok(())
        })
    }

    fn shop_ready(&self, id: ShopId) -> Pending<'_, ()> {
        self.all(move |all| {
            if let Some((_, ready)) = all.shops.get_mut(&id) {
                *ready = true;
            }
            Ok(())
        })
    }

    fn shop(&self, id: ShopId) -> Pending<'_, Option<ShopRow>> {
        self.all(move |all| {
            let found = all.shops.get(&id).filter(|(_, ready)| *ready);
            Ok(found.map(|(row, _)| row.clone()))
        })
    }

    fn shops(&self) -> Pending<'_, Vec<ShopRow>> {
        self.all(|all| {
            let ready = all.shops.values().filter(|(_, ready)| *ready);
            Ok(by_name(ready.map(|(row, _)| row.clone()).collect()))
        })
    }

    fn membership_add(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        self.all(move |all| {
            all.memberships.insert((person, shop));
            Ok(())
        })
    }

    fn membership_remove(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        self.all(move |all| {
            all.memberships.remove(&(person, shop));
            Ok(())
        })
    }

    fn memberships(&self, person: PersonId) -> Pending<'_, Vec<ShopRow>> {
        self.all(move |all| {
            let ready = all.shops.values().filter(|(_, ready)| *ready);
            let theirs = ready.filter(|(row, _)| all.memberships.contains(&(person, row.id)));
            Ok(by_name(theirs.map(|(row, _)| row.clone()).collect()))
        })
    }

    fn device_register(&self, device: Device) -> Pending<'_, ()> {
        self.all(move |all| {
            let place = (device.shop, device.id);
            match all.devices.get_mut(&place) {
                Some(there) if there.person != device.person => {
                    return Err(StorageError::DeviceTaken);
                }
                Some(there) => there.name = device.name,
                None => drop(all.devices.insert(place, device)),
            }
            Ok(())
        })
    }

    fn device(&self, shop: ShopId, id: DeviceId) -> Pending<'_, Option<Device>> {
        self.all(move |all| Ok(all.devices.get(&(shop, id)).cloned()))
    }

    fn session_create(&self, session: Session) -> Pending<'_, ()> {
        self.all(move |all| {
            if all.sessions.contains_key(&session.id) {
                return Err(StorageError::Exists("sign-in"));
            }
            all.sessions.insert(session.id, session);
            Ok(())
        })
    }

    fn session(&self, id: SessionId) -> Pending<'_, Option<Session>> {
        self.all(move |all| Ok(all.sessions.get(&id).cloned()))
    }

    fn session_advance(&self, id: SessionId, from: u64, to: u64, at: Stamp) -> Pending<'_, bool> {
        self.all(move |all| {
            let open = |it: &&mut Session| it.ended.is_none() && it.generation == from;
            let found = all.sessions.get_mut(&id).filter(open);
            Ok(found.is_some_and(|session| {
                session.generation = to;
                session.used = at;
                true
            }))
        })
    }

    fn session_device(&self, id: SessionId, device: DeviceId) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.sessions.get_mut(&id).filter(|it| it.ended.is_none());
            Ok(found.is_some_and(|session| {
                session.device = device;
                true
            }))
        })
    }

    fn session_end(&self, id: SessionId, at: Stamp) -> Pending<'_, ()> {
        self.all(move |all| {
            end_sessions(all, at, |it| it.id == id);
            Ok(())
        })
    }

    fn sessions_end(&self, person: PersonId, shop: ShopId, at: Stamp) -> Pending<'_, u64> {
        self.all(move |all| {
            Ok(end_sessions(all, at, |it| {
                it.person == person && it.shop == shop
            }))
        })
    }

    fn secret_keep(&self, secret: Secret) -> Pending<'_, Secret> {
        self.all(move |all| {
            let name = secret.name.clone();
            Ok(all.secrets.entry(name).or_insert(secret).clone())
        })
    }

    fn secrets(&self, purpose: String) -> Pending<'_, Vec<Secret>> {
        self.all(move |all| {
            let of = |it: &&Secret| it.purpose == purpose;
            let mut found: Vec<Secret> = all.secrets.values().filter(of).cloned().collect();
            found.sort_by(|a, b| (b.created, &b.name).cmp(&(a.created, &a.name)));
            Ok(found)
        })
    }
}
