//! The catalogue itself: every table of a shop is behind the wall, and no key reaches past it. It
//! asks by what a table is and not by its name, so a new one cannot be forgotten.

use tokio_postgres::Client;

use super::world;
use crate::ground::Database;

/// Tables that span shops: none of their rows is a shop's own.
const SHARED: [&str; 8] = [
    "arrival",
    "identity",
    "meta",
    "pairing",
    "person",
    "refinery_schema_history",
    "second_factor",
    "secret",
];

/// Tables that are a shop's: `shop` itself, and whatever names one. With the column that does.
const OF_SHOP: &str = "SELECT oid, relname::text AS name, relkind::text AS kind, relrowsecurity, \
        relforcerowsecurity, CASE WHEN relname = 'shop' THEN 'id' ELSE 'shop' END AS shop \
    FROM pg_class WHERE relnamespace = 'redtag'::regnamespace AND relkind IN ('r', 'p') \
        AND (relname = 'shop' OR EXISTS (SELECT FROM pg_attribute \
            WHERE attrelid = pg_class.oid AND attname = 'shop' AND NOT attisdropped))";

/// What is wrong with the wall, in words that name the table.
pub(super) async fn gaps(client: &Client, app: &str) -> Vec<String> {
    let mut gaps = Vec::new();
    let questions = [
        (
            "no forced row-level security",
            "SELECT name FROM of_shop WHERE NOT (relrowsecurity AND relforcerowsecurity)",
        ),
        (
            "no policy for what is granted",
            "SELECT name || ' ' || command FROM of_shop, \
                (VALUES ('SELECT', 'r'), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) \
                    AS granted (command, letter) \
             WHERE (CASE command \
                    WHEN 'DELETE' THEN has_table_privilege($1, of_shop.oid, command) \
                    ELSE has_any_column_privilege($1, of_shop.oid, command) END) \
                AND NOT EXISTS (SELECT FROM pg_policy WHERE polrelid = of_shop.oid \
                    AND polcmd::text IN ('*', letter) AND polpermissive)",
        ),
        (
            "a policy that does not ask which rows are met",
            "SELECT name || ' ' || polname FROM of_shop JOIN pg_policy ON polrelid = of_shop.oid \
             WHERE polcmd IN ('*', 'r', 'w', 'd') \
                AND coalesce(pg_get_expr(polqual, polrelid), '') !~ 'this_shop\\(\\)'",
        ),
        (
            "a policy that does not ask which rows are written",
            "SELECT name || ' ' || polname FROM of_shop JOIN pg_policy ON polrelid = of_shop.oid \
             WHERE polcmd IN ('*', 'a', 'w') \
                AND coalesce(pg_get_expr(polwithcheck, polrelid), '') !~ 'this_shop\\(\\)'",
        ),
        (
            "a key that does not begin with the shop",
            "SELECT name || ' ' || indexrelid::regclass FROM of_shop \
             JOIN pg_index ON indrelid = of_shop.oid AND (indisunique OR indisexclusion) \
             LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0] \
             WHERE attname IS DISTINCT FROM shop",
        ),
        (
            "a reference that does not begin with the shop",
            "SELECT of_shop.name || ' ' || conname FROM of_shop \
             JOIN pg_constraint ON conrelid = of_shop.oid AND contype = 'f' \
             LEFT JOIN pg_attribute AS here ON here.attrelid = conrelid AND here.attnum = conkey[1] \
             LEFT JOIN pg_attribute AS there \
                ON there.attrelid = confrelid AND there.attnum = confkey[1] \
             LEFT JOIN of_shop AS other ON other.oid = confrelid \
             WHERE CASE WHEN other.oid IS NULL THEN NOT (confrelid::regclass::text = ANY ($2)) \
                ELSE here.attname <> of_shop.shop OR there.attname <> other.shop END",
        ),
        (
            "a table on no list",
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'redtag'::regnamespace \
                AND relkind IN ('r', 'p', 'm', 'f') AND oid NOT IN (SELECT oid FROM of_shop) \
                AND NOT relname::text = ANY ($2)",
        ),
        (
            "a view that does not ask as its reader",
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'redtag'::regnamespace \
                AND relkind = 'v' \
                AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)",
        ),
        (
            "text in a key or an order that is not compared by its bytes",
            "SELECT relname || ' ' || attname FROM pg_attribute \
             JOIN pg_class ON pg_class.oid = attrelid \
             WHERE relnamespace = 'redtag'::regnamespace AND relkind = 'r' \
                AND atttypid IN ('text'::regtype, 'varchar'::regtype) \
                AND relname::text <> 'refinery_schema_history' \
                AND (relname || ' ' || attname = 'shop name' OR EXISTS (SELECT FROM pg_index \
                    WHERE indrelid = attrelid AND attnum = ANY (indkey))) \
                AND attcollation <> '\"C\"'::regcollation",
        ),
        (
            "a function that runs as its owner",
            "SELECT proname::text FROM pg_proc \
             WHERE pronamespace = 'redtag'::regnamespace AND prosecdef",
        ),
    ];
    for (gap, question) in questions {
        // The parameters' types are said once for all; not every question asks for both.
        let asked = format!(
            "WITH of_shop AS ({OF_SHOP}), given AS (SELECT $1::text, $2::text[]) {question} \
             ORDER BY 1"
        );
        let rows = client.query(&asked, &[&app, &&SHARED[..]]).await;
        for row in rows.unwrap_or_else(|error| panic!("{gap}: {error:?}")) {
            gaps.push(format!("{gap}: {}", row.get::<_, String>(0)));
        }
    }
    gaps
}

pub(super) async fn whole(database: Database) {
    let admin = world::admin(&database).await;
    assert_eq!(gaps(&admin, &database.app).await, Vec::<String>::new());
    let of_shops = world::tables_of_shops(&admin).await;
    assert!(of_shops.len() >= 11, "{of_shops:?}");
}

/// The test above can fail.
pub(super) async fn naked(database: Database) {
    database.sql(
        "CREATE TABLE naked (id uuid PRIMARY KEY, shop uuid NOT NULL, body text);
         CREATE TABLE open (shop uuid, id uuid, PRIMARY KEY (shop, id));
         ALTER TABLE open ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         CREATE POLICY open_to_all ON open USING (true) WITH CHECK (true);
         CREATE TABLE pointing (shop uuid, id uuid, naked uuid REFERENCES naked (id));
         ALTER TABLE pointing ENABLE ROW LEVEL SECURITY;
         CREATE TABLE aside (id uuid);
         CREATE TABLE spoken (shop uuid, name text, PRIMARY KEY (shop, name));
         ALTER TABLE spoken ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
         CREATE VIEW peeping AS SELECT * FROM document;
         CREATE FUNCTION mighty () RETURNS bigint LANGUAGE sql SECURITY DEFINER
             RETURN (SELECT count(*) FROM document);",
    );
    let app = &database.app;
    database.sql(&format!("GRANT SELECT, INSERT, DELETE ON naked TO {app}"));
    let admin = world::admin(&database).await;
    let found = gaps(&admin, app).await;
    let expected = [
        "no forced row-level security: naked",
        "no forced row-level security: pointing",
        "no policy for what is granted: naked DELETE",
        "no policy for what is granted: naked INSERT",
        "no policy for what is granted: naked SELECT",
        "a policy that does not ask which rows are met: open open_to_all",
        "a policy that does not ask which rows are written: open open_to_all",
        "a key that does not begin with the shop: naked naked_pkey",
        "a reference that does not begin with the shop: pointing pointing_naked_fkey",
        "a table on no list: aside",
        "a view that does not ask as its reader: peeping",
        "text in a key or an order that is not compared by its bytes: spoken name",
        "a function that runs as its owner: mighty",
    ];
    assert_eq!(found, expected);
}
