//! Devices that wait to be let in. Each call is one flight.

use redtag_protocol::{
    ids::{DeviceId, SessionId},
    stamp::Stamp,
};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    PostgresStorage, StorageError,
    control::device_key,
    convert::{bytes, column, id, number, stamp, unsigned},
    flight::call,
    line::{Purpose, Scope},
    value::named,
};
use crate::storage::{Pairing, Pairings, Pending, sql::control as sql};

fn pairing(row: &Row) -> Result<Pairing, StorageError> {
    let session: Option<Uuid> = column(row, 11)?;
    Ok(Pairing {
        secret: bytes(row, 0)?,
        code: bytes(row, 1)?,
        client: column(row, 2)?,
        name: column(row, 3)?,
        device: DeviceId::from_bytes(id(row, 4)?),
        device_key: device_key(row, 5)?,
        address: column(row, 6)?,
        created: stamp(row, 7)?,
        pause: unsigned(row, 8)?,
        polled: at(row, 9)?,
        decided: at(row, 10)?,
        session: session.map(|it| SessionId::from_bytes(it.into_bytes())),
        fetched: at(row, 12)?,
    })
}

fn at(row: &Row, at: usize) -> Result<Option<Stamp>, StorageError> {
    let found: Option<i64> = column(row, at)?;
    found.map(|_| stamp(row, at)).transpose()
}

impl Pairings for PostgresStorage {
    fn pairing_create(&self, it: Pairing) -> Pending<'_, ()> {
        Box::pin(async move {
            let key = it.device_key.as_ref().map_or(&[][..], |key| &key[..]);
            let given = named! {
                secret: &it.secret[..], code: &it.code[..], client: &*it.client, name: &*it.name,
                device: it.device, device_key: key, address: &*it.address,
                created: number(it.created.0)?, pause: number(it.pause)?,
            };
            let statement = call(sql::PAIRING_CREATE, given);
            match self.run(Scope::Nobody, statement).await? {
                0 => Err(StorageError::Exists("code")),
                _ => Ok(()),
            }
        })
    }

    fn pairing(&self, secret: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        Box::pin(async move {
            let query = call(sql::PAIRING, named! {secret: &secret[..]});
            self.one(Scope::Nobody, query, pairing).await
        })
    }

    fn pairing_by_code(&self, code: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        Box::pin(async move {
            let query = call(sql::PAIRING_BY_CODE, named! {code: &code[..]});
            self.one(Scope::Nobody, query, pairing).await
        })
    }

    fn pairing_polled(
        &self,
        secret: [u8; 32],
        last: Option<Stamp>,
        at: Stamp,
        pause: u64,
    ) -> Pending<'_, bool> {
        Box::pin(async move {
            let last = last.map(|at| number(at.0)).transpose()?;
            let given = named! {
                secret: &secret[..], last: last.unwrap_or(-1), at: number(at.0)?,
                pause: number(pause)?,
            };
            let statement = call(sql::PAIRING_POLLED, given);
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn pairing_decide(
        &self,
        secret: [u8; 32],
        session: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        Box::pin(async move {
            let given = named! {secret: &secret[..], session: session, at: number(at.0)?};
            let statement = call(sql::PAIRING_DECIDE, given);
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn pairing_fetched(&self, secret: [u8; 32], at: Stamp) -> Pending<'_, bool> {
        Box::pin(async move {
            let given = named! {secret: &secret[..], at: number(at.0)?};
            let statement = call(sql::PAIRING_FETCHED, given);
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn pairings_forget(&self, before: Stamp) -> Pending<'_, Vec<SessionId>> {
        Box::pin(async move {
            let before = number(before.0)?;
            let calls = vec![
                call(sql::PAIRINGS_UNFETCHED, named! {before: before}),
                call(sql::PAIRINGS_FORGET, named! {before: before}),
            ];
            let answers = self.unit(Purpose::Write, Scope::Nobody, calls).await?;
            let left = answers.first().map_or(&[][..], |it| &it.rows);
            left.iter()
                .map(|row| id(row, 0).map(SessionId::from_bytes))
                .collect()
        })
    }
}
