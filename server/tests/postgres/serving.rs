//! The program on PostgreSQL as an operator meets it.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use redtag_postgres::ADMIN;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    Case, case,
    ground::{Database, runtime},
    program::{Bench, NOBODY, Serving, add, done, program, refused, run, shop},
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("two_servers_and_a_command_on_one_database", together),
        case("the_password_comes_by_file_environment_or_url", passwords),
        case("what_keeps_it_out_is_said_in_words", refusals),
        case("the_master_key_is_made_once_and_then_asked_for", keys),
        case("a_directory_that_is_not_used_is_named", unused),
        case("a_role_that_is_refused_leaves_no_database", unmade),
    ]
}

fn database() -> Database {
    runtime().block_on(Database::fresh())
}

fn home() -> TempDir {
    TempDir::new().unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A file with these permissions.
fn file(home: &TempDir, name: &str, text: &str, mode: u32) -> String {
    let file = home.path().join(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    path(&file).to_owned()
}

/// The arguments with a database.
fn on<'a>(url: &'a str, args: &[&'a str]) -> Vec<&'a str> {
    [args, &["--database", url]].concat()
}

/// The URL without its password.
fn bare(database: &Database) -> String {
    let address = database.cluster.address();
    format!("postgres://{}@{address}/{}", database.app, database.name)
}

fn together() {
    let (database, home) = (database(), home());
    let (home, url) = (home.path(), database.url());
    let made = done(home, &on(&url, &["shop", "create", "A shop", "--json"]), "");
    let made: Value = serde_json::from_str(&made).unwrap();
    let shop = made["shop"].as_str().unwrap();
    let member = add(shop, "ann@example.com", "owner");
    done(home, &on(&url, &member), "correct horse\n");
    // Both in one data directory: it holds the master key and nothing else that matters.
    let more = ["--database", &url];
    let one = Serving::start_with(home, &more);
    let two = Serving::start_with(home, &more);
    let (here, there) = (Bench::of(&one.url), Bench::of(&two.url));
    let ann = here.sign_in("ann@example.com", "correct horse");
    assert_eq!(there.changes(&ann), 200);
    for bench in [&here, &there] {
        let ready = bench.text("/readyz");
        assert!(
            ready.contains("database: ok, PostgreSQL, round trip "),
            "{ready}"
        );
        assert!(!ready.contains("127.0.0.1"), "{ready}");
    }
    let mut live = [here.live(&ann), there.live(&ann)];
    for live in &mut live {
        live.seq();
    }
    let member = add(shop, "bob@example.com", "viewer");
    done(home, &on(&url, &member), "correct horse\n");
    // The template, the shop, Ann, and now Bob: whatever the number, both hear of the same one.
    let [here, there] = &mut live;
    assert_eq!(here.seq(), there.seq());
    drop(live);
    let listed = done(home, &on(&url, &["shop", "list"]), "");
    assert_eq!(listed, format!("{shop}  A shop, 2 members\n"));
    for server in [one, two] {
        let log = server.stop();
        assert!(!log.contains("app@"), "no password: {log}");
        assert!(log.contains("stopped"), "{log}");
    }
}

fn passwords() {
    let (database, home) = (database(), home());
    let bare = bare(&database);
    let list = on(&bare, &["shop", "list"]);
    let good = file(&home, "good", "app\n", 0o600);
    done(
        home.path(),
        &[&list[..], &["--database-password-file", &good]].concat(),
        "",
    );
    done(home.path(), &on(&database.url(), &["shop", "list"]), "");
    let mut by_environment = program(home.path(), &list);
    let output = by_environment.env("PGPASSWORD", "app").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut all = program(home.path(), &["shop", "list"]);
    all.env("REDTAG_SERVER_DATABASE", database.url());
    // The URL's stands before the environment's, as elsewhere with PostgreSQL.
    let output = all.env("PGPASSWORD", "wrong").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn refusals() {
    let (database, home) = (database(), home());
    let bare = bare(&database);
    let (cluster, url) = (database.cluster, database.url());
    let empty = cluster.database().unwrap();
    let nowhere = cluster.url(&database.app, "app", "hush_none");
    let wrong = cluster.url(&database.app, "hush", &database.name);
    let locked = format!("{}_locked", database.name);
    let role = format!("CREATE ROLE {locked} NOLOGIN PASSWORD 'hush'");
    cluster.sql(ADMIN, &role).unwrap();
    let locked = cluster.url(&locked, "hush", &database.name);
    let encrypted = format!("{url}?sslmode=require");
    let foreign = "postgres://a:hush@db.example/redtag?sslmode=prefer".to_owned();
    let empty = cluster.admin_url(&empty);
    let open = file(&home, "open", "app\n", 0o644);
    let two = file(&home, "two", "app\nhush\n", 0o600);
    for (url, more, words) in [
        (&bare, &[][..], "asks for the password of"),
        (&wrong, &[], "does not take the password of"),
        (&locked, &[], "does not let"),
        (&nowhere, &[], "there is no database"),
        (&encrypted, &[], "speaks no TLS"),
        (&foreign, &[], "sslmode=prefer would send"),
        (&empty, &[], "redtag-server database init"),
        (
            &bare,
            &["--database-password-file", &open],
            "can be read by others (mode 644)",
        ),
        (
            &bare,
            &["--database-password-file", &two],
            "as its one line",
        ),
        (
            &bare,
            &["--database-password-file", "/none"],
            "/none cannot be read",
        ),
        (&url, &["--database-ca", "/none"], "/none cannot be used"),
    ] {
        let args = [&on(url, &["shop", "list"])[..], more].concat();
        let (code, said) = refused(home.path(), &args, "");
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(words), "{args:?}: {said}");
        assert!(!said.contains("hush@") && !said.contains("app@"), "{said}");
        let args = [&on(url, &["serve", "--listen", "127.0.0.1:0"])[..], more].concat();
        let (code, served) = refused(home.path(), &args, "");
        assert_eq!(code, 1, "{served}");
        assert!(served.contains(words), "{args:?}: {served}");
    }
    let args = ["member", "list", "--shop", NOBODY];
    let (_, said) = refused(home.path(), &on(&url, &args), "");
    assert!(said.contains(&database.name), "{said}");
    assert!(!said.contains("app@"), "{said}");
}

fn keys() {
    let (database, first, second) = (database(), home(), home());
    let url = database.url();
    let output = run(first.path(), &on(&url, &["shop", "list"]), "");
    assert!(output.status.success());
    let key = first.path().join("server/master.key");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(path(&key)), "says that it was made: {said}");
    let (_, said) = refused(second.path(), &on(&url, &["shop", "list"]), "");
    assert!(said.contains("no master key"), "{said}");
    assert!(said.contains(&database.name), "{said}");
    assert!(!second.path().join("server/master.key").exists());
    let other = file(&second, "other", &"ab".repeat(32), 0o600);
    let named = [&on(&url, &["shop", "list"])[..], &["--key-file", &other]].concat();
    let (_, said) = refused(second.path(), &named, "");
    assert!(said.contains("another master key"), "{said}");
    let named = [
        &on(&url, &["shop", "list"])[..],
        &["--key-file", path(&key)],
    ]
    .concat();
    let output = run(second.path(), &named, "");
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !said.contains("master key"),
        "only where it was made: {said}"
    );
}

fn unmade() {
    let (database, home) = (database(), home());
    let admin = database.cluster.admin_url(ADMIN);
    let name = format!("{}_fourth", database.name);
    let there = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    let superuser = database.sql("SELECT current_user");
    for (role, words) in [
        (["--app", superuser.as_str()], "for something else"),
        (["--owner", superuser.as_str()], "for something else"),
        (["--app", "pg_monitor"], "keeps for itself"),
        (["--owner", &format!("{name}_app")], "cannot both own"),
    ] {
        let init = ["database", "init", "--admin", &admin, "--name", &name];
        let (_, said) = refused(home.path(), &[&init[..], &role].concat(), "");
        assert!(said.contains(words), "{said}");
        assert!(said.contains("nothing was changed"), "{said}");
        assert_eq!(database.sql(&there), "0", "{role:?}");
    }
    let init = ["database", "init", "--admin", &admin, "--name", &name];
    let output = run(home.path(), &init, "");
    assert!(output.status.success(), "{output:?}");
    let url = String::from_utf8(output.stdout).unwrap();
    let advice = String::from_utf8(output.stderr).unwrap();
    let (before, rest) = url.trim().split_once('@').unwrap();
    let (user, password) = before.rsplit_once(':').unwrap();
    assert!(advice.contains(&format!("{user}@{rest}")), "{advice}");
    assert!(!advice.contains(password), "{advice}");
}

fn unused() {
    let (database, home) = (database(), home());
    let url = database.url();
    shop(home.path());
    let output = run(home.path(), &on(&url, &["shop", "list"]), "");
    // The database asks for the key first; it is the directory's.
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("--database is used"), "{said}");
    assert!(!String::from_utf8(output.stdout).unwrap().contains("A shop"));
}
