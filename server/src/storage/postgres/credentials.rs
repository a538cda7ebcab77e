//! What people sign in with besides a password. Each call is one flight.

use redtag_protocol::{
    ids::{DeviceId, PassId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};
use tokio_postgres::Row;
use uuid::Uuid;

use super::{
    PostgresStorage, StorageError,
    control::{at, device, session},
    convert::{bytes, column, id, number, stamp, unsigned},
    flight::call,
    line::{Purpose, Scope},
    value::named,
};
use crate::storage::{
    Credentials, Device, Identity, Pass, Pending, SecondFactor, Session, sql::control as sql,
};

fn second_factor(row: &Row) -> Result<SecondFactor, StorageError> {
    let codes: &[u8] = column(row, 5)?;
    let (codes, rest) = codes.as_chunks();
    if !rest.is_empty() {
        return Err(StorageError::garbled("recovery codes", "32 bytes each"));
    }
    Ok(SecondFactor {
        person: PersonId::from_bytes(id(row, 0)?),
        version: unsigned(row, 1)?,
        wrapped: column(row, 2)?,
        confirmed: at(row, 3)?,
        step: unsigned(row, 4)?,
        codes: codes.to_vec(),
        created: stamp(row, 6)?,
    })
}

fn identity(row: &Row) -> Result<Identity, StorageError> {
    Ok(Identity {
        issuer: column(row, 0)?,
        subject: column(row, 1)?,
        person: PersonId::from_bytes(id(row, 2)?),
        created: stamp(row, 3)?,
    })
}

fn pass(row: &Row) -> Result<Pass, StorageError> {
    let person: Option<Uuid> = column(row, 3)?;
    Ok(Pass {
        shop: ShopId::from_bytes(id(row, 0)?),
        id: PassId::from_bytes(id(row, 1)?),
        kind: column(row, 2)?,
        person: person.map(|it| PersonId::from_bytes(it.into_bytes())),
        digest: bytes(row, 4)?,
        name: column(row, 5)?,
        gives: column(row, 6)?,
        created: stamp(row, 7)?,
        expires: stamp(row, 8)?,
        used: at(row, 9)?,
        ended: at(row, 10)?,
    })
}

fn numbered(at: Option<Stamp>) -> Result<Option<i64>, StorageError> {
    at.map(|at| number(at.0)).transpose()
}

impl PostgresStorage {
    /// Whether a statement on one row of a shop met it.
    async fn met(
        &self,
        text: &'static str,
        shop: ShopId,
        id: [u8; 16],
        at: Stamp,
    ) -> Result<bool, StorageError> {
        let given = named! {shop: shop, id: id, at: number(at.0)?};
        Ok(self.run(Scope::Shop(shop), call(text, given)).await? == 1)
    }
}

impl Credentials for PostgresStorage {
    fn second_factor(&self, person: PersonId) -> Pending<'_, Option<SecondFactor>> {
        let query = call(sql::SECOND_FACTOR, named! {person: person});
        Box::pin(self.one(Scope::Nobody, query, second_factor))
    }

    fn second_factor_put(&self, factor: SecondFactor) -> Pending<'_, bool> {
        Box::pin(async move {
            let (version, step) = (number(factor.version)?, number(factor.step)?);
            let (confirmed, codes) = (numbered(factor.confirmed)?, factor.codes.concat());
            let statement = if factor.version == 1 {
                let given = named! {
                    person: factor.person, version: version, wrapped: &*factor.wrapped,
                    confirmed: confirmed, step: step, codes: &*codes,
                    created: number(factor.created.0)?,
                };
                call(sql::SECOND_FACTOR_BEGIN, given)
            } else {
                let given = named! {
                    person: factor.person, version: version, former: version - 1,
                    wrapped: &*factor.wrapped, confirmed: confirmed, step: step, codes: &*codes,
                };
                call(sql::SECOND_FACTOR_CHANGE, given)
            };
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn second_factor_remove(&self, person: PersonId, version: u64) -> Pending<'_, bool> {
        Box::pin(async move {
            let given = named! {person: person, version: number(version)?};
            let statement = call(sql::SECOND_FACTOR_REMOVE, given);
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn person_rehash(&self, id: PersonId, from: String, to: String) -> Pending<'_, bool> {
        Box::pin(async move {
            let given = named! {id: id, former: &*from, password: &*to};
            let statement = call(sql::PERSON_REHASH, given);
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn identity(&self, issuer: String, subject: String) -> Pending<'_, Option<Identity>> {
        Box::pin(async move {
            let given = named! {issuer: &*issuer, subject: &*subject};
            let query = call(sql::IDENTITY, given);
            self.one(Scope::Nobody, query, identity).await
        })
    }

    fn identity_link(&self, identity: Identity) -> Pending<'_, bool> {
        Box::pin(async move {
            let given = named! {
                issuer: &*identity.issuer, subject: &*identity.subject, person: identity.person,
                created: number(identity.created.0)?,
            };
            let statement = call(sql::IDENTITY_LINK, given);
            Ok(self.run(Scope::Nobody, statement).await? == 1)
        })
    }

    fn identities_unlink(&self, person: PersonId) -> Pending<'_, u64> {
        let statement = call(sql::IDENTITIES_UNLINK, named! {person: person});
        Box::pin(self.run(Scope::Nobody, statement))
    }

    fn person_password_from(
        &self,
        id: PersonId,
        from: String,
        hash: String,
        keep: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        Box::pin(async move {
            let at = number(at.0)?;
            let calls = vec![
                call(
                    sql::PERSON_REHASH,
                    named! {id: id, former: &*from, password: &*hash},
                ),
                call(
                    sql::SESSIONS_END_BY,
                    named! {person: id, password: &*hash, keep: keep, at: at},
                ),
            ];
            let done = self.unit(Purpose::Write, Scope::Person(id), calls).await?;
            Ok(done.first().is_some_and(|it| it.touched == 1))
        })
    }

    fn sessions(&self, shop: ShopId) -> Pending<'_, Vec<Session>> {
        let query = call(sql::SESSIONS, named! {shop: shop});
        Box::pin(self.all(Scope::Shop(shop), query, session))
    }

    fn session_revoke(&self, shop: ShopId, id: SessionId, at: Stamp) -> Pending<'_, bool> {
        Box::pin(self.met(sql::SESSION_REVOKE, shop, *id.as_bytes(), at))
    }

    fn devices(&self, shop: ShopId) -> Pending<'_, Vec<Device>> {
        let query = call(sql::DEVICES, named! {shop: shop});
        Box::pin(self.all(Scope::Shop(shop), query, device))
    }

    fn device_destroyed(&self, shop: ShopId, id: DeviceId, at: Stamp) -> Pending<'_, bool> {
        Box::pin(self.met(sql::DEVICE_DESTROYED, shop, *id.as_bytes(), at))
    }

    fn pass_create(&self, pass: Pass) -> Pending<'_, ()> {
        Box::pin(async move {
            let given = named! {
                shop: pass.shop, id: pass.id, kind: &*pass.kind, person: pass.person,
                digest: &pass.digest[..], name: &*pass.name, gives: &*pass.gives,
                created: number(pass.created.0)?, expires: number(pass.expires.0)?,
                used: numbered(pass.used)?, ended: numbered(pass.ended)?,
            };
            let statement = call(sql::PASS_CREATE, given);
            match self.run(Scope::Shop(pass.shop), statement).await? {
                0 => Err(StorageError::Exists("token")),
                _ => Ok(()),
            }
        })
    }

    fn pass(&self, shop: ShopId, id: PassId) -> Pending<'_, Option<Pass>> {
        let query = call(sql::PASS, named! {shop: shop, id: id});
        Box::pin(self.one(Scope::Shop(shop), query, pass))
    }

    fn passes(&self, shop: ShopId) -> Pending<'_, Vec<Pass>> {
        let query = call(sql::PASSES, named! {shop: shop});
        Box::pin(self.all(Scope::Shop(shop), query, pass))
    }

    fn pass_use(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        Box::pin(self.met(sql::PASS_USE, shop, *id.as_bytes(), at))
    }

    fn pass_end(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        Box::pin(self.met(sql::PASS_END, shop, *id.as_bytes(), at))
    }
}
