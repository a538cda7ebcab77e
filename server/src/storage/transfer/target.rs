//! PostgreSQL's side of a move: the mark that one is under way, rows in, rows out. All of it goes
//! through the wall as the app role, one shop to a transaction.

use std::{collections::HashMap, sync::Arc};

use redtag_protocol::{ids::ShopId, stamp::Stamp};
use tokio_postgres::{Client, Statement, Transaction, error::SqlState, types::ToSql};
use uuid::Uuid;

use super::{
    MoveError,
    row::{Cell, Row, misfit},
    table::{META, Table},
    value::{Array, arrays, cell, one},
};
use crate::storage::{
    Secret, StorageError,
    postgres::{fault, numbered},
    sql,
};

const ALONE: &str = "SELECT pg_try_advisory_lock(8247620190417219413)";

const OF_SHOP: &str = "SELECT set_config('app.shop_id', $1, true)";
const OF_ALL: &str = "SELECT set_config('app.every_shop', 'on', true)";
const DURABLE: &str = "SELECT set_config('synchronous_commit', 'on', true)";

const ARRIVAL: &str = "SELECT epoch, mark, finished IS NOT NULL FROM arrival";
const ANYTHING: &str = "SELECT EXISTS (SELECT FROM meta) OR EXISTS (SELECT FROM person) \
     OR EXISTS (SELECT FROM secret) OR EXISTS (SELECT FROM shop)";
const BEGIN: &str = "INSERT INTO arrival (only_row, epoch, mark, begun) VALUES (1, $1, $2, $3)";
const FINISH: &str = "UPDATE arrival SET finished = $1 WHERE finished IS NULL";
const UNFINISH: &str = "UPDATE arrival SET finished = NULL WHERE mark = $1";
/// Of its own role everybody sees who is connected.
const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND usename = current_user AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
const SHOPS: &str = "SELECT id FROM shop ORDER BY id";

/// A database that data is moved into, by this connection alone.
pub struct Target {
    client: Client,
    place: String,
    statements: HashMap<&'static str, Arc<Prepared>>,
}

/// What a database holds, as far as a move wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    Empty,
    /// A part of a server's data, or all of it, not yet compared.
    Arriving(Arrival),
    /// What was moved from a server, and whatever came since.
    Arrived(Arrival),
    /// Something of its own.
    Taken,
}

/// What a database says of a move into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    /// The epoch of the server that the data comes from.
    pub(super) epoch: u64,
    /// Another one for every arrival that ever began.
    pub(super) mark: Uuid,
}

/// A statement with the names of its parameters in order.
struct Prepared {
    statement: Statement,
    names: Vec<&'static str>,
}

impl Target {
    /// Takes a connection of the app role; `place` names the database for people.
    ///
    /// # Errors
    ///
    /// [`MoveError::Underway`] where another move into the same database runs.
    pub async fn new(client: Client, place: String) -> Result<Self, MoveError> {
        let row = client.query_one(ALONE, &[]).await.map_err(fault)?;
        if !row.try_get(0).map_err(fault)? {
            return Err(MoveError::Underway { place });
        }
        Ok(Self {
            client,
            place,
            statements: HashMap::new(),
        })
    }

    /// The database, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    pub(super) async fn state(&mut self) -> Result<State, StorageError> {
        let transaction = self.client.transaction().await.map_err(fault)?;
        if let Some(row) = transaction.query_opt(ARRIVAL, &[]).await.map_err(fault)? {
            let arrival = Arrival {
                epoch: row.try_get::<_, i64>(0).map_err(fault)?.cast_unsigned(),
                mark: row.try_get(1).map_err(fault)?,
            };
            let finished = row.try_get(2).map_err(fault)?;
            return Ok(if finished {
                State::Arrived(arrival)
            } else {
                State::Arriving(arrival)
            });
        }
        transaction.query(OF_ALL, &[]).await.map_err(fault)?;
        let row = transaction.query_one(ANYTHING, &[]).await.map_err(fault)?;
        Ok(if row.try_get(0).map_err(fault)? {
            State::Taken
        } else {
            State::Empty
        })
    }

    /// Sets the mark and the epoch, which are there together or not at all: a server that opens the
    /// database in the same moment either has drawn an epoch, and this fails, or finds the mark.
    /// Returns the mark.
    pub(super) async fn begin(&mut self, meta: &Row, at: Stamp) -> Result<Uuid, MoveError> {
        let epoch = match meta.as_slice() {
            [Cell::Number(_), Cell::Number(epoch)] => *epoch,
            _ => return Err(misfit(&META, 1).into()),
        };
        let mut mark = [0; 16];
        getrandom::fill(&mut mark).map_err(|error| StorageError::Engine(error.into()))?;
        let mark = Uuid::from_bytes(mark);
        let add = self.prepared(META.add).await?;
        let place = &self.place;
        let taken = |error: tokio_postgres::Error| match error.code() {
            Some(&SqlState::UNIQUE_VIOLATION) => MoveError::Taken {
                place: place.clone(),
            },
            _ => fault(error).into(),
        };
        let transaction = self.client.transaction().await.map_err(fault)?;
        let columns = arrays(&META, std::slice::from_ref(meta))?;
        transaction
            .execute(&add.statement, &add.bind(&META, &columns)?)
            .await
            .map_err(taken)?;
        transaction
            .execute(BEGIN, &[&epoch, &mark, &millis(at)?])
            .await
            .map_err(taken)?;
        transaction.commit().await.map_err(fault)?;
        Ok(mark)
    }

    /// Takes the mark off: from here on this database may be served. Durable when it returns, and
    /// everything before with it.
    pub(super) async fn finish(&mut self, seal: Secret, at: Stamp) -> Result<(), StorageError> {
        let keep = self.prepared(sql::control::SECRET_KEEP).await?;
        let created = millis(seal.created)?;
        let parameters = keep.names.iter().map(|name| match *name {
            "name" => Ok(&seal.name as &(dyn ToSql + Sync)),
            "purpose" => Ok(&seal.purpose as _),
            "wrapped" => Ok(&seal.wrapped as _),
            "created" => Ok(&created as _),
            other => Err(StorageError::Engine(
                format!("nothing is bound to :{other}").into(),
            )),
        });
        let parameters = parameters.collect::<Result<Vec<_>, _>>()?;
        let transaction = self.client.transaction().await.map_err(fault)?;
        transaction.query(DURABLE, &[]).await.map_err(fault)?;
        transaction
            .execute(&keep.statement, &parameters)
            .await
            .map_err(fault)?;
        let at = millis(at)?;
        transaction.execute(FINISH, &[&at]).await.map_err(fault)?;
        transaction.commit().await.map_err(fault)
    }

    /// Whether somebody else is connected as this role: a server, or an operator's command.
    pub(super) async fn in_use(&mut self) -> Result<bool, StorageError> {
        let row = self.client.query_one(OTHERS, &[]).await.map_err(fault)?;
        let others: i64 = row.try_get(0).map_err(fault)?;
        Ok(others > 0)
    }

    /// Puts the mark on again: from here on nobody opens this database. Durable when it returns.
    pub(super) async fn unfinish(&mut self, mark: Uuid) -> Result<(), StorageError> {
        let transaction = self.client.transaction().await.map_err(fault)?;
        transaction.query(DURABLE, &[]).await.map_err(fault)?;
        transaction
            .execute(UNFINISH, &[&mark])
            .await
            .map_err(fault)?;
        transaction.commit().await.map_err(fault)
    }

    /// All shops that are there, by id.
    pub(super) async fn shops(&mut self) -> Result<Vec<ShopId>, StorageError> {
        let transaction = self.client.transaction().await.map_err(fault)?;
        transaction.query(OF_ALL, &[]).await.map_err(fault)?;
        let rows = transaction.query(SHOPS, &[]).await.map_err(fault)?;
        let ids = rows.iter().map(|row| {
            let id: Uuid = row.try_get(0).map_err(fault)?;
            Ok(ShopId::from_bytes(id.into_bytes()))
        });
        ids.collect()
    }

    /// The key of a table's last row.
    pub(super) async fn last(
        &mut self,
        table: &'static Table,
        shop: Option<ShopId>,
    ) -> Result<Option<Row>, StorageError> {
        let query = self.prepared(table.last).await?;
        let shop_id = shop.map(uuid);
        let parameters = query.names.iter().map(|name| match (*name, &shop_id) {
            ("shop", Some(shop)) => Ok(shop as &(dyn ToSql + Sync)),
            _ => Err(unbound(table, name)),
        });
        let parameters = parameters.collect::<Result<Vec<_>, _>>()?;
        let transaction = within(&mut self.client, shop).await?;
        let row = transaction.query_opt(&query.statement, &parameters).await;
        let Some(row) = row.map_err(fault)? else {
            return Ok(None);
        };
        let cells = table.key_places().enumerate().map(|(place, column)| {
            let kind = table.columns.get(column);
            let kind = kind.ok_or_else(|| misfit(table, column))?;
            cell(&row, place, kind).map_err(fault)
        });
        cells.collect::<Result<_, _>>().map(Some)
    }

    /// The rows of a table after a key, in the key's order, at most `most`.
    pub(super) async fn rows(
        &mut self,
        table: &'static Table,
        shop: Option<ShopId>,
        after: Option<&Row>,
        most: usize,
    ) -> Result<Vec<Row>, StorageError> {
        let text = if after.is_some() {
            table.next
        } else {
            table.first
        };
        let query = self.prepared(text).await?;
        let shop_id = shop.map(uuid);
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let kinds = query.names.iter().zip(query.statement.params());
        let kind = |name: &str| kinds.clone().find(|(it, _)| **it == name).map(|it| it.1);
        let key = table.key.iter().zip(after.into_iter().flatten());
        let key: Vec<_> = key
            .map(|(name, cell)| (*name, one(cell, kind(name))))
            .collect();
        let parameters = query.names.iter().map(|name| {
            let key = || key.iter().find(|(it, _)| it == name);
            match (*name, &shop_id) {
                ("shop", Some(shop)) => Ok(shop as &(dyn ToSql + Sync)),
                ("limit", _) => Ok(&limit as _),
                _ => key()
                    .map(|it| &*it.1 as _)
                    .ok_or_else(|| unbound(table, name)),
            }
        });
        let parameters = parameters.collect::<Result<Vec<_>, _>>()?;
        let transaction = within(&mut self.client, shop).await?;
        let found = transaction.query(&query.statement, &parameters).await;
        let rows = found.map_err(fault)?;
        let rows = rows.iter().map(|row| {
            let columns = table.columns.iter().enumerate();
            let cells = columns.map(|(place, column)| cell(row, place, column));
            cells.collect::<Result<Row, _>>().map_err(fault)
        });
        rows.collect()
    }

    /// Adds rows of one shop, all or none; `before_commit` may still stop it.
    pub(super) async fn add(
        &mut self,
        table: &'static Table,
        shop: Option<ShopId>,
        rows: &[Row],
        before_commit: impl FnOnce() -> Result<(), MoveError>,
    ) -> Result<(), MoveError> {
        let add = self.prepared(table.add).await?;
        let columns = arrays(table, rows)?;
        let parameters = add.bind(table, &columns)?;
        let transaction = within(&mut self.client, shop).await?;
        transaction
            .execute(&add.statement, &parameters)
            .await
            .map_err(|error| match error.code() {
                Some(&SqlState::UNIQUE_VIOLATION) => MoveError::differs(table, shop, "a row"),
                _ => fault(error).into(),
            })?;
        before_commit()?;
        Ok(transaction.commit().await.map_err(fault)?)
    }

    async fn prepared(&mut self, text: &'static str) -> Result<Arc<Prepared>, StorageError> {
        if let Some(prepared) = self.statements.get(text) {
            return Ok(Arc::clone(prepared));
        }
        let text_there = numbered(text);
        let statement = self.client.prepare(&text_there.sql);
        let prepared = Arc::new(Prepared {
            statement: statement.await.map_err(fault)?,
            names: text_there.names.clone(),
        });
        self.statements.insert(text, Arc::clone(&prepared));
        Ok(prepared)
    }
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Target")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

/// A transaction of one shop, or of none.
async fn within(
    client: &mut Client,
    shop: Option<ShopId>,
) -> Result<Transaction<'_>, StorageError> {
    let transaction = client.transaction().await.map_err(fault)?;
    if let Some(shop) = shop {
        let shop = shop.to_string();
        transaction.query(OF_SHOP, &[&shop]).await.map_err(fault)?;
    }
    Ok(transaction)
}

fn uuid(shop: ShopId) -> Uuid {
    Uuid::from_bytes(*shop.as_bytes())
}

fn millis(at: Stamp) -> Result<i64, StorageError> {
    i64::try_from(at.0).map_err(|error| StorageError::Engine(error.into()))
}

fn unbound(table: &Table, name: &str) -> StorageError {
    StorageError::Engine(format!("nothing is bound to :{name} of {}", table.name).into())
}

impl Prepared {
    /// The columns by the names that the statement gives its parameters.
    fn bind<'a>(
        &self,
        table: &Table,
        columns: &'a [Array<'_>],
    ) -> Result<Vec<&'a (dyn ToSql + Sync)>, StorageError> {
        let parameters = self.names.iter().map(|name| {
            let place = table.columns.iter().position(|it| it.name == *name);
            let array = place.and_then(|place| columns.get(place));
            array
                .map(Array::parameter)
                .ok_or_else(|| unbound(table, name))
        });
        parameters.collect()
    }
}
