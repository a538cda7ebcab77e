//! The command itself.

use std::{
    fs,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use redtag_server::storage::{Shops as _, Storage};
use serde_json::Value;

use super::{Database, source::Source};

const PROGRAM: &str = env!("CARGO_BIN_EXE_redtag-server");

/// Held up in the middle of a chunk, then killed; nothing of the chunk is there, and the next one
/// ends the work.
pub(super) async fn killed(database: Database) {
    let source = Source::new(&database).await;
    let head = source
        .open()
        .await
        .unwrap()
        .head(source.demo)
        .await
        .unwrap();
    let key = key(source.path());
    let holder = Holder::hold(&database, "payload").await;
    let mut child = start(&source, &database, &key);
    until_somebody_waits(&database);
    child.kill().unwrap();
    child.wait().unwrap();
    holder.let_go().await;
    assert_eq!(database.sql("SELECT count(*) FROM payload"), "0");
    assert_ne!(database.sql("SELECT count(*) FROM event"), "0");
    // Its connection may need a moment to end, and with it what the server holds for it.
    let deadline = Instant::now() + Duration::from_secs(20);
    let done = loop {
        let done = start(&source, &database, &key).wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&done.stderr).into_owned();
        if done.status.success() || Instant::now() > deadline {
            break done;
        }
        assert!(words.contains("another move into"), "{words}");
    };
    let words = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{words}");
    assert!(words.contains("going on with a move"), "{words}");
    let storage = database.open().await;
    assert_eq!(storage.head(source.demo).await.unwrap(), head);
    all_chained(&storage, &source).await;
}

/// Recounts the chain from the beginning.
async fn all_chained(storage: &impl Storage, source: &Source) {
    use redtag_protocol::{event, stamp::Seq};
    use redtag_server::storage::{PageLimit, Row};
    let limit = PageLimit {
        seqs: 500,
        bytes: 1 << 20,
    };
    let mut after = Seq(0);
    let mut hash = event::GENESIS;
    loop {
        let page = storage.page(source.demo, after, limit).await.unwrap();
        for row in &page.rows {
            if let Row::Event(it) = row {
                let digest = event::payload_digest(&it.salt, it.payload.as_bytes());
                hash = event::chain(&hash, it.seq, &digest);
                assert_eq!(hash, it.hash, "{}", it.seq);
            }
        }
        after = page.upto;
        if !page.more {
            break;
        }
    }
    assert_eq!(storage.head(source.demo).await.unwrap().hash, hash);
}

pub(super) async fn told(database: Database) {
    let source = Source::new(&database).await;
    let key = key(source.path());
    let (dir, url) = (source.path().display().to_string(), database.url());
    let moved = run(&[
        "move",
        "--from",
        &dir,
        "--to",
        &url,
        "--key-file",
        &key,
        "--json",
    ]);
    let words = String::from_utf8(moved.stderr).unwrap();
    assert!(moved.status.success(), "{words}");
    assert!(words.contains("shop 1 of 2"), "{words}");
    let told: Value = serde_json::from_slice(&moved.stdout).unwrap();
    assert_eq!(told["before"], false);
    assert_eq!(told["shops"].as_array().unwrap().len(), 2);
    assert_eq!(told["left_out"][0]["shop"], source.half.to_string());
    assert_eq!(told["shops"][0]["tables"]["head"]["rows"], 1);
    let mut hash = told["shops"][0]["tables"]["head"]["sha256"]
        .as_str()
        .unwrap()
        .chars();
    assert!(hash.clone().count() == 64 && hash.all(|it| it.is_ascii_hexdigit()));

    let mark = fs::read_to_string(source.path().join("MOVED")).unwrap();
    assert!(
        mark.contains(&database.name) && !mark.contains("app:app"),
        "{mark}"
    );
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["shop", "list"]] {
        let mut arguments = command.to_vec();
        arguments.extend(["--data", &dir, "--key-file", &key]);
        let refused = run(&arguments);
        let words = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && refused.stdout.is_empty());
        assert!(
            words.contains("was moved to") && words.contains("--database"),
            "{words}"
        );
    }
    // Whoever comes first with another master key does not take it over.
    let other = key_file(source.path(), "other.key", 8);
    let refused = run(&["shop", "list", "--database", &url, "--key-file", &other]);
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && words.contains("master key"),
        "{words}"
    );
    let listed = run(&[
        "shop",
        "list",
        "--json",
        "--database",
        &url,
        "--key-file",
        &key,
    ]);
    let shops: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(shops.as_array().unwrap().len(), 2);

    let again = run(&["move", "--from", &dir, "--to", &url, "--key-file", &key]);
    let words = String::from_utf8(again.stdout).unwrap();
    assert!(words.contains("before; nothing was to be done"), "{words}");
    taken_back(&dir, &url, &key);
    let listed = run(&["shop", "list", "--json", "--data", &dir, "--key-file", &key]);
    assert!(listed.status.success());

    let nothing = run(&[
        "move",
        "--from",
        "/nonexistent",
        "--to",
        &url,
        "--key-file",
        &key,
    ]);
    let words = String::from_utf8(nothing.stderr).unwrap();
    assert!(words.contains("there is no server's data"), "{words}");
    let nowhere = run(&["move", "--from", &dir]);
    assert_eq!(nowhere.status.code(), Some(2));
}

/// Back, with the database named.
fn taken_back(dir: &str, url: &str, key: &str) {
    let back = [
        "move",
        "--back",
        "--from",
        dir,
        "--key-file",
        key,
        "--to",
        url,
    ];
    // The command before it may need a moment to be gone from the database.
    let deadline = Instant::now() + Duration::from_secs(20);
    let back = loop {
        let back = run(&back);
        let words = String::from_utf8_lossy(&back.stderr).into_owned();
        if back.status.success() || Instant::now() > deadline {
            break back;
        }
        assert!(words.contains("still connected"), "{words}");
    };
    let words = String::from_utf8(back.stdout).unwrap();
    assert!(words.contains("Nothing is served from there"), "{words}");
    let refused = run(&["shop", "list", "--database", url, "--key-file", key]);
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && words.contains("was taken back"),
        "{words}"
    );
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

fn start(source: &Source, database: &Database, key: &str) -> Child {
    let dir = source.path().display().to_string();
    let url = database.url();
    command(&["move", "--from", &dir, "--to", &url, "--key-file", key])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The master key of all tests, in a file.
fn key(dir: &Path) -> String {
    key_file(dir, "test.key", 7)
}

fn key_file(dir: &Path, name: &str, byte: u8) -> String {
    let path = dir.join(name);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)
        .unwrap();
    file.write_all(&[byte; 32]).unwrap();
    path.display().to_string()
}

/// Holds a table so that nobody can write to it.
struct Holder {
    client: tokio_postgres::Client,
}

impl Holder {
    async fn hold(database: &Database, table: &str) -> Self {
        let url = database.cluster.admin_url(&database.name);
        let address = redtag_server::storage::postgres::Address::parse(&url, None, None).unwrap();
        let (client, connection) = address.connect().await.unwrap();
        tokio::spawn(connection);
        let lock = format!("BEGIN; LOCK TABLE redtag.{table} IN EXCLUSIVE MODE");
        client.batch_execute(&lock).await.unwrap();
        Self { client }
    }

    async fn let_go(self) {
        self.client.batch_execute("ROLLBACK").await.unwrap();
    }
}

/// Waits until somebody waits for a lock in this database.
fn until_somebody_waits(database: &Database) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let waiting = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database \
         WHERE NOT granted AND datname = current_database()";
    while database.sql(waiting) == "0" {
        assert!(Instant::now() < deadline, "nobody came");
    }
}
