//! The schema of the release before, with work in progress inside, becomes this one's.

use super::{Case, ground::Database, on_database};

pub(super) fn cases() -> Vec<Case> {
    vec![
        on_database("the_second_schema_knows_what_was_there", second),
        on_database("a_server_of_the_first_schema_is_told_to_wait", third),
        on_database("sign_ins_stay_when_devices_may_wait", fourth),
        on_database("the_fifth_schema_keeps_every_sign_in", fifth),
        on_database("the_sixth_schema_keeps_everybody", sixth),
        on_database("the_seventh_schema_keeps_every_sign_in", seventh),
    ]
}

const FIRST: &str = include_str!("../../migrations/postgres/V1__begin.sql");
const SECOND: &str = include_str!("../../migrations/postgres/V2__copies.sql");

const THIRD: &str = include_str!("../../migrations/postgres/V3__guards.sql");

const FOURTH: &str = include_str!("../../migrations/postgres/V4__pairing.sql");

const FIFTH: &str = include_str!("../../migrations/postgres/V5__credentials.sql");

const SIXTH: &str = include_str!("../../migrations/postgres/V6__identities.sql");

const SEVENTH: &str = include_str!("../../migrations/postgres/V7__key_copies.sql");

const ROWS: &str = r#"
    INSERT INTO shop VALUES ('00000000-0000-7000-8000-000000000001', 'A', '', 1, 1);
    INSERT INTO head VALUES ('00000000-0000-7000-8000-000000000001', 9, '', 3, 0);
    INSERT INTO document SELECT '00000000-0000-7000-8000-000000000001', kind,
        ('00000000-0000-7000-8000-00000000010' || version)::uuid, version, body
    FROM (VALUES
        ('inspection', 1, '{"state":{"v":"in_progress","w":[]},"vehicle":
            "00000000-0000-7000-8000-0000000000aa","customer":{"v":
            "00000000-0000-7000-8000-0000000000bb","w":[]}}'),
        ('inspection', 2, '{"state":{"v":"closed"},"vehicle":
            "00000000-0000-7000-8000-0000000000aa","note":"\u0000"}'),
        ('inspection', 3, '{"state":{"v":"void"},"vehicle":"none","customer":{"v":null}}'),
        ('inspection', 4, 'not JSON at all'),
        ('customer', 5, '{"state":{"v":"draft"},"vehicle":
            "00000000-0000-7000-8000-0000000000aa"}')) AS it (kind, version, body);
    INSERT INTO tombstone VALUES ('00000000-0000-7000-8000-000000000001', 'customer',
        '00000000-0000-7000-8000-0000000000cc', 6, 1);
"#;

/// A schema that is brought up step by step.
struct Older<'a> {
    database: &'a Database,
    owner: String,
}

impl<'a> Older<'a> {
    fn new(database: &'a Database) -> Self {
        let owner = format!("{}_owner", database.name);
        database.sql(&format!("CREATE SCHEMA older AUTHORIZATION {owner}"));
        Self { database, owner }
    }

    /// As the owner, for whom the wall stands.
    fn migrate(&self, text: &str) {
        self.by(&self.owner, text);
    }

    /// From beyond the wall, where rows come from.
    fn run(&self, text: &str) -> String {
        self.by("none", text)
    }

    fn by(&self, role: &str, text: &str) -> String {
        self.database.sql(&format!(
            "SET ROLE {role}; SET search_path = older, pg_temp; {text}"
        ))
    }
}

async fn second(database: Database) {
    let older = Older::new(&database);
    older.migrate(FIRST);
    older.run(ROWS);
    older.migrate(SECOND);
    let found = older.run(
        "SELECT version, open, right(vehicle::text, 2), right(customer::text, 2) \
         FROM document ORDER BY version",
    );
    assert_eq!(found.trim(), "1|1|aa|bb\n2|0|aa|\n3|0||\n4|0||\n5|0||");
    let found = older.run(
        "SELECT erased, body IS NULL FROM tombstone; SELECT seq, summed IS NULL FROM head; \
         SELECT relforcerowsecurity FROM pg_class WHERE oid = 'document'::regclass",
    );
    assert_eq!(found.trim(), "0|t\n9|t\nt");
}

/// As it wrote a document.
const THEN: &str = "INSERT INTO document (shop, kind, id, version, body) VALUES \
    ('00000000-0000-7000-8000-000000000001', 'inspection', \
        '00000000-0000-7000-8000-000000000101', 20, '{}') ON CONFLICT (shop, kind, id) \
    DO UPDATE SET version = excluded.version, body = excluded.body";

async fn third(database: Database) {
    let older = Older::new(&database);
    older.migrate(FIRST);
    older.run(ROWS);
    older.migrate(SECOND);
    // Into a document that is there, and a new one: it would not be known what they are.
    older.run(THEN);
    older.migrate(THIRD);
    let anew = THEN.replace("000000000101", "000000000109");
    for text in [THEN.to_owned(), anew] {
        let told = format!(
            "DO $$ BEGIN {text}; RAISE 'it was taken'; \
             EXCEPTION WHEN lock_not_available THEN NULL; END $$"
        );
        older.run(&told);
    }
    let found = older.run(
        "SELECT count(*), max(version) FROM document; \
         SELECT count(*) FROM document WHERE version = 20",
    );
    assert_eq!(found.trim(), "5|20\n1");
}

/// Work in progress: somebody is signed in.
const SIGNED_IN: &str = r"
    INSERT INTO person VALUES ('00000000-0000-7000-8000-000000000007', 'A@x', 'a@x', 'A', 'h', 1);
    INSERT INTO session VALUES ('00000000-0000-7000-8000-000000000001',
        '00000000-0000-7000-8000-000000000008', '00000000-0000-7000-8000-000000000007',
        '00000000-0000-7000-8000-000000000009', '\x0102', 4, 1, 2, NULL);
";

async fn fourth(database: Database) {
    let older = Older::new(&database);
    for text in [FIRST, SECOND, THIRD] {
        older.migrate(text);
    }
    older.run("INSERT INTO shop VALUES ('00000000-0000-7000-8000-000000000001', 'A', '', 1, 1)");
    older.run(SIGNED_IN);
    older.migrate(FOURTH);
    let found =
        older.run("SELECT generation, device_key FROM session; SELECT count(*) FROM pairing");
    assert_eq!(found.trim(), "4|\\x0102\n0");
}

/// Who is signed in, on what.
const SIGNED_IN_ON: &str = "
    INSERT INTO person VALUES
        ('00000000-0000-7000-8000-0000000000d1', 'a@x.example', 'a@x.example', 'A', 'hash', 1);
    INSERT INTO membership VALUES
        ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-0000000000d1');
    INSERT INTO device VALUES ('00000000-0000-7000-8000-000000000001',
        '00000000-0000-7000-8000-0000000000d2', '00000000-0000-7000-8000-0000000000d1', 'bench', 1);
    INSERT INTO session SELECT '00000000-0000-7000-8000-000000000001',
        ('00000000-0000-7000-8000-0000000000e' || n)::uuid, '00000000-0000-7000-8000-0000000000d1',
        '00000000-0000-7000-8000-0000000000d2', '', 7, 1, n, CASE n WHEN 2 THEN 5 END
    FROM generate_series(1, 2) AS n;
";

async fn fifth(database: Database) {
    let older = Older::new(&database);
    older.migrate(FIRST);
    older.run(&format!("{ROWS} {SIGNED_IN_ON}"));
    for next in [SECOND, THIRD, FOURTH, FIFTH] {
        older.migrate(next);
    }
    let found = older.run(
        "SELECT right(id::text, 2), generation, used, ended, revoked FROM session ORDER BY id; \
         SELECT name, destroyed FROM device; SELECT count(*) FROM second_factor; \
         SELECT relforcerowsecurity FROM pg_class WHERE oid = 'pass'::regclass",
    );
    assert_eq!(found.trim(), "e1|7|1||\ne2|7|2|5|\nbench|\n0\nt");
}

async fn sixth(database: Database) {
    let older = Older::new(&database);
    older.migrate(FIRST);
    older.run(&format!("{ROWS} {SIGNED_IN_ON}"));
    for next in [SECOND, THIRD, FOURTH, FIFTH, SIXTH] {
        older.migrate(next);
    }
    let found = older.run(
        "SELECT email, password FROM person; SELECT count(*) FROM identity; \
         SELECT count(*) FROM session",
    );
    assert_eq!(found.trim(), "a@x.example|hash\n0\n2");
}

async fn seventh(database: Database) {
    let older = Older::new(&database);
    older.migrate(FIRST);
    older.run(&format!("{ROWS} {SIGNED_IN_ON}"));
    for next in [SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH] {
        older.migrate(next);
    }
    let found = older.run(
        "SELECT right(id::text, 2), generation FROM session ORDER BY id; \
         SELECT count(*) FROM key_copy; \
         SELECT relforcerowsecurity FROM pg_class WHERE oid = 'key_copy'::regclass",
    );
    assert_eq!(found.trim(), "e1|7\ne2|7\n0\nt");
}
