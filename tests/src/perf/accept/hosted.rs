//! The hosted engine beside pgbench, both on a PostgreSQL of their own.

use std::sync::Arc;

use anyhow::Result;
use redtag_postgres::{ADMIN, Cluster, Config};
use redtag_server::{
    core::push::Recent,
    keys::{MasterKey, ServerKeys},
    storage::{
        Storage,
        postgres::{
            Address, CONNECTIONS, Options, PATIENCE, PostgresStorage,
            setup::{self, Password, Plan},
        },
    },
};
use tokio::runtime::Runtime;

use super::{
    BATCH, BENCHES, SHOPS, TARGET, Timing, ours,
    pgbench::{self, Floor},
    scene::{Bench, Copy},
    settle,
};
use crate::{
    harness::eventually,
    perf::report::{Row, Values},
    random,
};

/// The app role's password.
const PASSWORD: &str = "app";

/// How much quicker many shops are to be than one.
const MORE: f64 = 1.3;

/// One shop and many, single edits and batches; and many shops beside one.
pub(super) fn measure(timing: Timing) -> Result<Vec<Row>> {
    if let Err(missing) = redtag_postgres::found() {
        return Ok(vec![Row::without("P1", format!("PostgreSQL: {missing}"))]);
    }
    let cluster = Cluster::start(&Config {
        durable: true,
        connections: 120,
        settings: vec![
            // No checkpoint in the middle of one side's turn.
            ("max_wal_size".to_owned(), "8GB".to_owned()),
        ],
        ..Config::default()
    })?;
    let program = match pgbench::found(&cluster) {
        Ok(program) => program,
        Err(missing) => return Ok(vec![Row::without("P1", format!("PostgreSQL: {missing}"))]),
    };
    let runtime = Runtime::new()?;
    let ground = Ground::new(&cluster, &runtime)?;
    let storage = ground.open()?;
    let (one, many) = runtime.block_on(async {
        let copy = Copy::read(&*storage).await?;
        let one = copy.group(&*storage, BENCHES).await?;
        let mut many = Vec::new();
        for _ in 0..SHOPS {
            many.push(copy.group(&*storage, 1).await?);
        }
        anyhow::Ok((one, many))
    })?;
    drop(storage);
    let floor = Floor {
        cluster: &cluster,
        database: ground.copy()?,
        role: &ground.role,
        password: PASSWORD,
    };
    let storage = ground.open()?;
    let mut rows = Vec::new();
    let mut singles = Vec::new();
    for (name, groups) in [("1 shop", vec![one]), ("50 shops", many)] {
        let samples: Vec<_> = groups.iter().flat_map(|it| &it.samples).collect();
        floor.tell(name, &samples)?;
        let recent = Arc::new(Recent::default());
        let alone = groups.len() > 1;
        let mut benches: Vec<Bench> = groups.into_iter().flat_map(|it| it.benches).collect();
        for batch in [1, BATCH] {
            let mut rates = Values::default();
            for _ in 0..timing.rounds {
                settle();
                let ours = ours::run(&runtime, &storage, &recent, &mut benches, batch, timing)?;
                let shape = (benches.len(), batch, alone);
                settle();
                let floor = |shape| floor.run(&program, name, shape, timing);
                let quickest = match floor(shape)? {
                    together if alone => together,
                    // Clients who wait for one another may be slower than one who is alone with
                    // the shop.
                    together => together.max(floor((1, batch, true))?),
                };
                rates.pair(ours, quickest);
            }
            if batch == 1 {
                singles.push(rates.median());
            }
            let what = format!(
                "PostgreSQL, {name}, {} benches, {batch} operations a push; floor: the same \
                 statements by pgbench",
                benches.len()
            );
            rows.push(rates.rates("P1", what, "ops/s").reaching(TARGET));
        }
    }
    if let [one, many] = singles[..] {
        let mut rates = Values::default();
        rates.pair(many, one);
        let what = "PostgreSQL, 50 shops, 1 operation a push; floor: 1 shop";
        rows.push(rates.rates("P1", what, "ops/s").reaching(MORE));
    }
    Ok(rows)
}

/// A database with the schema.
struct Ground<'a> {
    cluster: &'a Cluster,
    runtime: &'a Runtime,
    database: String,
    role: String,
    keys: ServerKeys,
}

impl<'a> Ground<'a> {
    fn new(cluster: &'a Cluster, runtime: &'a Runtime) -> Result<Self> {
        let database = cluster.database()?;
        let address = Address::parse(&cluster.admin_url(&database), None, None)?;
        let done = runtime.block_on(async {
            let (mut client, connection) = address.connect().await?;
            let connection = tokio::spawn(connection);
            let plan = Plan {
                password: Password::Given(PASSWORD.into()),
                ..Plan::default()
            };
            let done = setup::init(&mut client, &plan).await?;
            drop(client);
            connection.await??;
            anyhow::Ok(done)
        })?;
        Ok(Self {
            cluster,
            runtime,
            database,
            role: done.app,
            keys: ServerKeys::derive(&MasterKey::of(random()?)),
        })
    }

    fn open(&self) -> Result<Arc<dyn Storage>> {
        let url = self.cluster.url(&self.role, PASSWORD, &self.database);
        let options = Options {
            address: Address::parse(&url, None, None)?,
            wrap: self.keys.wrapping.clone(),
            connections: CONNECTIONS,
            patience: PATIENCE,
        };
        let storage = self.runtime.block_on(PostgresStorage::open(options))?;
        Ok(Arc::new(storage))
    }

    /// A copy of the database, as soon as nobody is connected to it any more.
    fn copy(&self) -> Result<String> {
        let copy = format!("{}_floor", self.database);
        let make = format!("CREATE DATABASE {copy} TEMPLATE {}", self.database);
        eventually("the storage's connections to end", || {
            self.cluster.sql(ADMIN, &make).map(drop)
        })?;
        for database in [&copy, &self.database] {
            self.cluster.sql(database, "VACUUM (ANALYZE)")?;
        }
        Ok(copy)
    }
}
