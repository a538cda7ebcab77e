//! An end of the floor: a file, an outbox, a line to the server.

use std::path::Path;

use anyhow::{Context as _, Result};
use reqwest::{Client, Response};
use rusqlite::{Connection, params};
use serde_json::value::RawValue;
use tokio::runtime::{Builder, Runtime};

use super::{BATCH, DOCUMENTS, PAGE, Patch, Push, Pushed, open};
use crate::random;

/// One end.
pub(in crate::perf) struct End {
    name: String,
    file: Connection,
    http: Client,
    url: String,
    runtime: Runtime,
    live: Option<Response>,
    /// Of the answers to pulls, as they came over the line.
    pub(in crate::perf) bytes: u64,
}

impl End {
    /// An empty one with a new file.
    pub(in crate::perf) fn new(path: &Path, url: &str) -> Result<Self> {
        let file = open(path, &random()?)?;
        file.execute_batch(DOCUMENTS)?;
        file.execute_batch(
            "CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL,
                 path TEXT NOT NULL, value TEXT NOT NULL);
             INSERT INTO meta VALUES ('cursor', 0);",
        )?;
        Ok(Self {
            name: path.display().to_string(),
            file,
            http: Client::builder()
                .tls_certs_only([])
                .tcp_nodelay(true)
                .build()?,
            url: url.to_owned(),
            runtime: Builder::new_current_thread().enable_all().build()?,
            live: None,
            bytes: 0,
        })
    }

    /// Gets everything that is new, and gives how many documents that were.
    pub(in crate::perf) fn pull(&mut self) -> Result<usize> {
        let mut got = 0;
        loop {
            let cursor: i64 = self
                .file
                .prepare_cached("SELECT value FROM meta WHERE name = 'cursor'")?
                .query_row([], |row| row.get(0))?;
            let ask = self.http.get(format!("{}/pull?since={cursor}", self.url));
            let page = self
                .runtime
                .block_on(async { ask.send().await?.error_for_status()?.bytes().await })?;
            self.bytes += u64::try_from(page.len())?;
            let page = zstd::decode_all(page.as_ref())?;
            let taken = self.take(&page, cursor)?;
            got += taken;
            if taken < PAGE {
                return Ok(got);
            }
        }
    }

    fn take(&mut self, page: &[u8], mut cursor: i64) -> Result<usize> {
        if page.is_empty() {
            return Ok(0);
        }
        let mut taken = 0;
        let it = self.file.transaction()?;
        {
            let mut put = it.prepare_cached(
                "INSERT INTO doc VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, body = excluded.body",
            )?;
            for line in page.split(|byte| *byte == b'\n') {
                if line.is_empty() {
                    continue;
                }
                let (seq, id, body): (i64, &str, &RawValue) = serde_json::from_slice(line)?;
                put.execute(params![id, seq, body.get()])?;
                cursor = seq;
                taken += 1;
            }
        }
        it.prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'cursor'")?
            .execute([cursor])?;
        it.commit()?;
        Ok(taken)
    }

    /// One edit, durable here, waiting to be sent.
    pub(in crate::perf) fn edit(&mut self, id: &str, path: &str, value: &str) -> Result<()> {
        let it = self.file.transaction()?;
        it.prepare_cached(
            "UPDATE doc SET body = json_set(body, ?1, json_object('v', ?2)) WHERE id = ?3",
        )?
        .execute([path, value, id])?;
        it.prepare_cached("INSERT INTO outbox (id, path, value) VALUES (?1, ?2, ?3)")?
            .execute([id, path, value])?;
        Ok(it.commit()?)
    }

    /// Sends everything that waits, and gives the sequence of the last.
    pub(in crate::perf) fn push(&mut self) -> Result<i64> {
        let mut seq = 0;
        loop {
            let patches = self
                .file
                .prepare_cached("SELECT number, id, path, value FROM outbox ORDER BY 1 LIMIT ?1")?
                .query_map([i64::try_from(BATCH)?], |row| {
                    Ok(Patch {
                        number: row.get(0)?,
                        id: row.get(1)?,
                        path: row.get(2)?,
                        value: row.get(3)?,
                    })
                })?
                .collect::<Result<Vec<_>, _>>()?;
            if patches.is_empty() {
                return Ok(seq);
            }
            let push = Push {
                end: self.name.clone(),
                patches,
            };
            let ask = self.http.post(format!("{}/push", self.url)).json(&push);
            let pushed: Pushed = self
                .runtime
                .block_on(async { ask.send().await?.error_for_status()?.json().await })?;
            self.file
                .prepare_cached("DELETE FROM outbox WHERE number <= ?1")?
                .execute([pushed.last])?;
            seq = pushed.seq;
        }
    }

    /// Waits until the server says that there is news; at once the first time.
    pub(in crate::perf) fn news(&mut self) -> Result<()> {
        if self.live.is_none() {
            let ask = self.http.get(format!("{}/live", self.url)).send();
            self.live = Some(self.runtime.block_on(ask)?);
        }
        let live = self.live.as_mut().context("no event stream")?;
        let piece = self.runtime.block_on(live.chunk())?;
        piece.context("the event stream ended").map(drop)
    }

    /// How far it is.
    pub(in crate::perf) fn cursor(&self) -> Result<i64> {
        Ok(self
            .file
            .prepare_cached("SELECT value FROM meta WHERE name = 'cursor'")?
            .query_row([], |row| row.get(0))?)
    }

    /// The file.
    pub(in crate::perf) fn file(&mut self) -> &mut Connection {
        &mut self.file
    }
}
