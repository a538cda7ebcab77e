//! Single values of a cache, kept in memory and written with the transaction that changes them.

use std::fmt;

use redtag_protocol::{
    ids::{DeviceId, PersonId, ShopId},
    op::SCHEMA,
    role::Role,
    stamp::{Seq, Stamp},
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{CacheError, copies::Copies, lock::Lock};

/// Who this cache belongs to and how far it is.
#[derive(Clone)]
pub struct Meta {
    /// The person.
    pub person: PersonId,
    /// The shop.
    pub shop: ShopId,
    /// The role, as the sign-in said; the member's document says it newer.
    pub role: Role,
    /// This cache's device id.
    pub device: DeviceId,
    /// Whether the API knows the device id; not yet, after a fork.
    pub registered: bool,
    /// The number of the next operation.
    pub next: u64,
    /// The count of the next provisional label.
    pub provisional: u64,
    /// Where the next pull goes on; none before the first page of a copy.
    pub cursor: Option<String>,
    /// The sequence that the cursor stands for; 0 while the first pages of a copy come.
    pub seq: Seq,
    /// Every change up to here is in the copy that is shown; behind `seq` while more pages are to
    /// come.
    pub level: Seq,
    /// The copy that is shown, and the one that is pulled: another while it is built anew.
    pub copies: Copies,
    /// The latest stamp given out.
    pub stamp: Stamp,
    /// The API's clock minus this machine's, in milliseconds.
    pub offset: i64,
    /// When the cache was last level with the API, on this machine's clock.
    pub last_sync: Option<Stamp>,
    /// The newest [`redtag_protocol::op::SCHEMA`] that the API takes, as it said last.
    pub schema: u16,
    /// The refresh token.
    pub refresh: Option<String>,
    /// The seed of the device's Ed25519 key.
    pub device_key: Vec<u8>,
    /// The shop's public key, to which what is unsent is sealed when the membership ends.
    pub seal_to: Option<String>,
    /// The PIN, where the account has one. It stands with the tokens, so that whoever reads them out
    /// of a damaged cache reads it as well.
    pub lock: Option<Lock>,
}

impl fmt::Debug for Meta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meta")
            .field("shop", &self.shop)
            .field("device", &self.device)
            .field("next", &self.next)
            .field("seq", &self.seq)
            .finish_non_exhaustive()
    }
}

/// As it is stored: one row each for what changes by itself, so that a save writes little.
#[derive(Serialize, Deserialize)]
struct Identity {
    person: PersonId,
    shop: ShopId,
    role: Role,
    device: DeviceId,
    registered: bool,
    refresh: Option<String>,
    device_key: Vec<u8>,
    #[serde(default)]
    seal_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lock: Option<Lock>,
}

#[derive(Serialize, Deserialize)]
struct Counters {
    next: u64,
    provisional: u64,
    stamp: Stamp,
}

#[derive(Serialize, Deserialize)]
struct Place {
    cursor: Option<String>,
    seq: Seq,
    level: Seq,
    offset: i64,
    last_sync: Option<Stamp>,
    /// None in a place that the first schema wrote.
    copies: Option<Copies>,
    /// None in a place that an older program wrote.
    #[serde(default)]
    schema: Option<u16>,
}

impl Meta {
    /// The values of a new cache, of an API that takes all that this program sends.
    pub fn new(
        person: PersonId,
        shop: ShopId,
        role: Role,
        device: DeviceId,
        device_key: Vec<u8>,
    ) -> Self {
        Self {
            person,
            shop,
            role,
            device,
            registered: true,
            next: 1,
            provisional: 1,
            cursor: None,
            seq: Seq(0),
            level: Seq(0),
            copies: Copies::default(),
            stamp: Stamp(0),
            offset: 0,
            last_sync: None,
            schema: SCHEMA,
            refresh: None,
            device_key,
            seal_to: None,
            lock: None,
        }
    }

    /// Reads the values; none in a cache that was never filled in.
    pub(super) fn load(conn: &Connection) -> Result<Option<Self>, CacheError> {
        let (Some(identity), Some(counters), Some(place)) = (
            read::<Identity>(conn, "identity")?,
            read::<Counters>(conn, "counters")?,
            read::<Place>(conn, "place")?,
        ) else {
            return Ok(None);
        };
        Ok(Some(Self {
            person: identity.person,
            shop: identity.shop,
            role: identity.role,
            device: identity.device,
            registered: identity.registered,
            refresh: identity.refresh,
            device_key: identity.device_key,
            seal_to: identity.seal_to,
            lock: identity.lock,
            next: counters.next,
            provisional: counters.provisional,
            stamp: counters.stamp,
            copies: place
                .copies
                .unwrap_or_else(|| Copies::taken_over(place.cursor.is_some())),
            cursor: place.cursor,
            seq: place.seq,
            level: place.level,
            offset: place.offset,
            last_sync: place.last_sync,
            // Until the API has said it: a place said in vain makes an older API ask for an upgrade,
            // one that is not said may hide a conflict.
            schema: place.schema.unwrap_or(SCHEMA),
        }))
    }

    /// Writes who the cache belongs to, and the tokens.
    pub(super) fn write_identity(&self, conn: &Connection) -> Result<(), CacheError> {
        let identity = Identity {
            person: self.person,
            shop: self.shop,
            role: self.role,
            device: self.device,
            registered: self.registered,
            refresh: self.refresh.clone(),
            device_key: self.device_key.clone(),
            seal_to: self.seal_to.clone(),
            lock: self.lock.clone(),
        };
        write(conn, "identity", &identity)
    }

    /// Writes the numbers that saving uses up.
    pub(super) fn write_counters(&self, conn: &Connection) -> Result<(), CacheError> {
        let counters = Counters {
            next: self.next,
            provisional: self.provisional,
            stamp: self.stamp,
        };
        write(conn, "counters", &counters)
    }

    /// Writes how far the cache is.
    pub(super) fn write_place(&self, conn: &Connection) -> Result<(), CacheError> {
        let place = Place {
            cursor: self.cursor.clone(),
            seq: self.seq,
            level: self.level,
            copies: Some(self.copies.clone()),
            offset: self.offset,
            last_sync: self.last_sync,
            schema: Some(self.schema),
        };
        write(conn, "place", &place)
    }

    /// Writes everything.
    pub(super) fn write(&self, conn: &Connection) -> Result<(), CacheError> {
        self.write_identity(conn)?;
        self.write_counters(conn)?;
        self.write_place(conn)
    }
}

/// A value by its name.
pub(super) fn read<T: DeserializeOwned>(
    conn: &Connection,
    name: &str,
) -> Result<Option<T>, CacheError> {
    let value: Option<Vec<u8>> = conn
        .prepare_cached("SELECT value FROM meta WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    Ok(value
        .map(|value| serde_json::from_slice(&value))
        .transpose()?)
}

/// Writes a value under its name.
pub(super) fn write<T: Serialize>(
    conn: &Connection,
    name: &str,
    value: &T,
) -> Result<(), CacheError> {
    conn.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?
        .execute(params![name, serde_json::to_vec(value)?])?;
    Ok(())
}
