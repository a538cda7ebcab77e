//! The floor's server, a process of its own as ours is.

use std::{
    convert::Infallible,
    ffi::OsString,
    fmt::Write as _,
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Command, ExitCode},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context as _, Result};
use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use futures_util::stream;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::Deserialize;
use tokio::{net::TcpListener, runtime::Builder, sync::watch, task::spawn_blocking};

use super::{DOCUMENTS, PAGE, Patch, Push, Pushed, open};
use crate::{harness::Process, perf::corpus::Text, random};

/// A running server. Dropping it ends it.
pub(in crate::perf) struct Server {
    _process: Process,
    address: SocketAddr,
}

impl Server {
    /// Starts one that holds the documents of a corpus, in a new file in this directory.
    pub(in crate::perf) fn start(directory: &Path, text: &Text) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").arg(directory).arg(&text.path);
        let log = directory.join("floor.log");
        let mut process = Process::start(command, "the floor's server", &log)?;
        let address = process.first_line()?.parse()?;
        Ok(Self {
            _process: process,
            address,
        })
    }

    pub(in crate::perf) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// The part that the process plays: `floor DIRECTORY TEXT`.
pub(in crate::perf) fn serve(mut args: impl Iterator<Item = OsString>) -> ExitCode {
    let done = (|| {
        let directory = args.next().context("no directory")?;
        let text = args.next().context("no documents")?;
        run(Path::new(&directory), Path::new(&text))
    })();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "floor: {error:#}");
            ExitCode::FAILURE
        }
    }
}

struct Middle {
    file: Mutex<Connection>,
    newest: watch::Sender<i64>,
}

impl Middle {
    fn file(&self) -> MutexGuard<'_, Connection> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(directory: &Path, text: &Path) -> Result<()> {
    let mut file = open(&directory.join("floor-server.db"), &random()?)?;
    file.execute_batch(DOCUMENTS)?;
    file.execute_batch(
        "CREATE UNIQUE INDEX doc_seq ON doc (seq);
         CREATE TABLE timeline (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL,
             before TEXT, after TEXT NOT NULL, by TEXT NOT NULL, number INTEGER NOT NULL);
         CREATE TABLE peer (name TEXT NOT NULL PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;",
    )?;
    let seq = fill(&mut file, text)?;
    let (newest, _) = watch::channel(seq);
    let middle = Arc::new(Middle {
        file: Mutex::new(file),
        newest,
    });
    let app = Router::new()
        .route("/pull", get(pull))
        .route("/push", post(push))
        .route("/live", get(live))
        .layer(DefaultBodyLimit::max(16 << 20))
        .with_state(middle);
    Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let mut out = std::io::stdout();
            writeln!(out, "{}", listener.local_addr()?)?;
            out.flush()?;
            Ok(axum::serve(listener, app).await?)
        })
}

fn fill(file: &mut Connection, text: &Path) -> Result<i64> {
    let it = file.transaction()?;
    let mut seq = 0;
    {
        let mut insert = it.prepare("INSERT INTO doc VALUES (?1, ?2, ?3)")?;
        for line in BufReader::new(File::open(text)?).lines() {
            let line = line?;
            let mut parts = line.splitn(3, '\t').skip(1);
            let (Some(id), Some(body)) = (parts.next(), parts.next()) else {
                continue;
            };
            seq += 1;
            insert.execute(params![id, seq, body])?;
        }
    }
    it.commit()?;
    Ok(seq)
}

#[derive(Deserialize)]
struct Since {
    since: i64,
}

async fn pull(
    State(middle): State<Arc<Middle>>,
    Query(since): Query<Since>,
) -> Result<Vec<u8>, StatusCode> {
    blocking(move || {
        let mut out = String::new();
        {
            let file = middle.file();
            let mut query = file.prepare_cached(
                "SELECT seq, id, body FROM doc WHERE seq > ?1 ORDER BY seq LIMIT ?2",
            )?;
            let mut rows = query.query(params![since.since, i64::try_from(PAGE)?])?;
            while let Some(row) = rows.next()? {
                let (seq, id, body) = (row.get::<_, i64>(0)?, row.get_ref(1)?, row.get_ref(2)?);
                writeln!(out, "[{seq},\"{}\",{}]", id.as_str()?, body.as_str()?)?;
            }
        }
        Ok(zstd::encode_all(out.as_bytes(), 1)?)
    })
    .await
}

async fn push(
    State(middle): State<Arc<Middle>>,
    Json(push): Json<Push>,
) -> Result<Json<Pushed>, StatusCode> {
    blocking(move || {
        let pushed = write(&mut middle.file(), &push)?;
        middle.newest.send_replace(pushed.seq);
        Ok(Json(pushed))
    })
    .await
}

fn write(file: &mut Connection, push: &Push) -> Result<Pushed> {
    let it = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let last: Option<i64> = it
        .prepare_cached("SELECT last FROM peer WHERE name = ?1")?
        .query_row([&push.end], |row| row.get(0))
        .optional()?;
    let mut last = last.unwrap_or(0);
    let mut seq: i64 = it
        .prepare_cached("SELECT max(seq) FROM doc")?
        .query_row([], |row| row.get(0))?;
    {
        let mut before = it.prepare_cached("SELECT body ->> ?1 FROM doc WHERE id = ?2")?;
        let mut change = it.prepare_cached(
            "UPDATE doc SET seq = ?1, body = json_set(body, ?2, json_object('v', ?3)) WHERE id = ?4",
        )?;
        let mut tell =
            it.prepare_cached("INSERT INTO timeline VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?;
        for Patch {
            number,
            id,
            path,
            value,
        } in &push.patches
        {
            if *number <= last {
                continue;
            }
            seq += 1;
            let was: Option<String> = before.query_row([path, id], |row| row.get(0))?;
            change.execute(params![seq, path, value, id])?;
            tell.execute(params![seq, id, path, was, value, push.end, number])?;
            last = *number;
        }
    }
    it.prepare_cached("INSERT OR REPLACE INTO peer VALUES (?1, ?2)")?
        .execute(params![push.end, last])?;
    it.commit()?;
    Ok(Pushed { last, seq })
}

async fn live(State(middle): State<Arc<Middle>>) -> Body {
    let mut news = middle.newest.subscribe();
    news.mark_changed();
    let events = stream::unfold(news, |mut news| async {
        news.changed().await.ok()?;
        let seq = *news.borrow_and_update();
        Some((Ok::<_, Infallible>(format!("data: {seq}\n\n")), news))
    });
    Body::from_stream(events)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T, StatusCode> {
    let done = spawn_blocking(work).await;
    match done {
        Ok(Ok(done)) => Ok(done),
        _ => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
