//! What the API holds of a device's numbers, for a bench that doubts whether it still holds what it
//! had acknowledged.

use redtag_protocol::{
    api::devices::{DIGESTS, Digests, short},
    ids::{DeviceId, ShopId},
};

use crate::storage::{Storage, StorageError};

/// What is held of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The highest number that is decided; 0 for an unknown device.
    pub last: u64,
    /// What stands under the numbers from the one on that was asked for, at most up to `last`.
    pub digests: Digests,
}

/// What is held of these devices, each from a number on where one is given. Of [`DIGESTS`] numbers at
/// most, those of the first devices first.
///
/// It is read beside the writers, whom some thousand rows would hold up. The last number is read
/// first, and what is decided up to there is decided for ever: what is written meanwhile stands under
/// later numbers. An outcome may be forgotten in between, and is then told as one that is not kept.
///
/// # Errors
///
/// [`StorageError::NoShop`].
pub async fn held(
    storage: &dyn Storage,
    shop: ShopId,
    asked: &[(DeviceId, Option<u64>)],
) -> Result<Vec<Held>, StorageError> {
    let mut room = DIGESTS as u64;
    let mut found = Vec::with_capacity(asked.len());
    for (device, from) in asked {
        let last = storage.last_number(shop, *device).await?;
        let mut digests = Digests::default();
        // Numbers begin at 1.
        let from = from.map(|from| from.max(1));
        if let Some(from) = from.filter(|from| *from <= last && room > 0) {
            let to = last.min(from.saturating_add(room - 1));
            room -= to - from + 1;
            let logged = storage.outcomes(shop, *device, from, to).await?;
            let mut logged = logged.iter().peekable();
            digests.0 = (from..=to)
                .map(|number| {
                    let kept = logged.next_if(|it| it.number == number);
                    kept.map(|it| short(&it.digest))
                })
                .collect();
        }
        found.push(Held { last, digests });
    }
    Ok(found)
}
