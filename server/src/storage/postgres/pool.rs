//! The connections that wait for the next call.

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use deadpool_postgres::ClientWrapper;

use super::{Address, ConnectError};

pub(super) type Pool = managed::Pool<Lines>;
pub(super) type PoolError = managed::PoolError<ConnectError>;
/// A connection, until it is dropped back into its pool.
pub(super) type Client = managed::Object<Lines>;

/// Makes connections to one database, each within the time that its hosts are given.
#[derive(Debug)]
pub(super) struct Lines(pub(super) Address);

impl managed::Manager for Lines {
    type Type = ClientWrapper;
    type Error = ConnectError;

    async fn create(&self) -> Result<ClientWrapper, ConnectError> {
        let (client, connection) = self.0.reach().await?;
        let works = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!("a line to PostgreSQL broke: {error}");
            }
        });
        Ok(ClientWrapper::new(client, works))
    }

    async fn recycle(
        &self,
        client: &mut ClientWrapper,
        _: &Metrics,
    ) -> RecycleResult<ConnectError> {
        if client.is_closed() {
            return Err(RecycleError::message("the line broke"));
        }
        Ok(())
    }
}
