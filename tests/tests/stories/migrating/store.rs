//! An API's store as the first program left it, with either engine.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_postgres::Cluster;
use redtag_server::keys::{MasterKey, ServerKeys};
use redtag_tests::harness::{Api, PATIENCE, Session, Stack, init};

use super::older::{Older, Reached, copy, open};
use crate::support::after;

const CONTROL: &str = include_str!("../../../../server/migrations/control/V1__begin.sql");
const SHOP: &str = include_str!("../../../../server/migrations/shop/V1__begin.sql");
const POSTGRES: &str = include_str!("../../../../server/migrations/postgres/V1__begin.sql");

/// The newest schemas; the story fails where there are newer ones, and then says so here.
const NEWEST_CONTROL: i64 = 5;
const NEWEST_SHOP: i64 = 4;
const NEWEST_POSTGRES: &str = "7";

/// What a migration has that is under way, and what the last one left.
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
const VERSION: &str = "SELECT max(version) FROM redtag.refinery_schema_history";

/// A store of the first schema.
pub(super) enum Store {
    /// The control file and the shop's.
    Files { control: Older, shop: Older },
    /// A database, and another that is the template for it.
    Hosted { name: String, template: String },
}

impl Store {
    /// Takes the store of an API back. It must not run.
    pub(super) fn taken_back(stack: &Stack) -> Result<Self> {
        match stack.database().name() {
            Some(name) => hosted(name),
            None => files(stack),
        }
    }

    /// The store as it was left.
    pub(super) fn put_back(&self) -> Result<()> {
        match self {
            Self::Files { control, shop } => {
                control.put_back()?;
                shop.put_back()
            }
            Self::Hosted { name, template } => {
                let cluster = Cluster::shared()?;
                cluster.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"))?;
                let made = format!("CREATE DATABASE {name} TEMPLATE {template}");
                cluster.sql("postgres", &made)?;
                Ok(())
            }
        }
    }

    /// Brings it up to date, and says how long that took.
    pub(super) fn migrate(&self, stack: &mut Stack, session: &Session) -> Result<Duration> {
        let begun = Instant::now();
        let mut done = None;
        if let Self::Hosted { name, .. } = self {
            let said = init(stack.ground(), Cluster::shared()?, name).output()?;
            let words = String::from_utf8_lossy(&said.stderr);
            ensure!(said.status.success(), "the schema stays as it was: {words}");
            done = Some(begun.elapsed());
        }
        stack.start()?;
        if matches!(self, Self::Files { .. }) {
            ask(&stack.api()?, session)?;
        }
        Ok(done.unwrap_or_else(|| begun.elapsed()))
    }

    /// Begins to bring it up to date, kills what does so after that long, and says how far it had
    /// come.
    pub(super) fn killed(
        &self,
        stack: &Stack,
        session: &Session,
        moment: Duration,
    ) -> Result<Reached> {
        if let Self::Hosted { name, .. } = self {
            let cluster = Cluster::shared()?;
            let mut child = init(stack.ground(), cluster, name)
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()?;
            // To look takes its time too.
            after(moment * 2 / 3);
            let held = cluster.sql(name, LOCKS)?;
            child.kill()?;
            child.wait()?;
            let found = cluster.sql(name, VERSION)?;
            // All or nothing: of one that had begun nothing is to be seen but its locks.
            return Ok(match (found.trim(), held.trim()) {
                (NEWEST_POSTGRES, _) => Reached::End,
                (_, "0") => Reached::Nothing,
                _ => Reached::Middle,
            });
        }
        let server = stack.launch()?;
        let dead = AtomicBool::new(false);
        thread::scope(|scope| {
            // A shop's file is brought up to date when somebody first asks for the shop.
            let asking = scope.spawn(|| -> Result<()> {
                let api = stack.api()?;
                let end = Instant::now() + PATIENCE;
                while !dead.load(Ordering::Relaxed) && Instant::now() < end {
                    if ask(&api, session).is_ok() {
                        break;
                    }
                }
                Ok(())
            });
            after(moment);
            let killed = server.kill();
            dead.store(true, Ordering::Relaxed);
            let asked = asking.join().ok();
            asked.context("the asking thread panicked")??;
            killed
        })?;
        let Self::Files { control, shop } = self else {
            bail!("a store that is neither");
        };
        let control = control.reached(stack.ground(), NEWEST_CONTROL)?;
        let shop = shop.reached(stack.ground(), NEWEST_SHOP)?;
        let same = control == shop;
        Ok(if same { shop } else { Reached::Middle })
    }
}

fn ask(api: &Api, session: &Session) -> Result<()> {
    let path = format!("/v1/shops/{}/changes", session.shop);
    let answer = api.get(&path, Some(session))?;
    ensure!(answer.status.is_success(), "{answer:?}");
    Ok(())
}

fn files(stack: &Stack) -> Result<Store> {
    let data = stack.data();
    let master = fs::read(data.join("master.key"))?;
    let master: [u8; 32] = master.as_slice().try_into()?;
    let keys = ServerKeys::derive(&MasterKey::of(master));
    let control = data.join("control.db");
    let wrapped: Vec<u8> = open(&control, &keys.control)?.query_row(
        "SELECT wrapped_key FROM shop WHERE id = ?1",
        [stack.shop().as_bytes()],
        |row| row.get(0),
    )?;
    let key = keys.wrapping.as_ref();
    let key = redtag_server::storage::Wrap::unwrap(key, stack.shop(), &wrapped)?;
    let shop = data.join("shops").join(format!("{}.db", stack.shop()));
    let every = |newer: &rusqlite::Connection, older: &rusqlite::Connection| -> Result<()> {
        let mut tables = older.prepare(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )?;
        let tables = tables.query_map([], |row| row.get::<_, String>(0))?;
        for table in tables {
            copy(newer, older, &table?)?;
        }
        Ok(())
    };
    Ok(Store::Files {
        control: Older::of(control, *keys.control, CONTROL, every)?,
        shop: Older::of(shop, *key, SHOP, every)?,
    })
}

/// Beyond the wall, and past what watches over rows: as the first program would have left them.
fn hosted(name: &str) -> Result<Store> {
    let cluster = Cluster::shared()?;
    let text = format!(
        "ALTER SCHEMA redtag RENAME TO newer;
         CREATE SCHEMA redtag AUTHORIZATION {name}_owner;
         SET ROLE {name}_owner; SET search_path = redtag, pg_temp;
         {POSTGRES}
         CREATE TABLE refinery_schema_history
             (version int4 PRIMARY KEY, name varchar(255), applied_on varchar(255),
              checksum varchar(255));
         RESET ROLE; SET session_replication_role = replica;
         DO $$ DECLARE it record; BEGIN
             FOR it IN SELECT table_name AS name,
                     string_agg(quote_ident(column_name), ', ') AS columns
                 FROM information_schema.columns WHERE table_schema = 'redtag' GROUP BY table_name
             LOOP EXECUTE format('INSERT INTO redtag.%1$I (%2$s) SELECT %2$s FROM newer.%1$I',
                 it.name, it.columns);
             END LOOP;
         END $$;
         DELETE FROM redtag.refinery_schema_history WHERE version > 1;
         DROP SCHEMA newer CASCADE;"
    );
    cluster.sql(name, &text)?;
    let template = format!("{name}_first");
    let kept = format!("CREATE DATABASE {template} TEMPLATE {name}");
    cluster.sql("postgres", &kept)?;
    let name = name.to_owned();
    Ok(Store::Hosted { name, template })
}
