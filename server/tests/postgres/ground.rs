//! The ground under the tests: one PostgreSQL for all, and fresh databases on it.

use std::{sync::Arc, time::Duration};

use redtag_postgres::Cluster;
use redtag_server::{
    keys::{MasterKey, ServerKeys},
    storage::postgres::{
        Address, Options, PATIENCE, PostgresStorage,
        setup::{self, Password, Plan},
    },
};
use tokio::runtime::Runtime;

/// The app role's password in every test.
const PASSWORD: &str = "app";

/// A database of one test, with the schema and nothing in it.
pub(crate) struct Database {
    /// The PostgreSQL that it is on.
    pub(crate) cluster: &'static Cluster,
    /// Its name.
    pub(crate) name: String,
    /// The app role.
    pub(crate) app: String,
    /// The server's keys, the same whoever opens it.
    pub(crate) keys: Arc<ServerKeys>,
}

impl Database {
    /// A fresh one on the PostgreSQL that all tests share.
    pub(crate) async fn fresh() -> Self {
        Self::on(Cluster::shared().unwrap()).await
    }

    /// A fresh one on another PostgreSQL.
    pub(crate) async fn on(cluster: &'static Cluster) -> Self {
        let name = cluster.database().unwrap();
        let (mut client, connection) = Address::parse(&cluster.admin_url(&name), None, None)
            .unwrap()
            .connect()
            .await
            .unwrap();
        let connection = tokio::spawn(connection);
        let plan = Plan {
            password: Password::Given(PASSWORD.into()),
            ..Plan::default()
        };
        let done = setup::init(&mut client, &plan).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        Self {
            cluster,
            name,
            app: done.app,
            keys: Arc::new(ServerKeys::derive(&MasterKey::of([7; 32]))),
        }
    }

    /// The app role's way to it.
    pub(crate) fn url(&self) -> String {
        self.cluster.url(&self.app, PASSWORD, &self.name)
    }

    /// The same as the server takes it.
    pub(crate) fn address(&self) -> Address {
        Address::parse(&self.url(), None, None).unwrap()
    }

    /// The engine over this database, as the server opens it.
    pub(crate) async fn open(&self) -> PostgresStorage {
        self.open_with(8, PATIENCE).await
    }

    /// The engine with at most so many connections, each waited for so long.
    pub(crate) async fn open_with(
        &self,
        connections: usize,
        patience: Duration,
    ) -> PostgresStorage {
        let options = Options {
            address: self.address(),
            wrap: self.keys.wrapping.clone(),
            connections,
            patience,
        };
        PostgresStorage::open(options).await.unwrap()
    }

    /// Statements past the engine and the wall, as the administrator.
    pub(crate) fn sql(&self, text: &str) -> String {
        let text = format!("SET search_path = redtag, pg_temp;\n{text}");
        self.cluster.sql(&self.name, &text).unwrap()
    }
}

/// A runtime as the server's.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}
