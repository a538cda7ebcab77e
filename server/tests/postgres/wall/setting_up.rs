//! Roles, schema and grants, from the URL of each kind of administrator.

use std::process::{Command, Output, Stdio};

use redtag_postgres::Cluster;
use redtag_server::storage::{
    StorageError,
    postgres::{
        guard,
        setup::{self, Done, Password, Plan},
    },
};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use super::world::connect;
use crate::runtime;

fn cluster() -> &'static Cluster {
    Cluster::shared().unwrap()
}

/// A role that is an administrator as managed services have them, and its URL for a database.
struct Manager(String);

impl Manager {
    fn new() -> Self {
        let name = format!("manager_of_{}", cluster().database().unwrap());
        let make = format!("CREATE ROLE {name} LOGIN CREATEROLE CREATEDB PASSWORD 'manager'");
        past(&make);
        Self(name)
    }

    fn url(&self, database: &str) -> String {
        cluster().url(&self.0, "manager", database)
    }
}

/// As the superuser.
fn past(text: &str) -> String {
    cluster().sql("postgres", text).unwrap()
}

/// A name that no database has.
fn new_name() -> String {
    format!("new_{}", cluster().database().unwrap())
}

async fn init(url: &str, plan: &Plan) -> Result<Done, StorageError> {
    setup::init(&mut connect(url).await, plan).await
}

/// The words of a refusal.
async fn words(url: &str, plan: &Plan) -> String {
    match init(url, plan).await {
        Err(StorageError::Unfit(words)) => words,
        other => panic!("{other:?}"),
    }
}

/// Whoever may make roles and databases makes them, and makes nothing again.
async fn sets_up(admin: impl Fn(&str) -> String) {
    let name = new_name();
    let beside = connect(&admin("postgres")).await;
    assert!(setup::database(&beside, &name).await.unwrap());
    assert!(!setup::database(&beside, &name).await.unwrap());

    let plan = Plan::default();
    let done = init(&admin(&name), &plan).await.unwrap();
    assert_eq!(done.app, format!("{name}_app"));
    assert_eq!(done.owner, format!("{name}_owner"));
    assert!(!done.migrated.is_empty());
    assert_eq!(done.cautions, Vec::<String>::new());
    let drawn = done.password.expect("a new role has a new password");
    assert!(drawn.expose_secret().len() >= 40);

    let url = |password: &str| cluster().url(&done.app, password, &name);
    let served = url(drawn.expose_secret());
    let findings = guard::examine(&connect(&served).await).await.unwrap();
    let troubles = findings.iter().flat_map(|it| &it.troubles);
    // The cluster of the tests may tear a page.
    let troubles: Vec<_> = troubles
        .filter(|it| !format!("{it:?}").contains("full_page_writes"))
        .collect();
    assert!(troubles.is_empty(), "{troubles:?}");

    let again = init(&admin(&name), &plan).await.unwrap();
    assert!(again.password.is_none() && again.migrated.is_empty());
    assert_eq!((&again.app, &again.owner), (&done.app, &done.owner));
    guard::check(&connect(&served).await).await.unwrap();

    let new = Plan {
        password: Password::New,
        ..Plan::default()
    };
    let new = init(&admin(&name), &new).await.unwrap();
    let new = new.password.expect("a new one was asked for");
    assert_ne!(new.expose_secret(), drawn.expose_secret());
    guard::check(&connect(&url(new.expose_secret())).await)
        .await
        .unwrap();

    // Nobody is left a member of the owner, but for the maker's right to grant it.
    let members = past(&format!(
        "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = roleid \
         WHERE rolname IN ('{name}_owner', '{name}_app') \
         AND (NOT admin_option OR grantor <> 10)"
    ));
    assert_eq!(members, "0");
    let hashed = past(&format!(
        "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = '{name}_app'"
    ));
    assert_eq!(hashed, "t");
    let owned = past(&format!(
        "SELECT count(*) FROM pg_shdepend JOIN pg_roles ON pg_roles.oid = refobjid \
         WHERE deptype = 'o' AND rolname = '{name}_app'"
    ));
    assert_eq!(owned, "0");

    // Names of one's own are found again.
    let name = new_name();
    setup::database(&beside, &name).await.unwrap();
    let own = Plan {
        app: Some(format!("{name} Serves")),
        owner: Some(format!("{name}-Owns")),
        password: Password::Given("a pass/word".into()),
    };
    let first = init(&admin(&name), &own).await.unwrap();
    assert_eq!(Some(&first.app), own.app.as_ref());
    let again = init(&admin(&name), &plan).await.unwrap();
    assert_eq!((again.app, again.owner), (first.app.clone(), first.owner));
    let url = cluster().url(&first.app, "a pass/word", &name);
    guard::check(&connect(&url).await).await.unwrap();
}

pub(super) fn administrator() {
    runtime().block_on(sets_up(|database| cluster().admin_url(database)));
}

pub(super) fn managed() {
    let manager = Manager::new();
    runtime().block_on(sets_up(|database| manager.url(database)));
}

pub(super) fn at_once() {
    let manager = Manager::new();
    runtime().block_on(async {
        let name = new_name();
        let one = async || {
            let beside = connect(&manager.url("postgres")).await;
            let made = setup::database(&beside, &name).await.unwrap();
            let done = init(&manager.url(&name), &Plan::default()).await;
            (made, done.unwrap())
        };
        let (one, two) = tokio::join!(one(), one());
        assert_ne!(one.0, two.0, "one of them makes the database");
        let migrated = |it: &Done| !it.migrated.is_empty();
        assert_ne!(migrated(&one.1), migrated(&two.1), "one of them migrates");
        assert_ne!(one.1.password.is_some(), two.1.password.is_some());
    });
}

pub(super) fn refused() {
    let manager = Manager::new();
    runtime().block_on(async {
        nobody_in_particular().await;
        anothers_database(&manager).await;
        taken_names(&manager).await;
        a_newer_one(&manager).await;
        a_database_of_bytes().await;
        another_administrator(&manager).await;
    });
}

async fn nobody_in_particular() {
    let name = cluster().database().unwrap();
    past(&format!(
        "CREATE ROLE {name}_nobody LOGIN PASSWORD 'x';
         GRANT CREATE ON DATABASE {name} TO {name}_nobody"
    ));
    let url = cluster().url(&format!("{name}_nobody"), "x", &name);
    let words = words(&url, &Plan::default()).await;
    assert!(words.contains("may not make roles"), "{words}");
    assert!(words.contains("CREATEROLE"), "{words}");
    let refused = setup::database(&connect(&url).await, &new_name()).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("may not make the database"), "{words}");
    // Roles it may make, but the database is somebody else's.
    past(&format!(
        "ALTER ROLE {name}_nobody CREATEROLE;
         REVOKE CREATE ON DATABASE {name} FROM {name}_nobody"
    ));
    let words = self::words(&url, &Plan::default()).await;
    assert!(words.contains("may not make the schema"), "{words}");
    let nothing =
        format!("SELECT count(*) FROM pg_roles WHERE rolname IN ('{name}_app', '{name}_owner')");
    assert_eq!(past(&nothing), "0", "nothing was changed");
}

/// A second administrator: from PostgreSQL 16 on a role is its maker's.
async fn another_administrator(manager: &Manager) {
    let name = new_name();
    let client = connect(&manager.url("postgres")).await;
    setup::database(&client, &name).await.unwrap();
    init(&manager.url(&name), &Plan::default()).await.unwrap();
    let second = Manager::new();
    past(&format!("GRANT CONNECT ON DATABASE {name} TO {}", second.0));
    let url = second.url(&name);
    if cluster().bin().version() >= 16 {
        let said = words(&url, &Plan::default()).await;
        assert!(said.contains("may not become the owner's role"), "{said}");
        assert!(said.contains("WITH ADMIN OPTION"), "{said}");
        past(&format!(
            "GRANT {name}_owner, {name}_app TO {} WITH ADMIN OPTION, INHERIT FALSE, SET FALSE",
            second.0
        ));
    }
    let done = init(&url, &Plan::default()).await.unwrap();
    let caution = done.cautions.join(" ");
    assert!(
        caution.contains(&format!("belongs to {}", manager.0)),
        "{caution}"
    );
    let other = Plan {
        password: Password::New,
        ..Plan::default()
    };
    init(&url, &other).await.unwrap();
}

async fn anothers_database(manager: &Manager) {
    let name = new_name();
    let client = connect(&manager.url("postgres")).await;
    setup::database(&client, &name).await.unwrap();
    let client = connect(&manager.url(&name)).await;
    let another = "CREATE SCHEMA blog; CREATE TABLE blog.posts (id int)";
    client.batch_execute(another).await.unwrap();
    let said = words(&manager.url(&name), &Plan::default()).await;
    assert!(said.contains("another program's"), "{said}");
    assert!(said.contains("blog.posts"), "{said}");
    let ours = "DROP SCHEMA blog CASCADE; CREATE SCHEMA redtag; CREATE TABLE redtag.x (id int)";
    client.batch_execute(ours).await.unwrap();
    let said = words(&manager.url(&name), &Plan::default()).await;
    assert!(said.contains("redtag.x"), "{said}");
    let nothing = past(&format!(
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE '{name}%'"
    ));
    assert_eq!(nothing, "0", "nothing was made");
}

async fn taken_names(manager: &Manager) {
    let name = new_name();
    let client = connect(&manager.url("postgres")).await;
    setup::database(&client, &name).await.unwrap();
    let url = manager.url(&name);
    past(&format!(
        "CREATE ROLE {name}_boss LOGIN CREATEDB; CREATE ROLE {name}_member LOGIN NOINHERIT;
         GRANT pg_monitor TO {name}_member"
    ));
    let plan = |app: &str, owner: &str| Plan {
        app: Some(app.to_owned()),
        owner: Some(owner.to_owned()),
        password: Password::Keep,
    };
    let boss = format!("{name}_boss");
    let said = words(&url, &plan("serves", &boss)).await;
    assert!(said.contains("there is a role"), "{said}");
    assert!(
        said.contains("may log in, may make databases, inherits"),
        "{said}"
    );
    assert!(said.contains("--owner"), "{said}");
    let said = words(&url, &plan(&boss, "owns")).await;
    assert!(said.contains("--app"), "{said}");
    let said = words(&url, &plan(&format!("{name}_member"), "owns")).await;
    assert!(said.contains("a member of pg_monitor"), "{said}");
    let said = words(&url, &plan("same", "same")).await;
    assert!(said.contains("Name two roles"), "{said}");
    let said = words(&url, &plan("pg_app", "owns")).await;
    assert!(said.contains("begins with pg_"), "{said}");
    let said = words(&url, &plan(&"long".repeat(16), "owns")).await;
    assert!(said.contains("63 bytes"), "{said}");
    init(&url, &Plan::default()).await.unwrap();
    let said = words(&url, &plan(&format!("{name}_app"), "another")).await;
    assert!(said.contains("belongs to the role"), "{said}");
}

async fn a_newer_one(manager: &Manager) {
    let name = new_name();
    let client = connect(&manager.url("postgres")).await;
    setup::database(&client, &name).await.unwrap();
    let url = manager.url(&name);
    init(&url, &Plan::default()).await.unwrap();
    let newer = "INSERT INTO redtag.refinery_schema_history VALUES (99, 'later', \
        '2030-01-01T00:00:00Z', '1')";
    cluster().sql(&name, newer).unwrap();
    match init(&url, &Plan::default()).await {
        Err(StorageError::Newer { found: 99, .. }) => {}
        other => panic!("{other:?}"),
    }
    let altered = "DELETE FROM redtag.refinery_schema_history WHERE version = 99; \
        UPDATE redtag.refinery_schema_history SET checksum = '1'";
    cluster().sql(&name, altered).unwrap();
    let said = words(&url, &Plan::default()).await;
    assert!(said.contains("another build of redtag-server"), "{said}");
    let members = past(&format!(
        "SELECT count(*) FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = roleid \
         WHERE rolname = '{name}_owner' AND NOT admin_option"
    ));
    assert_eq!(members, "0", "after a failure too");
}

async fn a_database_of_bytes() {
    let name = new_name();
    past(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    ));
    let said = words(&cluster().admin_url(&name), &Plan::default()).await;
    assert!(said.contains("SQL_ASCII"), "{said}");
}

fn program(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_redtag-server"))
        .args(args)
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

pub(super) fn command() {
    let name = new_name();
    let admin = cluster().admin_url("postgres");
    let made = program(&[
        "database", "init", "--admin", &admin, "--name", &name, "--json",
    ]);
    let said = String::from_utf8(made.stderr).unwrap();
    assert!(made.status.success(), "{said}");
    assert!(
        said.contains(&format!("The database {name} is made")),
        "{said}"
    );
    assert!(said.contains("redtag-server serve --database"), "{said}");
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert_eq!(made["made"], true);
    assert_eq!(made["password"], "set");
    let url = made["url"].as_str().unwrap();
    assert!(!said.contains(url), "{said}");

    let again = program(&["database", "init", "--admin", &admin, "--name", &name]);
    let said = String::from_utf8(again.stdout).unwrap();
    let address = cluster().address();
    assert_eq!(said, format!("postgres://{name}_app@{address}/{name}\n"));

    let checked = program(&["database", "check", "--database", url]);
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.success(), "{said}");
    assert!(
        said.lines().filter(|it| it.starts_with("ok ")).count() >= 15,
        "{said}"
    );
    assert!(!said.contains("REFUSED"), "{said}");

    cluster()
        .sql(
            &name,
            "ALTER TABLE redtag.document NO FORCE ROW LEVEL SECURITY",
        )
        .unwrap();
    let checked = program(&["database", "check", "--database", url]);
    assert_eq!(checked.status.code(), Some(1));
    let said = String::from_utf8(checked.stdout).unwrap();
    assert!(said.contains("REFUSED"), "{said}");
    assert!(
        said.contains("does not hold for the table document"),
        "{said}"
    );

    let admin = cluster().url("postgres", "wrong", "postgres");
    let wrong = program(&["database", "init", "--admin", &admin]);
    assert_eq!(wrong.status.code(), Some(1));
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(said.contains("--admin-password-file"), "{said}");
    let wrong = program(&["database", "init", "--admin", "postgres://db.example"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(wrong.stdout.is_empty());
}
