//! The cache over a database of the caller's, and what lies in it word for word: for simulations,
//! which keep many caches in memory, crash them and compare what they hold with the API. A bench's
//! own cache is opened by [`super::open`] alone, which keys it.

use redtag_protocol::{ids::DeviceId, packed, stamp::Seq};
use rusqlite::Connection;

use super::{
    CacheError, Meta, Store, documents, key::Key, outbox::device_id, salvage::Salvaged, schema,
};

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its place on this machine, which stays when its number changes.
    pub place: i64,
    /// The device that numbered it last.
    pub device: DeviceId,
    /// Its number there.
    pub number: u64,
    /// Whether it has an outcome.
    pub acked: bool,
}

impl Store {
    /// Sets up the tables of a cache, and nothing in them. Copies of such a database are cheaper than
    /// setting each up by itself.
    pub fn lay_out(conn: &mut Connection) -> Result<(), CacheError> {
        schema::migrate(conn)
    }

    /// A store over a database of the caller's, with `fresh` as the values of one that is empty.
    pub fn over(mut conn: Connection, fresh: Meta) -> Result<Self, CacheError> {
        schema::migrate(&mut conn)?;
        let meta = Meta::load(&conn)?.unwrap_or(fresh);
        Self::load(conn, meta, Salvaged::default())
    }

    /// The database, to be looked at or copied.
    pub fn connection(&self) -> &Connection {
        &self.conn
    }

    /// Gives the database back. What was not committed is gone, as in a crash.
    pub fn into_connection(self) -> Connection {
        self.conn
    }

    /// All rows of the outbox, those with an outcome included, in order.
    pub fn kept(&self) -> Result<Vec<Kept>, CacheError> {
        let mut rows = self.conn.prepare_cached(
            "SELECT place, device, number, acked_at IS NOT NULL FROM outbox ORDER BY place",
        )?;
        let mut rows = rows.query([])?;
        let mut kept = Vec::new();
        while let Some(row) = rows.next()? {
            let device: String = row.get(1)?;
            let number: i64 = row.get(2)?;
            kept.push(Kept {
                place: row.get(0)?,
                device: device_id(&device)?,
                number: number.unsigned_abs(),
                acked: row.get(3)?,
            });
        }
        Ok(kept)
    }

    /// Hands every confirmed document of any kind, as it came, to `each`: kind, id, version, body.
    pub fn each_copy(
        &self,
        mut each: impl FnMut(&str, &str, Seq, &[u8]),
    ) -> Result<(), CacheError> {
        let mut rows = self
            .conn
            .prepare_cached("SELECT key, version, body FROM documents WHERE generation = ?1")?;
        let mut rows = rows.query([self.meta.copies.shown])?;
        while let Some(row) = rows.next()? {
            let (kind, id) = row.get::<_, Key>(0)?.words();
            let packed: Vec<u8> = row.get(2)?;
            let body = packed::unpack(&packed).unwrap_or_default();
            each(&kind, &id, documents::seq(row.get(1)?), body.as_bytes());
        }
        Ok(())
    }

    /// The pulled events: place, chain hash in hex, payload as it came.
    pub fn each_event(&self, mut each: impl FnMut(Seq, &str, &[u8])) -> Result<(), CacheError> {
        let mut rows = self.conn.prepare_cached(
            "SELECT seq, CASE typeof(hash) WHEN 'blob' THEN lower(hex(hash)) ELSE hash END, payload
             FROM events WHERE generation = ?1 ORDER BY seq",
        )?;
        let mut rows = rows.query([self.meta.copies.shown])?;
        while let Some(row) = rows.next()? {
            let (hash, packed): (String, Vec<u8>) = (row.get(1)?, row.get(2)?);
            let payload = packed::unpack(&packed).unwrap_or_default();
            each(documents::seq(row.get(0)?), &hash, payload.as_bytes());
        }
        Ok(())
    }
}
