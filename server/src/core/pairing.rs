//! Devices that wait to be let in: how long, how often they may ask, and what a person's word does.

use redtag_protocol::{
    ids::{PersonId, SessionId, ShopId},
    stamp::Stamp,
};

use super::settings;
use crate::{
    keys::random,
    storage::{Device, Pairing, Session, Storage, StorageError},
};

/// How long a code is good, in seconds.
pub const LIFE: u64 = 600;

/// How long a device waits between two questions at first, in seconds; and how much longer after one
/// that came too soon (RFC 8628, section 3.5).
pub const PAUSE: u64 = 5;

/// What a device that asks is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Nobody has decided.
    Wait,
    /// And it asked too soon.
    WaitLonger,
    /// Its person said no.
    Refused,
    /// Nobody decided in time.
    Over,
    /// The sign-in that it was let in with.
    In(SessionId),
}

/// Why a person's word did not count.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// Somebody decided before, or it took too long.
    #[error("this device does not wait any more; begin again on the device")]
    TooLate,
    /// The shop lets nobody in by a code.
    #[error("this shop lets no device in by a code; sign in on the device with your password")]
    SwitchedOff,
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether the device still waits for somebody's word.
pub fn waits(pairing: &Pairing, now: Stamp) -> bool {
    pairing.decided.is_none() && !is_over(pairing, now)
}

/// Answers a device that asks, and notes that it did.
pub async fn ask(
    storage: &dyn Storage,
    pairing: &Pairing,
    now: Stamp,
) -> Result<Word, StorageError> {
    // What was said in the last moment counts until it is forgotten.
    if pairing.decided.is_some() {
        return Ok(pairing.session.map_or(Word::Refused, Word::In));
    }
    if is_over(pairing, now) {
        return Ok(Word::Over);
    }
    let soon = |last: Stamp| now.0 < last.0.saturating_add(pairing.pause * 1000);
    let too_soon = pairing.polled.is_some_and(soon);
    let pause = pairing.pause + if too_soon { PAUSE } else { 0 };
    let noted = storage.pairing_polled(pairing.secret, pairing.polled, now, pause);
    // Two questions at once are one too many.
    let alone = noted.await?;
    Ok(if too_soon || !alone {
        Word::WaitLonger
    } else {
        Word::Wait
    })
}

/// Lets a device in as this person, who belongs to the shop.
pub async fn allow(
    storage: &dyn Storage,
    pairing: &Pairing,
    person: PersonId,
    shop: ShopId,
    now: Stamp,
) -> Result<Session, DecideError> {
    if !waits(pairing, now) {
        return Err(DecideError::TooLate);
    }
    if !settings::read(storage, shop).await?.device_codes {
        return Err(DecideError::SwitchedOff);
    }
    let device = Device {
        id: pairing.device,
        shop,
        person,
        name: pairing.name.clone(),
        created: now,
        destroyed: None,
    };
    storage.device_register(device).await?;
    let session = Session {
        id: SessionId::from_parts(now.0, random()),
        person,
        shop,
        device: pairing.device,
        device_key: pairing.device_key,
        generation: 1,
        created: now,
        used: now,
        ended: None,
        revoked: None,
    };
    // Before the device can hear of it; whoever loses the race ends what nobody will ever use.
    storage.session_create(session.clone()).await?;
    let first = storage.pairing_decide(pairing.secret, Some(session.id), now);
    if !first.await? {
        storage.session_end(session.id, now).await?;
        return Err(DecideError::TooLate);
    }
    Ok(session)
}

/// Tells a device no.
pub async fn refuse(
    storage: &dyn Storage,
    pairing: &Pairing,
    now: Stamp,
) -> Result<(), DecideError> {
    let first = waits(pairing, now) && storage.pairing_decide(pairing.secret, None, now).await?;
    first.then_some(()).ok_or(DecideError::TooLate)
}

/// Forgets devices whose time is over, and ends the sign-ins among theirs that they never heard of.
pub async fn forget(storage: &dyn Storage, now: Stamp) -> Result<(), StorageError> {
    // A while longer, so that a late device still hears that its time is over.
    let before = Stamp(now.0.saturating_sub(2 * LIFE * 1000));
    for session in storage.pairings_forget(before).await? {
        storage.session_end(session, now).await?;
    }
    Ok(())
}

fn is_over(pairing: &Pairing, now: Stamp) -> bool {
    now.0 >= pairing.created.0.saturating_add(LIFE * 1000)
}
