//! What people sign in with besides a password.

use redtag_protocol::{
    ids::{DeviceId, PassId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};

use super::{MemoryStorage, control::end_sessions};
use crate::storage::{
    Credentials, Device, Identity, Pass, Pending, SecondFactor, Session, StorageError,
};

impl Credentials for MemoryStorage {
    fn second_factor(&self, person: PersonId) -> Pending<'_, Option<SecondFactor>> {
        self.all(move |all| Ok(all.second_factors.get(&person).cloned()))
    }

    fn second_factor_put(&self, factor: SecondFactor) -> Pending<'_, bool> {
        self.all(move |all| {
            let stands = all.second_factors.get(&factor.person);
            let follows = stands.map_or(0, |it| it.version) + 1 == factor.version;
            if follows {
                let created = stands.map_or(factor.created, |it| it.created);
                let factor = SecondFactor { created, ..factor };
                all.second_factors.insert(factor.person, factor);
            }
            Ok(follows)
        })
    }

    fn second_factor_remove(&self, person: PersonId, version: u64) -> Pending<'_, bool> {
        self.all(move |all| {
            let stands = all.second_factors.get(&person);
            let meant = stands.is_some_and(|it| it.version == version);
            if meant {
                all.second_factors.remove(&person);
            }
            Ok(meant)
        })
    }

    fn person_rehash(&self, id: PersonId, from: String, to: String) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.persons.get_mut(&id).filter(|it| it.password == from);
            Ok(found.map(|person| person.password = to).is_some())
        })
    }

    fn identity(&self, issuer: String, subject: String) -> Pending<'_, Option<Identity>> {
        self.all(move |all| Ok(all.identities.get(&(issuer, subject)).cloned()))
    }

    fn identity_link(&self, identity: Identity) -> Pending<'_, bool> {
        self.all(move |all| {
            let place = (identity.issuer.clone(), identity.subject.clone());
            let same = |it: &Identity| it.person == identity.person && it.issuer == identity.issuer;
            if all.identities.contains_key(&place) || all.identities.values().any(same) {
                return Ok(false);
            }
            all.identities.insert(place, identity);
            Ok(true)
        })
    }

    fn identities_unlink(&self, person: PersonId) -> Pending<'_, u64> {
        self.all(move |all| {
            let before = all.identities.len();
            all.identities.retain(|_, it| it.person != person);
            Ok((before - all.identities.len()) as u64)
        })
    }

    fn person_password_from(
        &self,
        id: PersonId,
        from: String,
        hash: String,
        keep: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.persons.get_mut(&id).filter(|it| it.password == from);
            let Some(person) = found else {
                return Ok(false);
            };
            person.password = hash;
            end_sessions(all, at, |it| it.person == id && Some(it.id) != keep);
            Ok(true)
        })
    }

    fn sessions(&self, shop: ShopId) -> Pending<'_, Vec<Session>> {
        self.all(move |all| {
            let open = |it: &&Session| it.shop == shop && it.ended.is_none();
            let mut found: Vec<Session> = all.sessions.values().filter(open).cloned().collect();
            found.sort_by(|a, b| (b.created, a.id).cmp(&(a.created, b.id)));
            Ok(found)
        })
    }

    fn session_revoke(&self, shop: ShopId, id: SessionId, at: Stamp) -> Pending<'_, bool> {
        self.all(move |all| {
            let whole = |it: &&mut Session| it.shop == shop && it.revoked.is_none();
            let found = all.sessions.get_mut(&id).filter(whole);
            Ok(found.is_some_and(|session| {
                session.revoked = Some(at);
                session.ended = session.ended.or(Some(at));
                true
            }))
        })
    }

    fn devices(&self, shop: ShopId) -> Pending<'_, Vec<Device>> {
        self.all(move |all| {
            let of = all.devices.values().filter(|it| it.shop == shop);
            Ok(of.cloned().collect())
        })
    }

    fn device_destroyed(&self, shop: ShopId, id: DeviceId, at: Stamp) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.devices.get_mut(&(shop, id));
            let found = found.filter(|it| it.destroyed.is_none());
            Ok(found.map(|device| device.destroyed = Some(at)).is_some())
        })
    }

    fn pass_create(&self, pass: Pass) -> Pending<'_, ()> {
        self.all(move |all| {
            let place = (pass.shop, pass.id);
            if all.passes.contains_key(&place) {
                return Err(StorageError::Exists("token"));
            }
            all.passes.insert(place, pass);
            Ok(())
        })
    }

    fn pass(&self, shop: ShopId, id: PassId) -> Pending<'_, Option<Pass>> {
        self.all(move |all| Ok(all.passes.get(&(shop, id)).cloned()))
    }

    fn passes(&self, shop: ShopId) -> Pending<'_, Vec<Pass>> {
        self.all(move |all| {
            let of = all.passes.values().filter(|it| it.shop == shop);
            let mut found: Vec<Pass> = of.cloned().collect();
            found.sort_by(|a, b| (b.created, a.id).cmp(&(a.created, b.id)));
            Ok(found)
        })
    }

    fn pass_use(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        self.all(move |all| {
            let whole = |it: &&mut Pass| it.used.is_none() && it.ended.is_none();
            let found = all.passes.get_mut(&(shop, id)).filter(whole);
            Ok(found.map(|pass| pass.used = Some(at)).is_some())
        })
    }

    fn pass_end(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        self.all(move |all| {
            let found = all.passes.get_mut(&(shop, id));
            let found = found.filter(|it| it.ended.is_none());
            Ok(found.map(|pass| pass.ended = Some(at)).is_some())
        })
    }
}
