//! A look at a pooled connection, for tests alone.

use deadpool_postgres::{Client, PoolError};

use super::PostgresStorage;

impl PostgresStorage {
    /// A connection as the next call would get it; no other is made for it.
    pub async fn peek(&self) -> Result<Client, PoolError> {
        self.pool.get().await
    }
}
