//! The floor's side: an end that begins with nothing, and the search it fills afterwards.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rusqlite::{Connection, params};
use serde::Deserialize;

use crate::perf::{
    corpus::Seeded,
    floor::{End, Server},
};

/// Documents in one commit of the search.
const STRETCH: i64 = 500;

/// How one end was filled. Times count from its first request.
pub(super) struct Floor {
    pub(super) whole: Duration,
    pub(super) searched: Duration,
}

impl Floor {
    pub(super) fn fill(path: &Path, server: &Server, seeded: &Seeded) -> Result<Self> {
        let mut end = End::new(path, &server.url())?;
        let began = Instant::now();
        let got = end.pull()?;
        let whole = began.elapsed();
        ensure!(got == seeded.text.documents, "the floor got {got}");
        let texts = search(end.file())?;
        let searched = began.elapsed();
        ensure!(texts == seeded.inspections, "the floor found {texts}");
        Ok(Self { whole, searched })
    }
}

/// Fills the table that a bench searches (its cache's third schema), from the documents that lie there.
fn search(file: &mut Connection) -> Result<usize> {
    file.execute_batch(
        "CREATE VIRTUAL TABLE words USING fts5 (
             said, content = '', contentless_delete = 1, detail = 'none',
             tokenize = 'unicode61 remove_diacritics 2')",
    )?;
    let (mut after, mut count) = (0, 0);
    loop {
        let it = file.transaction()?;
        let mut seen = 0;
        {
            let mut read = it.prepare_cached(
                "SELECT rowid, body FROM doc WHERE rowid > ?1 ORDER BY rowid LIMIT ?2",
            )?;
            let mut put = it.prepare_cached("INSERT INTO words (rowid, said) VALUES (?1, ?2)")?;
            let mut rows = read.query(params![after, STRETCH])?;
            while let Some(row) = rows.next()? {
                after = row.get(0)?;
                seen += 1;
                let body = row.get_ref(1)?.as_str()?;
                let said: Said<'_> = serde_json::from_str(body)?;
                // Customers and vehicles are searched by the board's columns.
                if said.results.is_empty() {
                    continue;
                }
                put.execute(params![after, said.text()])?;
                count += 1;
            }
        }
        it.commit()?;
        if seen == 0 {
            return Ok(count);
        }
    }
}

/// What of a document is searched.
#[derive(Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    concern: Option<Value<'a>>,
    #[serde(borrow, default)]
    results: BTreeMap<&'a str, Point<'a>>,
}

#[derive(Deserialize)]
struct Point<'a> {
    #[serde(borrow, default)]
    note: Option<Value<'a>>,
}

#[derive(Deserialize)]
struct Value<'a> {
    #[serde(borrow)]
    v: Option<Cow<'a, str>>,
}

impl Said<'_> {
    fn text(&self) -> String {
        let notes = self.results.values().filter_map(|it| it.note.as_ref());
        let all = self.concern.iter().chain(notes);
        let mut text = String::new();
        for piece in all.filter_map(|it| it.v.as_ref()) {
            text.push_str(piece);
            text.push('\n');
        }
        text
    }
}
