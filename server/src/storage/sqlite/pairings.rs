//! The control file's statements on devices that wait to be let in.

use redtag_protocol::{
    ids::{DeviceId, SessionId},
    stamp::Stamp,
};
use rusqlite::{Row, named_params};

use super::{
    SqliteStorage, StorageError,
    control::{all, device_key, one, run},
    convert::{number, unsigned},
};
use crate::storage::{Pairing, Pairings, Pending, sql::control as sql};

fn pairing(row: &Row<'_>) -> rusqlite::Result<Pairing> {
    let session: Option<[u8; 16]> = row.get(11)?;
    Ok(Pairing {
        secret: row.get(0)?,
        code: row.get(1)?,
        client: row.get(2)?,
        name: row.get(3)?,
        device: DeviceId::from_bytes(row.get(4)?),
        device_key: device_key(row, 5)?,
        address: row.get(6)?,
        created: Stamp(unsigned(row, 7)?),
        pause: unsigned(row, 8)?,
        polled: at(row, 9)?,
        decided: at(row, 10)?,
        session: session.map(SessionId::from_bytes),
        fetched: at(row, 12)?,
    })
}

fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Stamp>> {
    let found: Option<i64> = row.get(column)?;
    found.map(|_| unsigned(row, column).map(Stamp)).transpose()
}

fn numbered(at: Option<Stamp>) -> Result<Option<i64>, StorageError> {
    at.map(|at| number(at.0)).transpose()
}

impl Pairings for SqliteStorage {
    fn pairing_create(&self, it: Pairing) -> Pending<'_, ()> {
        self.tell(move |file| {
            let key = it.device_key.as_ref().map_or(&[][..], |key| &key[..]);
            let parameters = named_params! {
                ":secret": it.secret, ":code": it.code, ":client": it.client, ":name": it.name,
                ":device": it.device.as_bytes(), ":device_key": key, ":address": it.address,
                ":created": number(it.created.0)?, ":pause": number(it.pause)?,
            };
            match run(file, sql::PAIRING_CREATE, parameters)? {
                0 => Err(StorageError::Exists("code")),
                _ => Ok(()),
            }
        })
    }

    fn pairing(&self, secret: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        self.ask(move |it| one(it, sql::PAIRING, named_params! {":secret": secret}, pairing))
    }

    fn pairing_by_code(&self, code: [u8; 32]) -> Pending<'_, Option<Pairing>> {
        self.ask(move |it| {
            let parameters = named_params! {":code": code};
            one(it, sql::PAIRING_BY_CODE, parameters, pairing)
        })
    }

    fn pairing_polled(
        &self,
        secret: [u8; 32],
        last: Option<Stamp>,
        at: Stamp,
        pause: u64,
    ) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":secret": secret, ":last": numbered(last)?.unwrap_or(-1), ":at": number(at.0)?,
                ":pause": number(pause)?,
            };
            Ok(run(it, sql::PAIRING_POLLED, parameters)? == 1)
        })
    }

    fn pairing_decide(
        &self,
        secret: [u8; 32],
        session: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":secret": secret, ":session": session.as_ref().map(SessionId::as_bytes),
                ":at": number(at.0)?,
            };
            Ok(run(it, sql::PAIRING_DECIDE, parameters)? == 1)
        })
    }

    fn pairing_fetched(&self, secret: [u8; 32], at: Stamp) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {":secret": secret, ":at": number(at.0)?};
            Ok(run(it, sql::PAIRING_FETCHED, parameters)? == 1)
        })
    }

    fn pairings_forget(&self, before: Stamp) -> Pending<'_, Vec<SessionId>> {
        self.tell(move |it| {
            let before = number(before.0)?;
            let session = |row: &Row<'_>| row.get(0).map(SessionId::from_bytes);
            let parameters = named_params! {":before": before};
            let left = all(it, sql::PAIRINGS_UNFETCHED, parameters, session)?;
            let parameters = named_params! {":before": before};
            run(it, sql::PAIRINGS_FORGET, parameters)?;
            Ok(left)
        })
    }
}
