//! A look at a pooled connection, for tests alone.

use std::ops::Deref;

use super::{PostgresStorage, StorageError, fault::no_line};

impl PostgresStorage {
    /// A connection as the next call would get it; no other is made for it.
    pub async fn peek(
        &self,
    ) -> Result<impl Deref<Target = deadpool_postgres::ClientWrapper> + use<>, StorageError> {
        self.pool.get().await.map_err(no_line)
    }
}
