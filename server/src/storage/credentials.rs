use redtag_protocol::{
    ids::{DeviceId, PassId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};

use super::{Device, Identity, Pass, Pending, SecondFactor, Session};

/// What people sign in with besides a password, what stands in for a person, and what is taken back.
///
/// As of [`Control`](super::Control): each call is one transaction of its own.
pub trait Credentials: Send + Sync + 'static {
    /// A person's second factor, confirmed or not.
    fn second_factor(&self, person: PersonId) -> Pending<'_, Option<SecondFactor>>;

    /// Writes a second factor whose version is the next one of what stands, 1 where nothing does;
    /// says whether it did. Of two racing calls with the same version exactly one does. The time of
    /// the beginning stays.
    fn second_factor_put(&self, factor: SecondFactor) -> Pending<'_, bool>;

    /// Removes a second factor of this version; says whether it did.
    fn second_factor_remove(&self, person: PersonId, version: u64) -> Pending<'_, bool>;

    /// Whose a sign-in at a provider (OpenID Connect) is.
    fn identity(&self, issuer: String, subject: String) -> Pending<'_, Option<Identity>>;

    /// Links a sign-in at a provider with a person; says whether it did. Nothing changes where that
    /// sign-in has a person, or the person another one at that provider; of racing calls exactly one
    /// does.
    fn identity_link(&self, identity: Identity) -> Pending<'_, bool>;

    /// Forgets all of a person's, and says how many those were.
    fn identities_unlink(&self, person: PersonId) -> Pending<'_, u64>;

    /// Replaces a person's password hash by another one of the same password; says whether `from`
    /// still stood. No sign-in ends.
    fn person_rehash(&self, id: PersonId, from: String, to: String) -> Pending<'_, bool>;

    /// As [`person_password`](super::Control::person_password), but only where the hash `from` still
    /// stands, and one sign-in may go on; says whether it did. Of two racing calls with the same `from`
    /// exactly one does, and the other one ends no sign-in.
    fn person_password_from(
        &self,
        id: PersonId,
        from: String,
        hash: String,
        keep: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool>;

    /// The sign-ins of a shop that have not ended, the newest first.
    fn sessions(&self, shop: ShopId) -> Pending<'_, Vec<Session>>;

    /// Takes a sign-in from its device, whether it has ended or not; says whether that is new.
    fn session_revoke(&self, shop: ShopId, id: SessionId, at: Stamp) -> Pending<'_, bool>;

    /// The devices of a shop, by id.
    fn devices(&self, shop: ShopId) -> Pending<'_, Vec<Device>>;

    /// Notes that a device has destroyed its key; says whether that is new.
    fn device_destroyed(&self, shop: ShopId, id: DeviceId, at: Stamp) -> Pending<'_, bool>;

    /// Adds a pass.
    ///
    /// # Errors
    ///
    /// [`Exists`](super::StorageError::Exists) if the id was used before in that shop.
    fn pass_create(&self, pass: Pass) -> Pending<'_, ()>;

    /// A pass of a shop.
    fn pass(&self, shop: ShopId, id: PassId) -> Pending<'_, Option<Pass>>;

    /// All passes of a shop, the newest first, those that ended too.
    fn passes(&self, shop: ShopId) -> Pending<'_, Vec<Pass>>;

    /// Uses a pass that is good once, if it was neither used nor ended; says whether it did. Of two
    /// racing calls exactly one does.
    fn pass_use(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool>;

    /// Takes a pass back; says whether that is new.
    fn pass_end(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool>;
}
