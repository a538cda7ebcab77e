//! Copies of benches' keys. Each call is one flight.

use redtag_protocol::ids::{DeviceId, KeyCopyId, PersonId, ShopId};
use tokio_postgres::Row;

use super::{
    PostgresStorage, StorageError,
    convert::{column, id, number, stamp},
    flight::call,
    line::{Purpose, Scope},
    value::named,
};
use crate::storage::{KEY_COPIES, KeyCopies, KeyCopy, Pending, sql::control as sql};

fn key_copy(row: &Row) -> Result<KeyCopy, StorageError> {
    Ok(KeyCopy {
        shop: ShopId::from_bytes(id(row, 0)?),
        id: KeyCopyId::from_bytes(id(row, 1)?),
        person: PersonId::from_bytes(id(row, 2)?),
        device: DeviceId::from_bytes(id(row, 3)?),
        wrapped: column(row, 4)?,
        created: stamp(row, 5)?,
    })
}

impl KeyCopies for PostgresStorage {
    fn key_copy_put(&self, copy: KeyCopy) -> Pending<'_, bool> {
        Box::pin(async move {
            let KeyCopy {
                shop, id, person, ..
            } = copy;
            let put = named! {
                shop: shop, id: id, person: person, device: copy.device,
                wrapped: &*copy.wrapped, created: number(copy.created.0)?,
            };
            // Where nothing was put, there are no more than before, and it takes nothing away.
            let trimmed = named! {shop: shop, id: id, person: person, limit: i64::from(KEY_COPIES)};
            let calls = vec![
                call(sql::KEY_COPY_PUT, put),
                call(sql::KEY_COPIES_TRIM, trimmed),
            ];
            let done = self.unit(Purpose::Write, Scope::Shop(shop), calls).await?;
            Ok(done.first().is_some_and(|it| it.touched == 1))
        })
    }

    fn key_copy(&self, shop: ShopId, id: KeyCopyId) -> Pending<'_, Option<KeyCopy>> {
        let query = call(sql::KEY_COPY, named! {shop: shop, id: id});
        Box::pin(self.one(Scope::Shop(shop), query, key_copy))
    }

    fn key_copy_forget(&self, shop: ShopId, id: KeyCopyId, person: PersonId) -> Pending<'_, bool> {
        Box::pin(async move {
            let statement = call(
                sql::KEY_COPY_FORGET,
                named! {shop: shop, id: id, person: person},
            );
            Ok(self.run(Scope::Shop(shop), statement).await? == 1)
        })
    }

    fn key_copies_forget_of(&self, shop: ShopId, device: DeviceId) -> Pending<'_, u64> {
        let statement = call(
            sql::KEY_COPIES_FORGET_OF,
            named! {shop: shop, device: device},
        );
        Box::pin(self.run(Scope::Shop(shop), statement))
    }
}
