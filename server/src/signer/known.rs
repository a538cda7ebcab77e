//! Tokens whose signature was found good: checking one costs more than what most requests do then.
//! Nothing is kept of what may end before the token does: the sign-in and the membership are looked
//! up by whoever asks, and the time is compared every time.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use aws_lc_rs::digest;

use crate::auth::{
    access::{self, Checked, Refused},
    signing::SigningKeys,
};

/// The most tokens; beyond it those are forgotten that are over, or else all.
const MOST: usize = 8192;

/// A token by its digest: no token is kept.
type Digest = [u8; 32];

/// Tokens that were checked with the present keys.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    /// The keys that they were checked with; with others all are checked anew.
    keys: Weak<SigningKeys>,
    tokens: HashMap<Digest, Checked>,
}

impl Known {
    /// As [`access::check`], which it is asked of once for each token.
    pub(super) fn check(
        &self,
        keys: &Arc<SigningKeys>,
        token: &str,
        now: u64,
    ) -> Result<Checked, Refused> {
        let digest = digest(token);
        let found = digest.and_then(|digest| self.shelf(keys).tokens.get(&digest).copied());
        if let Some(found) = found {
            return if now < found.expires {
                Ok(found)
            } else {
                Err(Refused::Expired)
            };
        }
        let checked = access::check(keys, token, now)?;
        if let Some(digest) = digest {
            let tokens = &mut self.shelf(keys).tokens;
            if tokens.len() >= MOST {
                tokens.retain(|_, it| now < it.expires);
            }
            if tokens.len() >= MOST {
                tokens.clear();
            }
            tokens.insert(digest, checked);
        }
        Ok(checked)
    }

    /// What is known by these keys.
    fn shelf(&self, keys: &Arc<SigningKeys>) -> MutexGuard<'_, Shelf> {
        // Entries come and go whole, and what is lost is checked again.
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !std::ptr::eq(kept.keys.as_ptr(), Arc::as_ptr(keys)) {
            *kept = Shelf {
                keys: Arc::downgrade(keys),
                tokens: HashMap::new(),
            };
        }
        kept
    }
}

fn digest(token: &str) -> Option<Digest> {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    digest.as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use redtag_protocol::ids::{DeviceId, PersonId, SessionId, ShopId};

    use super::*;
    use crate::{
        auth::{
            access::{Grant, LIFE},
            signing::{SigningKey, generate},
        },
        keys::random,
    };

    const NOW: u64 = 1_800_000_000;

    fn keys() -> Arc<SigningKeys> {
        let made = generate(NOW).unwrap();
        Arc::new(SigningKeys::new(vec![SigningKey::new(&made).unwrap()]))
    }

    fn token(keys: &SigningKeys) -> String {
        let grant = Grant {
            person: PersonId::from_parts(1, random()),
            shop: ShopId::from_parts(1, random()),
            session: SessionId::from_parts(1, random()),
            device: DeviceId::from_parts(1, random()),
        };
        access::sign(keys, grant, NOW).unwrap()
    }

    #[test]
    fn a_token_that_is_known_ends_when_it_ends_and_with_its_key() {
        let (keys, known) = (keys(), Known::default());
        let token = token(&keys);
        let first = known.check(&keys, &token, NOW).unwrap();
        assert_eq!(known.shelf(&keys).tokens.len(), 1);
        assert_eq!(known.check(&keys, &token, NOW + LIFE - 1), Ok(first));
        let over = known.check(&keys, &token, NOW + LIFE);
        assert_eq!(over, Err(Refused::Expired));
        // Other keys, also where they lie where the former ones lay.
        let others = self::keys();
        let unknown = known.check(&others, &token, NOW);
        assert_eq!(unknown, Err(Refused::UnknownKey));
        assert!(known.shelf(&others).tokens.is_empty());
    }

    #[test]
    fn what_is_not_good_is_not_kept_and_one_letter_makes_another_token() {
        let (keys, known) = (keys(), Known::default());
        let token = token(&keys);
        known.check(&keys, &token, NOW).unwrap();
        let mut other = token.clone();
        let last = other.pop().unwrap();
        other.push(if last == 'A' { 'Q' } else { 'A' });
        for bad in [other.as_str(), "", "a.b.c"] {
            assert_eq!(known.check(&keys, bad, NOW), Err(Refused::Invalid));
        }
        assert_eq!(known.shelf(&keys).tokens.len(), 1);
    }

    #[test]
    fn so_many_are_kept_and_no_more() {
        let (keys, known) = (keys(), Known::default());
        let token = token(&keys);
        let good = known.check(&keys, &token, NOW).unwrap();
        let fill = |n: usize, expires| {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&n.to_be_bytes());
            let it = Checked { expires, ..good };
            known.shelf(&keys).tokens.insert(digest, it);
        };
        known.shelf(&keys).tokens.clear();
        (0..MOST).for_each(|n| fill(n, if n < 9 { NOW + 1 } else { NOW }));
        known.check(&keys, &token, NOW).unwrap();
        assert_eq!(
            known.shelf(&keys).tokens.len(),
            10,
            "those that are not over"
        );
        known.shelf(&keys).tokens.clear();
        (0..MOST).for_each(|n| fill(n, NOW + 1));
        known.check(&keys, &token, NOW).unwrap();
        assert_eq!(known.shelf(&keys).tokens.len(), 1);
    }
}
