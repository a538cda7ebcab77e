//! The control file's statements.

use redtag_protocol::{
    ids::{DeviceId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, named_params};
use zeroize::Zeroizing;

use super::{
    SqliteStorage, StorageError,
    convert::{fault, number, unsigned},
    random,
};
use crate::storage::{
    Control, Device, Pending, Person, Secret, Session, ShopKey, ShopRow,
    control::{email_key, new_email_key},
    sql::control as sql,
};

/// Runs a statement and says how many rows it touched.
pub(super) fn run(
    it: &Connection,
    text: &str,
    parameters: impl Params,
) -> Result<usize, StorageError> {
    it.prepare_cached(text)
        .and_then(|mut query| query.execute(parameters))
        .map_err(fault)
}

pub(super) fn one<T>(
    it: &Connection,
    text: &str,
    parameters: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StorageError> {
    it.prepare_cached(text)
        .and_then(|mut query| query.query_row(parameters, read).optional())
        .map_err(fault)
}

pub(super) fn all<T>(
    it: &Connection,
    text: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, StorageError> {
    it.prepare_cached(text)
        .and_then(|mut query| query.query_map(parameters, read)?.collect())
        .map_err(fault)
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: PersonId::from_bytes(row.get(0)?),
        email: row.get(1)?,
        name: row.get(2)?,
        password: row.get(3)?,
        created: Stamp(unsigned(row, 4)?),
    })
}

fn shop(row: &Row<'_>) -> rusqlite::Result<ShopRow> {
    Ok(ShopRow {
        id: ShopId::from_bytes(row.get(0)?),
        name: row.get(1)?,
        created: Stamp(unsigned(row, 2)?),
    })
}

pub(super) fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        shop: ShopId::from_bytes(row.get(0)?),
        id: DeviceId::from_bytes(row.get(1)?),
        person: PersonId::from_bytes(row.get(2)?),
        name: row.get(3)?,
        created: Stamp(unsigned(row, 4)?),
        destroyed: at(row, 5)?,
    })
}

/// A time that may not have come.
pub(super) fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Stamp>> {
    let found: Option<i64> = row.get(column)?;
    found.map(|_| unsigned(row, column).map(Stamp)).transpose()
}

pub(super) fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId::from_bytes(row.get(0)?),
        person: PersonId::from_bytes(row.get(1)?),
        shop: ShopId::from_bytes(row.get(2)?),
        device: DeviceId::from_bytes(row.get(3)?),
        device_key: device_key(row, 4)?,
        generation: unsigned(row, 5)?,
        created: Stamp(unsigned(row, 6)?),
        used: Stamp(unsigned(row, 7)?),
        ended: at(row, 8)?,
        revoked: at(row, 9)?,
    })
}

/// A device's key; empty where it has none.
pub(super) fn device_key(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<[u8; 32]>> {
    if row.get_ref(column)?.as_blob()?.is_empty() {
        return Ok(None);
    }
    row.get(column).map(Some)
}

fn secret(row: &Row<'_>) -> rusqlite::Result<Secret> {
    Ok(Secret {
        name: row.get(0)?,
        purpose: row.get(1)?,
        wrapped: row.get(2)?,
        created: Stamp(unsigned(row, 3)?),
    })
}

impl SqliteStorage {
    pub(super) fn ask<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(self.control.read(read))
    }

    pub(super) fn tell<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, StorageError> + Send + 'static,
    ) -> Pending<'_, T> {
        Box::pin(self.control.write(write))
    }
}

impl Control for SqliteStorage {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn person(&self, id: PersonId) -> Pending<'_, Option<Person>> {
        self.ask(move |it| {
            one(
                it,
                sql::PERSON,
                named_params! {":id": id.as_bytes()},
                person,
            )
        })
    }

    fn person_by_email(&self, email: String) -> Pending<'_, Option<Person>> {
        self.ask(move |it| {
            let Some(key) = email_key(&email) else {
                return Ok(None);
            };
            one(
                it,
                sql::PERSON_BY_EMAIL,
                named_params! {":email_key": key},
                person,
            )
        })
    }

    fn person_create(&self, person: Person) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":id": person.id.as_bytes(), ":email": person.email,
                ":email_key": new_email_key(&person.email)?, ":name": person.name,
                ":password": person.password, ":created": number(person.created.0)?,
            };
            match run(it, sql::PERSON_CREATE, parameters)? {
                0 => Err(StorageError::EmailTaken),
                _ => Ok(()),
            }
        })
    }

    fn person_password(&self, id: PersonId, hash: String, at: Stamp) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {":id": id.as_bytes(), ":password": hash};
            run(it, sql::PERSON_PASSWORD, parameters)?;
            let parameters = named_params! {":person": id.as_bytes(), ":at": number(at.0)?};
            run(it, sql::SESSIONS_END_ALL, parameters).map(drop)
        })
    }

    fn shop_create(&self, shop: ShopRow) -> Pending<'_, ()> {
        Box::pin(async move {
            let id = shop.id;
            let key: ShopKey = Zeroizing::new(random()?);
            let wrapped = self.wrap.wrap(id, &key)?;
            self.tell(move |it| {
                let parameters = named_params! {
                    ":id": shop.id.as_bytes(), ":name": shop.name, ":wrapped_key": wrapped,
                    ":created": number(shop.created.0)?,
                };
                match run(it, sql::SHOP_CREATE, parameters)? {
                    0 => Err(StorageError::Exists("shop")),
                    _ => Ok(()),
                }
            })
            .await?;
            // Makes the file; the key is durable by now.
            self.workers(id).await.map(drop)
        })
    }

    fn shop_ready(&self, id: ShopId) -> Pending<'_, ()> {
        self.tell(move |it| {
            run(it, sql::SHOP_READY, named_params! {":id": id.as_bytes()}).map(drop)
        })
    }

    fn shop(&self, id: ShopId) -> Pending<'_, Option<ShopRow>> {
        self.ask(move |it| one(it, sql::SHOP, named_params! {":id": id.as_bytes()}, shop))
    }

    fn shops(&self) -> Pending<'_, Vec<ShopRow>> {
        self.ask(|it| all(it, sql::SHOPS, [], shop))
    }

    fn membership_add(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {":person": person.as_bytes(), ":shop": shop.as_bytes()};
            run(it, sql::MEMBERSHIP_ADD, parameters).map(drop)
        })
    }

    fn membership_remove(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {":person": person.as_bytes(), ":shop": shop.as_bytes()};
            run(it, sql::MEMBERSHIP_REMOVE, parameters).map(drop)
        })
    }

    fn memberships(&self, person: PersonId) -> Pending<'_, Vec<ShopRow>> {
        self.ask(move |it| {
            all(
                it,
                sql::MEMBERSHIPS,
                named_params! {":person": person.as_bytes()},
                shop,
            )
        })
    }

    fn device_register(&self, device: Device) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": device.shop.as_bytes(), ":id": device.id.as_bytes(),
                ":person": device.person.as_bytes(), ":name": device.name,
                ":created": number(device.created.0)?,
            };
            match run(it, sql::DEVICE_REGISTER, parameters)? {
                0 => Err(StorageError::DeviceTaken),
                _ => Ok(()),
            }
        })
    }

    fn device(&self, shop: ShopId, id: DeviceId) -> Pending<'_, Option<Device>> {
        self.ask(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes(), ":id": id.as_bytes()};
            one(it, sql::DEVICE, parameters, device)
        })
    }

    fn session_create(&self, session: Session) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":id": session.id.as_bytes(), ":person": session.person.as_bytes(),
                ":shop": session.shop.as_bytes(), ":device": session.device.as_bytes(),
                ":device_key": session.device_key.as_ref().map_or(&[][..], |key| &key[..]),
                ":generation": number(session.generation)?,
                ":created": number(session.created.0)?, ":used": number(session.used.0)?,
                ":ended": session.ended.map(|at| number(at.0)).transpose()?,
            };
            match run(it, sql::SESSION_CREATE, parameters)? {
                0 => Err(StorageError::Exists("sign-in")),
                _ => Ok(()),
            }
        })
    }

    fn session(&self, id: SessionId) -> Pending<'_, Option<Session>> {
        self.ask(move |it| {
            one(
                it,
                sql::SESSION,
                named_params! {":id": id.as_bytes()},
                session,
            )
        })
    }

    fn session_advance(&self, id: SessionId, from: u64, to: u64, at: Stamp) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":id": id.as_bytes(), ":from_generation": number(from)?,
                ":to_generation": number(to)?, ":at": number(at.0)?,
            };
            Ok(run(it, sql::SESSION_ADVANCE, parameters)? == 1)
        })
    }

    fn session_device(&self, id: SessionId, device: DeviceId) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {":id": id.as_bytes(), ":device": device.as_bytes()};
            Ok(run(it, sql::SESSION_DEVICE, parameters)? == 1)
        })
    }

    fn session_end(&self, id: SessionId, at: Stamp) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {":id": id.as_bytes(), ":at": number(at.0)?};
            run(it, sql::SESSION_END, parameters).map(drop)
        })
    }

    fn sessions_end(&self, person: PersonId, shop: ShopId, at: Stamp) -> Pending<'_, u64> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":person": person.as_bytes(), ":shop": shop.as_bytes(), ":at": number(at.0)?,
            };
            Ok(run(it, sql::SESSIONS_END, parameters)? as u64)
        })
    }

    fn secret_keep(&self, kept: Secret) -> Pending<'_, Secret> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":name": kept.name, ":purpose": kept.purpose, ":wrapped": kept.wrapped,
                ":created": number(kept.created.0)?,
            };
            run(it, sql::SECRET_KEEP, parameters)?;
            let stands = one(it, sql::SECRET, named_params! {":name": kept.name}, secret)?;
            stands.ok_or(StorageError::Lost)
        })
    }

    fn secrets(&self, purpose: String) -> Pending<'_, Vec<Secret>> {
        self.ask(move |it| {
            all(
                it,
                sql::SECRETS,
                named_params! {":purpose": purpose},
                secret,
            )
        })
    }
}
