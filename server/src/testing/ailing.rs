use std::sync::Arc;

use redtag_protocol::{
    api::changes::Mark,
    entity::{EntityRef, Kind},
    ids::{DeviceId, KeyCopyId, PassId, PersonId, SessionId, ShopId},
    stamp::{Seq, Stamp},
};

use crate::storage::{
    Control, Credentials, Device, Event, Head, Identity, KeyCopies, KeyCopy, Logged, Page,
    PageLimit, Pairing, Pairings, Part, Pass, Pending, Person, Piece, SecondFactor, Secret,
    Session, ShopRow, Shops, Storage, StorageError, Stored, Tip, Transaction,
};

/// What befalls a call instead of an answer.
pub enum Ailment {
    /// It fails.
    Fails(StorageError),
    /// It never answers.
    Hangs,
}

/// A storage over another one, some of whose calls fail or hang: `ails` is asked at each, by its
/// name. A transaction that has begun is the other storage's own.
pub struct Ailing<F> {
    inner: Arc<dyn Storage>,
    ails: F,
}

impl<F: Fn(&str) -> Option<Ailment> + Send + Sync + 'static> Ailing<F> {
    pub fn new(inner: Arc<dyn Storage>, ails: F) -> Self {
        Self { inner, ails }
    }

    fn through<'a, T: Send + 'a>(
        &'a self,
        call: &'static str,
        well: Pending<'a, T>,
    ) -> Pending<'a, T> {
        Box::pin(async move {
            match (self.ails)(call) {
                None => well.await,
                Some(Ailment::Fails(error)) => Err(error),
                Some(Ailment::Hangs) => std::future::pending().await,
            }
        })
    }
}

impl<F: Fn(&str) -> Option<Ailment> + Send + Sync + 'static> Control for Ailing<F> {
    fn epoch(&self) -> u64 {
        self.inner.epoch()
    }

    fn person(&self, id: PersonId) -> Pending<'_, Option<Person>> {
        self.through("person", self.inner.person(id))
    }

    fn person_by_email(&self, email: String) -> Pending<'_, Option<Person>> {
        self.through("person_by_email", self.inner.person_by_email(email))
    }

    fn person_create(&self, person: Person) -> Pending<'_, ()> {
        self.through("person_create", self.inner.person_create(person))
    }

    fn person_password(&self, id: PersonId, hash: String, at: Stamp) -> Pending<'_, ()> {
        self.through("person_password", self.inner.person_password(id, hash, at))
    }

    fn shop_create(&self, shop: ShopRow) -> Pending<'_, ()> {
        self.through("shop_create", self.inner.shop_create(shop))
    }

    fn shop_ready(&self, id: ShopId) -> Pending<'_, ()> {
        self.through("shop_ready", self.inner.shop_ready(id))
    }

    fn shop(&self, id: ShopId) -> Pending<'_, Option<ShopRow>> {
        self.through("shop", self.inner.shop(id))
    }

    fn shops(&self) -> Pending<'_, Vec<ShopRow>> {
        self.through("shops", self.inner.shops())
    }

    fn membership_add(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        self.through("membership_add", self.inner.membership_add(person, shop))
    }

    fn membership_remove(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        self.through(
            "membership_remove",
            self.inner.membership_remove(person, shop),
        )
    }

    fn memberships(&self, person: PersonId) -> Pending<'_, Vec<ShopRow>> {
        self.through("memberships", self.inner.memberships(person))
    }

    fn device_register(&self, device: Device) -> Pending<'_, ()> {
        self.through("device_register", self.inner.device_register(device))
    }

    fn device(&self, shop: ShopId, id: DeviceId) -> Pending<'_, Option<Device>> {
        self.through("device", self.inner.device(shop, id))
    }

    fn session_create(&self, session: Session) -> Pending<'_, ()> {
        self.through("session_create", self.inner.session_create(session))
    }

    fn session(&self, id: SessionId) -> Pending<'_, Option<Session>> {
        self.through("session", self.inner.session(id))
    }

    fn session_advance(&self, id: SessionId, from: u64, to: u64, at: Stamp) -> Pending<'_, bool> {
        self.through(
            "session_advance",
            self.inner.session_advance(id, from, to, at),
        )
    }

    fn session_device(&self, id: SessionId, device: DeviceId) -> Pending<'_, bool> {
        self.through("session_device", self.inner.session_device(id, device))
    }

    fn session_end(&self, id: SessionId, at: Stamp) -> Pending<'_, ()> {
        self.through("session_end", self.inner.session_end(id, at))
    }

    fn sessions_end(&self, person: PersonId, shop: ShopId, at: Stamp) -> Pending<'_, u64> {
        self.through("sessions_end", self.inner.sessions_end(person, shop, at))
    }

    fn secret_keep(&self, secret: Secret) -> Pending<'_, Secret> {
        self.through("secret_keep", self.inner.secret_keep(secret))
    }

    fn secrets(&self, purpose: String) -> Pending<'_, Vec<Secret>> {
        self.through("secrets", self.inner.secrets(purpose))
    }
}

impl<F: Fn(&str) -> Option<Ailment> + Send + Sync + 'static> Pairings for Ailing<F> {
    fn pairing_create(&self, pairing: Pairing) -> Pending<'_, ()> {
        self.through("pairing_create", self.inner.pairing_create(pairing))
    }

    fn pairing(&self, secret: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        self.through("pairing", self.inner.pairing(secret))
    }

    fn pairing_by_code(&self, code: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        self.through("pairing_by_code", self.inner.pairing_by_code(code))
    }

    fn pairing_polled(
        &self,
        secret: [u8; 32],
        last: Option<Stamp>,
        at: Stamp,
        pause: u64,
    ) -> Pending<'_, bool> {
        let well = self.inner.pairing_polled(secret, last, at, pause);
        self.through("pairing_polled", well)
    }

    fn pairing_decide(
        &self,
        secret: [u8; 32],
        session: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        let well = self.inner.pairing_decide(secret, session, at);
        self.through("pairing_decide", well)
    }

    fn pairing_fetched(&self, secret: [u8; 32], at: Stamp) -> Pending<'_, bool> {
        self.through("pairing_fetched", self.inner.pairing_fetched(secret, at))
    }

    fn pairings_forget(&self, before: Stamp) -> Pending<'_, Vec<SessionId>> {
        self.through("pairings_forget", self.inner.pairings_forget(before))
    }
}

impl<F: Fn(&str) -> Option<Ailment> + Send + Sync + 'static> Credentials for Ailing<F> {
    fn second_factor(&self, person: PersonId) -> Pending<'_, Option<SecondFactor>> {
        self.through("second_factor", self.inner.second_factor(person))
    }

    fn second_factor_put(&self, factor: SecondFactor) -> Pending<'_, bool> {
        self.through("second_factor_put", self.inner.second_factor_put(factor))
    }

    fn second_factor_remove(&self, person: PersonId, version: u64) -> Pending<'_, bool> {
        let well = self.inner.second_factor_remove(person, version);
        self.through("second_factor_remove", well)
    }

    fn person_rehash(&self, id: PersonId, from: String, to: String) -> Pending<'_, bool> {
        self.through("person_rehash", self.inner.person_rehash(id, from, to))
    }

    fn identity(&self, issuer: String, subject: String) -> Pending<'_, Option<Identity>> {
        self.through("identity", self.inner.identity(issuer, subject))
    }

    fn identity_link(&self, identity: Identity) -> Pending<'_, bool> {
        self.through("identity_link", self.inner.identity_link(identity))
    }

    fn identities_unlink(&self, person: PersonId) -> Pending<'_, u64> {
        self.through("identities_unlink", self.inner.identities_unlink(person))
    }

    fn person_password_from(
        &self,
        id: PersonId,
        from: String,
        hash: String,
        keep: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        let well = self.inner.person_password_from(id, from, hash, keep, at);
        self.through("person_password_from", well)
    }

    fn sessions(&self, shop: ShopId) -> Pending<'_, Vec<Session>> {
        self.through("sessions", self.inner.sessions(shop))
    }

    fn session_revoke(&self, shop: ShopId, id: SessionId, at: Stamp) -> Pending<'_, bool> {
        self.through("session_revoke", self.inner.session_revoke(shop, id, at))
    }

    fn devices(&self, shop: ShopId) -> Pending<'_, Vec<Device>> {
        self.through("devices", self.inner.devices(shop))
    }

    fn device_destroyed(&self, shop: ShopId, id: DeviceId, at: Stamp) -> Pending<'_, bool> {
        let well = self.inner.device_destroyed(shop, id, at);
        self.through("device_destroyed", well)
    }

    fn pass_create(&self, pass: Pass) -> Pending<'_, ()> {
        self.through("pass_create", self.inner.pass_create(pass))
    }

    fn pass(&self, shop: ShopId, id: PassId) -> Pending<'_, Option<Pass>> {
        self.through("pass", self.inner.pass(shop, id))
    }

    fn passes(&self, shop: ShopId) -> Pending<'_, Vec<Pass>> {
        self.through("passes", self.inner.passes(shop))
    }

    fn pass_use(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        self.through("pass_use", self.inner.pass_use(shop, id, at))
    }

    fn pass_end(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        self.through("pass_end", self.inner.pass_end(shop, id, at))
    }
}

impl<F: Fn(&str) -> Option<Ailment> + Send + Sync + 'static> KeyCopies for Ailing<F> {
    fn key_copy_put(&self, copy: KeyCopy) -> Pending<'_, bool> {
        self.through("key_copy_put", self.inner.key_copy_put(copy))
    }

    fn key_copy(&self, shop: ShopId, id: KeyCopyId) -> Pending<'_, Option<KeyCopy>> {
        self.through("key_copy", self.inner.key_copy(shop, id))
    }

    fn key_copy_forget(&self, shop: ShopId, id: KeyCopyId, person: PersonId) -> Pending<'_, bool> {
        let well = self.inner.key_copy_forget(shop, id, person);
        self.through("key_copy_forget", well)
    }

    fn key_copies_forget_of(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        let well = self.inner.key_copies_forget_of(shop, device);
        self.through("key_copies_forget_of", well)
    }
}

impl<F: Fn(&str) -> Option<Ailment> + Send + Sync + 'static> Shops for Ailing<F> {
    fn head(&self, shop: ShopId) -> Pending<'_, Head> {
        self.through("head", self.inner.head(shop))
    }

    fn tip(&self, shop: ShopId) -> Pending<'_, Tip> {
        self.through("tip", self.inner.tip(shop))
    }

    fn documents(&self, shop: ShopId, keys: Vec<EntityRef>) -> Pending<'_, Vec<Option<Stored>>> {
        self.through("documents", self.inner.documents(shop, keys))
    }

    fn list(&self, shop: ShopId, kind: Kind) -> Pending<'_, Vec<Stored>> {
        self.through("list", self.inner.list(shop, kind))
    }

    fn page(&self, shop: ShopId, after: Seq, limit: PageLimit) -> Pending<'_, Page> {
        self.through("page", self.inner.page(shop, after, limit))
    }

    fn piece(
        &self,
        shop: ShopId,
        part: Part,
        after: Option<Mark>,
        upto: Seq,
        limit: PageLimit,
    ) -> Pending<'_, Piece> {
        self.through("piece", self.inner.piece(shop, part, after, upto, limit))
    }

    fn timeline(
        &self,
        shop: ShopId,
        key: EntityRef,
        after: Seq,
        most: u32,
    ) -> Pending<'_, Vec<Event>> {
        self.through("timeline", self.inner.timeline(shop, key, after, most))
    }

    fn hash_at(&self, shop: ShopId, seq: Seq) -> Pending<'_, Option<[u8; 32]>> {
        self.through("hash_at", self.inner.hash_at(shop, seq))
    }

    fn last_number(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        self.through("last_number", self.inner.last_number(shop, device))
    }

    fn outcomes(
        &self,
        shop: ShopId,
        device: DeviceId,
        from: u64,
        to: u64,
    ) -> Pending<'_, Vec<Logged>> {
        self.through("outcomes", self.inner.outcomes(shop, device, from, to))
    }

    fn forget_outcomes(&self, shop: ShopId, before: Stamp, most: u32) -> Pending<'_, u64> {
        self.through(
            "forget_outcomes",
            self.inner.forget_outcomes(shop, before, most),
        )
    }

    fn begin(&self, shop: ShopId) -> Pending<'_, Box<dyn Transaction>> {
        self.through("begin", self.inner.begin(shop))
    }

    fn begin_for(
        &self,
        shop: ShopId,
        device: DeviceId,
    ) -> Pending<'_, (Box<dyn Transaction>, u64)> {
        self.through("begin_for", self.inner.begin_for(shop, device))
    }
}
