//! The control file's statements on copies of benches' keys.

use redtag_protocol::{
    ids::{DeviceId, KeyCopyId, PersonId, ShopId},
    stamp::Stamp,
};
use rusqlite::{Row, named_params};

use super::{
    SqliteStorage,
    control::{one, run},
    convert::{number, unsigned},
};
use crate::storage::{KEY_COPIES, KeyCopies, KeyCopy, Pending, sql::control as sql};

fn key_copy(row: &Row<'_>) -> rusqlite::Result<KeyCopy> {
    Ok(KeyCopy {
        shop: ShopId::from_bytes(row.get(0)?),
        id: KeyCopyId::from_bytes(row.get(1)?),
        person: PersonId::from_bytes(row.get(2)?),
        device: DeviceId::from_bytes(row.get(3)?),
        wrapped: row.get(4)?,
        created: Stamp(unsigned(row, 5)?),
    })
}

impl KeyCopies for SqliteStorage {
    fn key_copy_put(&self, copy: KeyCopy) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": copy.shop.as_bytes(), ":id": copy.id.as_bytes(),
                ":person": copy.person.as_bytes(), ":device": copy.device.as_bytes(),
                ":wrapped": copy.wrapped, ":created": number(copy.created.0)?,
            };
            if run(it, sql::KEY_COPY_PUT, parameters)? == 0 {
                return Ok(false);
            }
            let parameters = named_params! {
                ":shop": copy.shop.as_bytes(), ":id": copy.id.as_bytes(),
                ":person": copy.person.as_bytes(), ":limit": KEY_COPIES,
            };
            run(it, sql::KEY_COPIES_TRIM, parameters)?;
            Ok(true)
        })
    }

    fn key_copy(&self, shop: ShopId, id: KeyCopyId) -> Pending<'_, Option<KeyCopy>> {
        self.ask(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes(), ":id": id.as_bytes()};
            one(it, sql::KEY_COPY, parameters, key_copy)
        })
    }

    fn key_copy_forget(&self, shop: ShopId, id: KeyCopyId, person: PersonId) -> Pending<'_, bool> {
        self.tell(move |it| {
            let parameters = named_params! {
                ":shop": shop.as_bytes(), ":id": id.as_bytes(), ":person": person.as_bytes(),
            };
            Ok(run(it, sql::KEY_COPY_FORGET, parameters)? == 1)
        })
    }

    fn key_copies_forget_of(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        self.tell(move |it| {
            let parameters = named_params! {":shop": shop.as_bytes(), ":device": device.as_bytes()};
            Ok(run(it, sql::KEY_COPIES_FORGET_OF, parameters)? as u64)
        })
    }
}
