//! The start-up check: each thing that could bypass the wall, made so, is refused with its words.

mod bypasses;

use redtag_postgres::{Cluster, Config, Mode};
use redtag_server::storage::{
    StorageError,
    postgres::{Address, Options, PATIENCE, PostgresStorage, guard, setup},
};
use tokio_postgres::Client;

use self::bypasses::BYPASSES;
use super::world::{self, connect};
use crate::ground::Database;

pub(super) async fn bypasses(database: Database) {
    let admin = world::admin(&database).await;
    let name = &database.name;
    admin
        .batch_execute(&format!("CREATE ROLE {name}_other"))
        .await
        .unwrap();
    let fill = |text: &str| {
        text.replace("{app}", &database.app)
            .replace("{owner}", &format!("{name}_owner"))
            .replace("{other}", &format!("{name}_other"))
            .replace("{db}", name)
    };
    fine(&database).await;
    for [open, words, close] in BYPASSES {
        admin.batch_execute(&fill(open)).await.expect(open);
        let refused = refusal(&database).await;
        assert!(refused.contains(&fill(words)), "{open}: {refused}");
        admin.batch_execute(&fill(close)).await.expect(close);
        fine(&database).await;
    }
    // Policies hold for whoever may read everything else.
    let all = "GRANT pg_read_all_data TO {app}";
    admin.batch_execute(&fill(all)).await.unwrap();
    fine(&database).await;
}

/// What the check says, which must be no.
async fn refusal(database: &Database) -> String {
    match guard::check(&world::app(database).await).await {
        Err(StorageError::Unfit(words)) => words,
        other => panic!("{other:?}"),
    }
}

async fn fine(database: &Database) {
    let checked = guard::check(&world::app(database).await).await;
    checked.unwrap_or_else(|error| panic!("{error}"));
}

pub(super) async fn durability(database: Database) {
    let admin = world::admin(&database).await;
    let set = async |admin: &Client, what: &str| {
        let text = format!("ALTER ROLE {} {what}", database.app);
        admin.batch_execute(&text).await.unwrap();
    };
    set(&admin, "SET synchronous_commit = off").await;
    let refused = refusal(&database).await;
    assert!(refused.contains("synchronous_commit is off"), "{refused}");
    set(&admin, "SET synchronous_commit = local").await;
    fine(&database).await;
    set(&admin, "RESET synchronous_commit").await;
    fine(&database).await;
}

/// Settings of the whole server, on one of the test's own.
pub(super) fn servers() {
    let settings = vec![("fsync".to_owned(), "off".to_owned())];
    let config = Config {
        settings,
        ..Config::default()
    };
    let cluster = Cluster::start(&config).unwrap();
    let admin = async || connect(&cluster.admin_url("postgres")).await;
    crate::runtime().block_on(async {
        let refused = guard::check(&admin().await).await.unwrap_err().to_string();
        assert!(refused.contains("fsync is off"), "{refused}");
        assert!(refused.contains("is a superuser"), "{refused}");
        assert!(refused.contains("has no schema of Redtag"), "{refused}");
    });
    cluster.stop(Mode::Fast).unwrap();
    // What makes a standby of it, which has nobody to follow.
    let signal = cluster.directory().join("data/standby.signal");
    std::fs::write(signal, "").unwrap();
    cluster.resume().unwrap();
    crate::runtime().block_on(async {
        let client = admin().await;
        let refused = guard::check(&client).await.unwrap_err().to_string();
        assert!(refused.contains("the server is a standby"), "{refused}");
        let refused = setup::database(&client, "redtag").await.unwrap_err();
        assert!(
            refused.to_string().contains("the server is a standby"),
            "{refused}"
        );
    });
}

/// The engine itself does not open with another role than the app's.
pub(super) async fn opening(database: Database) {
    let address = |url: &str| Address::parse(url, None, None).unwrap();
    let admin = address(&database.cluster.admin_url(&database.name));
    let options = Options {
        address: admin,
        wrap: database.keys.wrapping.clone(),
        connections: 2,
        patience: PATIENCE,
    };
    match PostgresStorage::open(options).await {
        Err(StorageError::Unfit(words)) => assert!(words.contains("is a superuser"), "{words}"),
        other => panic!("{other:?}"),
    }
}

pub(super) async fn versions(database: Database) {
    let app = world::app(&database).await;
    database.sql("UPDATE refinery_schema_history SET version = 99 WHERE version = 3");
    match guard::check(&app).await {
        Err(StorageError::Newer { found: 99, .. }) => {}
        other => panic!("{other:?}"),
    }
    // As the release before left it.
    database.sql("UPDATE refinery_schema_history SET version = 3 WHERE version = 99");
    database.sql("DELETE FROM refinery_schema_history WHERE version > 1");
    let refused = refusal(&database).await;
    assert!(refused.contains("has the older schema 1"), "{refused}");
    database.sql("DELETE FROM refinery_schema_history");
    let refused = refusal(&database).await;
    assert!(refused.contains("has no schema of Redtag"), "{refused}");
    assert!(refused.contains("database init"), "{refused}");
    database.sql(&format!(
        "REVOKE USAGE ON SCHEMA redtag FROM {}",
        database.app
    ));
    let refused = refusal(&database).await;
    assert!(
        refused.contains("may not use the schema of Redtag"),
        "{refused}"
    );
    database.sql("DROP SCHEMA redtag CASCADE");
    let refused = refusal(&database).await;
    assert!(refused.contains("has no schema of Redtag"), "{refused}");
}
