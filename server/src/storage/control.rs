use redtag_protocol::{
    ids::{DeviceId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};

use super::{Device, Pending, Person, Secret, Session, ShopRow, StorageError};

/// What spans shops.
///
/// Each call is one transaction of its own: durable when it returns, or without any effect. What is
/// read may be old by the time it arrives; a call that decides on a value compares it itself.
pub trait Control: Send + Sync + 'static {
    /// A number drawn at random when the database was made; `restore` draws it anew. It is the same
    /// for as long as the storage is open.
    fn epoch(&self) -> u64;

    /// A person, if there is one.
    fn person(&self, id: PersonId) -> Pending<'_, Option<Person>>;

    /// The person with an e-mail address, whatever the case of its letters. An address that
    /// [nobody can have](Self::person_create) is nobody's, which is no error.
    fn person_by_email(&self, email: String) -> Pending<'_, Option<Person>>;

    /// Adds a person.
    ///
    /// # Errors
    ///
    /// [`EmailTaken`](super::StorageError::EmailTaken), also when two calls race: exactly one wins.
    /// [`Constraint`](super::StorageError::Constraint) for an address that nobody can have: longer
    /// than 254 characters, or with a control character.
    fn person_create(&self, person: Person) -> Pending<'_, ()>;

    /// Replaces a person's password hash and ends the person's sign-ins in every shop, both or
    /// neither; nothing where there is no such person.
    fn person_password(&self, id: PersonId, hash: String, at: Stamp) -> Pending<'_, ()>;

    /// Begins a shop: draws its key, makes room for its documents. It is found by nobody until
    /// [`shop_ready`](Self::shop_ready), except by [`Shops`](super::Shops) under its id; so a crash
    /// in between leaves nothing that is half there.
    ///
    /// # Errors
    ///
    /// [`Exists`](super::StorageError::Exists) if the id was used before.
    fn shop_create(&self, shop: ShopRow) -> Pending<'_, ()>;

    /// The shop is complete; doing it twice is the same.
    fn shop_ready(&self, id: ShopId) -> Pending<'_, ()>;

    /// A ready shop.
    fn shop(&self, id: ShopId) -> Pending<'_, Option<ShopRow>>;

    /// All ready shops, by name.
    fn shops(&self) -> Pending<'_, Vec<ShopRow>>;

    /// Remembers that a person belongs to a shop, so that sign-in can list it. The authority for
    /// membership and role is the shop's own member document; this index may name a shop too many,
    /// never one too few. Doing it twice is the same.
    fn membership_add(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()>;

    /// Forgets it; doing it twice is the same.
    fn membership_remove(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()>;

    /// The ready shops that a person may belong to, by name.
    fn memberships(&self, person: PersonId) -> Pending<'_, Vec<ShopRow>>;

    /// Registers a device in its shop, or renames it where the same person has it there already;
    /// the time of the first registration stands.
    ///
    /// # Errors
    ///
    /// [`DeviceTaken`](super::StorageError::DeviceTaken) where the id is another person's in that
    /// shop. The same id in another shop is another device.
    fn device_register(&self, device: Device) -> Pending<'_, ()>;

    /// A device of a shop.
    fn device(&self, shop: ShopId, id: DeviceId) -> Pending<'_, Option<Device>>;

    /// Begins a sign-in.
    ///
    /// # Errors
    ///
    /// [`Exists`](super::StorageError::Exists) if the id was used before.
    fn session_create(&self, session: Session) -> Pending<'_, ()>;

    /// A sign-in, ended or not.
    fn session(&self, id: SessionId) -> Pending<'_, Option<Session>>;

    /// Sets the generation to `to` and the last use to `at` if the sign-in has not ended and its
    /// generation is still `from`; says whether it did. Of two racing calls with the same `from`
    /// exactly one does.
    fn session_advance(&self, id: SessionId, from: u64, to: u64, at: Stamp) -> Pending<'_, bool>;

    /// Moves a sign-in that has not ended to another device id; says whether it did.
    fn session_device(&self, id: SessionId, device: DeviceId) -> Pending<'_, bool>;

    /// Ends a sign-in; the first time given stands.
    fn session_end(&self, id: SessionId, at: Stamp) -> Pending<'_, ()>;

    /// Ends every sign-in of a person in a shop and says how many that were.
    fn sessions_end(&self, person: PersonId, shop: ShopId, at: Stamp) -> Pending<'_, u64>;

    /// Keeps a secret under its name, unless one is there: then that one comes back. So processes
    /// that start together agree.
    fn secret_keep(&self, secret: Secret) -> Pending<'_, Secret>;

    /// All secrets of a purpose, the newest first.
    fn secrets(&self, purpose: String) -> Pending<'_, Vec<Secret>>;
}

/// What makes an address unique; none for one that nobody can have. PostgreSQL could not even be
/// asked for a text with a NUL.
pub(super) fn email_key(email: &str) -> Option<String> {
    let email = email.trim();
    let can_be = email.chars().count() <= 254 && !email.contains(char::is_control);
    can_be.then(|| email.to_lowercase())
}

/// [`email_key`] of somebody who is to be added.
pub(super) fn new_email_key(email: &str) -> Result<String, StorageError> {
    let words = "an e-mail address that is too long or holds a control character";
    email_key(email).ok_or_else(|| StorageError::Constraint(words.to_owned()))
}
