//! The directory had alone, and its rows as they lie: what moving the data elsewhere needs.

use std::path::{Path, PathBuf};

use redtag_protocol::{ids::ShopId, packed};
use rusqlite::{Connection, Statement, named_params, types::ValueRef};

use super::{
    AlreadyServed, Options, ServeLock, SqliteStorage, StorageError, convert::fault, lock::UseLock,
    moved, moved::Moved, named, open, random, worker::Workers,
};
use crate::storage::{
    Control as _,
    transfer::{
        row::{Cell, Row, misfit},
        table::{Kind, Table, Whose},
    },
};

const SHOPS: &str = "SELECT id, name, ready FROM shop ORDER BY id";

const EPOCH_ANEW: &str = "UPDATE meta SET epoch = :epoch";

/// A directory's database that nobody else serves or has open for as long as this lives. Its schema
/// is up to date.
#[derive(Debug)]
pub struct Alone {
    dir: PathBuf,
    storage: SqliteStorage,
    _served: ServeLock,
}

/// A shop in the list, complete or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The shop.
    pub id: ShopId,
    /// Its name.
    pub name: String,
    /// Whether its making came to an end. Where it did not, nobody can sign in to it.
    pub ready: bool,
}

impl Alone {
    /// Opens a directory that holds data, where nobody else has it open. Never waits.
    ///
    /// # Errors
    ///
    /// [`AlreadyServed`] where a server runs, [`StorageError::InUse`] where an operator's command
    /// does, [`StorageError::Missing`] where there is no data; nothing is changed then.
    pub async fn take(options: Options) -> Result<Self, AlreadyServed> {
        let dir = options.dir.clone();
        // Before the locks would make their files in any odd place.
        open::must_be_there(&dir.join("control.db"))?;
        let served = ServeLock::take(&dir)?;
        let in_use = UseLock::alone(&dir)?;
        let storage = SqliteStorage::open_as(options, in_use).await?;
        Ok(Self {
            dir,
            storage,
            _served: served,
        })
    }

    /// The directory.
    pub fn dir(&self) -> &std::path::Path {
        &self.dir
    }

    /// The database's epoch.
    pub fn epoch(&self) -> u64 {
        self.storage.epoch()
    }

    /// Where the data was moved to, if it was.
    pub fn moved_to(&self) -> Result<Option<Moved>, StorageError> {
        moved::to(&self.dir)
    }

    /// Says that the data lives on elsewhere: from here on no server and no command opens it.
    /// Durable when it returns.
    pub fn mark_moved(&self, moved: &Moved) -> Result<(), StorageError> {
        moved::mark(&self.dir, moved)
    }

    /// Takes the mark back, if there is one, and draws a new epoch, for the benches may have seen
    /// what this database never did: they fetch their shop anew and send again what they still keep.
    pub async fn take_back(self) -> Result<(), StorageError> {
        let epoch = i64::from_be_bytes(random()?);
        self.storage
            .control
            .write(move |it| {
                it.prepare_cached(EPOCH_ANEW)
                    .and_then(|mut it| it.execute(named_params! {":epoch": epoch}))
                    .map(drop)
                    .map_err(fault)
            })
            .await?;
        match self.moved_to()? {
            Some(_) => moved::unmark(&self.dir),
            None => Ok(()),
        }
    }

    /// Opens every complete shop and reads all of its file, and all that spans shops; says how many
    /// shops there are.
    ///
    /// # Errors
    ///
    /// Those of opening; [`StorageError::Unreadable`] for a file with pages that are damaged.
    pub(super) async fn check(&self) -> Result<usize, StorageError> {
        whole(&self.storage.control, &self.dir.join("control.db")).await?;
        let mut count = 0;
        for shop in self.shops().await?.iter().filter(|it| it.ready) {
            let workers = self.storage.workers(shop.id).await?;
            whole(&workers, &self.storage.file(shop.id)).await?;
            count += 1;
        }
        Ok(count)
    }

    /// All shops, by id.
    pub async fn shops(&self) -> Result<Vec<Listed>, StorageError> {
        self.storage
            .control
            .read(|it| {
                it.prepare_cached(SHOPS)
                    .and_then(|mut query| {
                        let rows = query.query_map([], |row| {
                            Ok(Listed {
                                id: ShopId::from_bytes(row.get(0)?),
                                name: row.get(1)?,
                                ready: row.get(2)?,
                            })
                        })?;
                        rows.collect()
                    })
                    .map_err(fault)
            })
            .await
    }

    /// The rows of a table after a key, in the key's order: at most `rows` of them, and none further
    /// once they hold so many bytes; at least one, unless there is no more.
    pub(in crate::storage) async fn rows(
        &self,
        table: &'static Table,
        shop: Option<ShopId>,
        after: Option<Row>,
        (rows, bytes): (usize, usize),
    ) -> Result<Vec<Row>, StorageError> {
        let read = move |it: &Connection| read(it, table, shop, after.as_ref(), rows, bytes);
        match shop.filter(|_| table.whose == Whose::Inside) {
            Some(shop) => self.storage.workers(shop).await?.read(read).await,
            None => self.storage.control.read(read).await,
        }
    }
}

/// Reads every page of a file, each of which must be as it was written.
async fn whole(workers: &Workers, file: &Path) -> Result<(), StorageError> {
    let found = workers
        .read(|it| {
            it.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
                .map_err(fault)
        })
        .await;
    match found {
        Ok(found) if found == "ok" => Ok(()),
        found => {
            tracing::warn!(?found, file = %file.display(), "a database is damaged");
            Err(StorageError::Unreadable { file: named(file) })
        }
    }
}

fn read(
    it: &Connection,
    table: &'static Table,
    shop: Option<ShopId>,
    after: Option<&Row>,
    most: usize,
    bytes: usize,
) -> Result<Vec<Row>, StorageError> {
    let text = if after.is_some() {
        table.next
    } else {
        table.first
    };
    let mut query = it.prepare_cached(text).map_err(fault)?;
    bind(&mut query, table, shop, after, most).map_err(fault)?;
    let mut found = query.raw_query();
    let mut rows = Vec::new();
    let mut size = 0;
    while let Some(row) = found.next().map_err(fault)? {
        let cells = table.columns.iter().enumerate().map(|(place, column)| {
            let value = row.get_ref(place).map_err(fault)?;
            cell(column.kind, value).ok_or_else(|| misfit(table, place))
        });
        let cells = cells.collect::<Result<Row, _>>()?;
        size += cells.iter().map(Cell::size).sum::<usize>();
        rows.push(cells);
        if size >= bytes {
            break;
        }
    }
    Ok(rows)
}

fn bind(
    query: &mut Statement<'_>,
    table: &Table,
    shop: Option<ShopId>,
    after: Option<&Row>,
    most: usize,
) -> rusqlite::Result<()> {
    if let Some(shop) = shop {
        query.raw_bind_parameter(":shop", shop.as_bytes())?;
    }
    for (name, value) in table.key.iter().zip(after.into_iter().flatten()) {
        let name = format!(":{name}");
        let name = name.as_str();
        match value {
            Cell::Null => query.raw_bind_parameter(name, rusqlite::types::Null)?,
            Cell::Id(id) => query.raw_bind_parameter(name, id)?,
            Cell::Bytes(bytes) => query.raw_bind_parameter(name, bytes)?,
            Cell::Number(number) => query.raw_bind_parameter(name, number)?,
            Cell::Text(text) => query.raw_bind_parameter(name, text)?,
        }
    }
    query.raw_bind_parameter(":limit", i64::try_from(most).unwrap_or(i64::MAX))
}

fn cell(kind: Kind, value: ValueRef<'_>) -> Option<Cell> {
    match (kind, value) {
        (_, ValueRef::Null) => Some(Cell::Null),
        (Kind::Id, ValueRef::Blob(bytes)) => Some(Cell::Id(bytes.try_into().ok()?)),
        (Kind::Bytes, ValueRef::Blob(bytes)) => Some(Cell::Bytes(bytes.to_owned())),
        (Kind::Number, ValueRef::Integer(number)) => Some(Cell::Number(number)),
        (Kind::Text, ValueRef::Text(text)) => {
            Some(Cell::Text(str::from_utf8(text).ok()?.to_owned()))
        }
        // The only column of a text that may hold other bytes is a document's body, packed.
        (Kind::Text, ValueRef::Blob(stored)) => {
            Some(Cell::Text(packed::unpack(stored)?.into_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests;
