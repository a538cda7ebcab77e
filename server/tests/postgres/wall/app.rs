//! What the app role cannot do, tried out.

use super::world::{self, ASKING, OTHER, Scope, said};
use crate::ground::Database;

/// Refused for want of a right, whatever the transaction says.
const BEYOND: &[&str] = &[
    // The wall.
    "ALTER TABLE document DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE document NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY document_wall ON document",
    "ALTER POLICY document_wall ON document USING (true)",
    "CREATE POLICY open ON document USING (true)",
    "CREATE OR REPLACE FUNCTION this_shop() RETURNS uuid LANGUAGE sql RETURN NULL::uuid",
    // The schema.
    "ALTER TABLE document ADD COLUMN extra text",
    "DROP TABLE document",
    "TRUNCATE document",
    "TRUNCATE event CASCADE",
    "CREATE TABLE redtag.mine (id uuid)",
    "CREATE TABLE public.mine (id uuid)",
    "CREATE TEMPORARY TABLE mine (id uuid)",
    "CREATE SCHEMA mine",
    "CREATE VIEW redtag.mine AS SELECT * FROM document",
    "CREATE TRIGGER mine BEFORE UPDATE ON document FOR EACH ROW EXECUTE FUNCTION kept()",
    "ALTER TABLE event DISABLE TRIGGER event_kept",
    "CREATE FUNCTION redtag.mine() RETURNS int LANGUAGE sql RETURN 1",
    // What is written for good.
    "UPDATE event SET kind = 'x'",
    "DELETE FROM event",
    "UPDATE payload SET seq = 9",
    "DELETE FROM payload",
    "DELETE FROM head",
    "DELETE FROM shop",
    "DELETE FROM session",
    "DELETE FROM counted",
    "UPDATE head SET shop = shop",
    "UPDATE document SET shop = shop",
    "UPDATE outcome SET body = '{}'",
    "UPDATE shop SET name = 'x'",
    "UPDATE shop SET wrapped_key = ''",
    "UPDATE session SET person = person",
    "UPDATE session SET device_key = ''",
    "UPDATE membership SET person = person",
    "UPDATE device SET person = person",
    "UPDATE secret SET wrapped = ''",
    "DELETE FROM secret",
    "UPDATE meta SET epoch = 1",
    "DELETE FROM person",
    "UPDATE person SET email_key = 'x'",
    "UPDATE refinery_schema_history SET version = 0",
    "INSERT INTO refinery_schema_history (version) VALUES (99)",
    // The server.
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "SET session_replication_role = replica",
    "CREATE ROLE mine",
    "CREATE DATABASE mine",
    "CREATE EXTENSION dblink",
    "COPY document TO '/tmp/mine'",
    "COPY document TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_import('/etc/passwd')",
];

pub(super) async fn limits(database: Database) {
    database.sql(&(ASKING.rows() + &OTHER.rows()));
    let app = world::app(&database).await;
    let (me, name) = (&database.app, &database.name);
    let mut beyond: Vec<String> = BEYOND.iter().map(|&it| it.to_owned()).collect();
    beyond.extend([
        format!("SET ROLE {name}_owner"),
        format!("GRANT {name}_owner TO {me}"),
        format!("ALTER ROLE {me} SUPERUSER"),
        format!("ALTER ROLE {me} BYPASSRLS"),
        format!("ALTER DATABASE {name} OWNER TO {me}"),
        format!("ALTER DATABASE {name} SET search_path = mine"),
        format!("ALTER TABLE document OWNER TO {me}"),
        format!("ALTER SCHEMA redtag OWNER TO {me}"),
    ]);
    for text in beyond {
        // This one is refused inside a transaction before anybody's rights are looked at.
        let alone = text.starts_with("CREATE DATABASE");
        if !alone {
            app.batch_execute("BEGIN").await.unwrap();
            Scope::Shop.say(&app).await;
        }
        let refused = app.batch_execute(&text).await.expect_err(&text);
        let code = said(&refused).code().code();
        assert!(code == "42501", "{text}: {code} {refused:?}");
        if !alone {
            app.batch_execute("ROLLBACK").await.unwrap();
        }
    }
    // Asking for no policies is answered with an error, not with all rows.
    app.batch_execute("SET row_security = off").await.unwrap();
    let refused = app.query("SELECT * FROM document", &[]).await.unwrap_err();
    assert_eq!(said(&refused).code().code(), "42501");
}

/// Also the owner, who is granted everything, is held by the wall and cannot alter what was written.
pub(super) async fn written(database: Database) {
    database.sql(&(ASKING.rows() + &OTHER.rows()));
    let owner = world::admin(&database).await;
    let role = format!("SET ROLE {}_owner", database.name);
    owner.batch_execute(&role).await.unwrap();
    let seen: i64 = owner
        .query_one("SELECT count(*) FROM document", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(seen, 0, "the wall is forced upon the owner");
    let refused = [
        "UPDATE event SET kind = 'x'",
        "DELETE FROM event",
        "DELETE FROM payload",
        "UPDATE payload SET body = 'x'",
        "UPDATE payload SET seq = seq + 1, body = '{}'",
        "UPDATE payload SET body = '{}'",
        "UPDATE payload SET body = '{}', digest = sha256('x')",
        "UPDATE head SET seq = 1",
        "UPDATE head SET ticket = 0",
    ];
    for text in refused {
        owner.batch_execute("BEGIN").await.unwrap();
        Scope::Shop.say(&owner).await;
        let refused = owner.execute(text, &[]).await.expect_err(text);
        assert_eq!(said(&refused).code().code(), "23000", "{text}");
        owner.batch_execute("ROLLBACK").await.unwrap();
    }
    owner.batch_execute("BEGIN").await.unwrap();
    Scope::Shop.say(&owner).await;
    // The digest that the chain was made of.
    let empty = "UPDATE payload SET body = '{}', digest = sha256(int8send(octet_length(salt)) || \
        salt || convert_to(body, 'UTF8')) FROM event \
        WHERE event.shop = payload.shop AND event.seq = payload.seq";
    let emptied = owner.execute(empty, &[]).await;
    assert_eq!(emptied.unwrap(), 2, "an erasure empties, in one shop");
    let again = "UPDATE payload SET digest = sha256('x')";
    let refused = owner.execute(again, &[]).await.expect_err(again);
    assert_eq!(said(&refused).code().code(), "23000");
    owner.batch_execute("ROLLBACK").await.unwrap();
}
