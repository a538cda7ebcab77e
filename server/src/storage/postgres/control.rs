//! What spans shops. Each call is one flight.

use redtag_protocol::{
    event::GENESIS,
    ids::{DeviceId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};
use tokio_postgres::Row;
use zeroize::Zeroizing;

use super::{
    PostgresStorage, StorageError,
    convert::{bytes, column, id, number, stamp, unsigned},
    flight::{Answer, Call, call},
    line::{Purpose, Scope},
    value::named,
};
use crate::{
    keys::random,
    storage::{
        Control, Device, Pending, Person, Secret, Session, ShopKey, ShopRow,
        control::{email_key, new_email_key},
        sql::{control as sql, shop::HEAD_BEGIN},
    },
};

impl PostgresStorage {
    pub(super) async fn one<T>(
        &self,
        scope: Scope,
        query: Call<'_>,
        read: impl Fn(&Row) -> Result<T, StorageError> + Send,
    ) -> Result<Option<T>, StorageError> {
        let answers = self.unit(Purpose::Read, scope, vec![query]).await?;
        let row = answers.first().and_then(Answer::row);
        row.map(read).transpose()
    }

    pub(super) async fn all<T>(
        &self,
        scope: Scope,
        query: Call<'_>,
        read: impl Fn(&Row) -> Result<T, StorageError> + Send,
    ) -> Result<Vec<T>, StorageError> {
        let answers = self.unit(Purpose::Read, scope, vec![query]).await?;
        answers.iter().flat_map(|it| &it.rows).map(read).collect()
    }

    /// Runs a statement and says how many rows it touched.
    pub(super) async fn run(&self, scope: Scope, statement: Call<'_>) -> Result<u64, StorageError> {
        let answers = self.unit(Purpose::Write, scope, vec![statement]).await?;
        Ok(answers.first().map_or(0, |it| it.touched))
    }
}

fn person(row: &Row) -> Result<Person, StorageError> {
    Ok(Person {
        id: PersonId::from_bytes(id(row, 0)?),
        email: column(row, 1)?,
        name: column(row, 2)?,
        password: column(row, 3)?,
        created: stamp(row, 4)?,
    })
}

fn shop(row: &Row) -> Result<ShopRow, StorageError> {
    Ok(ShopRow {
        id: ShopId::from_bytes(id(row, 0)?),
        name: column(row, 1)?,
        created: stamp(row, 2)?,
    })
}

pub(super) fn device(row: &Row) -> Result<Device, StorageError> {
    Ok(Device {
        shop: ShopId::from_bytes(id(row, 0)?),
        id: DeviceId::from_bytes(id(row, 1)?),
        person: PersonId::from_bytes(id(row, 2)?),
        name: column(row, 3)?,
        created: stamp(row, 4)?,
        destroyed: at(row, 5)?,
    })
}

/// A time that may not have come.
pub(super) fn at(row: &Row, place: usize) -> Result<Option<Stamp>, StorageError> {
    let found: Option<i64> = column(row, place)?;
    found.map(|_| stamp(row, place)).transpose()
}

pub(super) fn session(row: &Row) -> Result<Session, StorageError> {
    Ok(Session {
        id: SessionId::from_bytes(id(row, 0)?),
        person: PersonId::from_bytes(id(row, 1)?),
        shop: ShopId::from_bytes(id(row, 2)?),
        device: DeviceId::from_bytes(id(row, 3)?),
        device_key: device_key(row, 4)?,
        generation: unsigned(row, 5)?,
        created: stamp(row, 6)?,
        used: stamp(row, 7)?,
        ended: at(row, 8)?,
        revoked: at(row, 9)?,
    })
}

/// A device's key; empty where it has none.
pub(super) fn device_key(row: &Row, at: usize) -> Result<Option<[u8; 32]>, StorageError> {
    let found: &[u8] = column(row, at)?;
    if found.is_empty() {
        return Ok(None);
    }
    bytes(row, at).map(Some)
}

fn secret(row: &Row) -> Result<Secret, StorageError> {
    Ok(Secret {
        name: column(row, 0)?,
        purpose: column(row, 1)?,
        wrapped: column(row, 2)?,
        created: stamp(row, 3)?,
    })
}

impl Control for PostgresStorage {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn person(&self, id: PersonId) -> Pending<'_, Option<Person>> {
        let query = call(sql::PERSON, named! {id: id});
        Box::pin(self.one(Scope::Nobody, query, person))
    }

    fn person_by_email(&self, email: String) -> Pending<'_, Option<Person>> {
        Box::pin(async move {
            let Some(key) = email_key(&email) else {
                return Ok(None);
            };
            let query = call(sql::PERSON_BY_EMAIL, named! {email_key: &*key});
            self.one(Scope::Nobody, query, person).await
        })
    }

    fn person_create(&self, person: Person) -> Pending<'_, ()> {
        Box::pin(async move {
            let key = new_email_key(&person.email)?;
            let given = named! {
                id: person.id, email: &*person.email, email_key: &*key, name: &*person.name,
                password: &*person.password, created: number(person.created.0)?,
            };
            match self
                .run(Scope::Nobody, call(sql::PERSON_CREATE, given))
                .await?
            {
                0 => Err(StorageError::EmailTaken),
                _ => Ok(()),
            }
        })
    }

    fn person_password(&self, id: PersonId, hash: String, at: Stamp) -> Pending<'_, ()> {
        Box::pin(async move {
            let at = number(at.0)?;
            let calls = vec![
                call(sql::PERSON_PASSWORD, named! {id: id, password: &*hash}),
                call(sql::SESSIONS_END_ALL, named! {person: id, at: at}),
            ];
            let done = self.unit(Purpose::Write, Scope::Person(id), calls).await;
            done.map(drop)
        })
    }

    fn shop_create(&self, shop: ShopRow) -> Pending<'_, ()> {
        Box::pin(async move {
            // Drawn although nothing of the shop is encrypted with it yet: photos will be.
            let key: ShopKey = Zeroizing::new(random());
            let wrapped = self.wrap.wrap(shop.id, &key)?;
            let given = named! {
                id: shop.id, name: &*shop.name, wrapped_key: &*wrapped,
                created: number(shop.created.0)?,
            };
            let calls = vec![
                call(sql::SHOP_CREATE, given),
                call(HEAD_BEGIN, named! {shop: shop.id, hash: &GENESIS[..]}),
            ];
            let scope = Scope::Shop(shop.id);
            let answers = self.unit(Purpose::Write, scope, calls).await?;
            match answers.first().map_or(0, |it| it.touched) {
                0 => Err(StorageError::Exists("shop")),
                _ => Ok(()),
            }
        })
    }

    fn shop_ready(&self, id: ShopId) -> Pending<'_, ()> {
        let statement = call(sql::SHOP_READY, named! {id: id});
        Box::pin(async move { self.run(Scope::Shop(id), statement).await.map(drop) })
    }

    fn shop(&self, id: ShopId) -> Pending<'_, Option<ShopRow>> {
        let query = call(sql::SHOP, named! {id: id});
        Box::pin(self.one(Scope::Shop(id), query, shop))
    }

    fn shops(&self) -> Pending<'_, Vec<ShopRow>> {
        let query = call(sql::SHOPS, Vec::new());
        Box::pin(self.all(Scope::EveryShop, query, shop))
    }

    fn membership_add(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        let statement = call(sql::MEMBERSHIP_ADD, named! {person: person, shop: shop});
        Box::pin(async move { self.run(Scope::Shop(shop), statement).await.map(drop) })
    }

    fn membership_remove(&self, person: PersonId, shop: ShopId) -> Pending<'_, ()> {
        let statement = call(sql::MEMBERSHIP_REMOVE, named! {person: person, shop: shop});
        Box::pin(async move { self.run(Scope::Shop(shop), statement).await.map(drop) })
    }

    fn memberships(&self, person: PersonId) -> Pending<'_, Vec<ShopRow>> {
        let query = call(sql::MEMBERSHIPS, named! {person: person});
        Box::pin(self.all(Scope::Person(person), query, shop))
    }

    fn device_register(&self, device: Device) -> Pending<'_, ()> {
        Box::pin(async move {
            let given = named! {
                shop: device.shop, id: device.id, person: device.person, name: &*device.name,
                created: number(device.created.0)?,
            };
            let statement = call(sql::DEVICE_REGISTER, given);
            match self.run(Scope::Shop(device.shop), statement).await? {
                0 => Err(StorageError::DeviceTaken),
                _ => Ok(()),
            }
        })
    }

    fn device(&self, shop: ShopId, id: DeviceId) -> Pending<'_, Option<Device>> {
        let query = call(sql::DEVICE, named! {shop: shop, id: id});
        Box::pin(self.one(Scope::Shop(shop), query, device))
    }

    fn session_create(&self, session: Session) -> Pending<'_, ()> {
        Box::pin(async move {
            let given = named! {
                id: session.id, person: session.person, shop: session.shop,
                device: session.device,
                device_key: session.device_key.as_ref().map_or(&[][..], |key| &key[..]),
                generation: number(session.generation)?, created: number(session.created.0)?,
                used: number(session.used.0)?,
                ended: session.ended.map(|at| number(at.0)).transpose()?,
            };
            let statement = call(sql::SESSION_CREATE, given);
            match self.run(Scope::Shop(session.shop), statement).await? {
                0 => Err(StorageError::Exists("sign-in")),
                _ => Ok(()),
            }
        })
    }

    fn session(&self, id: SessionId) -> Pending<'_, Option<Session>> {
        let query = call(sql::SESSION, named! {id: id});
        Box::pin(self.one(Scope::Session(id), query, session))
    }

    fn session_advance(&self, id: SessionId, from: u64, to: u64, at: Stamp) -> Pending<'_, bool> {
        Box::pin(async move {
            let given = named! {
                id: id, from_generation: number(from)?, to_generation: number(to)?,
                at: number(at.0)?,
            };
            let statement = call(sql::SESSION_ADVANCE, given);
            Ok(self.run(Scope::Session(id), statement).await? == 1)
        })
    }

    fn session_device(&self, id: SessionId, device: DeviceId) -> Pending<'_, bool> {
        let statement = call(sql::SESSION_DEVICE, named! {id: id, device: device});
        Box::pin(async move { Ok(self.run(Scope::Session(id), statement).await? == 1) })
    }

    fn session_end(&self, id: SessionId, at: Stamp) -> Pending<'_, ()> {
        Box::pin(async move {
            let statement = call(sql::SESSION_END, named! {id: id, at: number(at.0)?});
            self.run(Scope::Session(id), statement).await.map(drop)
        })
    }

    fn sessions_end(&self, person: PersonId, shop: ShopId, at: Stamp) -> Pending<'_, u64> {
        Box::pin(async move {
            let given = named! {person: person, shop: shop, at: number(at.0)?};
            let statement = call(sql::SESSIONS_END, given);
            self.run(Scope::Shop(shop), statement).await
        })
    }

    fn secret_keep(&self, kept: Secret) -> Pending<'_, Secret> {
        Box::pin(async move {
            let given = named! {
                name: &*kept.name, purpose: &*kept.purpose, wrapped: &*kept.wrapped,
                created: number(kept.created.0)?,
            };
            let calls = vec![
                call(sql::SECRET_KEEP, given),
                call(sql::SECRET, named! {name: &*kept.name}),
            ];
            let answers = self.unit(Purpose::Write, Scope::Nobody, calls).await?;
            let stands = answers.get(1).and_then(Answer::row).map(secret);
            stands.transpose()?.ok_or(StorageError::Lost)
        })
    }

    fn secrets(&self, purpose: String) -> Pending<'_, Vec<Secret>> {
        Box::pin(async move {
            let query = call(sql::SECRETS, named! {purpose: &*purpose});
            self.all(Scope::Nobody, query, secret).await
        })
    }
}
