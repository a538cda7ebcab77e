//! A database that was put back by PostgreSQL's own means, and is told so.

use std::process::Command;

use redtag_postgres::ADMIN;
use redtag_protocol::role::Role;
use redtag_server::{
    core::members,
    storage::{Control as _, Shops as _},
};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    Case, case,
    ground::{Database, runtime},
    program::{Serving, done, refused},
    shop::{NOW, shop},
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("a_dump_is_put_back_and_begins_a_new_life", dumped),
        case("what_is_still_served_is_not_told_so", served),
    ]
}

/// The administrator's programs, as the guide to hosting names them.
fn program(database: &Database, name: &str, args: &[&str]) {
    let cluster = database.cluster;
    let said = Command::new(cluster.bin().program(name))
        .args(args)
        .env("PGHOST", cluster.address().ip().to_string())
        .env("PGPORT", cluster.address().port().to_string())
        .env("PGUSER", ADMIN)
        .env("PGPASSWORD", cluster.password())
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{name}: {words}");
}

fn dumped() {
    let home = TempDir::new().unwrap();
    let dump = home.path().join("redtag.dump");
    let dump = dump.to_str().unwrap();
    let runtime = runtime();
    let database = runtime.block_on(Database::fresh());
    let (epoch, (shop, owner), head) = runtime.block_on(async {
        let storage = database.open().await;
        let made = shop(&storage).await;
        let head = storage.head(made.0).await.unwrap();
        (storage.epoch(), made, head)
    });
    program(&database, "pg_dump", &["-Fc", "-f", dump, &database.name]);
    runtime.block_on(async {
        let storage = database.open().await;
        let later = members::put(&storage, shop, owner, "Olga Later", Role::Owner, NOW).await;
        later.unwrap();
        assert_ne!(storage.head(shop).await.unwrap(), head);
    });
    program(&database, "dropdb", &["--force", &database.name]);
    program(&database, "createdb", &["-T", "template0", &database.name]);
    program(&database, "pg_restore", &["-d", &database.name, dump]);
    let admin = database.cluster.admin_url(&database.name);
    // What a dump leaves out: who may connect, and where the app role looks.
    done(home.path(), &["database", "init", "--admin", &admin], "");
    let words = done(
        home.path(),
        &["database", "restored", "--admin", &admin],
        "",
    );
    assert!(words.contains("new life"), "{words}");
    assert!(!words.contains(database.cluster.password()), "{words}");
    let checked = done(
        home.path(),
        &["database", "check", "--database", &database.url()],
        "",
    );
    assert!(!checked.contains("REFUSED"), "{checked}");
    runtime.block_on(async {
        let storage = database.open().await;
        assert_ne!(storage.epoch(), epoch);
        assert_eq!(storage.head(shop).await.unwrap(), head);
    });
    let member = "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = roleid \
        WHERE rolname = current_database() || '_owner'";
    assert_eq!(database.sql(member).trim(), "0", "nobody stays its owner");
}

fn served() {
    let home = TempDir::new().unwrap();
    let database = runtime().block_on(Database::fresh());
    let admin = database.cluster.admin_url(&database.name);
    let restored = ["database", "restored", "--admin", &admin];
    // Where nobody ever served, there is nothing to tell.
    let (code, words) = refused(home.path(), &restored, "");
    assert_eq!(code, 1);
    assert!(words.contains("no server was ever started"), "{words}");
    let url = database.url();
    let serving = Serving::start_with(home.path(), &["--database", &url]);
    let epoch = database.sql("SELECT epoch FROM meta");
    let (code, words) = refused(home.path(), &restored, "");
    assert_eq!(code, 1);
    assert!(words.contains("still open"), "{words}");
    assert_eq!(database.sql("SELECT epoch FROM meta"), epoch);
    serving.stop();
    done(home.path(), &restored, "");
    assert_ne!(database.sql("SELECT epoch FROM meta"), epoch);
    let empty = database
        .cluster
        .admin_url(&database.cluster.database().unwrap());
    let (_, words) = refused(
        home.path(),
        &["database", "restored", "--admin", &empty],
        "",
    );
    assert!(words.contains("nothing of Redtag"), "{words}");
    let made: Value = serde_json::from_str(&done(
        home.path(),
        &["shop", "list", "--json", "--database", &url],
        "",
    ))
    .unwrap();
    assert_eq!(made, serde_json::json!([]));
}
