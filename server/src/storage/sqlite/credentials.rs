//! The control file's statements on what people sign in with besides a password.

use redtag_protocol::{
    ids::{DeviceId, PassId, PersonId, SessionId, ShopId},
    stamp::Stamp,
};
use rusqlite::{Row, named_params, types::FromSqlError};

use super::{
    SqliteStorage, StorageError,
    control::{all, at, device, one, run, session},
    convert::{number, unsigned},
};
use crate::storage::{
    Credentials, Device, Identity, Pass, Pending, SecondFactor, Session, sql::control as sql,
};

fn second_factor(row: &Row<'_>) -> rusqlite::Result<SecondFactor> {
    let codes: Vec<u8> = row.get(5)?;
    let (codes, rest) = codes.as_chunks();
    if !rest.is_empty() {
        return Err(FromSqlError::Other("digests are 32 bytes each".into()).into());
    }
    Ok(SecondFactor {
        person: PersonId::from_bytes(row.get(0)?),
        version: unsigned(row, 1)?,
        wrapped: row.get(2)?,
        confirmed: at(row, 3)?,
        step: unsigned(row, 4)?,
        codes: codes.to_vec(),
        created: Stamp(unsigned(row, 6)?),
    })
}

fn identity(row: &Row<'_>) -> rusqlite::Result<Identity> {
    Ok(Identity {
        issuer: row.get(0)?,
        subject: row.get(1)?,
        person: PersonId::from_bytes(row.get(2)?),
        created: Stamp(unsigned(row, 3)?),
    })
}

fn pass(row: &Row<'_>) -> rusqlite::Result<Pass> {
    let person: Option<[u8; 16]> = row.get(3)?;
    Ok(Pass {
        shop: ShopId::from_bytes(row.get(0)?),
        id: PassId::from_bytes(row.get(1)?),
        kind: row.get(2)?,
        person: person.map(PersonId::from_bytes),
        digest: row.get(4)?,
        name: row.get(5)?,
        gives: row.get(6)?,
        created: Stamp(unsigned(row, 7)?),
        expires: Stamp(unsigned(row, 8)?),
        used: at(row, 9)?,
        ended: at(row, 10)?,
    })
}

fn numbered(at: Option<Stamp>) -> Result<Option<i64>, StorageError> {
    at.map(|at| number(at.0)).transpose()
}

impl Credentials for SqliteStorage {
    fn second_factor(&self, person: PersonId) -> Pending<'_, Option<SecondFactor>> {
        self.ask(move |it| {
            let parameters = named_params! {":person": person.as_bytes()};
            one(it, sql::SECOND_FACTOR, parameters, second_factor)
        })
    }

    fn second_factor_put(&self, factor: SecondFactor) -> Pending<'_, bool> {
        self.tell(move |it| {
            let (version, step) = (number(factor.version)?, number(factor.step)?);
            let (confirmed, codes) = (numbered(factor.confirmed)?, factor.codes.concat());
            let touched = if factor.version == 1 {
                let parameters = named_params! {
                    ":person": factor.person.as_bytes(), ":version": version,
                    ":wrapped": factor.wrapped, ":confirmed": confirmed, ":step": step,
                    ":codes": codes, ":created": number(factor.created.0)?,
                };
                run(it, sql::SECOND_FACTOR_BEGIN, parameters)?
            } else {
                let parameters = named_params! {
                    ":person": factor.person.as_bytes(), ":version": version,
                    ":former": version - 1, ":wrapped": factor.wrapped, ":confirmed": confirmed,
                    ":step": step, ":codes": codes,
                };
                run(it, sql::SECOND_FACTOR_CHANGE, parameters)?
            };
            Ok(touched == 1)
        })
    }

    fn second_factor_remove(&self, person: PersonId, version: u64) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters =
                named_params! {":person": person.as_bytes(), ":version": number(version)?};
            Ok(run(it, sql::SECOND_FACTOR_REMOVE, parameters)? == 1)
        })
    }

    fn person_rehash(&self, id: PersonId, from: String, to: String) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {":id": id.as_bytes(), ":former": from, ":password": to};
            Ok(run(it, sql::PERSON_REHASH, parameters)? == 1)
        })
    }

    fn identity(&self, issuer: String, subject: String) -> Pending<'_, Option<Identity>> {
        self.ask(move |it| {
            let parameters = named_params! {":issuer": issuer, ":subject": subject};
            one(it, sql::IDENTITY, parameters, identity)
        })
    }

    fn identity_link(&self, identity: Identity) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":issuer": identity.issuer, ":subject": identity.subject,
                ":person": identity.person.as_bytes(), ":created": number(identity.created.0)?,
            };
            Ok(run(it, sql::IDENTITY_LINK, parameters)? == 1)
        })
    }

    fn identities_unlink(&self, person: PersonId) -> Pending<'_, u64> {
        self.tell(move |it| {
            let parameters = named_params! {":person": person.as_bytes()};
            Ok(run(it, sql::IDENTITIES_UNLINK, parameters)? as u64)
        })
    }

    fn person_password_from(
        &self,
        id: PersonId,
        from: String,
        hash: String,
        keep: Option<SessionId>,
        at: Stamp,
    ) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters =
                named_params! {":id": id.as_bytes(), ":former": from, ":password": hash};
            let stood = run(it, sql::PERSON_REHASH, parameters)? == 1;
            let parameters = named_params! {
                ":person": id.as_bytes(), ":password": hash,
                ":keep": keep.map(|it| *it.as_bytes()), ":at": number(at.0)?,
            };
            run(it, sql::SESSIONS_END_BY, parameters)?;
            Ok(stood)
        })
    }

    fn sessions(&self, shop: ShopId) -> Pending<'_, Vec<Session>> {
        self.ask(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes()};
            all(it, sql::SESSIONS, parameters, session)
        })
    }

    fn session_revoke(&self, shop: ShopId, id: SessionId, at: Stamp) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":id": id.as_bytes(), ":at": number(at.0)?,
            };
            Ok(run(it, sql::SESSION_REVOKE, parameters)? == 1)
        })
    }

    fn devices(&self, shop: ShopId) -> Pending<'_, Vec<Device>> {
        self.ask(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes()};
            all(it, sql::DEVICES, parameters, device)
        })
    }

    fn device_destroyed(&self, shop: ShopId, id: DeviceId, at: Stamp) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":id": id.as_bytes(), ":at": number(at.0)?,
            };
            Ok(run(it, sql::DEVICE_DESTROYED, parameters)? == 1)
        })
    }

    fn pass_create(&self, pass: Pass) -> Pending<'_, ()> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": pass.shop.as_bytes(), ":id": pass.id.as_bytes(), ":kind": pass.kind,
                ":person": pass.person.as_ref().map(PersonId::as_bytes), ":digest": pass.digest,
                ":name": pass.name, ":gives": pass.gives, ":created": number(pass.created.0)?,
                ":expires": number(pass.expires.0)?, ":used": numbered(pass.used)?,
                ":ended": numbered(pass.ended)?,
            };
            match run(it, sql::PASS_CREATE, parameters)? {
                0 => Err(StorageError::Exists("token")),
                _ => Ok(()),
            }
        })
    }

    fn pass(&self, shop: ShopId, id: PassId) -> Pending<'_, Option<Pass>> {
        self.ask(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes(), ":id": id.as_bytes()};
            one(it, sql::PASS, parameters, pass)
        })
    }

    fn passes(&self, shop: ShopId) -> Pending<'_, Vec<Pass>> {
        self.ask(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes()};
            all(it, sql::PASSES, parameters, pass)
        })
    }

    fn pass_use(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":id": id.as_bytes(), ":at": number(at.0)?,
            };
            Ok(run(it, sql::PASS_USE, parameters)? == 1)
        })
    }

    fn pass_end(&self, shop: ShopId, id: PassId, at: Stamp) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":id": id.as_bytes(), ":at": number(at.0)?,
            };
            Ok(run(it, sql::PASS_END, parameters)? == 1)
        })
    }
}
