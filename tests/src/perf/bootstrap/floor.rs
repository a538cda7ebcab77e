//! The floor's side: an end that begins with nothing, and the search it fills afterwards.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use redtag_protocol::inspection::{Inspection, PointResult};
use rusqlite::{Connection, params};

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

/// Fills the table that a bench searches, from the documents that lie there.
fn search(file: &mut Connection) -> Result<usize> {
    file.execute_batch(
        "CREATE VIRTUAL TABLE search USING fts5(text, content = '', contentless_delete = 1)",
    )?;
    let (mut after, mut count) = (0, 0);
    loop {
        let it = file.transaction()?;
        let mut seen = 0;
        {
            let mut read = it.prepare_cached(
                "SELECT rowid, body FROM doc WHERE rowid > ?1 ORDER BY rowid LIMIT ?2",
            )?;
            let mut put = it.prepare_cached("INSERT INTO search (rowid, text) VALUES (?1, ?2)")?;
            let mut rows = read.query(params![after, STRETCH])?;
            while let Some(row) = rows.next()? {
                after = row.get(0)?;
                seen += 1;
                let body = row.get_ref(1)?.as_str()?;
                // Customers and vehicles are searched by the board's columns.
                let Ok(inspection) = serde_json::from_str::<Inspection>(body) else {
                    continue;
                };
                put.execute(params![after, text(&inspection)])?;
                count += 1;
            }
        }
        it.commit()?;
        if seen == 0 {
            return Ok(count);
        }
    }
}

fn text(inspection: &Inspection) -> String {
    let notes = inspection.results.values().filter_map(PointResult::note);
    let mut text = String::new();
    for piece in inspection.concern().into_iter().chain(notes) {
        text.push_str(piece);
        text.push('\n');
    }
    text
}
